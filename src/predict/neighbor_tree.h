// A KDTree or BallTree of scikit-learn as it stands in the pickle, asked as scikit-learn asks it: the same
// nodes in the same order, so that of equally near neighbours the same ones are found.
#ifndef CPPICKLE_PREDICT_NEIGHBOR_TREE_H_
#define CPPICKLE_PREDICT_NEIGHBOR_TREE_H_

#include <vector>

#include "predict/neighbor_metric.h"
#include "predict/neighbor_order.h"

namespace cppickle::predict {

class NeighborTree {
 public:
  // Of the training data. False where the tree is of a form that is not known: then nothing but its order is
  // lost.
  bool read(const Value& value, const Matrix& data, const NeighborMetric& metric, const State& state);

  // Reduced distances into a heap; room is for room() numbers.
  void nearest(const double* x, NearestHeap& heap, double* room) const;
  std::size_t room() const { return largest_leaf_; }

 private:
  struct Node {
    std::uint32_t first_block = 0, count = 0;  // of a leaf
    bool is_leaf = true;
  };
  bool read_nodes(const State& state, const Value& nodes, const std::vector<double>& order,
                  const Matrix& data);
  // Of what lies in a node: no smaller distance is in it.
  double least(const double* x, std::size_t node) const;

  NeighborMetric metric_;
  bool is_ball_ = false;
  double exponent_ = 2;
  std::size_t width_ = 0;
  std::size_t largest_leaf_ = 0;
  std::vector<Node> nodes_;
  std::vector<double> radii_;
  std::vector<double> bounds_;  // for each node its lower and then its upper bounds; of a ball its centre
  std::vector<std::uint32_t> order_;  // of the data, leaf after leaf, each filled up to whole blocks
  RowBlocks rows_;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_NEIGHBOR_TREE_H_
