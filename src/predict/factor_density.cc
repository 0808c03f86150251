#include "predict/factor_density.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "predict/estimator.h"
#include "predict/product.h"

namespace cppickle::predict {
namespace {

// Past it, the third power of a file's length would be hours.
constexpr std::size_t kMostFactors = 4096;

// The lower triangle L of L L^T = matrix, in place. False where it is not positive definite.
bool cholesky(std::vector<double>& matrix, std::size_t size) {
  for (std::size_t r = 0; r < size; ++r) {
    for (std::size_t c = 0; c <= r; ++c) {
      const double rest = matrix[r * size + c] - dot(&matrix[r * size], &matrix[c * size], c);
      if (c == r && !(rest > 0)) return false;
      matrix[r * size + c] = c == r ? std::sqrt(rest) : rest / matrix[c * size + c];
    }
  }
  return true;
}

// Solves matrix * answer = right for `columns` right sides in place, by elimination with partial pivoting; the matrix is
// used up. Adds to log_determinant; false where the matrix is singular.
bool solve(std::vector<double>& matrix, std::size_t size, std::vector<double>& right, std::size_t columns, double& log_determinant) {
  for (std::size_t k = 0; k < size; ++k) {
    std::size_t best = k;
    for (std::size_t r = k + 1; r < size; ++r) {
      if (std::fabs(matrix[r * size + k]) > std::fabs(matrix[best * size + k])) best = r;
    }
    const double pivot = matrix[best * size + k];
    if (pivot == 0 || !std::isfinite(pivot)) return false;
    log_determinant += std::log(std::fabs(pivot));
    if (best != k) {
      std::swap_ranges(&matrix[k * size], &matrix[k * size] + size, &matrix[best * size]);
      std::swap_ranges(&right[k * columns], &right[k * columns] + columns, &right[best * columns]);
    }
    for (std::size_t r = k + 1; r < size; ++r) {
      const double factor = matrix[r * size + k] / pivot;
      if (factor == 0) continue;
      for (std::size_t c = k; c < size; ++c) matrix[r * size + c] -= factor * matrix[k * size + c];
      for (std::size_t c = 0; c < columns; ++c) right[r * columns + c] -= factor * right[k * columns + c];
    }
  }
  for (std::size_t k = size; k-- > 0;) {
    for (std::size_t r = k + 1; r < size; ++r) {
      const double factor = matrix[k * size + r];
      for (std::size_t c = 0; c < columns; ++c) right[k * columns + c] -= factor * right[r * columns + c];
    }
    for (std::size_t c = 0; c < columns; ++c) right[k * columns + c] /= matrix[k * size + k];
  }
  return true;
}

}  // namespace

// Woodbury, as get_precision() has it (scikit-learn 1.9, decomposition/_base.py): with P = diag(noise)^-1 and
// L L^T = 1 + F P F^T the inverse is P - (L^-1 F P)^T (L^-1 F P), and the determinant |diag(noise)| |L|^2.
bool FactorDensity::prepare_with_noise() const {
  const std::size_t size = factors_.rows, width = factors_.columns;
  whitening_ = factors_;
  for (std::size_t i = 0; i < size * width; ++i) whitening_.values[i] /= noise_[i % width];
  std::vector<double> inner(size * size);
  product(whitening_.values.data(), size, width, factors_.values.data(), size, inner.data());
  for (std::size_t i = 0; i < size; ++i) inner[i * size + i] += 1;
  if (!cholesky(inner, size)) return false;
  for (std::size_t r = 0; r < size; ++r) {
    double* const row = &whitening_.values[r * width];
    for (std::size_t k = 0; k < r; ++k) {
      for (std::size_t c = 0; c < width; ++c) row[c] -= inner[r * size + k] * whitening_.values[k * width + c];
    }
    for (std::size_t c = 0; c < width; ++c) row[c] /= inner[r * size + r];
    log_determinant_ += 2 * std::log(inner[r * size + r]);
  }
  for (const double noise : noise_) log_determinant_ += std::log(noise);
  return true;
}

// The inverse is G^T G, where G = F^-T.
bool FactorDensity::prepare_without() const {
  const std::size_t size = factors_.rows;
  if (size != factors_.columns) return false;
  Matrix turned = transposed(factors_);
  whitening_ = {size, size, std::vector<double>(size * size), ElementType::kFloat64};
  for (std::size_t i = 0; i < size; ++i) whitening_.values[i * size + i] = 1;
  double log_determinant = 0;
  if (!solve(turned.values, size, whitening_.values, size, log_determinant)) return false;
  log_determinant_ = 2 * log_determinant;
  return true;
}

bool FactorDensity::prepare() const {
  if (std::ranges::all_of(noise_, [](double noise) { return noise > 0; })) return prepare_with_noise();
  return std::ranges::all_of(noise_, [](double noise) { return noise == 0; }) && prepare_without();
}

Result<void> FactorDensity::log_density(const double* x, std::size_t rows, double* out, Workspace& memory) const {
  const std::size_t size = factors_.rows, width = factors_.columns;
  if (size > kMostFactors) return refuse("score_samples of more than 4096 components is not supported");
  std::call_once(once_, [this] { has_inverse_ = prepare(); });
  if (!has_inverse_) return refuse("singular matrix");
  const bool has_noise = noise_[0] > 0;
  double* const whitened = memory.numbers(rows * size);
  product(x, rows, width, whitening_.values.data(), size, whitened);
  const double constant = static_cast<double>(width) * std::log(2 * std::numbers::pi) + log_determinant_;
  for (std::size_t r = 0; r < rows; ++r) {
    double distance = dot(whitened + r * size, whitened + r * size, size);
    if (has_noise) {
      double plain = 0;
      for (std::size_t c = 0; c < width; ++c) plain += x[r * width + c] * x[r * width + c] / noise_[c];
      distance = plain - distance;
    }
    out[r] = -0.5 * (distance + constant);
  }
  return {};
}

}  // namespace cppickle::predict
