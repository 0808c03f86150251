// A pickle as a listing of its instructions, in the words of CPython's `pickletools.dis`. Nothing is run.
#ifndef CPPICKLE_DISASSEMBLE_H_
#define CPPICKLE_DISASSEMBLE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "cppickle/error.h"
#include "cppickle/limits.h"

namespace cppickle {

// Takes the text in order, in blocks of any size that are valid during the call; false stops with kCancelled.
using TextSink = std::function<bool(std::string_view text)>;

// Bytes of a stream that are none of its instructions, by their place in it: joblib's arrays, or a pickle of its own,
// which is listed in its place with a memo of its own.
struct RawExtent {
  std::uint64_t offset;
  std::uint64_t size;
  bool is_pickle = false;
};

// The memo keys that were put so far, for pickles that one Pickler wrote one after the other. Not thread-safe.
class DisassemblyMemo {
 public:
  DisassemblyMemo();
  ~DisassemblyMemo();
  DisassemblyMemo(DisassemblyMemo&&) noexcept;
  DisassemblyMemo& operator=(DisassemblyMemo&&) noexcept;

 private:
  friend class Disassembler;
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

struct DisassembleOptions {
  Limits limits = {};               // depth: open MARKs; memo: entries
  bool annotate = false;            // what the opcode does, behind each line
  bool keep_going = false;          // a fault of memo or stack is a line "# ..." in the text instead of an error
  std::uint64_t offset = 0;         // what is printed as the offset of the stream's first byte, and stands in errors
  std::span<const RawExtent> raw = {};  // in order; stepped over (with annotate: "# 4096 raw bytes")
  DisassemblyMemo* memo = nullptr;  // null: a memo of its own
};

// What there is to know after the last line.
struct Disassembly {
  std::uint64_t size;          // of the pickle in bytes, raw extents included: the next one begins there
  std::uint64_t instructions;
  std::uint64_t leftover;      // values left on the stack below STOP's; pickletools raises a ValueError if there are any
  std::uint64_t faults;        // with keep_going: how many there were
  int highest_protocol;        // among the opcodes
};

// Writes one pickle's listing, from the first byte of `stream` to STOP. The text is that of CPython 3.11's
// `pickletools.dis`, byte for byte in UTF-8; where that raises, this text begins like it and then
//   - goes on, at arguments that only pickletools cannot show: a STRING, GLOBAL, INST or PERSID that isn't ASCII (printed
//     as text if it is UTF-8, else as b'...'), an integer of more than 4300 digits (in decimal while that takes
//     bearable time, about a million digits of one stream, else in hexadecimal), values left over at STOP;
//   - ends with an error, at a fault of memo or stack (unless keep_going) and at arguments that no reader accepts.
// As pickletools does, it takes FRAME as an instruction like others, and looks at no frame's end. Indentation goes four
// blanks deeper with each open MARK; once 256 MiB of the text are blanks, at most 64 levels are shown.
// Takes time linear in stream and text. Throws std::bad_alloc.
Result<Disassembly> disassemble(std::string_view stream, const DisassembleOptions& options, const TextSink& sink);

}  // namespace cppickle

#endif  // CPPICKLE_DISASSEMBLE_H_
