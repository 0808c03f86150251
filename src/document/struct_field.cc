#include "document/struct_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace cppickle {
namespace {

std::unexpected<Error> corrupt(std::string message) {
  return std::unexpected(Error{ErrorCode::kCorrupt, std::move(message)});
}

template <class Raw>
Raw raw_at(const char* from, bool swap) {
  using Small = std::conditional_t<sizeof(Raw) == 4, std::uint32_t, std::uint8_t>;
  using Bits = std::conditional_t<sizeof(Raw) == 8, std::uint64_t, Small>;
  Bits bits;
  std::memcpy(&bits, from, sizeof bits);
  if constexpr (sizeof(Raw) > 1) {
    if (swap) bits = std::byteswap(bits);
  }
  return std::bit_cast<Raw>(bits);
}

// False where a number is past T.
template <class Raw, class T>
bool copy_field(const char* from, std::size_t stride, bool swap, std::vector<T>& out) {
  bool fits = true;
  for (T& to : out) {
    const Raw raw = raw_at<Raw>(from, swap);
    if constexpr (std::is_integral_v<Raw> && std::is_integral_v<T>) fits = fits && std::in_range<T>(raw);
    to = static_cast<T>(raw);
    from += stride;
  }
  return fits;
}

// Whether the type is one that T is read from, and what came of it.
template <class T>
std::optional<bool> copy_typed(const DType& type, const char* from, std::size_t stride, std::vector<T>& out) {
  const bool swap = type.order == (std::endian::native == std::endian::little ? '>' : '<');
  if constexpr (std::is_floating_point_v<T>) {
    if (type.kind == 'f' && type.size == 8) return copy_field<double>(from, stride, swap, out);
    if (type.kind == 'f' && type.size == 4) return copy_field<float>(from, stride, swap, out);
  } else {
    if (type.kind == 'i' && type.size == 8) return copy_field<std::int64_t>(from, stride, swap, out);
    if (type.kind == 'i' && type.size == 4) return copy_field<std::int32_t>(from, stride, swap, out);
    if (type.kind == 'u' && type.size == 8) return copy_field<std::uint64_t>(from, stride, swap, out);
    if (type.kind == 'u' && type.size == 4) return copy_field<std::uint32_t>(from, stride, swap, out);
    const bool is_byte = type.size == 1 && (type.kind == 'u' || type.kind == 'b');
    if (is_byte) return copy_field<std::uint8_t>(from, stride, swap, out);
  }
  return {};
}

}  // namespace

bool has_field(const DType& type, std::string_view name) {
  return std::ranges::find(type.fields, name, &DType::Field::name) != type.fields.end();
}

template <class T>
Result<std::vector<T>> read_field(const ArrayView& array, std::string_view name) {
  const auto found = std::ranges::find(array.dtype.fields, name, &DType::Field::name);
  const std::size_t stride = array.dtype.size;
  if (array.form != ArrayView::Form::kArray || found == array.dtype.fields.end() || found->type->base ||
      found->type->is_struct) {
    return corrupt(fmt::format("a structure without field {}", name));
  }
  const bool is_whole = stride != 0 && array.data.size() / stride == array.count && array.data.size() % stride == 0;
  if (!is_whole || array.shape.size() != 1 || array.buffer || array.dtype.has_objects ||
      found->offset > stride || found->type->size > stride - found->offset) {
    return corrupt("an array of structures without data");
  }
  std::vector<T> out(array.count);
  const auto copied = copy_typed(*found->type, array.data.data() + found->offset, stride, out);
  if (!copied) return corrupt(fmt::format("field {} of a structure has another type", name));
  if (!*copied) return corrupt(fmt::format("field {} of a structure holds a number out of range", name));
  return out;
}

template Result<std::vector<double>> read_field(const ArrayView&, std::string_view);
template Result<std::vector<std::int64_t>> read_field(const ArrayView&, std::string_view);
template Result<std::vector<std::uint32_t>> read_field(const ArrayView&, std::string_view);
template Result<std::vector<std::uint8_t>> read_field(const ArrayView&, std::string_view);

Result<std::vector<double>> read_floats(const ArrayView& array) {
  if (array.dtype.kind != 'f' || array.form != ArrayView::Form::kArray) {
    return corrupt("an array of floats was expected");
  }
  const std::size_t size = array.dtype.size;
  if (array.buffer || size == 0 || array.data.size() / size != array.count) return corrupt("an array without data");
  std::vector<double> out(array.count);
  if (array.order == 'C' && copy_typed(array.dtype, array.data.data(), size, out)) return out;
  for (std::uint64_t i = 0; i < array.count; ++i) {
    const auto number = array.get<double>(i);
    if (!number) return corrupt("an array of floats was expected");
    out[i] = *number;
  }
  return out;
}

}  // namespace cppickle
