// Prints the events that the scanner sees in pickles, for tests/python/scan_differential.py to compare with CPython's.
//
// Standard input: for each pickle its size (4 bytes, little-endian) and its bytes. Standard output: for each a line "end
// CODE" after its events, one a line: "import module name", "call ?", ... CODE is "good" or the error's name.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "cppickle/error.h"
#include "scan/scan_builder.h"

namespace {

using namespace cppickle;
using namespace cppickle::scanning;

void print_events(const std::vector<std::uint8_t>& pickle) {
  // Tables without a line: everything is unknown, as it is to recorders.
  const AllowTable packs;
  const DangerTable dangers;
  Names names(packs, nullptr, dangers);
  Findings findings;
  const std::uint8_t* begin = pickle.data();
  const std::uint8_t* end = begin + pickle.size();
  StreamState state(names, findings, end, ~std::uint64_t{0});
  EventLog events;
  state.events = &events;
  OpcodeReader reader(begin, begin, end);
  const Limits limits;
  const bool good = scan_pickle(state, reader, limits, 0);
  for (const Event& event : events) {
    std::printf("%.*s ", static_cast<int>(name_of(event.use).size()), name_of(event.use).data());
    for (const char c : event.subject) {
      if (c >= ' ' && c <= '~' && c != '\\') {
        std::putchar(c);
      } else {
        std::printf("\\x%02x", static_cast<unsigned char>(c));
      }
    }
    std::putchar('\n');
  }
  const std::string_view code = good ? "good" : name_of(reader.error().code);
  std::printf("end %.*s\n", static_cast<int>(code.size()), code.data());
}

}  // namespace

int main() {
  std::uint32_t size = 0;
  while (std::fread(&size, sizeof size, 1, stdin) == 1) {
    std::vector<std::uint8_t> pickle(size);
    if (std::fread(pickle.data(), 1, size, stdin) != size) return 1;
    print_events(pickle);
  }
  return 0;
}
