// IEEE 754's half precision, numpy's float16, which this language has no type for.
#ifndef CPPICKLE_BASE_HALF_H_
#define CPPICKLE_BASE_HALF_H_

#include <bit>
#include <cstdint>

namespace cppickle {

// Exact: a float holds every half.
inline float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  const std::uint32_t exponent = half >> 10 & 31;
  const std::uint32_t fraction = half & 1023;
  if (exponent == 0) {
    const float value = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -value : value;
  }
  const std::uint32_t wide_exponent = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide_exponent << 23 | fraction << 13);
}

}  // namespace cppickle

#endif  // CPPICKLE_BASE_HALF_H_
