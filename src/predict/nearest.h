// The nearest rows of the training data: every one is looked at, in blocks that stay in the cache.
#ifndef CPPICKLE_PREDICT_NEAREST_H_
#define CPPICKLE_PREDICT_NEAREST_H_

#include <cstdint>
#include <vector>

#include "predict/state.h"
#include "predict/workspace.h"

namespace cppickle::predict {

struct Neighbour {
  double distance;  // while it is searched, before roots are taken
  std::uint32_t index;
  bool operator<(const Neighbour& other) const {
    return distance != other.distance ? distance < other.distance : index < other.index;
  }
};

enum class Metric : std::uint8_t { kEuclidean, kManhattan, kChebyshev, kMinkowski };

class Nearest {
 public:
  // _fit_X, effective_metric_ and effective_metric_params_. False with an error of the state's loader.
  bool read(const State& state);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  // For each row of x the `count` nearest, nearest first, of equal ones the first in the training data; count <= rows().
  Neighbour* search(const Batch& x, std::size_t count, Workspace& memory) const;

 private:
  void distances(const double* row, std::size_t first, std::size_t count, double* out) const;

  Metric metric_ = Metric::kEuclidean;
  double p_ = 2;
  std::size_t rows_ = 0, columns_ = 0;
  std::vector<double> by_column_;  // the training data, column after column
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_NEAREST_H_
