// One element of an array: where it lies, what number it is, how it is printed.
#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/half.h"
#include "base/quote.h"
#include "base/utf8.h"
#include "cppickle/array_view.h"
#include "cppickle/python_value.h"
#include "document/datetime_text.h"
#include "document/repr.h"

namespace cppickle {
namespace {

// Up to 8 bytes as an unsigned number.
std::uint64_t load(std::string_view bytes, char order) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 8; ++i) {
    const char byte = order == '>' ? bytes[i] : bytes[bytes.size() - 1 - i];
    value = value << 8 | static_cast<unsigned char>(byte);
  }
  return value;
}

std::int64_t load_signed(std::string_view bytes, char order) {
  const auto shift = static_cast<unsigned>(64 - bytes.size() * 8);
  return bytes.empty() || bytes.size() > 8 ? 0 : static_cast<std::int64_t>(load(bytes, order) << shift) >> shift;
}

// x87's 80 bits, which is what numpy's float96 and float128 are on x86.
long double of_extended(std::string_view bytes, char order) {
  std::string_view mantissa_bytes = bytes.substr(0, 8);
  std::string_view top_bytes = bytes.substr(8, 2);
  if (order == '>') {
    mantissa_bytes = bytes.substr(bytes.size() - 8, 8);
    top_bytes = bytes.substr(bytes.size() - 10, 2);
  }
  const std::uint64_t mantissa = load(mantissa_bytes, order);
  const auto top = static_cast<unsigned>(load(top_bytes, order));
  const int exponent = static_cast<int>(top & 0x7FFF);
  long double value = __builtin_ldexpl(static_cast<long double>(mantissa), (exponent == 0 ? 1 : exponent) - 16383 - 63);
  if (exponent == 0x7FFF) value = mantissa << 1 == 0 ? __builtin_infl() : __builtin_nanl("");
  return (top & 0x8000) != 0 ? -value : value;
}

bool is_extended(std::string_view bytes) { return bytes.size() == 12 || bytes.size() == 16; }

double of_float(std::string_view bytes, char order) {
  if (bytes.size() == 2) return static_cast<double>(half_to_float(static_cast<std::uint16_t>(load(bytes, order))));
  if (bytes.size() == 4) return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(load(bytes, order))));
  if (bytes.size() == 8) return std::bit_cast<double>(load(bytes, order));
  return is_extended(bytes) ? static_cast<double>(of_extended(bytes, order)) : 0.0;
}

std::string float_text(std::string_view bytes, char order) {
  if (bytes.size() == 4) return float_repr(std::bit_cast<float>(static_cast<std::uint32_t>(load(bytes, order))));
  if (is_extended(bytes)) return float_repr(of_extended(bytes, order));
  if (bytes.size() != 2) return float_repr(of_float(bytes, order));
  // The shortest decimal that names this half: few digits tried, each rounded the way back by comparing neighbours.
  const auto half = static_cast<std::uint16_t>(load(bytes, order));
  const float value = half_to_float(half);
  if (!(value > -65505.0F && value < 65505.0F) || (half & 0x7FFF) == 0) return float_repr(value);
  const float below = half_to_float(static_cast<std::uint16_t>(half - 1));
  const float above = (half & 0x7FFF) == 0x7BFF ? value * 1.001F : half_to_float(static_cast<std::uint16_t>(half + 1));
  const double low = std::min((double{value} + below) / 2, (double{value} + above) / 2);
  const double high = std::max((double{value} + below) / 2, (double{value} + above) / 2);
  char digits[32];
  for (int precision = 0; precision < 5; ++precision) {
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, double{value}, std::chars_format::scientific, precision);
    double tried = 0;
    std::from_chars(digits, end, tried);
    if (error == std::errc{} && tried > low && tried < high) return float_repr(tried);
  }
  return float_repr(value);
}

// UCS-4 without the zeros that fill the item.
std::string unicode_text(std::string_view bytes, char order, std::size_t most) {
  while (bytes.size() >= 4 && load(bytes.substr(bytes.size() - 4), '<') == 0) bytes.remove_suffix(4);
  std::string text;
  for (std::size_t i = 0; i + 4 <= bytes.size() && text.size() <= most; i += 4) {
    const std::uint64_t c = load(bytes.substr(i, 4), order);
    append_utf8(text, c < 0x110000 ? static_cast<std::uint32_t>(c) : 0xFFFD);
  }
  return quote(text, most);
}

std::string bytes_text(std::string_view bytes, std::size_t most) {
  while (!bytes.empty() && bytes.back() == '\0') bytes.remove_suffix(1);
  return bytes_repr(bytes, most);
}

void append_element(std::string& out, const DType& type, std::string_view bytes, std::size_t most);

void append_structure(std::string& out, const DType& type, std::string_view bytes, std::size_t most) {
  out += '(';
  bool first = true;
  for (const DType::Field& field : type.fields) {
    if (!first) out += ", ";
    first = false;
    if (out.size() > most) {
      out += "...";
      break;
    }
    append_element(out, *field.type, bytes.substr(field.offset, field.type->size), most);
  }
  if (type.fields_left_out) out += "...";
  if (type.fields.size() == 1) out += ',';
  out += ')';
}

void append_subarray(std::string& out, const DType& type, std::string_view bytes, std::size_t most) {
  const std::uint64_t size = type.base->size;
  std::uint64_t count = 1;
  for (const std::uint64_t length : type.base_shape) count *= length;  // read_dtype has checked the product
  out += '[';
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i != 0) out += ", ";
    if (out.size() > most) {
      out += "...";
      break;
    }
    append_element(out, *type.base, bytes.substr(i * size, size), most);
  }
  out += ']';
}

