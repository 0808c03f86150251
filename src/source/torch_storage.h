// torch's storage classes.
#ifndef CPPICKLE_SOURCE_TORCH_STORAGE_H_
#define CPPICKLE_SOURCE_TORCH_STORAGE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace cppickle {

// Bytes of one element of a storage, by the name of its class ("FloatStorage", in whatever module) or of its
// dtype ("float32"). Nothing for one that is not known.
std::optional<std::uint64_t> torch_element_size(std::string_view name);

}  // namespace cppickle

#endif  // CPPICKLE_SOURCE_TORCH_STORAGE_H_
