// |x|^2 in the order of additions that the arithmetic beneath scikit-learn has. Where |x|^2 - 2 x y + |y|^2
// is nearly 0 its rounding is all that is left, and 1e-8 of a distance; so these are what OpenBLAS and numpy
// on x86-64 compute.
#ifndef CPPICKLE_PREDICT_SQUARED_NORMS_H_
#define CPPICKLE_PREDICT_SQUARED_NORMS_H_

#include <cstddef>

#include "predict/state.h"

namespace cppickle::predict {

enum class SquaredNorm : unsigned char {
  kBlas,       // OpenBLAS's ddot on a processor with AVX2: what ArgKmin takes
  kEinsum,     // numpy's einsum: what row_norms() takes
  kOldEinsum,  // that of numpy until 1.20
  kInOrder,    // one by one: of sparse rows
};

// What row_norms() of a version took, with the numpy of its time.
SquaredNorm norm_of_rows(Version version);
// Whether the OpenBLAS of that time had fused products for today's processors; it took them for old ones.
bool has_fused_products(Version version);

double squared_norm(const double* x, std::size_t width, SquaredNorm kind);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_SQUARED_NORMS_H_