// `bytes` are type.size bytes. Types in types are few (read_dtype).
void append_element(std::string& out, const DType& type, std::string_view bytes, std::size_t most) {
  if (type.is_struct) return append_structure(out, type, bytes, most);
  if (type.base) return append_subarray(out, type, bytes, most);
  switch (type.kind) {
    case 'b': out += load(bytes, type.order) != 0 ? "True" : "False"; return;
    case 'i': out += std::to_string(load_signed(bytes, type.order)); return;
    case 'u': out += std::to_string(load(bytes, type.order)); return;
    case 'f': out += float_text(bytes, type.order); return;
    case 'c': {
      const std::string_view real = bytes.substr(0, bytes.size() / 2);
      const std::string_view imaginary = bytes.substr(bytes.size() / 2);
      const double part = of_float(real, type.order);
      out += complex_repr(float_text(real, type.order), std::bit_cast<std::uint64_t>(part) == 0, float_text(imaginary, type.order));
      return;
    }
    case 'M': out += datetime64_text(load_signed(bytes, type.order), type.unit, type.multiplier); return;
    case 'm': out += timedelta64_text(load_signed(bytes, type.order), type.unit, type.multiplier); return;
    case 'U': out += unicode_text(bytes, type.order, most); return;
    case 'S': out += bytes_text(bytes, most); return;
    default: out += bytes_repr(bytes, most); return;
  }
}

// Where an element stands in the order of the data, in elements.
std::uint64_t place_of(const ArrayView& array, std::uint64_t index) {
  if (array.order == 'C') return index;
  std::uint64_t place = 0;
  std::uint64_t size = 1;
  std::vector<std::uint64_t> along(array.shape.size());
  for (std::size_t axis = array.shape.size(); axis-- > 0;) {
    along[axis] = index % array.shape[axis];
    index /= array.shape[axis];
  }
  for (std::size_t axis = 0; axis < array.shape.size(); ++axis) {
    if (array.order == 'K') {
      if (array.dtype.size != 0) place += along[axis] * (static_cast<std::uint64_t>(array.strides[axis]) / array.dtype.size);
    } else {
      place += along[axis] * size;
      size *= array.shape[axis];
    }
  }
  return place;
}

}  // namespace

std::string_view ArrayView::element(std::uint64_t index) const {
  if (index >= count || dtype.has_objects) return {};
  const std::uint64_t offset = place_of(*this, index) * dtype.size;
  if (offset > data.size() || data.size() - offset < dtype.size) return {};
  return data.substr(offset, dtype.size);
}

bool ArrayView::is_masked(std::uint64_t index) const {
  if (index >= count || mask_size == 0) return false;
  const std::uint64_t place = place_of(*this, index);
  if (place >= mask.size() / mask_size) return false;
  const std::string_view bytes = mask.substr(place * mask_size, mask_size);
  return std::ranges::any_of(bytes, [](char byte) { return byte != 0; });
}

std::string ArrayView::element_repr(std::uint64_t index, std::size_t most) const {
  if (index >= count) return {};
  if (is_masked(index) && mask_size == 1) return "--";
  if (dtype.has_objects) {
    if (!objects) return "?";
    if (form == Form::kScalar) return summary(*objects, most);
    const Values all = objects->items();
    for (const Value object : all) {
      if (index-- == 0) return summary(object, most);
    }
    return "?";
  }
  const std::string_view bytes = element(index);
  if (bytes.size() != dtype.size || (dtype.size != 0 && bytes.empty())) return "...";
  std::string text;
  append_element(text, dtype, bytes, most);
  return text;
}

std::optional<std::int64_t> ArrayView::integer(std::string_view bytes) const {
  if (bytes.size() != dtype.size || bytes.empty() || bytes.size() > 8 || dtype.is_struct || dtype.base) return {};
  if (dtype.kind == 'i' || dtype.kind == 'm' || dtype.kind == 'M') return load_signed(bytes, dtype.order);
  if (dtype.kind != 'u' && dtype.kind != 'b') return {};
  const std::uint64_t value = load(bytes, dtype.order);
  if (value > static_cast<std::uint64_t>(INT64_MAX)) return {};
  return static_cast<std::int64_t>(value);
}

std::optional<std::uint64_t> ArrayView::natural(std::string_view bytes) const {
  if (dtype.kind == 'u' && !bytes.empty()) return load(bytes, dtype.order);
  const auto value = integer(bytes);
  if (!value || *value < 0) return {};
  return static_cast<std::uint64_t>(*value);
}

std::optional<double> ArrayView::real(std::string_view bytes) const {
  if (dtype.kind == 'f' && !bytes.empty()) return of_float(bytes, dtype.order);
  if (dtype.kind == 'u' && !bytes.empty()) return static_cast<double>(load(bytes, dtype.order));
  const auto value = integer(bytes);
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}

std::optional<std::complex<double>> ArrayView::complex(std::string_view bytes) const {
  if (dtype.kind != 'c' || bytes.empty()) return {};
  return std::complex<double>(of_float(bytes.substr(0, bytes.size() / 2), dtype.order),
                              of_float(bytes.substr(bytes.size() / 2), dtype.order));
}

bool ArrayView::is_native(char kind, std::size_t size) const {
  static_assert(std::endian::native == std::endian::little);
  return dtype.kind == kind && dtype.size == size && dtype.order != '>' && !dtype.has_objects && !buffer && !data_is_cut &&
         data.size() / size == count;
}

}  // namespace cppickle
