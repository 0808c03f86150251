// numpy arrays. Reading std::span<const T> gives the array's own elements, in C order, without a copy: the dtype must be T's,
// in this machine's byte order, and the data must lie in the file at an address that suits T; where it may not, read a
// std::vector (types/sequence.h). Writing: as_numpy(values) or as_numpy(values, {rows, columns}); a plain span is a list.
#ifndef CPPICKLE_TYPES_NUMPY_H_
#define CPPICKLE_TYPES_NUMPY_H_

#include <cstddef>
#include <cstdint>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/writer.h"

namespace cppickle {

template <class T>
  requires std::is_arithmetic_v<T>
struct Codec<std::span<const T>> {
  static constexpr std::string_view kName = "array";
  static constexpr Kinds kExact = kinds(Kind::kObject);
  static constexpr Kinds kOther = 0;

  static bool read(Decoder& decoder, const Value& value, std::span<const T>& out) {
    NumericArray array;
    if (!decoder.array(value, number_type<T>(), array)) return false;
    if (array.owner || reinterpret_cast<std::uintptr_t>(array.data.data()) % alignof(T) != 0) {
      return decoder.fail(ErrorCode::kTypeMismatch, "the array's data needs a copy (it is not aligned), not a view");
    }
    out = {reinterpret_cast<const T*>(array.data.data()), static_cast<std::size_t>(array.items)};
    return true;
  }

  static void write(Writer& writer, std::span<const T> value) {
    if (!writer.begin_list()) return;
    for (const T& item : value) writer.write(item);
    writer.end();
  }
};

// What encode() writes as a numpy.ndarray. The values must outlive it.
template <class T>
struct NumpyArray {
  std::span<const T> values;
  std::vector<std::uint64_t> shape;  // empty: one dimension
};

template <std::ranges::contiguous_range Range>
auto as_numpy(Range&& values, std::vector<std::uint64_t> shape = {}) {
  static_assert(std::ranges::borrowed_range<Range>, "cppickle: as_numpy() of a temporary that owns its values");
  return NumpyArray<std::ranges::range_value_t<Range>>{values, std::move(shape)};
}

template <class T>
  requires std::is_arithmetic_v<T>
struct Codec<NumpyArray<T>> {
  static void write(Writer& writer, const NumpyArray<T>& value) {
    const std::uint64_t length[] = {value.values.size()};
    writer.array(number_type<T>(), value.shape.empty() ? std::span<const std::uint64_t>(length) : value.shape,
                 {reinterpret_cast<const char*>(value.values.data()), value.values.size_bytes()});
  }
};

}  // namespace cppickle

#endif  // CPPICKLE_TYPES_NUMPY_H_
