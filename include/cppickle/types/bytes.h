// std::vector<std::byte> and std::span<const std::byte>: bytes, bytearray and Python 2's byte strings.
#ifndef CPPICKLE_TYPES_BYTES_H_
#define CPPICKLE_TYPES_BYTES_H_

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/writer.h"

namespace cppickle::detail {

template <class T>
struct BytesCodec {
  static constexpr std::string_view kName = "bytes";
  static constexpr Kinds kExact = kinds(Kind::kBytes, Kind::kByteArray);
  static constexpr Kinds kOther = kinds(Kind::kByteString, Kind::kObject);

  static bool read(Decoder& decoder, const Value& value, T& out) {
    std::string_view text;
    std::shared_ptr<const void> owner;
    if (!decoder.bytes(value, text, owner)) return false;
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    if constexpr (std::same_as<T, std::span<const std::byte>>) {
      if (owner) return decoder.fail(ErrorCode::kTypeMismatch, "bytes hidden in text (protocol 0 to 2) need a copy, not a view");
      out = {first, text.size()};
    } else {
      if (!decoder.copying(text.size())) return false;
      out.assign(first, first + text.size());
    }
    return true;
  }

  static void write(Writer& writer, std::span<const std::byte> value) {
    writer.bytes({reinterpret_cast<const char*>(value.data()), value.size()});
  }
};

}  // namespace cppickle::detail

namespace cppickle {

template <>
struct Codec<std::vector<std::byte>> : detail::BytesCodec<std::vector<std::byte>> {};

template <>
struct Codec<std::span<const std::byte>> : detail::BytesCodec<std::span<const std::byte>> {};

}  // namespace cppickle

#endif  // CPPICKLE_TYPES_BYTES_H_
