#include "predict/element_type.h"

#include <cmath>
#include <limits>

#include "cppickle/dtype.h"

namespace cppickle::predict {
namespace {

std::optional<ElementType> of_name(std::string_view name) {
  struct Named {
    std::string_view name;
    ElementType type;
  };
  using enum ElementType;
  static constexpr Named kNames[] = {
      {"bool", kBool},      {"bool_", kBool},     {"bool8", kBool},     {"int8", kInt8},      {"int16", kInt16},
      {"int32", kInt32},    {"int64", kInt64},    {"int", kInt64},      {"int_", kInt64},     {"intp", kInt64}, {"intc", kInt32},
      {"long", kInt64}, {"longlong", kInt64}, {"uint8", kUInt8},    {"uint16", kUInt16},  {"uint32", kUInt32},  {"uint64", kUInt64},
      {"float16", kFloat16}, {"float32", kFloat32}, {"float64", kFloat64}, {"float", kFloat64}, {"float_", kFloat64},
      {"double", kFloat64}, {"single", kFloat32}, {"half", kFloat16},   {"object", kObject},  {"object_", kObject},
      {"BoolDType", kBool}, {"Int8DType", kInt8}, {"Int16DType", kInt16}, {"Int32DType", kInt32}, {"Int64DType", kInt64},
      {"UInt8DType", kUInt8}, {"UInt16DType", kUInt16}, {"UInt32DType", kUInt32}, {"UInt64DType", kUInt64},
      {"Float16DType", kFloat16}, {"Float32DType", kFloat32}, {"Float64DType", kFloat64}, {"ObjectDType", kObject},
  };
  for (const Named& row : kNames) {
    if (row.name == name) return row.type;
  }
  return {};
}

std::optional<ElementType> of_dtype(const DType& dtype) {
  if (dtype.is_struct || dtype.base) return {};
  switch (dtype.kind) {
    case 'b': return ElementType::kBool;
    case 'i': return of_name(dtype.size == 1 ? "int8" : dtype.size == 2 ? "int16" : dtype.size == 4 ? "int32" : "int64");
    case 'u': return of_name(dtype.size == 1 ? "uint8" : dtype.size == 2 ? "uint16" : dtype.size == 4 ? "uint32" : "uint64");
    case 'f':
      if (dtype.size > 8) return {};
      return of_name(dtype.size == 2 ? "float16" : dtype.size == 4 ? "float32" : "float64");
    case 'O': return ElementType::kObject;
    default: return {};
  }
}

template <class T>
bool within(double value) {
  // The bounds of 64 bits are no doubles: one past the largest is.
  return value >= static_cast<double>(std::numeric_limits<T>::min()) &&
         value < static_cast<double>(std::numeric_limits<T>::max()) + 1;
}

}  // namespace

std::optional<ElementType> element_type_of(const Value& value) {
  if (const auto global = value.global()) {
    const bool known = global->module == "numpy" || global->module == "builtins" || global->module == "__builtin__" ||
                       global->module == "numpy.dtypes";
    return known ? of_name(global->qualname) : std::nullopt;
  }
  if (const auto text = text_of(value)) {
    if (const auto named = of_name(*text)) return named;
    const auto code = dtype_of_code(*text);
    return code ? of_dtype(*code) : std::nullopt;
  }
  if (value.kind() != Kind::kObject) return {};
  if (const auto dtype = read_dtype(value)) return of_dtype(*dtype);
  // numpy 1.25 and later: an instance of the class of one type, numpy.dtypes.Float64DType().
  const auto object = object_view(value);
  return object && object->type.module == "numpy.dtypes" ? of_name(object->type.qualname) : std::nullopt;
}

bool is_big_endian(const Value& value) {
  if (const auto text = text_of(value)) {
    const auto code = dtype_of_code(*text);
    return code && code->order == '>';
  }
  const auto dtype = read_dtype(value);
  return dtype && dtype->order == '>';
}

ElementType number_type_or(const State& state, std::string_view name, ElementType fallback) {
  if (!state.given(name)) return fallback;
  const auto type = element_type_of(*state.get(name));
  if (type && is_number(*type)) return *type;
  state.fail(ErrorCode::kUnsupported, "this type of numbers is not supported", name);
  return fallback;
}

bool holds(ElementType type, double value) {
  if (is_float(type)) return true;
  if (std::isnan(value)) return false;
  value = std::trunc(value);
  switch (type) {
    case ElementType::kBool: return value == 0 || value == 1;
    case ElementType::kInt8: return within<std::int8_t>(value);
    case ElementType::kInt16: return within<std::int16_t>(value);
    case ElementType::kInt32: return within<std::int32_t>(value);
    case ElementType::kInt64: return within<std::int64_t>(value);
    case ElementType::kUInt8: return within<std::uint8_t>(value);
    case ElementType::kUInt16: return within<std::uint16_t>(value);
    case ElementType::kUInt32: return within<std::uint32_t>(value);
    case ElementType::kUInt64: return within<std::uint64_t>(value);
    default: return false;
  }
}

}  // namespace cppickle::predict
