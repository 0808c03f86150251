#include "fetched.h"

#include "pickle/argument.h"
#include "pickle/instruction_scan.h"

namespace cppickle::python {

void Fetched::find(Input& input, std::uint64_t first) {
  std::size_t scanned = 0;  // from the input's position
  for (;;) {
    const std::uint8_t* const begin = input.position();
    const std::uint8_t* const limit = input.limit();
    most_ = first + static_cast<std::uint64_t>(limit - begin);
    OpcodeReader reader(begin, begin + scanned, limit);
    const std::uint8_t* end = begin + scanned;
    bool good = true;
    // Frames bound nothing for CPython.
    const auto visit = [&](const Instruction& in, ScanClass found) __attribute__((always_inline)) {
      if (found == ScanClass::kSize2 && in.opcode == Opcode::BINGET) good = add(in.argument[0]);
      if (found == ScanClass::kSize5 && in.opcode == Opcode::LONG_BINGET) good = add(OpcodeReader::load_u4(in.argument));
      if (found == ScanClass::kByReader) good = add_any(in);
      end = in.end;
      return good;
    };
    known_ = scan_instructions<Frames::kIgnored>(reader, visit);
    if (known_ || !good || reader.error().code != ErrorCode::kTruncated) return;
    scanned = static_cast<std::size_t>(end - begin);
    if (!input.extend()) return;
  }
}

// What the scan's fast path left to the reader: near the end of what is visible, any of the three.
bool Fetched::add_any(const Instruction& in) {
  std::uint64_t index;
  switch (in.opcode) {
    case Opcode::BINGET: return add(in.argument[0]);
    case Opcode::LONG_BINGET: return add(OpcodeReader::load_u4(in.argument));
    case Opcode::GET: return parse_index(payload(in.opcode, in.argument, in.end), index) && add(index);
    default: return true;
  }
}

}  // namespace cppickle::python
