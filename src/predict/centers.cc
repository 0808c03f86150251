#include "predict/centers.h"

#include <algorithm>
#include <cmath>

#include "predict/estimator.h"

namespace cppickle::predict {
namespace {

// Numbers that are not NaN come first; of equal ones the first.
std::size_t first_least(const double* values, std::size_t count) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < count; ++i) {
    if (values[i] < values[best]) best = i;
  }
  return best;
}

}  // namespace

Centers::Centers(const Matrix& centers, Version version)
    : rows_(centers.values.data(), centers.rows, centers.columns),
      type_(centers.type),
      norm_(norm_of_rows(version)),
      fused_(has_fused_products(version)),
      argkmin_(version == Version{} || version >= Version{1, 1}) {
  for (std::size_t i = 0; i < centers.rows; ++i) {
    norms_.push_back(squared_norm(centers.row(i), centers.columns, norm_));
    blas_norms_.push_back(squared_norm(centers.row(i), centers.columns, SquaredNorm::kBlas));
  }
}

void Centers::products(const double* row, double* out) const {
  fused_ ? rows_.fused_products(row, 1, out, 0) : rows_.products(row, 1, out, 0);
}

void Centers::squared(const double* row, double norm, const std::vector<double>& norms, double* out) const {
  products(row, out);
  for (std::size_t i = 0; i < count(); ++i) out[i] = std::max(0.0, -2 * out[i] + norm + norms[i]);
}

void Centers::lloyd_labels(const Batch& x, double* out, Workspace& memory) const {
  double* const values = memory.numbers(padded());
  for (std::size_t r = 0; r < x.rows; ++r) {
    products(x.values + r * width(), values);
    for (std::size_t i = 0; i < count(); ++i) values[i] = norms_[i] - 2 * values[i];
    out[r] = static_cast<double>(first_least(values, count()));
  }
}

void Centers::nearest(const Batch& x, double* out, Workspace& memory) const {
  double* const values = memory.numbers(padded());
  for (std::size_t r = 0; r < x.rows; ++r) {
    const double* const row = x.values + r * width();
    squared(row, squared_norm(row, width(), argkmin_ ? SquaredNorm::kBlas : norm_),
            argkmin_ ? blas_norms_ : norms_, values);
    out[r] = static_cast<double>(first_least(values, count()));
  }
}

void Centers::distances(const Batch& x, double* out, Workspace& memory) const {
  double* const values = memory.numbers(padded());
  for (std::size_t r = 0; r < x.rows; ++r) {
    const double* const row = x.values + r * width();
    squared(row, squared_norm(row, width(), norm_), norms_, values);
    if (x.type == ElementType::kFloat32 && type_ == ElementType::kFloat32)
      round_all(values, count(), ElementType::kFloat32);
    for (std::size_t i = 0; i < count(); ++i) out[r * count() + i] = std::sqrt(values[i]);
  }
}

}  // namespace cppickle::predict
