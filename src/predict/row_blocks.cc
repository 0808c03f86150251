// Distances whose every operation is rounded by itself: no multiplication and addition may be fused in this
// file.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

#include "predict/row_blocks.h"

#include "predict/row_tiles.h"

namespace cppickle::predict {
namespace {

CPPICKLE_FOR_PROCESSORS
void squared(const double* x, std::size_t rows, std::size_t width, const double* blocks, std::size_t count,
             double* out, std::size_t stride) {
  all_tiles<Measure::kSquared>(x, rows, width, blocks, count, out, stride);
}

CPPICKLE_FOR_PROCESSORS
void multiply(const double* x, std::size_t rows, std::size_t width, const double* blocks, std::size_t count,
              double* out, std::size_t stride) {
  all_tiles<Measure::kProduct>(x, rows, width, blocks, count, out, stride);
}

CPPICKLE_FOR_PROCESSORS
void manhattan(const double* x, std::size_t width, const double* blocks, std::size_t count, double* out) {
  all_tiles<Measure::kManhattan>(x, 1, width, blocks, count, out, 0);
}

CPPICKLE_FOR_PROCESSORS
void chebyshev(const double* x, std::size_t width, const double* blocks, std::size_t count, double* out) {
  all_tiles<Measure::kChebyshev>(x, 1, width, blocks, count, out, 0);
}

// By squaring, as libsvm's powi() does it; powers below 1 give 1.
CPPICKLE_FOR_PROCESSORS
void raise(double* values, std::size_t count, double factor, double term, long long degree) {
  for (std::size_t i = 0; i + 4 <= count; i += 4) {
    Lanes square = *reinterpret_cast<Lanes*>(values + i) * factor;
    square = square + term;
    Lanes result = {1, 1, 1, 1};
    for (long long left = degree; left > 0; left /= 2) {
      if (left % 2 == 1) result = result * square;
      square = square * square;
    }
    *reinterpret_cast<Lanes*>(values + i) = result;
  }
}

}  // namespace

void polynomial_of_all(double* values, std::size_t count, double factor, double term, long long degree) {
  raise(values, count / 4 * 4, factor, term, degree);
  if (count % 4 == 0) return;
  double rest[4] = {};
  for (std::size_t i = count / 4 * 4; i < count; ++i) rest[i % 4] = values[i];
  raise(rest, 4, factor, term, degree);
  for (std::size_t i = count / 4 * 4; i < count; ++i) values[i] = rest[i % 4];
}

RowBlocks::RowBlocks(const double* rows, std::size_t count, std::size_t width)
    : count_(count), width_(width) {
  blocks_.resize(blocks() * width);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < width; ++k)
      blocks_[i / kLanes * width + k].lanes[i % kLanes] = rows[i * width + k];
  }
}

void RowBlocks::squared_distances(const double* x, std::size_t rows, double* out, std::size_t stride) const {
  squared(x, rows, width_, data(), blocks(), out, stride);
}

void RowBlocks::products(const double* x, std::size_t rows, double* out, std::size_t stride) const {
  multiply(x, rows, width_, data(), blocks(), out, stride);
}

void RowBlocks::products_of(const double* x, std::size_t rows, std::size_t first, std::size_t last,
                            double* out, std::size_t stride) const {
  multiply(x, rows, width_, block(first), last - first, out, stride);
}

void RowBlocks::squared_distances_of(const double* x, std::size_t first, std::size_t last,
                                     double* out) const {
  squared(x, 1, width_, data() + first * width_ * kLanes, last - first, out, 0);
}

void RowBlocks::manhattan_distances(const double* x, std::size_t first, std::size_t last, double* out) const {
  manhattan(x, width_, data() + first * width_ * kLanes, last - first, out);
}

void RowBlocks::chebyshev_distances(const double* x, std::size_t first, std::size_t last, double* out) const {
  chebyshev(x, width_, data() + first * width_ * kLanes, last - first, out);
}

}  // namespace cppickle::predict
