// The training rows of a neighbours estimator, and which of them are nearest.
#ifndef CPPICKLE_PREDICT_NEIGHBOR_SEARCH_H_
#define CPPICKLE_PREDICT_NEIGHBOR_SEARCH_H_

#include <optional>

#include "predict/neighbor_tree.h"
#include "predict/squared_norms.h"
#include "predict/workspace.h"

namespace cppickle::predict {

class NeighborSearch {
 public:
  bool read(const State& state);

  std::size_t count() const { return rows_.count(); }
  std::size_t width() const { return rows_.width(); }
  bool is_brute() const { return is_brute_; }
  const std::string& method() const { return method_; }

  // The k nearest of each row, the nearest first: rows * k distances and positions. k is 1 to count(). The
  // type of x is that of the rows as they came in.
  void nearest(const Batch& x, bool rows_are_sparse, std::size_t k, double* distances, std::uint32_t* indices,
               Workspace& memory) const;
  // The distances of one row to all, in their order; out has padded() places. With the radius that they are
  // compared with: both are reduced, or neither is.
  double all_distances(const Batch& x, std::size_t row, bool rows_are_sparse, double radius, double* out,
                       Workspace& memory) const;
  double distance_of(double value, bool rows_are_sparse, ElementType type) const {
    return way_of(type, rows_are_sparse).keeps_reduced ? metric_.distance_of(value) : value;
  }
  std::size_t padded() const { return rows_.padded(); }
  const NeighborMetric& metric() const { return metric_; }

 private:
  // How a brute search goes for rows of a type.
  struct Way {
    bool partitions = false;  // numpy's argpartition: until 1.0, and since then what ArgKmin does not know
    bool floats = false;      // in float32
    bool expands = false;     // |x|^2 - 2 x y + |y|^2
    bool fused = true;
    bool keeps_reduced = true;
    SquaredNorm norm = SquaredNorm::kBlas;
    const std::vector<double>* norms = nullptr;
  };
  Way way_of(ElementType type, bool rows_are_sparse) const;
  void nearest_brute(const Batch& x, const Way& way, std::size_t k, double* distances, std::uint32_t* indices,
                     Workspace& memory) const;
  void nearest_by_partition(const Batch& x, const Way& way, std::size_t k, double* distances,
                            std::uint32_t* indices, Workspace& memory) const;
  void choose(const double* all, std::size_t k, double* distances, std::uint32_t* indices,
              std::uint32_t* chosen) const;
  // Of `rows` rows to the blocks from `first` to `last`.
  void reduced(const double* x, const double* norms, std::size_t rows, const Way& way, std::size_t first,
               std::size_t last, double* out, std::size_t stride) const;
  const double* prepared(const Batch& x, Workspace& memory) const;

  std::string method_;
  bool is_brute_ = true;
  bool is_sparse_ = false;
  ElementType type_ = ElementType::kFloat64;  // of the training rows
  bool introsort_ = true;
  Version version_;
  NeighborMetric metric_;
  RowBlocks rows_;
  std::vector<double> norms_, partition_norms_;  // of the training rows: ArgKmin's, euclidean_distances()'s
  std::optional<NeighborTree> tree_;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_NEIGHBOR_SEARCH_H_
