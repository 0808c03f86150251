// What decode<T>() gives may point into the document: not into one that is about to go.
// expect: deleted function .*decode\(const Document&&
#include "cppickle/decode.h"

std::size_t length(std::string_view bytes) {
  auto document = cppickle::Document::read(bytes);
#ifdef FIXED
  return cppickle::decode<std::string_view>(*document).value().size();
#else
  return cppickle::decode<std::string_view>(*std::move(document)).value().size();
#endif
}
