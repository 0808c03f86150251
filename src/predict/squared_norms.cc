#include "predict/squared_norms.h"

#include <cmath>

namespace cppickle::predict {
namespace {

// Sixteen at a time, fused, in four vectors of four; each is then folded in two; the rest one by one.
double blas(const double* x, std::size_t width) {
  double sum = 0;
  std::size_t k = 0;
  if (width >= 16) {
    double parts[16] = {};
    for (; k + 16 <= width; k += 16) {
      for (std::size_t i = 0; i < 16; ++i) parts[i] = std::fma(x[k + i], x[k + i], parts[i]);
    }
    double folded[2];
    for (std::size_t i = 0; i < 2; ++i) {
      folded[i] = ((parts[i] + parts[i + 2]) + (parts[i + 4] + parts[i + 6])) +
                  ((parts[i + 8] + parts[i + 10]) + (parts[i + 12] + parts[i + 14]));
    }
    sum = folded[0] + folded[1];
  }
  for (; k < width; ++k) sum += x[k] * x[k];
  return sum;
}

// Eight at a time in vectors of two, the last of them first; the rest in vectors of two, with a 0 at the end.
double einsum(const double* x, std::size_t width) {
  double lanes[2] = {};
  std::size_t k = 0;
  for (; k + 8 <= width; k += 8) {
    for (std::size_t i = 4; i-- > 0;) {
      for (std::size_t lane = 0; lane < 2; ++lane) lanes[lane] += x[k + 2 * i + lane] * x[k + 2 * i + lane];
    }
  }
  for (; k < width; ++k) lanes[k % 2] += x[k] * x[k];
  return lanes[0] + lanes[1];
}

// The vectors in their order, and the rest from its end.
double old_einsum(const double* x, std::size_t width) {
  double lanes[2] = {};
  std::size_t k = 0;
  for (const std::size_t whole = width / 8 * 8; k < whole; ++k) lanes[k % 2] += x[k] * x[k];
  double sum = lanes[0] + lanes[1];
  for (std::size_t i = width; i-- > k;) sum += x[i] * x[i];
  return sum;
}

}  // namespace

SquaredNorm norm_of_rows(Version version) {
  return version != Version{} && version < Version{1, 0} ? SquaredNorm::kOldEinsum : SquaredNorm::kEinsum;
}

bool has_fused_products(Version version) { return version == Version{} || version >= Version{0, 24}; }

double squared_norm(const double* x, std::size_t width, SquaredNorm kind) {
  switch (kind) {
    case SquaredNorm::kBlas: return blas(x, width);
    case SquaredNorm::kEinsum: return einsum(x, width);
    case SquaredNorm::kOldEinsum: return old_einsum(x, width);
    case SquaredNorm::kInOrder: break;
  }
  double sum = 0;
  for (std::size_t k = 0; k < width; ++k) sum += x[k] * x[k];
  return sum;
}

}  // namespace cppickle::predict
