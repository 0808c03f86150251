// Rows that others are measured against: support vectors, training data, centres. They lie in blocks of
// eight, feature after feature, so that one instruction works on several of them and each sum is taken in the
// order of the features.
#ifndef CPPICKLE_PREDICT_ROW_BLOCKS_H_
#define CPPICKLE_PREDICT_ROW_BLOCKS_H_

#include <cstddef>
#include <vector>

namespace cppickle::predict {

class RowBlocks {
 public:
  static constexpr std::size_t kLanes = 8;

  RowBlocks() = default;
  // `rows` is count * width numbers, row-major.
  RowBlocks(const double* rows, std::size_t count, std::size_t width);

  std::size_t count() const { return count_; }
  std::size_t width() const { return width_; }
  // The count, up to whole blocks: answers for what fills the last one are numbers without meaning.
  std::size_t padded() const { return (count_ + kLanes - 1) / kLanes * kLanes; }
  std::size_t blocks() const { return padded() / kLanes; }

  // The answers below are for `rows` rows of width() numbers: out[r * stride + i], i below padded().
  //
  // The sum of (x - y)^2, every operation rounded by itself: bit for bit what a plain loop compiled for any
  // x86-64 gives, as scikit-learn's wheels are.
  void squared_distances(const double* x, std::size_t rows, double* out, std::size_t stride) const;
  // The same for the blocks from `first` to `last`, of one row: out[0] is for the first of them.
  void squared_distances_of(const double* x, std::size_t first, std::size_t last, double* out) const;
  // Sum, and largest, of |x - y|.
  void manhattan_distances(const double* x, std::size_t first, std::size_t last, double* out) const;
  void chebyshev_distances(const double* x, std::size_t first, std::size_t last, double* out) const;
  // Sums of x * y, each operation rounded; and fused where the processor can, as OpenBLAS's matrix product
  // has them.
  void products(const double* x, std::size_t rows, double* out, std::size_t stride) const;
  void fused_products(const double* x, std::size_t rows, double* out, std::size_t stride) const;
  // For the blocks from `first` to `last`.
  void products_of(const double* x, std::size_t rows, std::size_t first, std::size_t last, double* out,
                   std::size_t stride) const;
  void fused_products_of(const double* x, std::size_t rows, std::size_t first, std::size_t last, double* out,
                         std::size_t stride) const;

  // Feature k of the row in a lane of a block: block(i)[k * kLanes + lane].
  const double* block(std::size_t i) const { return data() + i * width_ * kLanes; }

 private:
  struct alignas(64) Block {
    double lanes[kLanes];
  };
  const double* data() const { return blocks_.empty() ? nullptr : blocks_.data()->lanes; }

  std::size_t count_ = 0;
  std::size_t width_ = 0;
  std::vector<Block> blocks_;
};

// In place: e to the power of each; within 1 ulp.
void exp_of_all(double* values, std::size_t count);
// In place: (factor * value + term) to a power, every operation rounded by itself; a power below 1 gives 1.
void polynomial_of_all(double* values, std::size_t count, double factor, double term, long long degree);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_ROW_BLOCKS_H_
