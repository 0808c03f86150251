// The opcodes of pickle protocols 0 to 5 (PEP 3154, PEP 574, CPython's pickletools.py) and what each takes and leaves.
#ifndef CPPICKLE_PICKLE_OPCODE_H_
#define CPPICKLE_PICKLE_OPCODE_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace cppickle {

enum class Opcode : std::uint8_t {
#define CPPICKLE_OPCODE(name, byte, argument, protocol, takes, leaves, mark) name = byte,
#include "pickle/opcodes.def"
#undef CPPICKLE_OPCODE
};

// How the bytes after an opcode are laid out. Multi-byte numbers are little-endian, but for F8.
enum class ArgumentKind : std::uint8_t {
  kNone,
  kU1,
  kU2,
  kI4,
  kU4,
  kU8,
  kF8,           // IEEE 754, big-endian
  kDecimalLine,  // decimal number and '\n'
  kLongLine,     // decimal number, an optional 'L' and '\n'
  kFloatLine,    // Python's repr of a float and '\n'
  kQuotedLine,   // a Python 2 string literal and '\n'
  kUnicodeLine,  // raw-unicode-escape and '\n'
  kLine,         // text and '\n'
  kLinePair,     // two lines
  kCounted1,     // a count of 1 byte, then that many bytes
  kCountedU4,    // likewise 4 bytes
  kCountedI4,    // likewise, where a negative count is an error
  kCountedU8,    // likewise 8 bytes
};

struct OpcodeInfo {
  std::string_view name;  // empty for a byte that is no opcode
  ArgumentKind argument;
  std::uint8_t protocol;  // the first protocol that has it
  std::uint8_t takes;     // as in opcodes.def
  std::uint8_t leaves;
  bool mark;
};

// Indexed by the opcode's byte.
extern const std::array<OpcodeInfo, 256> kOpcodes;

inline const OpcodeInfo& info(Opcode opcode) { return kOpcodes[static_cast<std::uint8_t>(opcode)]; }

constexpr std::uint8_t byte_of(Opcode opcode) { return static_cast<std::uint8_t>(opcode); }

// FRAME closes itself when an opcode's payload is this large, and a frame is closed once it holds this much
// (_FRAME_SIZE_TARGET in CPython's pickle.py).
constexpr std::uint64_t kFrameTarget = 64 * 1024;

// Items of one APPENDS, SETITEMS or ADDITEMS (BATCHSIZE in CPython's _pickle.c).
constexpr std::uint64_t kBatchSize = 1000;

constexpr int kHighestProtocol = 5;

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_OPCODE_H_
