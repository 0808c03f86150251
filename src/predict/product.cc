#include "predict/product.h"

#include <algorithm>
#include <cmath>

#include "predict/processors.h"
#include "predict/row_tiles.h"

namespace cppickle::predict {
namespace {

// By reference: a vector that is returned would need one calling convention for all processors.
inline const Lanes& load(const double* from) { return *reinterpret_cast<const Lanes*>(from); }
inline double sum(const Lanes& lanes) { return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]); }

// Rows x outputs of one tile in registers: each pair of loads serves R * O multiplications.
template <std::size_t R, std::size_t O>
[[gnu::always_inline]] inline void dots(const double* x, std::size_t width, const double* weights, double* out,
                                        std::size_t outputs) {
  Lanes sums[R][O] = {};
  std::size_t k = 0;
  for (; k + 4 <= width; k += 4) {
    for (std::size_t r = 0; r < R; ++r) {
      const Lanes row = load(x + r * width + k);
      for (std::size_t o = 0; o < O; ++o) sums[r][o] += row * load(weights + o * width + k);
    }
  }
  for (std::size_t r = 0; r < R; ++r) {
    for (std::size_t o = 0; o < O; ++o) {
      double total = sum(sums[r][o]);
      for (std::size_t rest = k; rest < width; ++rest) total += x[r * width + rest] * weights[o * width + rest];
      out[r * outputs + o] = total;
    }
  }
}

template <std::size_t R>
[[gnu::always_inline]] inline void strip(const double* x, std::size_t width, const double* weights, std::size_t outputs,
                                         double* out) {
  std::size_t o = 0;
  for (; o + 3 <= outputs; o += 3) dots<R, 3>(x, width, weights + o * width, out + o, outputs);
  for (; o < outputs; ++o) dots<R, 1>(x, width, weights + o * width, out + o, outputs);
}

constexpr std::size_t kWidestPacked = 512;

// Eight outputs at a time, whose weights are first put side by side: sums then need not be added up across a register at
// their end, which is most of the work where rows are short.
CPPICKLE_FOR_PROCESSORS
void packed_product(const double* x, std::size_t rows, std::size_t width, const double* weights, std::size_t outputs,
                    double* out) {
  alignas(64) double block[kWidestPacked * kLanes];
  double answers[4 * kLanes];
  for (std::size_t first = 0; first < outputs; first += kLanes) {
    const std::size_t count = std::min(kLanes, outputs - first);
    for (std::size_t k = 0; k < width; ++k) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        block[k * kLanes + lane] = lane < count ? weights[(first + lane) * width + k] : 0;
      }
    }
    const bool is_whole = count == kLanes;
    for (std::size_t r = 0, together; r < rows; r += together) {
      together = rows - r >= 4 ? 4 : 1;
      double* const to = is_whole ? out + r * outputs + first : answers;
      const std::size_t stride = is_whole ? outputs : kLanes;
      together == 4 ? tile<Measure::kProduct, 4, 1>(x + r * width, width, block, to, stride)
                    : tile<Measure::kProduct, 1, 1>(x + r * width, width, block, to, stride);
      for (std::size_t i = 0; i < together && !is_whole; ++i) std::copy_n(answers + i * kLanes, count, out + (r + i) * outputs + first);
    }
  }
}

CPPICKLE_FOR_PROCESSORS
void dense_product(const double* x, std::size_t rows, std::size_t width, const double* weights, std::size_t outputs,
                   double* out) {
  std::size_t r = 0;
  for (; r + 4 <= rows; r += 4) strip<4>(x + r * width, width, weights, outputs, out + r * outputs);
  for (; r < rows; ++r) strip<1>(x + r * width, width, weights, outputs, out + r * outputs);
}

CPPICKLE_FOR_PROCESSORS
void add_multiple(double factor, const double* from, std::size_t count, double* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] += factor * from[i];
}

CPPICKLE_FOR_PROCESSORS
double dense_distance(const double* a, const double* b, std::size_t count) {
  Lanes sums[2] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t half = 0; half < 2; ++half) {
      const Lanes difference = load(a + i + half * 4) - load(b + i + half * 4);
      sums[half] += difference * difference;
    }
  }
  double total = sum(sums[0]) + sum(sums[1]);
  for (; i < count; ++i) total += (a[i] - b[i]) * (a[i] - b[i]);
  return total;
}

}  // namespace

void product(const double* x, std::size_t rows, std::size_t width, const double* weights, std::size_t outputs, double* out) {
  constexpr std::size_t kManyRows = 16, kManyOutputs = 3;
  if (rows >= kManyRows && outputs >= kManyOutputs && width <= kWidestPacked) {
    return packed_product(x, rows, width, weights, outputs, out);
  }
  dense_product(x, rows, width, weights, outputs, out);
}

void product(const Batch& x, const double* weights, std::size_t outputs, double* out) {
  if (x.form == Batch::Form::kDense) return product(x.values, x.rows, x.columns, weights, outputs, out);
  for (std::size_t r = 0; r < x.rows; ++r) {
    const std::int64_t begin = x.row_starts[r], end = x.row_starts[r + 1];
    for (std::size_t o = 0; o < outputs; ++o) {
      const double* const row = weights + o * x.columns;
      double total = 0;
      for (std::int64_t k = begin; k < end; ++k) total += x.values[k] * row[x.indices[k]];
      out[r * outputs + o] = total;
    }
  }
}

void product_by_feature(const Batch& x, const double* by_feature, std::size_t outputs, double* out) {
  std::fill_n(out, x.rows * outputs, 0.0);
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::int64_t k = x.row_starts[r]; k < x.row_starts[r + 1]; ++k) {
      add_multiple(x.values[k], by_feature + static_cast<std::size_t>(x.indices[k]) * outputs, outputs, out + r * outputs);
    }
  }
}

double dot(const double* a, const double* b, std::size_t count) {
  double out;
  dense_product(a, 1, count, b, 1, &out);
  return out;
}

double squared_distance(const double* a, const double* b, std::size_t count) { return dense_distance(a, b, count); }

double logistic(double z, ElementType type) {
  if (type != ElementType::kFloat32) return 1 / (1 + std::exp(-z));
  return static_cast<double>(1 / (1 + static_cast<float>(std::exp(-z))));
}

void softmax(double* values, std::size_t count) {
  const double most = *std::max_element(values, values + count);
  double total = 0;
  for (std::size_t i = 0; i < count; ++i) total += values[i] = std::exp(values[i] - most);
  for (std::size_t i = 0; i < count; ++i) values[i] /= total;
}

double log_sum_exp(const double* values, std::size_t count) {
  const double most = *std::max_element(values, values + count);
  if (!std::isfinite(most)) return most;
  double total = 0;
  for (std::size_t i = 0; i < count; ++i) total += std::exp(values[i] - most);
  return std::log(total) + most;
}

}  // namespace cppickle::predict
