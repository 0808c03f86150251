// Whatever reads instructions only: disassembler, statistics, optimizer. They must agree on where a pickle ends, and what
// the optimizer makes must be a pickle with the same stack that it leaves alone.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cppickle/disassemble.h"
#include "cppickle/optimize.h"
#include "pickle/statistics.h"

namespace {

using cppickle::DisassembleOptions;

void require(bool good) {
  if (!good) std::abort();
}

cppickle::Result<cppickle::Disassembly> list(std::string_view stream, bool annotate, bool keep_going,
                                             std::string* text = nullptr) {
  DisassembleOptions options;
  options.annotate = annotate;
  options.keep_going = keep_going;
  return cppickle::disassemble(stream, options, [text](std::string_view part) {
    if (text != nullptr) *text += part;
    return true;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  std::string strict_text;
  std::string lenient_text;
  const auto strict = list(stream, false, false, &strict_text);
  const auto lenient = list(stream, false, true, &lenient_text);
  static_cast<void>(list(stream, true, true));
  const auto counted = cppickle::count_instructions(stream);
  // What ends without a fault reads the same when faults are passed over; till the first fault too.
  require(lenient_text.starts_with(strict_text));
  if (strict) require(lenient && lenient->faults == 0 && lenient_text == strict_text);
  if (lenient) {
    require(counted && counted->size == lenient->size && counted->total() == lenient->instructions);
    require(counted->highest_protocol == lenient->highest_protocol);
  }

  const auto optimized = cppickle::optimize(stream);
  if (!optimized) return 0;
  require(counted.has_value());
  const auto again = cppickle::optimize(*optimized);
  require(again.has_value());
  // A key that is put twice leaves an entry behind, which a second run may drop.
  if (strict) {
    require(*again == *optimized);
    const auto listing = list(*optimized, false, false);
    require(listing && listing->size == optimized->size() && listing->leftover == strict->leftover);
  }
  return 0;
}
