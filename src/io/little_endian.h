// Little-endian numbers at a place that the caller has checked.
#ifndef CPPICKLE_IO_LITTLE_ENDIAN_H_
#define CPPICKLE_IO_LITTLE_ENDIAN_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "io/bytes.h"

namespace cppickle {

template <class T>
T read_little_endian(ByteSpan bytes, std::size_t at) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, bytes.subspan(at, sizeof value).data(), sizeof value);
  return value;
}

inline std::uint16_t le16(ByteSpan bytes, std::size_t at) {
  return read_little_endian<std::uint16_t>(bytes, at);
}
inline std::uint32_t le32(ByteSpan bytes, std::size_t at) {
  return read_little_endian<std::uint32_t>(bytes, at);
}
inline std::uint64_t le64(ByteSpan bytes, std::size_t at) {
  return read_little_endian<std::uint64_t>(bytes, at);
}

// True if `count` bytes lie between `at` and `size`, whatever the numbers are.
inline bool fits(std::uint64_t at, std::uint64_t count, std::uint64_t size) {
  return at <= size && count <= size - at;
}

}  // namespace cppickle

#endif  // CPPICKLE_IO_LITTLE_ENDIAN_H_
