// Reading a document, and everything that can be done with one: re-writing, other protocols, JSON.
//
// What must hold of whatever reads: re-written it reads again, and re-writing that gives the same bytes; through JSON
// and back come the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cppickle/document.h"
#include "cppickle/json.h"
#include "cppickle/pickler.h"

namespace {

using namespace cppickle;

void require(bool good) {
  if (!good) std::abort();
}

void check(const Document& document, const ReadOptions& options) {
  const auto written = write(document);
  require(written.has_value());
  const auto again = Document::read(*written, options);
  require(again.has_value());
  const auto twice = write(*again);
  require(twice.has_value() && *twice == *written);

  const auto json = to_json(document);
  require(json.has_value());
  const auto back = from_json(*json, options.limits);
  require(back.has_value());
  const auto from_back = write(*back);
  require(from_back.has_value() && *from_back == *written);

  for (int protocol = 0; protocol <= 5; ++protocol) {
    const auto other = write(document, {.protocol = protocol});
    if (!other) continue;
    require(Document::read(*other, options).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ReadOptions options;
  options.limits.allocation = 64 << 20;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto document = Document::read(input, options);
  if (document) check(*document, options);
  return 0;
}
