// Rows against the centres of clusters or classes.
#ifndef CPPICKLE_PREDICT_CENTERS_H_
#define CPPICKLE_PREDICT_CENTERS_H_

#include <vector>

#include "predict/row_blocks.h"
#include "predict/squared_norms.h"
#include "predict/workspace.h"

namespace cppickle::predict {

class Centers {
 public:
  Centers() = default;
  Centers(const Matrix& centers, Version version);

  std::size_t count() const { return rows_.count(); }
  std::size_t width() const { return rows_.width(); }
  ElementType type() const { return type_; }

  // KMeans since 0.23: the first with the least |c|^2 - 2 x c.
  void lloyd_labels(const Batch& x, double* out, Workspace& memory) const;
  // pairwise_distances_argmin(): the first with the least |x - c|^2, which is 0 where rounding makes it less.
  void nearest(const Batch& x, double* out, Workspace& memory) const;
  // euclidean_distances(): rows * count().
  void distances(const Batch& x, double* out, Workspace& memory) const;
  // x c for each centre of one row; out has padded() places.
  void products(const double* row, double* out) const;
  std::size_t padded() const { return rows_.padded(); }
  double norm(std::size_t center) const { return norms_[center]; }

 private:
  void squared(const double* row, double norm, const std::vector<double>& norms, double* out) const;

  RowBlocks rows_;
  std::vector<double> norms_, blas_norms_;
  ElementType type_ = ElementType::kFloat64;
  SquaredNorm norm_ = SquaredNorm::kEinsum;
  bool fused_ = true;
  bool argkmin_ = true;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_CENTERS_H_
