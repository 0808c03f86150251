#include "predict/tree_state.h"

#include <algorithm>
#include <array>

namespace cppickle::predict {

std::optional<SklearnTree> read_tree(const State& state) {
  if (!state.ok()) return {};
  const auto value = state.get("tree_");
  if (!state.check(value.has_value(), "a tree without tree_; was it fitted?")) return {};
  auto tree = sklearn_tree(*value);
  if (!tree) {
    state.fail(tree.error().code, tree.error().message, "tree_");
    return {};
  }
  // A list may name one tree again and again.
  const std::size_t bytes = tree->node_count() * 32 + tree->values.size() * sizeof(double);
  if (!state.loader().spend(bytes, state.place())) return {};
  return *std::move(tree);
}

bool add_to(Forest& forest, const SklearnTree& tree, const State& state, std::span<const std::int64_t> columns) {
  std::vector<Forest::Split> nodes(tree.node_count());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (tree.left[i] == SklearnTree::kNone) continue;
    std::uint32_t feature = tree.feature[i];
    if (!columns.empty()) {
      const bool fits = feature < columns.size() && columns[feature] >= 0 && columns[feature] < Forest::kMostFeatures;
      if (!state.check(fits, "the features of a tree are out of range")) return false;
      feature = static_cast<std::uint32_t>(columns[feature]);
    }
    const bool missing_left = !tree.missing_left.empty() && tree.missing_left[i] != 0;
    nodes[i] = {tree.threshold[i], tree.left[i], tree.right[i], feature,
                missing_left ? std::uint8_t{Forest::kMissingLeft} : std::uint8_t{0}};
  }
  return state.check(forest.add_tree(nodes), "the nodes of a tree do not fit");
}

bool allows_nan(const State& state) {
  const Version version = state.version();
  if (version < Version{1, 3}) return false;
  const std::string_view name = state.class_name();
  const bool is_extra = name.starts_with("ExtraTree"), is_classifier = name.ends_with("Classifier");
  const std::string splitter = state.text_or("splitter", is_extra ? "random" : "best");
  if (version >= Version{1, 9}) return !is_extra || splitter == "random";
  if (version >= Version{1, 4} && state.given("monotonic_cst")) return false;
  const std::string criterion = state.text_or("criterion", "");
  static constexpr std::array<std::string_view, 3> kOfClasses = {"gini", "log_loss", "entropy"};
  static constexpr std::array<std::string_view, 3> kOfNumbers = {"squared_error", "friedman_mse", "poisson"};
  const auto& criteria = is_classifier ? kOfClasses : kOfNumbers;
  if (std::ranges::find(criteria, criterion) == criteria.end()) return false;
  if (version < Version{1, 6}) return splitter == "best";
  // ExtraTreeRegressor.__sklearn_tags__ of 1.6 forgets to assign what it computes: DecisionTreeRegressor's stays.
  if (is_extra && (is_classifier || version >= Version{1, 7})) return splitter == "random";
  return splitter == "best" || splitter == "random";
}

}  // namespace cppickle::predict
