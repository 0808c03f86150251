// std::vector and std::array: lists; read from tuples, objects like lists (a deque) and, if their elements are numbers, from
// one-dimensional numpy arrays of the same dtype too.
#ifndef CPPICKLE_TYPES_SEQUENCE_H_
#define CPPICKLE_TYPES_SEQUENCE_H_

#include <array>
#include <concepts>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/writer.h"

namespace cppickle {

template <class T, class Allocator>
struct Codec<std::vector<T, Allocator>> {
  static constexpr std::string_view kName = "list";
  static constexpr Kinds kExact = kinds(Kind::kList);
  static constexpr Kinds kOther = kinds(Kind::kTuple, Kind::kObject);

  static bool read(Decoder& decoder, const Value& value, std::vector<T, Allocator>& out) {
    out.clear();
    if constexpr (std::is_arithmetic_v<T> && !std::same_as<T, bool>) {
      if (Decoder::is_array(value)) return read_array(decoder, value, out);
    }
    out.reserve(Decoder::room_for(value, sizeof(T)));
    return decoder.items(value, kExact | kOther, kName, [&](const Value& item) {
      if constexpr (std::same_as<T, bool>) {
        bool bit = false;
        if (!decoder.read(item, bit)) return false;
        out.push_back(bit);
        return true;
      } else {
        return decoder.read(item, out.emplace_back());
      }
    });
  }

  static void write(Writer& writer, const std::vector<T, Allocator>& value) {
    if (!writer.begin_list()) return;
    for (const auto& item : value) writer.write(static_cast<const T&>(item));
    writer.end();
  }

 private:
  static bool read_array(Decoder& decoder, const Value& value, std::vector<T, Allocator>& out) {
    NumericArray array;
    if (!decoder.array(value, number_type<T>(), array)) return false;
    if (array.dimensions != 1) return decoder.fail(ErrorCode::kTypeMismatch, "expected an array of one dimension");
    if (!decoder.copying(array.data.size())) return false;
    out.resize(static_cast<std::size_t>(array.items));
    if (!out.empty()) std::memcpy(out.data(), array.data.data(), array.data.size());
    return true;
  }
};

template <class T, std::size_t kCount>
struct Codec<std::array<T, kCount>> {
  static constexpr std::string_view kName = "list";
  static constexpr Kinds kExact = kinds(Kind::kList, Kind::kTuple);
  static constexpr Kinds kOther = kinds(Kind::kObject);

  static bool read(Decoder& decoder, const Value& value, std::array<T, kCount>& out) {
    auto next = out.begin();
    return decoder.exactly(kCount, value, kName, [&](const Value& item) { return decoder.read(item, *next++); });
  }

  static void write(Writer& writer, const std::array<T, kCount>& value) {
    if (!writer.begin_list()) return;
    for (const T& item : value) writer.write(item);
    writer.end();
  }
};

}  // namespace cppickle

#endif  // CPPICKLE_TYPES_SEQUENCE_H_
