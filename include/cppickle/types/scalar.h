// bool, integers, floats and strings. decode.h and encode.h include this.
#ifndef CPPICKLE_TYPES_SCALAR_H_
#define CPPICKLE_TYPES_SCALAR_H_

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/writer.h"

namespace cppickle {

template <>
struct Codec<bool> {
  static constexpr std::string_view kName = "bool";
  static constexpr Kinds kExact = kinds(Kind::kBool);
  static constexpr Kinds kOther = kinds(Kind::kObject);
  static bool read(Decoder& decoder, const Value& value, bool& out) { return decoder.boolean(value, out); }
  static void write(Writer& writer, bool value) { writer.boolean(value); }
};

template <std::integral T>
struct Codec<T> {
  static constexpr std::string_view kName = "int";
  static constexpr Kinds kExact = kinds(Kind::kInt);
  static constexpr Kinds kOther = kinds(Kind::kObject);

  static bool read(Decoder& decoder, const Value& value, T& out) {
    constexpr T kLeast = std::numeric_limits<T>::min();
    constexpr T kMost = std::numeric_limits<T>::max();
    if constexpr (std::is_signed_v<T>) {
      std::int64_t wide = 0;
      if (!decoder.integer(value, wide, kLeast, kMost)) return false;
      out = static_cast<T>(wide);
    } else {
      std::uint64_t wide = 0;
      if (!decoder.integer(value, wide, kMost)) return false;
      out = static_cast<T>(wide);
    }
    return true;
  }

  static void write(Writer& writer, T value) {
    if constexpr (std::is_signed_v<T>) {
      writer.integer(std::int64_t{value});
    } else {
      writer.integer(std::uint64_t{value});
    }
  }
};

template <std::floating_point T>
struct Codec<T> {
  static constexpr std::string_view kName = "float";
  static constexpr Kinds kExact = kinds(Kind::kFloat);
  static constexpr Kinds kOther = kinds(Kind::kInt, Kind::kObject);

  static bool read(Decoder& decoder, const Value& value, T& out) {
    if constexpr (std::is_same_v<T, long double>) {
      double narrow = 0;
      const bool read = decoder.real(value, narrow);
      out = narrow;
      return read;
    } else {
      return decoder.real(value, out);
    }
  }
  // A long double is rounded to the float that Python has.
  static void write(Writer& writer, T value) { writer.real(static_cast<double>(value)); }
};

template <class T>
  requires std::same_as<T, std::string> || std::same_as<T, std::string_view>
struct Codec<T> {
  static constexpr std::string_view kName = "str";
  static constexpr Kinds kExact = kinds(Kind::kString);
  static constexpr Kinds kOther = kinds(Kind::kByteString);
  static bool read(Decoder& decoder, const Value& value, T& out) { return decoder.text(value, out); }
  static void write(Writer& writer, std::string_view value) { writer.text(value); }
};

}  // namespace cppickle

#endif  // CPPICKLE_TYPES_SCALAR_H_
