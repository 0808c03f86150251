// scikit-learn's trees as they stand in a pickle, checked.
#ifndef CPPICKLE_DOCUMENT_SKLEARN_TREE_H_
#define CPPICKLE_DOCUMENT_SKLEARN_TREE_H_

#include <cstdint>
#include <vector>

#include "cppickle/array_view.h"

namespace cppickle {

// What sklearn.tree._tree.Tree holds. Every vector of nodes has node_count() members.
struct SklearnTree {
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;  // the children of a leaf

  std::uint64_t features = 0;
  std::vector<std::uint64_t> classes;  // of each output; 1 for regression
  std::uint64_t most_classes = 0;      // the largest of them

  // Both children of a node are after it, or both are kNone; no node has two parents. The root is the first.
  std::vector<std::uint32_t> left, right;
  std::vector<std::uint32_t> feature;  // below `features`; 0 of leaves
  std::vector<double> threshold;       // a row goes left where x <= threshold; 0 of leaves
  std::vector<std::uint8_t> missing_left;  // empty before scikit-learn 1.3
  std::vector<std::int64_t> samples;   // n_node_samples
  // nodes x outputs x most_classes
  std::vector<double> values;

  std::size_t node_count() const { return left.size(); }
  std::size_t outputs() const { return classes.size(); }
  const double* values_of(std::size_t node, std::size_t output) const {
    return values.data() + (node * classes.size() + output) * most_classes;
  }
};

// kTypeMismatch if the value is no such tree, kCorrupt if its parts do not fit.
Result<SklearnTree> sklearn_tree(const Value& value);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_SKLEARN_TREE_H_
