// Bytes however a protocol wrote them: as they lie in the source, or decoded where they are hidden in text.
#ifndef CPPICKLE_BYTES_VIEW_H_
#define CPPICKLE_BYTES_VIEW_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cppickle/document.h"

namespace cppickle {

struct BytesView {
  std::string_view bytes;  // of the source, or of `owner`
  std::shared_ptr<const std::string> owner;
  bool cut = false;        // there are more than the caller wanted decoded
};

// bytes, bytearray and Python 2's str, and the calls that protocols 0 to 2 write for them: _codecs.encode(text, 'latin1'),
// bytes(), bytearray(text, 'latin-1'), bytearray(bytes). Empty for anything else. Text takes time and memory of its size
// at each call; decoding stops after about `most_decoded` bytes.
std::optional<BytesView> bytes_of(const Value& value, std::uint64_t most_decoded = ~std::uint64_t{0});

}  // namespace cppickle

#endif  // CPPICKLE_BYTES_VIEW_H_
