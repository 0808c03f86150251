// Walks over the instructions of a pickle as fast as their sizes can be told, for consumers that look at few of them.
#ifndef CPPICKLE_PICKLE_INSTRUCTION_SCAN_H_
#define CPPICKLE_PICKLE_INSTRUCTION_SCAN_H_

#include <array>
#include <cstdint>

#include "pickle/opcode_reader.h"

namespace cppickle {

// How the fast path finds an instruction's end; the reader finds the others'.
enum class ScanClass : std::uint8_t { kByReader, kSize1, kSize2, kSize3, kSize5, kSize9, kCounted1 };

constexpr ScanClass scan_class(ArgumentKind kind, Opcode opcode) {
  if (opcode == Opcode::PROTO || opcode == Opcode::FRAME || opcode == Opcode::STOP) return ScanClass::kByReader;
  switch (kind) {
    case ArgumentKind::kNone: return ScanClass::kSize1;
    case ArgumentKind::kU1: return ScanClass::kSize2;
    case ArgumentKind::kU2: return ScanClass::kSize3;
    case ArgumentKind::kI4:
    case ArgumentKind::kU4: return ScanClass::kSize5;
    case ArgumentKind::kU8:
    case ArgumentKind::kF8: return ScanClass::kSize9;
    case ArgumentKind::kCounted1: return ScanClass::kCounted1;
    default: return ScanClass::kByReader;
  }
}

constexpr std::array<ScanClass, 256> make_scan_classes() {
  std::array<ScanClass, 256> classes{};
#define CPPICKLE_OPCODE(name, byte, argument, protocol, takes, leaves, mark) \
  classes[byte] = scan_class(ArgumentKind::argument, Opcode::name);
#include "pickle/opcodes.def"
#undef CPPICKLE_OPCODE
  return classes;
}
inline constexpr std::array<ScanClass, 256> kScanClasses = make_scan_classes();

// Whether frames bound instructions, or are instructions like others, as pickletools takes them.
enum class Frames : std::uint8_t { kStrict, kIgnored };

// Calls visit(in, scan class) -> bool for each instruction up to and with STOP; FRAME too. False at an error, which the
// reader keeps, and when `visit` says so. Have `visit` inlined: it is called with a constant class at several places.
template <Frames frames, class Visit>
bool scan_instructions(OpcodeReader& reader, Visit&& visit) {
  // The largest of the fast path's instructions: opcode, count, 255 bytes. As long as that much lies before the limit,
  // their ends need no check.
  constexpr std::ptrdiff_t kLargest = 257;
  Instruction in;
  for (;;) {
    const std::uint8_t* p = reader.position();
    const std::uint8_t* const limit = reader.limit();
    // The pointer lives in a register here, and each size is a constant behind a predicted branch: neither waits for
    // memory.
    const auto step = [&](ScanClass found, std::ptrdiff_t size) __attribute__((always_inline)) {
      const Instruction next{static_cast<Opcode>(*p), p, p + 1, p + size};
      p += size;
      return visit(next, found);
    };
    for (bool by_reader = false; limit - p >= kLargest && !by_reader;) {
      bool good = true;
      switch (kScanClasses[*p]) {
        case ScanClass::kSize1: good = step(ScanClass::kSize1, 1); break;
        case ScanClass::kSize2: good = step(ScanClass::kSize2, 2); break;
        case ScanClass::kSize3: good = step(ScanClass::kSize3, 3); break;
        case ScanClass::kSize5: good = step(ScanClass::kSize5, 5); break;
        case ScanClass::kSize9: good = step(ScanClass::kSize9, 9); break;
        case ScanClass::kCounted1: good = step(ScanClass::kCounted1, 2 + p[1]); break;
        case ScanClass::kByReader: by_reader = true; break;
      }
      if (!good) [[unlikely]] {
        reader.jump(p);
        return false;
      }
    }
    reader.jump(p);
    if (!reader.fetch(in) || !reader.take(info(in.opcode).argument, in)) return false;
    if (frames == Frames::kStrict && in.opcode == Opcode::FRAME && !reader.open_frame(in)) return false;
    if (!visit(in, ScanClass::kByReader)) return false;
    if (in.opcode == Opcode::STOP) return frames == Frames::kIgnored || reader.close(in);
  }
}

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_INSTRUCTION_SCAN_H_
