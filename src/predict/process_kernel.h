// Kernels of Gaussian processes: sums, products and powers of covariances.
#ifndef CPPICKLE_PREDICT_PROCESS_KERNEL_H_
#define CPPICKLE_PREDICT_PROCESS_KERNEL_H_

#include <cstdint>
#include <vector>

#include "predict/row_blocks.h"
#include "predict/state.h"
#include "predict/workspace.h"

namespace cppickle::predict {

class ProcessKernel {
 public:
  // A kernel object, to be asked about rows and these training rows.
  bool read(const State& kernel, const Matrix& training);

  std::size_t padded() const { return padded_; }
  // k(x, training row) for `rows` rows, out[r * padded() + i]. The type is that of the rows as they came in.
  void covariances(const double* x, std::size_t rows, ElementType type, double* out, Workspace& memory) const;
  // k(x, x), with the noise that a WhiteKernel has there alone.
  double variance(const double* x) const;

 private:
  enum class Kind : std::uint8_t {
    kSum,
    kProduct,
    kPower,  // of the two, or the one, before
    kConstant,
    kWhite,
    kRbf,
    kMatern,
    kRationalQuadratic,
    kExpSineSquared,
    kDotProduct,
  };
  struct Node {
    Kind kind = Kind::kConstant;
    double a = 0, b = 0;         // what the kind has: a value, an exponent, nu, alpha; a second one
    std::vector<double> scales;  // one, or one for each feature
    bool scales_floats = false;  // float32 rows stay so when they are divided by the scale
    std::size_t training = 0;    // in training_
  };
  bool read_node(const State& state, Kind kind, const Matrix& training);
  bool read_scales(const State& state, const Matrix& training, Node& node);
  void leaf(const Node& node, const double* x, std::size_t rows, ElementType type, double* out,
            Workspace& memory) const;

  std::size_t width_ = 0;
  std::size_t padded_ = 0;
  bool fused_ = true;
  std::size_t deepest_ = 0;          // values that wait at once
  std::vector<Node> nodes_;          // in the order of evaluation: operands before what is done with them
  std::vector<RowBlocks> training_;  // scaled, for each node that scales
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_PROCESS_KERNEL_H_
