// Distances between rows, as scikit-learn's DistanceMetric computes them.
#ifndef CPPICKLE_PREDICT_NEIGHBOR_METRIC_H_
#define CPPICKLE_PREDICT_NEIGHBOR_METRIC_H_

#include <cstdint>
#include <vector>

#include "predict/row_blocks.h"
#include "predict/state.h"

namespace cppickle::predict {

// Rows are compared by a reduced distance where that is cheaper: the square of the Euclidean one.
struct NeighborMetric {
  enum class Kind : std::uint8_t {
    kEuclidean,
    kSquaredEuclidean,
    kManhattan,
    kChebyshev,
    kMinkowski,
    kStandardized,
    kCosine,
    kCanberra,
    kBrayCurtis,
    kHamming,
    kHaversine,
  };
  Kind kind = Kind::kEuclidean;
  bool named_l2 = false;
  double p = 2;                 // kMinkowski
  std::vector<double> weights;  // kMinkowski: factors, may be empty; kStandardized: variances

  // effective_metric_ and effective_metric_params_ of an estimator for rows of a width.
  bool read(const State& state, std::size_t width);

  // Of a row and those of the blocks from `first` to `last`; `floats`: differences are rounded to float, as
  // of rows that are float32.
  void reduced(const RowBlocks& rows, const double* x, std::size_t first, std::size_t last, double* out,
               bool floats) const;
  double reduced(const double* x, const double* y, std::size_t width) const;
  double distance_of(double reduced) const;
  double reduced_of(double distance) const;
  // The exponent of what is reduced; infinite for kChebyshev.
  double exponent() const;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_NEIGHBOR_METRIC_H_
