#include "fetched.h"

#include <cstring>

#include "pickle/argument.h"
#include "pickle/instruction_scan.h"

namespace cppickle::python {
namespace {

// The end of an instruction whose size is not in its opcode, or nullptr if it lies past `limit`.
const std::uint8_t* end_of(Opcode opcode, const std::uint8_t* argument, const std::uint8_t* limit) {
  const auto left = static_cast<std::uint64_t>(limit - argument);
  const auto counted = [&](std::uint64_t header) -> const std::uint8_t* {
    if (left < header) return nullptr;
    const std::uint64_t count = header == 4 ? OpcodeReader::load_u4(argument) : OpcodeReader::load_u8(argument);
    return count <= left - header ? argument + header + count : nullptr;
  };
  const auto line = [&](const std::uint8_t* from) -> const std::uint8_t* {
    const void* end = from == nullptr || from == limit
                          ? nullptr : std::memchr(from, '\n', static_cast<std::size_t>(limit - from));
    return end != nullptr ? static_cast<const std::uint8_t*>(end) + 1 : nullptr;
  };
  switch (info(opcode).argument) {
    case ArgumentKind::kNone: return argument;
    case ArgumentKind::kU1: return left >= 1 ? argument + 1 : nullptr;
    case ArgumentKind::kU2: return left >= 2 ? argument + 2 : nullptr;
    case ArgumentKind::kI4:
    case ArgumentKind::kU4: return left >= 4 ? argument + 4 : nullptr;
    case ArgumentKind::kU8:
    case ArgumentKind::kF8: return left >= 8 ? argument + 8 : nullptr;
    case ArgumentKind::kCounted1: return left >= 1 && left - 1 >= argument[0] ? argument + 1 + argument[0] : nullptr;
    case ArgumentKind::kCountedU4:
    case ArgumentKind::kCountedI4: return counted(4);
    case ArgumentKind::kCountedU8: return counted(8);
    case ArgumentKind::kLinePair: return line(line(argument));
    default: return line(argument);
  }
}

}  // namespace

void Fetched::find(Input& input, std::uint64_t first) {
  constexpr std::ptrdiff_t kLargest = 257;  // of the instructions whose size the fast path tells
  std::size_t at = 0;                       // from the input's position
  for (;;) {
    const std::uint8_t* const begin = input.position();
    const std::uint8_t* const limit = input.limit();
    const std::uint8_t* p = begin + at;
    most_ = first + static_cast<std::uint64_t>(limit - begin);
    for (;;) {
      if (limit - p >= kLargest) {
        bool slow = false;
        switch (kScanClasses[*p]) {
          case ScanClass::kSize1: ++p; continue;
          case ScanClass::kSize2:
            if (*p == byte_of(Opcode::BINGET) && !add(p[1])) return;
            p += 2;
            continue;
          case ScanClass::kSize3: p += 3; continue;
          case ScanClass::kSize5:
            if (*p == byte_of(Opcode::LONG_BINGET) && !add(OpcodeReader::load_u4(p + 1))) return;
            p += 5;
            continue;
          case ScanClass::kSize9: p += 9; continue;
          case ScanClass::kCounted1: p += 2 + p[1]; continue;
          case ScanClass::kByReader: slow = true; break;
        }
        if (!slow) continue;
      }
      if (p == limit) break;
      const auto opcode = static_cast<Opcode>(*p);
      if (info(opcode).name.empty()) return;
      if (opcode == Opcode::STOP) {
        known_ = true;
        return;
      }
      const std::uint8_t* end = end_of(opcode, p + 1, limit);
      if (end == nullptr) break;
      if (opcode == Opcode::BINGET && !add(p[1])) return;
      if (opcode == Opcode::LONG_BINGET && !add(OpcodeReader::load_u4(p + 1))) return;
      std::uint64_t index;
      if (opcode == Opcode::GET &&
          (!parse_index({reinterpret_cast<const char*>(p + 1), static_cast<std::size_t>(end - p - 2)}, index) ||
           !add(index))) {
        return;
      }
      p = end;
    }
    at = static_cast<std::size_t>(p - begin);
    if (!input.extend()) return;
  }
}

}  // namespace cppickle::python
