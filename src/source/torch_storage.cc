#include "source/torch_storage.h"

#include <utility>

namespace cppickle {

// torch/storage.py, _dtype_to_storage_type_map, and the classes that were there before.
std::optional<std::uint64_t> torch_element_size(std::string_view name) {
  static constexpr std::pair<std::string_view, std::uint64_t> kSizes[] = {
      {"FloatStorage", 4},
      {"DoubleStorage", 8},
      {"HalfStorage", 2},
      {"BFloat16Storage", 2},
      {"LongStorage", 8},
      {"IntStorage", 4},
      {"ShortStorage", 2},
      {"CharStorage", 1},
      {"ByteStorage", 1},
      {"BoolStorage", 1},
      {"ComplexFloatStorage", 8},
      {"ComplexDoubleStorage", 16},
      {"QInt8Storage", 1},
      {"QUInt8Storage", 1},
      {"QInt32Storage", 4},
      {"QUInt4x2Storage", 1},
      {"QUInt2x4Storage", 1},
      {"UntypedStorage", 1},
      {"_UntypedStorage", 1},
      {"float32", 4},
      {"float64", 8},
      {"float16", 2},
      {"bfloat16", 2},
      {"int64", 8},
      {"int32", 4},
      {"int16", 2},
      {"int8", 1},
      {"uint8", 1},
      {"bool", 1},
      {"complex64", 8},
      {"complex128", 16},
      {"uint16", 2},
      {"uint32", 4},
      {"uint64", 8},
      {"float8_e5m2", 1},
      {"float8_e4m3fn", 1},
      {"float8_e5m2fnuz", 1},
      {"float8_e4m3fnuz", 1},
  };
  for (const auto& [known, size] : kSizes) {
    if (known == name) return size;
  }
  return std::nullopt;
}

}  // namespace cppickle
