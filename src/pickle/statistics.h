// What a pickle is made of, counted in one pass over its instructions: the basis of `cppickle stat` and of the scan
// benchmark. No value is looked at.
#ifndef CPPICKLE_PICKLE_STATISTICS_H_
#define CPPICKLE_PICKLE_STATISTICS_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "cppickle/error.h"
#include "pickle/opcode.h"

namespace cppickle {

// What an instruction's bytes are spent on.
enum class PayloadKind : std::uint8_t {
  kStructure,   // opcodes without arguments: containers, calls, constants
  kText,        // Unicode text
  kBytes,       // bytes, byte strings of Python 2, bytearrays
  kNumber,
  kName,        // modules and classes, extension codes, persistent ids
  kMemo,        // PUT, GET, MEMOIZE
  kFraming,     // PROTO, FRAME, STOP
};
constexpr std::size_t kPayloadKinds = 7;
std::string_view name_of(PayloadKind kind);
PayloadKind payload_kind(Opcode opcode);

struct Statistics {
  // Indexed by the opcode's byte: how many, and their bytes with opcode, count and argument.
  std::array<std::uint64_t, 256> instructions{};
  std::array<std::uint64_t, 256> bytes{};
  std::uint64_t size = 0;      // of the pickle: the next one begins there
  int declared_protocol = -1;  // the highest that a PROTO says; -1 without one
  int highest_protocol = 0;    // among the opcodes

  std::uint64_t of(Opcode opcode) const { return instructions[byte_of(opcode)]; }
  std::uint64_t total() const;
  std::uint64_t frames() const { return of(Opcode::FRAME); }
  std::uint64_t memo_puts() const;
  std::uint64_t memo_gets() const;
  std::uint64_t bytes_of_kind(PayloadKind kind) const;
};

// Counts one pickle, from the beginning of `stream` to its STOP. Frames are counted, and their ends not looked at.
// An error where an instruction is cut or unknown.
Result<Statistics> count_instructions(std::string_view stream);

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_STATISTICS_H_
