// numpy's dtypes where a parameter names one: a class, a text, a dtype.
#ifndef CPPICKLE_PREDICT_ELEMENT_TYPE_H_
#define CPPICKLE_PREDICT_ELEMENT_TYPE_H_

#include <optional>
#include <string_view>

#include "cppickle/model.h"
#include "predict/state.h"

namespace cppickle::predict {

// numpy.float32, builtins.int, "f4", "float32", dtype('<f4'), numpy.dtypes.Float32DType(). Empty for others than numbers
// and object.
std::optional<ElementType> element_type_of(const Value& value);

// Whether what names a type says ">f4" or the like; element_type_of() tells the type alone.
bool is_big_endian(const Value& value);

// Of a parameter; unsupported() where it is no type of numbers.
ElementType number_type_or(const State& state, std::string_view name, ElementType fallback);

// Whether every value of it fits: astype() of others would wrap or lose.
bool holds(ElementType type, double value);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_ELEMENT_TYPE_H_
