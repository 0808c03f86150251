// Rows against blocks of RowBlocks. Each file that includes this has functions of its own, whose names are seen nowhere else:
// row_blocks.cc compiles them with every operation rounded, row_blocks_products.cc fused where the processor can.
#ifndef CPPICKLE_PREDICT_ROW_TILES_H_
#define CPPICKLE_PREDICT_ROW_TILES_H_

#include <cstddef>

#include "predict/processors.h"
#include "predict/row_blocks.h"

namespace cppickle::predict {
namespace {

typedef double Lanes __attribute__((vector_size(32), aligned(8)));
typedef long long Bits __attribute__((vector_size(32), aligned(8)));

constexpr std::size_t kLanes = RowBlocks::kLanes;
constexpr std::size_t kParts = kLanes / 4;

enum class Measure { kSquared, kManhattan, kChebyshev, kProduct };

template <Measure kMeasure>
[[gnu::always_inline]] inline void add(Lanes& sum, const Lanes& a, const Lanes& b) {
  if constexpr (kMeasure == Measure::kProduct) {
    const Lanes product = a * b;
    sum = sum + product;
    return;
  }
  const Lanes difference = a - b;
  if constexpr (kMeasure == Measure::kSquared) {
    const Lanes square = difference * difference;
    sum = sum + square;
    return;
  }
  constexpr long long kAllButSign = 0x7FFFFFFFFFFFFFFF;
  const Lanes size = (Lanes)((Bits)difference & Bits{kAllButSign, kAllButSign, kAllButSign, kAllButSign});
  if constexpr (kMeasure == Measure::kManhattan) {
    sum = sum + size;
  } else {
    const Bits larger = size > sum;
    sum = (Lanes)(((Bits)size & larger) | ((Bits)sum & ~larger));
  }
}

// R rows against B blocks: what is loaded of a block serves all rows, and no sum waits for another.
template <Measure kMeasure, std::size_t R, std::size_t B>
[[gnu::always_inline]] inline void tile(const double* x, std::size_t width, const double* block, double* out,
                                        std::size_t stride) {
  Lanes sums[R][B][kParts] = {};
  for (std::size_t k = 0; k < width; ++k) {
    for (std::size_t r = 0; r < R; ++r) {
      const double value = x[r * width + k];
      const Lanes all = {value, value, value, value};
      for (std::size_t b = 0; b < B; ++b) {
        for (std::size_t part = 0; part < kParts; ++part) {
          const Lanes& other = *reinterpret_cast<const Lanes*>(block + (b * width + k) * kLanes + part * 4);
          add<kMeasure>(sums[r][b][part], all, other);
        }
      }
    }
  }
  for (std::size_t r = 0; r < R; ++r) {
    for (std::size_t b = 0; b < B; ++b) {
      for (std::size_t part = 0; part < kParts; ++part) {
        *reinterpret_cast<Lanes*>(out + r * stride + b * kLanes + part * 4) = sums[r][b][part];
      }
    }
  }
}

template <Measure kMeasure>
[[gnu::always_inline]] inline void all_tiles(const double* x, std::size_t rows, std::size_t width,
                                             const double* blocks, std::size_t count, double* out,
                                             std::size_t stride) {
  const std::size_t step = width * kLanes;
  // A block is used for all rows while it is at hand.
  const std::size_t fours = rows / 4 * 4;
  for (std::size_t b = 0; b < count && fours != 0; ++b) {
    for (std::size_t r = 0; r < fours; r += 4) {
      tile<kMeasure, 4, 1>(x + r * width, width, blocks + b * step, out + r * stride + b * kLanes, stride);
    }
  }
  for (std::size_t r = fours; r < rows; ++r) {
    std::size_t b = 0;
    for (; b + 4 <= count; b += 4)
      tile<kMeasure, 1, 4>(x + r * width, width, blocks + b * step, out + r * stride + b * kLanes, 0);
    for (; b < count; ++b)
      tile<kMeasure, 1, 1>(x + r * width, width, blocks + b * step, out + r * stride + b * kLanes, 0);
  }
}

}  // namespace
}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_ROW_TILES_H_
