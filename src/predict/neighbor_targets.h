// What the training rows of a neighbours estimator were labelled with.
#ifndef CPPICKLE_PREDICT_NEIGHBOR_TARGETS_H_
#define CPPICKLE_PREDICT_NEIGHBOR_TARGETS_H_

#include <vector>

#include "predict/neighbor_search.h"

namespace cppickle::predict {

struct NeighborTargets {
  Matrix values;  // (rows, outputs); of classifiers positions of classes
  bool is_vector = false;
  bool weighted = false;  // by distance

  bool read(const State& state, const NeighborSearch& search);
  // One for each output; every value is checked to be one of its classes.
  bool read_classes(const State& state, std::vector<Labels>& classes) const;
  std::size_t class_of(std::size_t row, std::size_t output) const {
    return static_cast<std::size_t>(values.row(row)[output]);
  }
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_NEIGHBOR_TARGETS_H_
