// libsvm's kernels: what a row and each support vector have to do with each other.
#ifndef CPPICKLE_PREDICT_SVM_KERNEL_H_
#define CPPICKLE_PREDICT_SVM_KERNEL_H_

#include <cstdint>
#include <vector>

#include "predict/row_blocks.h"
#include "predict/state.h"

namespace cppickle::predict {

struct KernelFunction {
  enum class Kind : std::uint8_t { kLinear, kPolynomial, kRbf, kSigmoid, kPrecomputed };
  Kind kind = Kind::kRbf;
  double gamma = 1;
  double coef0 = 0;
  std::int64_t degree = 3;

  // In place, of products, or of squared distances for kRbf.
  void apply(double* values, std::size_t count) const;
};

// Support vectors of a model that was trained on sparse rows, by feature.
class SparseVectors {
 public:
  struct Element {
    std::uint32_t at;  // a support vector, or a feature
    double value;
  };
  // False if it is not worth it: the vectors are small, or most of their elements are there.
  bool read(const State& state);

  std::size_t count() const { return row_starts_.empty() ? 0 : row_starts_.size() - 1; }
  std::size_t width() const { return feature_starts_.empty() ? 0 : feature_starts_.size() - 1; }
  // For one row of `count` elements in the order of their features; out has count() places.
  void products(const Element* row, std::size_t count, double* out) const;
  void squared_distances(const Element* row, std::size_t count, double gamma, double* out) const;

 private:
  std::vector<std::size_t> row_starts_, feature_starts_;
  std::vector<Element> by_row_, by_feature_;
  std::vector<double> norms_;
  double largest_norm_ = 0;
};

// All support vectors of a model.
class SupportVectors {
 public:
  // With an error where the kernel is a function, or shapes do not fit.
  bool read(const State& state);

  std::size_t count() const { return count_; }
  std::size_t width() const { return width_; }  // of rows
  bool trained_on_sparse() const { return trained_on_sparse_; }
  // Whether kernel_values() takes sparse rows.
  bool is_sparse() const { return sparse_.count() != 0; }
  // Columns of kernel_values(), at least count().
  std::size_t padded() const {
    return (count_ + RowBlocks::kLanes - 1) / RowBlocks::kLanes * RowBlocks::kLanes;
  }
  // Of rows from `first` on, x.form being dense or sparse: out[r * padded() + i].
  void kernel_values(const Batch& x, std::size_t first, std::size_t rows, double* out,
                     Workspace& memory) const;

 private:
  bool read_precomputed(const State& state);
  void values_of_sparse(const Batch& x, std::size_t row, SparseVectors::Element* elements, double* out) const;

  KernelFunction function_;
  std::size_t count_ = 0;
  std::size_t width_ = 0;
  bool trained_on_sparse_ = false;
  RowBlocks dense_;
  SparseVectors sparse_;
  std::vector<std::size_t> support_;  // kPrecomputed: columns of rows
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_SVM_KERNEL_H_
