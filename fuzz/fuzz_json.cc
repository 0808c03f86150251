// JSON that anybody may have edited: an error, or a document that can be written, or an error of writing.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cppickle/document.h"
#include "cppickle/json.h"
#include "cppickle/pickler.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cppickle;
  Limits limits;
  limits.allocation = 64 << 20;
  const auto document = from_json({reinterpret_cast<const char*>(data), size}, limits);
  if (!document) return 0;
  (void)write(*document);
  (void)write(*document, {.protocol = 2});
  if (!to_json(*document)) std::abort();
  return 0;
}
