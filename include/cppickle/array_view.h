// numpy arrays and scalars as they stand in a pickle, checked and not copied.
//
//   auto array = cppickle::array_view(value);
//   if (array && array->dtype.kind == 'f') sum += array->get<double>(i).value_or(0);
//
// A view points into the document and its source and must not outlive them.
#ifndef CPPICKLE_ARRAY_VIEW_H_
#define CPPICKLE_ARRAY_VIEW_H_

#include <complex>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/dtype.h"

namespace cppickle {

struct ArrayView {
  enum class Form : std::uint8_t { kArray, kScalar, kMasked };

  Form form = Form::kArray;
  DType dtype;
  std::vector<std::uint64_t> shape;
  // Bytes between neighbours along each axis; of arrays of objects, as if each were dtype.size bytes in C order.
  std::vector<std::int64_t> strides;
  char order = 'C';          // of the data: 'C', 'F', or 'K' where only the strides tell
  std::uint64_t count = 1;   // elements: the product of the shape
  Global subclass;           // numpy.ndarray, numpy.matrix and so on as written; of a scalar, what was called

  // count * dtype.size bytes. Empty where dtype.has_objects, where `buffer` holds them, and shorter where `data_is_cut`.
  std::string_view data;
  bool data_is_cut = false;        // the caller wanted no more decoded
  std::optional<Value> buffer;     // out-of-band data (PEP 574): a kBuffer
  // Where dtype.has_objects: a value whose items() are the elements in C order, whatever `order` says; tuples for
  // structures. Of a scalar the object itself.
  std::optional<Value> objects;

  // Of a masked array: bytes that are not 0 where an element is masked, in `order`; a structure has one for each number.
  std::string_view mask;
  std::uint64_t mask_size = 0;     // bytes of the mask for each element
  std::optional<Value> fill_value;

  std::shared_ptr<const std::string> owner;  // of data that was decoded
  std::shared_ptr<const std::string> mask_owner;

  // The bytes of one element, by its place in C order. Empty if there are none at hand.
  std::string_view element(std::uint64_t index) const;
  bool is_masked(std::uint64_t index) const;
  // As Python would print it; text past about `most` bytes is left out. Of objects, takes time of its index.
  std::string element_repr(std::uint64_t index, std::size_t most = 100) const;

  // A number that T can hold: integers exactly, floats of any size rounded. Empty for other kinds and values.
  template <class T>
  std::optional<T> get(std::uint64_t index) const;

  // All elements in the order of the data, where they are T in this machine's form and at addresses fit for it.
  template <class T>
  std::optional<std::span<const T>> values() const;

 private:
  std::optional<std::int64_t> integer(std::string_view bytes) const;    // i, b, m, M, and u below 2^63
  std::optional<std::uint64_t> natural(std::string_view bytes) const;   // u, b, and i, m, M from 0
  std::optional<double> real(std::string_view bytes) const;             // all of these, and f
  std::optional<std::complex<double>> complex(std::string_view bytes) const;  // c
  bool is_native(char kind, std::size_t size) const;
};

struct ArrayOptions {
  // Data that a protocol below 3 wrote as text is decoded only so far, and arrays of text and objects are not counted.
  std::uint64_t most_decoded = ~std::uint64_t{0};
  DTypeOptions dtype;

  // For a look at an array in a time that does not depend on its size.
  static ArrayOptions glance() { return {4096, {32, true}}; }
};

// numpy's arrays in the forms of all protocols, numpy 1 and 2, masked arrays and subclasses, scalars, and joblib's arrays
// between instructions. What it says of itself is checked against its data. ErrorCode::kTypeMismatch if the value is
// no array; kCorrupt if its parts do not fit; kUnsupported for a form that numpy might write and this does not know.
Result<ArrayView> array_view(const Value& value, const ArrayOptions& options = {});

template <class T>
std::optional<T> ArrayView::get(std::uint64_t index) const {
  const std::string_view bytes = element(index);
  if constexpr (std::is_same_v<T, std::complex<double>>) {
    if (dtype.kind == 'c') return complex(bytes);
    const auto number = real(bytes);
    return number ? std::optional<T>(*number) : std::nullopt;
  } else if constexpr (std::is_floating_point_v<T>) {
    const auto number = real(bytes);
    return number ? std::optional<T>(static_cast<T>(*number)) : std::nullopt;
  } else if constexpr (std::is_same_v<T, bool>) {
    const auto number = dtype.kind == 'b' ? natural(bytes) : std::nullopt;
    return number ? std::optional<T>(*number != 0) : std::nullopt;
  } else if constexpr (std::is_unsigned_v<T>) {
    const auto number = natural(bytes);
    return number && *number <= std::numeric_limits<T>::max() ? std::optional<T>(static_cast<T>(*number)) : std::nullopt;
  } else {
    static_assert(std::is_integral_v<T>, "a number or std::complex<double>");
    const auto number = integer(bytes);
    const bool fits = number && *number >= std::numeric_limits<T>::min() && *number <= std::numeric_limits<T>::max();
    return fits ? std::optional<T>(static_cast<T>(*number)) : std::nullopt;
  }
}

template <class T>
std::optional<std::span<const T>> ArrayView::values() const {
  static_assert(std::is_arithmetic_v<T>);
  constexpr char kKind = std::is_same_v<T, bool> ? 'b' : std::is_floating_point_v<T> ? 'f' : std::is_signed_v<T> ? 'i' : 'u';
  if (!is_native(kKind, sizeof(T)) || reinterpret_cast<std::uintptr_t>(data.data()) % alignof(T) != 0) return {};
  return std::span<const T>(reinterpret_cast<const T*>(data.data()), static_cast<std::size_t>(count));
}

}  // namespace cppickle

#endif  // CPPICKLE_ARRAY_VIEW_H_
