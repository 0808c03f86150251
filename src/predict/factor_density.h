// How likely rows are under a normal distribution whose covariance is given by factors: what score_samples() of PCA and
// FactorAnalysis says.
#ifndef CPPICKLE_PREDICT_FACTOR_DENSITY_H_
#define CPPICKLE_PREDICT_FACTOR_DENSITY_H_

#include <cstddef>
#include <mutex>
#include <vector>

#include "predict/state.h"
#include "predict/workspace.h"

namespace cppickle::predict {

class FactorDensity {
 public:
  // The covariance is F^T F + diag(noise), of `factors` F: a row for each factor, at most as many as columns, and one
  // `noise` for each column. Without noise F must be square.
  FactorDensity(Matrix factors, std::vector<double> noise) : factors_(std::move(factors)), noise_(std::move(noise)) {}

  // Natural logarithms of the density of rows x columns centred numbers. kTypeMismatch where the covariance has no
  // inverse, as numpy's LinAlgError says it. The first call prepares what all of them need; many threads may call.
  Result<void> log_density(const double* x, std::size_t rows, double* out, Workspace& memory) const;

 private:
  bool prepare() const;
  bool prepare_with_noise() const;
  bool prepare_without() const;

  Matrix factors_;
  std::vector<double> noise_;
  mutable std::once_flag once_;
  mutable bool has_inverse_ = false;
  // x^T covariance^-1 x is |whitening x|^2; where there is noise, the sum of x^2 / noise less it.
  mutable Matrix whitening_;
  mutable double log_determinant_ = 0;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_FACTOR_DENSITY_H_
