#include "pickle/statistics.h"

#include <algorithm>
#include <numeric>

#include "pickle/instruction_scan.h"
#include "pickle/opcode_reader.h"

namespace cppickle {
namespace {

// Bytes of an instruction whose size its opcode alone tells; 0 for the others.
constexpr std::uint64_t fixed_size(ArgumentKind kind) {
  switch (kind) {
    case ArgumentKind::kNone: return 1;
    case ArgumentKind::kU1: return 2;
    case ArgumentKind::kU2: return 3;
    case ArgumentKind::kI4:
    case ArgumentKind::kU4: return 5;
    case ArgumentKind::kU8:
    case ArgumentKind::kF8: return 9;
    default: return 0;
  }
}

PayloadKind kind_of(const OpcodeInfo& opcode) {
  switch (opcode.argument) {
    case ArgumentKind::kNone: return PayloadKind::kStructure;
    case ArgumentKind::kUnicodeLine: return PayloadKind::kText;
    case ArgumentKind::kQuotedLine:
    case ArgumentKind::kCounted1:
    case ArgumentKind::kCountedU4:
    case ArgumentKind::kCountedI4:
    case ArgumentKind::kCountedU8: return PayloadKind::kBytes;
    case ArgumentKind::kLine:
    case ArgumentKind::kLinePair: return PayloadKind::kName;
    default: return PayloadKind::kNumber;
  }
}

}  // namespace

std::string_view name_of(PayloadKind kind) {
  static constexpr std::array<std::string_view, kPayloadKinds> kNames = {"structure", "text", "bytes",  "numbers",
                                                                         "names",     "memo", "framing"};
  return kNames[static_cast<std::size_t>(kind)];
}

PayloadKind payload_kind(Opcode opcode) {
  switch (opcode) {
    case Opcode::PROTO:
    case Opcode::FRAME:
    case Opcode::STOP: return PayloadKind::kFraming;
    case Opcode::PUT:
    case Opcode::BINPUT:
    case Opcode::LONG_BINPUT:
    case Opcode::MEMOIZE:
    case Opcode::GET:
    case Opcode::BINGET:
    case Opcode::LONG_BINGET: return PayloadKind::kMemo;
    case Opcode::EXT1:
    case Opcode::EXT2:
    case Opcode::EXT4: return PayloadKind::kName;
    case Opcode::LONG1:
    case Opcode::LONG4: return PayloadKind::kNumber;
    case Opcode::SHORT_BINUNICODE:
    case Opcode::BINUNICODE:
    case Opcode::BINUNICODE8: return PayloadKind::kText;
    default: return kind_of(info(opcode));
  }
}

std::uint64_t Statistics::total() const {
  return std::accumulate(instructions.begin(), instructions.end(), std::uint64_t{0});
}

std::uint64_t Statistics::memo_puts() const {
  return of(Opcode::PUT) + of(Opcode::BINPUT) + of(Opcode::LONG_BINPUT) + of(Opcode::MEMOIZE);
}

std::uint64_t Statistics::memo_gets() const { return of(Opcode::GET) + of(Opcode::BINGET) + of(Opcode::LONG_BINGET); }

std::uint64_t Statistics::bytes_of_kind(PayloadKind kind) const {
  std::uint64_t sum = 0;
  for (std::size_t byte = 0; byte < bytes.size(); ++byte) {
    if (payload_kind(static_cast<Opcode>(byte)) == kind) sum += bytes[byte];
  }
  return sum;
}

Result<Statistics> count_instructions(std::string_view stream) {
  Statistics found;
  const auto* begin = reinterpret_cast<const std::uint8_t*>(stream.data());
  OpcodeReader reader(begin, begin, begin + stream.size());
  // Four counters for each opcode, taken in turn: adding to what was just added to waits for the store.
  std::array<std::array<std::uint64_t, 256>, 4> counters{};
  std::size_t turn = 0;
  const auto count = [&](const Instruction& in, ScanClass size) __attribute__((always_inline)) {
    const std::uint8_t byte = byte_of(in.opcode);
    ++counters[turn++ % counters.size()][byte];
    if (size != ScanClass::kCounted1 && size != ScanClass::kByReader) return true;
    found.bytes[byte] += static_cast<std::uint64_t>(in.end - in.begin);
    if (in.opcode == Opcode::PROTO) found.declared_protocol = std::max(found.declared_protocol, int{in.argument[0]});
    return true;
  };
  if (!scan_instructions<Frames::kIgnored>(reader, count)) return std::unexpected(reader.error());
  found.size = reader.offset(reader.position());
  for (std::size_t byte = 0; byte < 256; ++byte) {
    for (const auto& counter : counters) found.instructions[byte] += counter[byte];
    if (found.instructions[byte] == 0) continue;
    found.highest_protocol = std::max(found.highest_protocol, int{kOpcodes[byte].protocol});
    const std::uint64_t size = fixed_size(kOpcodes[byte].argument);
    if (size != 0) found.bytes[byte] = found.instructions[byte] * size;
  }
  return found;
}

}  // namespace cppickle
