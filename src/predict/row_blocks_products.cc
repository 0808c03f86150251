// What may be fused: products of rows, and powers of e.
#include "predict/row_blocks.h"

#include "predict/row_tiles.h"

namespace cppickle::predict {
namespace {

CPPICKLE_FOR_PROCESSORS
void multiply(const double* x, std::size_t rows, std::size_t width, const double* blocks, std::size_t count,
              double* out, std::size_t stride) {
  all_tiles<Measure::kProduct>(x, rows, width, blocks, count, out, stride);
}

// 2 to the power of an integer that was added to kShift: its bits are the lowest of the sum's.
constexpr double kShift = 6755399441055744.0;  // 1.5 * 2^52
[[gnu::always_inline]] inline void multiply_by_power_of_two(Lanes& value, const Lanes& shifted) {
  value = value * (Lanes)(((Bits)shifted << 52) + (1023LL << 52));
}

// e^x = 2^n * e^r with |r| <= ln(2)/2: r in two steps (Cody and Waite), e^r = 1 + r + r^2 * series, of which
// the rest is below 2^-57. What is lost of r and of 1 + r is added at the end, so that the answer is nearly
// always the double that is closest, as that of the C library. 2^n is multiplied in two halves, for results
// that are nearly 0 or infinite.
[[gnu::always_inline]] inline void exponential(Lanes& x) {
  constexpr double kLog2High = 6.93147180369123816490e-01, kLog2Low = 1.90821492927058770002e-10;
  x = x < -746.0 ? Lanes{} - 746.0 : x;
  x = x > 710.0 ? Lanes{} + 710.0 : x;
  const Lanes n = (x * 1.44269504088896338700 + kShift) - kShift;
  const Lanes high = x - n * kLog2High;
  const Lanes r = high - n * kLog2Low;
  const Lanes lost_of_r = (high - r) - n * kLog2Low;
  Lanes series = Lanes{} + 1.0 / 6227020800;
  series = series * r + 1.0 / 479001600;
  series = series * r + 1.0 / 39916800;
  series = series * r + 1.0 / 3628800;
  series = series * r + 1.0 / 362880;
  series = series * r + 1.0 / 40320;
  series = series * r + 1.0 / 5040;
  series = series * r + 1.0 / 720;
  series = series * r + 1.0 / 120;
  series = series * r + 1.0 / 24;
  series = series * r + 1.0 / 6;
  series = series * r + 0.5;
  const Lanes one_and_r = 1.0 + r;
  const Lanes lost = (1.0 - one_and_r) + r;
  const Lanes half = n * 0.5 + kShift;
  x = one_and_r + (r * r * series + (lost + lost_of_r));
  multiply_by_power_of_two(x, half);
  multiply_by_power_of_two(x, n - (half - kShift) + kShift);
}

CPPICKLE_FOR_PROCESSORS
void exponentials(double* values, std::size_t count) {
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) exponential(*reinterpret_cast<Lanes*>(values + i));
  if (i == count) return;
  Lanes rest = {};
  for (std::size_t k = i; k < count; ++k) rest[k - i] = values[k];
  exponential(rest);
  for (std::size_t k = i; k < count; ++k) values[k] = rest[k - i];
}

}  // namespace

void RowBlocks::fused_products(const double* x, std::size_t rows, double* out, std::size_t stride) const {
  multiply(x, rows, width_, data(), blocks(), out, stride);
}

void RowBlocks::fused_products_of(const double* x, std::size_t rows, std::size_t first, std::size_t last,
                                  double* out, std::size_t stride) const {
  multiply(x, rows, width_, block(first), last - first, out, stride);
}

void exp_of_all(double* values, std::size_t count) { exponentials(values, count); }

}  // namespace cppickle::predict
