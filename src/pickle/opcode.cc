#include "pickle/opcode.h"

namespace cppickle {
namespace {

constexpr std::array<OpcodeInfo, 256> make_table() {
  using enum ArgumentKind;
  std::array<OpcodeInfo, 256> table{};
#define CPPICKLE_OPCODE(name, byte, argument, protocol, takes, leaves, mark) \
  table[byte] = OpcodeInfo{#name, argument, protocol, takes, leaves, mark};
#include "pickle/opcodes.def"
#undef CPPICKLE_OPCODE
  return table;
}

}  // namespace

constinit const std::array<OpcodeInfo, 256> kOpcodes = make_table();

}  // namespace cppickle
