#include "predict/feature_importances.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>

namespace cppickle::predict {
namespace {

// What importances need of a tree's nodes (sklearn.tree._tree.Node).
struct Node {
  std::int64_t left, right, feature;
  double impurity, weight;
};

template <class T>
T read_at(std::string_view bytes, std::uint64_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

// nodes: an array of structures. Empty after an error.
std::vector<Node> read_nodes(const State& tree) {
  std::vector<Node> nodes;
  const auto value = tree.get("nodes");
  if (!tree.check(value.has_value(), "a tree without nodes")) return nodes;
  const auto array = array_view(*value);
  constexpr std::string_view kNames[] = {"left_child", "right_child", "feature", "impurity", "weighted_n_node_samples"};
  std::uint64_t offsets[5];
  bool known = array && array->dtype.is_struct && !array->dtype.has_objects;
  for (std::size_t i = 0; i < 5 && known; ++i) {
    const DType::Field* found = nullptr;
    for (const DType::Field& field : array->dtype.fields) {
      if (field.name == kNames[i]) found = &field;
    }
    known = found != nullptr && found->type->kind == (i < 3 ? 'i' : 'f') && found->type->size == 8 && found->type->order == '<' &&
            found->offset + 8 <= array->dtype.size;
    if (known) offsets[i] = found->offset;
  }
  if (!known) return tree.unsupported("nodes of a tree in another form"), nodes;
  if (!tree.loader().spend(array->count * sizeof(Node), tree.place())) return nodes;
  for (std::uint64_t i = 0; i < array->count; ++i) {
    const std::string_view bytes = array->element(i);
    if (!tree.check(bytes.size() == array->dtype.size, "a tree without its nodes")) return {};
    nodes.push_back({read_at<std::int64_t>(bytes, offsets[0]), read_at<std::int64_t>(bytes, offsets[1]),
                     read_at<std::int64_t>(bytes, offsets[2]), read_at<double>(bytes, offsets[3]), read_at<double>(bytes, offsets[4])});
  }
  return nodes;
}

struct OfTree {
  std::vector<double> importances;
  bool is_leaf = false;
};

// Tree.compute_feature_importances.
OfTree of_tree(const State& estimator, std::size_t features, bool normalizes) {
  OfTree made;
  const State tree = estimator.child("tree_");
  if (!estimator.ok()) return made;
  const std::vector<Node> nodes = read_nodes(tree);
  if (!estimator.ok() || !tree.check(!nodes.empty(), "a tree without nodes")) return made;
  if (!tree.loader().spend(features * sizeof(double), tree.place())) return made;
  made.is_leaf = nodes.size() == 1;
  made.importances.assign(features, 0);
  const auto count = static_cast<std::int64_t>(nodes.size());
  for (const Node& node : nodes) {
    if (node.left == -1) continue;
    const bool fits = node.left >= 0 && node.left < count && node.right >= 0 && node.right < count && node.feature >= 0 &&
                      static_cast<std::size_t>(node.feature) < features;
    if (!tree.check(fits, "a node of a tree is out of range")) return {};
    const Node& left = nodes[static_cast<std::size_t>(node.left)];
    const Node& right = nodes[static_cast<std::size_t>(node.right)];
    made.importances[static_cast<std::size_t>(node.feature)] +=
        node.weight * node.impurity - left.weight * left.impurity - right.weight * right.impurity;
  }
  for (double& value : made.importances) value /= nodes[0].weight;
  if (!normalizes) return made;
  const double sum = pairwise_sum(made.importances.data(), features);
  if (sum > 0) {
    for (double& value : made.importances) value /= sum;
  }
  return made;
}

// The mean of trees that split at all, of sum 1.
std::vector<double> of_trees(const State& ensemble, std::size_t features, bool normalizes) {
  const std::vector<Value> trees = ensemble.items("estimators_");
  std::vector<double> total(features, 0);
  std::size_t used = 0;
  // Until 0.20 trees of one leaf counted as well, and the sum of forests was not made 1.
  const bool is_old = ensemble.version() < Version{0, 21};
  for (std::size_t i = 0; i < trees.size() && ensemble.ok(); ++i) {
    const OfTree tree = of_tree(ensemble.child(trees[i], fmt::format("estimators_[{}]", i)), features, normalizes);
    if (!ensemble.ok()) return {};
    if (tree.is_leaf && !is_old) continue;
    ++used;
    for (std::size_t c = 0; c < features; ++c) total[c] += tree.importances[c];
  }
  if (!ensemble.ok() || used == 0) return total;
  for (double& value : total) value /= static_cast<double>(used);
  if (is_old) return total;
  const double sum = pairwise_sum(total.data(), features);
  for (double& value : total) value /= sum;
  return total;
}

}  // namespace

double pairwise_sum(const double* values, std::size_t count) {
  if (count < 8) {
    double sum = count == 0 ? 0 : values[0];
    for (std::size_t i = 1; i < count; ++i) sum += values[i];
    return sum;
  }
  constexpr std::size_t kBlock = 128;
  if (count > kBlock) {
    std::size_t half = count / 2;
    half -= half % 8;
    return pairwise_sum(values, half) + pairwise_sum(values + half, count - half);
  }
  double sums[8];
  for (std::size_t i = 0; i < 8; ++i) sums[i] = values[i];
  std::size_t i = 8;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] += values[i + k];
  }
  double sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  for (; i < count; ++i) sum += values[i];
  return sum;
}

std::vector<double> feature_importances(const State& estimator) {
  const std::string_view name = estimator.class_name();
  const bool is_forest = name.starts_with("RandomForest") || name.starts_with("ExtraTrees");
  const bool is_tree = name.starts_with("DecisionTree") || (name.starts_with("ExtraTree") && !is_forest);
  const bool is_boosted = name.starts_with("GradientBoosting") && estimator.version() >= Version{0, 21};
  if (!is_forest && !is_tree && !is_boosted) {
    estimator.unsupported(fmt::format("feature_importances_ of {} are not known here", name));
    return {};
  }
  const std::int64_t features = estimator.given("n_features_in_") ? estimator.integer("n_features_in_") : estimator.integer("n_features_");
  const bool fits = features >= 1 && features <= std::numeric_limits<std::int32_t>::max();
  if (!estimator.ok() || !estimator.check(fits, "the number of features is out of range")) return {};
  if (!estimator.loader().spend(static_cast<std::uint64_t>(features) * 8, estimator.place())) return {};
  const auto width = static_cast<std::size_t>(features);
  return is_tree ? of_tree(estimator, width, true).importances : of_trees(estimator, width, is_forest);
}

}  // namespace cppickle::predict
