// Fields of numpy's structured arrays, copied fast.
#ifndef CPPICKLE_DOCUMENT_STRUCT_FIELD_H_
#define CPPICKLE_DOCUMENT_STRUCT_FIELD_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "cppickle/array_view.h"

namespace cppickle {

bool has_field(const DType& type, std::string_view name);

// One field of every item of an array of one dimension. double: of floats; integers: of integers and truth values.
// kCorrupt where there is no such field, it is of another type, or a number is out of T's range.
template <class T>
Result<std::vector<T>> read_field(const ArrayView& array, std::string_view name);
extern template Result<std::vector<double>> read_field(const ArrayView&, std::string_view);
extern template Result<std::vector<std::int64_t>> read_field(const ArrayView&, std::string_view);
extern template Result<std::vector<std::uint32_t>> read_field(const ArrayView&, std::string_view);
extern template Result<std::vector<std::uint8_t>> read_field(const ArrayView&, std::string_view);

// All numbers of an array of floats in C order; kCorrupt of another type.
Result<std::vector<double>> read_floats(const ArrayView& array);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_STRUCT_FIELD_H_
