// How the library reports failure: an Error by value inside a Result, never an exception.
// The one exception that passes through the library is std::bad_alloc.
#ifndef CPPICKLE_ERROR_H_
#define CPPICKLE_ERROR_H_

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace cppickle {

// Codes are the tested contract, messages are not. New codes go to the end.
enum class ErrorCode : std::uint8_t {
  kTruncated,         // the input ends inside an instruction, a member or a header
  kUnknownOpcode,     // a byte that no protocol defines
  kBadArgument,       // an argument that no reader accepts: not a number, unquoted, negative length
  kBadText,           // bytes that are not valid UTF-8 (lone surrogates are allowed), or a bad escape
  kBadFrame,          // a frame that ends inside an instruction or begins inside another frame
  kReadersDisagree,   // CPython's own readers give this stream different meanings, or only some accept it
  kStackUnderflow,    // an instruction needs more values than the stack holds above the last MARK
  kNoMark,            // an instruction needs a MARK and there is none
  kOddItems,          // key and value pairs with a key left over
  kBadMemo,           // a GET of a memo entry that was never put
  kBadOperand,        // a value of a kind that the instruction cannot work on
  kBadProtocol,       // a protocol outside 0..5, or one that cannot express the value
  kLimit,             // a limit of `Limits` was reached; the message names the limit
  kNotAPickle,        // the input is something else; the message says what
  kCorrupt,           // a container whose structure or checksum is wrong
  kUnsupported,       // well-formed, and not handled
  kIo,                // the operating system refused to read or write
  kCancelled,         // the progress callback asked to stop
  kNoSuchPath,        // a path names nothing in the document
  kTypeMismatch,      // a value is not of the type asked for
  kBadJson,           // text that is not the JSON this library writes
};

// The code's stable name in lower case, as printed by the command's --json: "truncated".
std::string_view name_of(ErrorCode code);

struct Error {
  static constexpr std::uint64_t kNoOffset = ~std::uint64_t{0};

  ErrorCode code;
  std::string message;                // lower case, one line, user data quoted and escaped
  std::uint64_t offset = kNoOffset;   // in bytes from the start of the stream or file
  std::string_view opcode = {};       // its name, with static lifetime: "REDUCE"
  std::string where = {};             // file, container member or value path, outermost first

  // "model.pkl: offset 1432 (REDUCE): stack has 1 item, needs 2"
  std::string to_string() const;
};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace cppickle

#endif  // CPPICKLE_ERROR_H_
