// std::optional: None, or a value. A described struct's member of this type may be missing.
#ifndef CPPICKLE_TYPES_OPTIONAL_H_
#define CPPICKLE_TYPES_OPTIONAL_H_

#include <optional>
#include <string_view>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/writer.h"

namespace cppickle {

template <class T>
struct Codec<std::optional<T>> {
  static constexpr std::string_view kName = Codec<T>::kName;
  static constexpr Kinds kExact = kinds(Kind::kNone) | Codec<T>::kExact;
  static constexpr Kinds kOther = Codec<T>::kOther;

  static bool read(Decoder& decoder, const Value& value, std::optional<T>& out) {
    out.reset();
    return value.kind() == Kind::kNone || decoder.read(value, out.emplace());
  }

  static void write(Writer& writer, const std::optional<T>& value) {
    if (value) {
      writer.write(*value);
    } else {
      writer.none();
    }
  }
};

}  // namespace cppickle

#endif  // CPPICKLE_TYPES_OPTIONAL_H_
