// Decision trees and averages of them: random forests, extra trees.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "predict/registry.h"
#include "predict/tree_state.h"

namespace cppickle::predict {
namespace {

// One tree, or the mean of several.
struct Grove {
  Forest forest;
  std::size_t outputs = 1;
  std::size_t features = 0;
  bool is_ensemble = false;
  bool allows_nan = false;
  bool is_regression = false;
  // Of classifiers: columns of each output, and whether leaves hold counts of classes, as they did until 1.3.
  std::vector<std::size_t> classes;
  bool holds_counts = false;

  std::size_t width = 0;              // numbers of a leaf: all outputs, all classes of each
  std::vector<double> values;         // leaves x width: means, or fractions of classes
  std::vector<double> leaf_labels;    // leaves x outputs, of a single classifier: the position of its class

  // Sums of the trees' values; of a single tree its values.
  void sum(const Batch& x, double* out) const {
    std::fill_n(out, x.rows * width, 0.0);
    forest.add_rows(forest_rows(x), forest.all(), values.data(), width, out);
    if (!is_ensemble) return;
    const auto count = static_cast<double>(forest.trees());
    for (std::size_t i = 0; i < x.rows * width; ++i) out[i] /= count;
  }
};

// DecisionTreeClassifier.predict and predict_proba of one output of one leaf.
void add_fractions(Grove& grove, const double* counts, std::size_t classes) {
  grove.leaf_labels.push_back(static_cast<double>(first_largest(counts, classes)));
  double total = 0;
  for (std::size_t c = 0; c < classes; ++c) total += counts[c];
  if (!grove.holds_counts || total == 0) total = 1;
  for (std::size_t c = 0; c < classes; ++c) grove.values.push_back(counts[c] / total);
}

bool add_tree(Grove& grove, const State& state) {
  const auto tree = read_tree(state);
  if (!tree) return false;
  const std::size_t first = grove.forest.leaves();
  const bool is_first = first == 0;
  if (is_first) grove.features = tree->features;
  bool fits = tree->features == grove.features && tree->outputs() == grove.outputs;
  for (std::size_t k = 0; fits && k < grove.outputs; ++k) {
    fits = grove.is_regression ? tree->most_classes == 1 : tree->classes[k] == grove.classes[k];
  }
  if (!state.check(fits, "a tree that does not fit the features, outputs or classes of the model")) return false;
  if (!add_to(grove.forest, *tree, state)) return false;
  for (std::size_t leaf = first; leaf < grove.forest.leaves(); ++leaf) {
    const std::uint32_t node = grove.forest.node_of_leaf(leaf);
    for (std::size_t k = 0; k < grove.outputs; ++k) {
      const double* const from = tree->values_of(node, k);
      if (grove.is_regression) {
        grove.values.push_back(*from);
      } else {
        add_fractions(grove, from, grove.classes[k]);
      }
    }
  }
  return true;
}

bool read_trees(Grove& grove, const State& state) {
  grove.holds_counts = state.version() < Version{1, 4};
  if (!grove.is_ensemble) {
    grove.allows_nan = allows_nan(state);
    return add_tree(grove, state);
  }
  const std::vector<Value> trees = state.items("estimators_");
  if (!state.ok() || !state.check(!trees.empty(), "a forest without trees")) return false;
  for (std::size_t i = 0; i < trees.size(); ++i) {
    const State tree = state.child(trees[i], fmt::format("estimators_[{}]", i));
    if (!state.ok() || !add_tree(grove, tree)) return false;
    // BaseForest._validate_X_predict asks the first tree, since 1.4.
    if (i == 0) grove.allows_nan = tree.version() >= Version{1, 4} && allows_nan(tree);
  }
  grove.leaf_labels.clear();
  return true;
}

Result<Batch> apply(const Grove& grove, const Batch& x, Workspace& memory) {
  const std::size_t trees = grove.forest.trees(), count = x.rows * trees;
  auto* const leaves = memory.make<std::uint32_t>(count);
  grove.forest.find_leaves(forest_rows(x), grove.forest.all(), leaves);
  double* const out = memory.numbers(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = grove.forest.node_of_leaf(leaves[i]);
  Batch answer = Batch::dense(out, x.rows, trees, ElementType::kInt64);
  answer.is_vector = !grove.is_ensemble;
  return answer;
}

class TreesRegressor final : public Estimator {
 public:
  explicit TreesRegressor(Grove grove) : grove_(std::move(grove)) { facts().features_in = grove_.features; }

  bool has(Method method) const override { return method == Method::kPredict || method == Method::kApply; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, rows_of_trees(rows, grove_.allows_nan));
    if (!x) return std::unexpected(x.error());
    if (method == Method::kApply) return apply(grove_, *x, memory);
    double* const out = memory.numbers(x->rows * grove_.width);
    grove_.sum(*x, out);
    Batch answer = Batch::dense(out, x->rows, grove_.width);
    answer.is_vector = grove_.width == 1;
    return answer;
  }

 private:
  Grove grove_;
};

class TreesClassifier final : public Estimator {
 public:
  TreesClassifier(Grove grove, std::vector<Labels> classes, bool labels_are_numbers)
      : grove_(std::move(grove)), labels_are_numbers_(labels_are_numbers) {
    facts().features_in = grove_.features;
    facts().classes = std::move(classes);
  }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kPredictProba || method == Method::kPredictLogProba ||
           method == Method::kApply;
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, rows_of_trees(rows, grove_.allows_nan));
    if (!x) return std::unexpected(x.error());
    if (method == Method::kApply) return apply(grove_, *x, memory);
    if (method == Method::kPredict) return predict(*x, memory);
    const std::size_t count = x->rows * grove_.width;
    double* const out = memory.numbers(count);
    grove_.sum(*x, out);
    if (method == Method::kPredictLogProba) {
      for (std::size_t i = 0; i < count; ++i) out[i] = std::log(out[i]);
    }
    Batch answer = Batch::dense(out, x->rows, grove_.width);
    if (grove_.outputs > 1) answer.parts = grove_.classes;
    return answer;
  }

 private:
  Batch predict(const Batch& x, Workspace& memory) const {
    const std::size_t outputs = grove_.outputs;
    double* const out = memory.numbers(x.rows * outputs);
    if (grove_.is_ensemble) {
      double* const sums = memory.numbers(x.rows * grove_.width);
      grove_.sum(x, sums);
      const double* of_output = sums;
      for (std::size_t i = 0; i < x.rows * outputs; ++i) {
        const std::size_t classes = grove_.classes[i % outputs];
        out[i] = static_cast<double>(first_largest(of_output, classes));
        of_output += classes;
      }
    } else {
      std::fill_n(out, x.rows * outputs, 0.0);
      grove_.forest.add_rows(forest_rows(x), grove_.forest.all(), grove_.leaf_labels.data(), outputs, out);
    }
    return labelled(out, x.rows);
  }

  Batch labelled(double* positions, std::size_t rows) const {
    const std::vector<Labels>& classes = facts().classes;
    Batch answer = Batch::dense(positions, rows, grove_.outputs, classes[0].type);
    answer.is_vector = grove_.outputs == 1;
    if (!labels_are_numbers_) {
      answer.labels = classes;
      return answer;
    }
    for (std::size_t i = 0; i < rows * grove_.outputs; ++i) {
      const Cell& label = classes[i % grove_.outputs].values[static_cast<std::size_t>(positions[i])];
      positions[i] = label.kind == Cell::Kind::kReal ? label.real : static_cast<double>(label.integer);
    }
    answer.type = ElementType::kFloat64;
    return answer;
  }

  Grove grove_;
  bool labels_are_numbers_;
};

// One-hot columns for the leaves.
class TreesEmbedding final : public Estimator {
 public:
  // Leaf numbers to columns.
  TreesEmbedding(Grove grove, std::vector<std::int32_t> columns, std::size_t width, bool is_sparse)
      : grove_(std::move(grove)), columns_(std::move(columns)), width_(width), is_sparse_(is_sparse) {
    facts().features_in = grove_.features;
  }

  bool has(Method method) const override { return method == Method::kTransform || method == Method::kApply; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, rows_of_trees(rows, grove_.allows_nan));
    if (!x) return std::unexpected(x.error());
    if (method == Method::kApply) return apply(grove_, *x, memory);
    const std::size_t trees = grove_.forest.trees(), count = x->rows * trees;
    auto* const leaves = memory.make<std::uint32_t>(count);
    grove_.forest.find_leaves(forest_rows(*x), grove_.forest.all(), leaves);
    if (!is_sparse_) {
      double* const out = memory.numbers(x->rows * width_);
      std::fill_n(out, x->rows * width_, 0.0);
      for (std::size_t i = 0; i < count; ++i) {
        out[i / trees * width_ + static_cast<std::size_t>(columns_[leaves[i]])] = 1;
      }
      return Batch::dense(out, x->rows, width_);
    }
    double* const ones = memory.numbers(count);
    auto* const indices = memory.make<std::int32_t>(count);
    auto* const starts = memory.make<std::int64_t>(x->rows + 1);
    std::fill_n(ones, count, 1.0);
    for (std::size_t i = 0; i < count; ++i) indices[i] = columns_[leaves[i]];
    for (std::size_t r = 0; r <= x->rows; ++r) starts[r] = static_cast<std::int64_t>(r * trees);
    return Batch::sparse(ones, starts, indices, x->rows, width_);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    std::vector<std::string> names(width_);
    for (std::size_t tree = 0; tree < grove_.forest.trees(); ++tree) {
      for (std::size_t leaf = grove_.forest.first_leaf(tree); leaf < grove_.forest.first_leaf(tree + 1); ++leaf) {
        names[static_cast<std::size_t>(columns_[leaf])] =
            fmt::format("randomtreesembedding_{}_{}", tree, grove_.forest.node_of_leaf(leaf));
      }
    }
    return names;
  }

 private:
  Grove grove_;
  std::vector<std::int32_t> columns_;
  std::size_t width_;
  bool is_sparse_;
};

std::shared_ptr<Estimator> load_regressor(State& state, bool is_ensemble) {
  Grove grove;
  grove.is_ensemble = is_ensemble;
  grove.is_regression = true;
  const std::int64_t outputs = state.integer_or("n_outputs_", 1);
  if (!state.ok() || !state.check(outputs > 0, "n_outputs_ is no size")) return nullptr;
  grove.outputs = grove.width = static_cast<std::size_t>(outputs);
  return read_trees(grove, state) ? std::make_shared<TreesRegressor>(std::move(grove)) : nullptr;
}

// classes_ is an array, or a list of one for each output.
std::vector<Labels> read_classes(const State& state, std::size_t outputs) {
  std::vector<Labels> all;
  if (outputs == 1) {
    all.push_back(state.labels("classes_"));
  } else {
    const std::vector<Value> lists = state.items("classes_");
    if (state.ok()) state.check(lists.size() == outputs, "classes_ and n_outputs_ do not fit");
    for (const Value& list : lists) {
      if (!state.ok()) break;
      Cells cells = state.cells_of(list, "classes_");
      if (state.ok()) state.check(cells.shape.size() == 1, "classes_ of an output has more than one dimension");
      all.push_back({std::move(cells.dtype), cells.type, std::move(cells.values), std::move(cells.owner)});
    }
  }
  for (const Labels& labels : all) {
    if (state.ok()) state.check(!labels.values.empty(), "an output without classes");
  }
  return all;
}

std::shared_ptr<Estimator> load_classifier(State& state, bool is_ensemble) {
  Grove grove;
  grove.is_ensemble = is_ensemble;
  const std::int64_t outputs = state.integer_or("n_outputs_", 1);
  if (!state.ok() || !state.check(outputs > 0, "n_outputs_ is no size")) return nullptr;
  grove.outputs = static_cast<std::size_t>(outputs);
  std::vector<Labels> classes = read_classes(state, grove.outputs);
  if (!state.ok()) return nullptr;
  for (const Labels& labels : classes) {
    grove.classes.push_back(labels.values.size());
    grove.width += labels.values.size();
  }
  // Until 0.20 several outputs came as float64; texts could not.
  const bool are_numbers = grove.outputs > 1 && state.version() < Version{0, 21} &&
                           std::ranges::all_of(classes, [](const Labels& labels) { return is_number(labels.type); });
  if (!read_trees(grove, state)) return nullptr;
  return std::make_shared<TreesClassifier>(std::move(grove), std::move(classes), are_numbers);
}

// Columns of OneHotEncoder: position of each leaf's node in categories_; until 0.19 among active_features_.
std::vector<std::int32_t> read_columns(const State& encoder, const Forest& forest, std::size_t& width) {
  std::vector<std::int32_t> columns;
  const bool has_categories = encoder.has("categories_");
  const std::vector<Value> lists = has_categories ? encoder.items("categories_") : std::vector<Value>();
  std::vector<std::int64_t> active, starts;
  if (!has_categories) {
    active = encoder.integers("active_features_");
    starts = encoder.integers("feature_indices_");
  }
  if (!encoder.ok()) return columns;
  const bool fits = has_categories ? lists.size() == forest.trees() : starts.size() > forest.trees();
  if (!encoder.check(fits && !encoder.given("drop"), "the encoder does not fit the trees")) return columns;
  width = has_categories ? 0 : active.size();
  std::vector<double> nodes;
  for (std::size_t tree = 0; tree < forest.trees(); ++tree) {
    if (has_categories) nodes = encoder.array_of(lists[tree], "categories_").values;
    for (std::size_t leaf = forest.first_leaf(tree); encoder.ok() && leaf < forest.first_leaf(tree + 1); ++leaf) {
      const std::uint32_t node = forest.node_of_leaf(leaf);
      std::size_t column = 0;
      bool found = false;
      if (has_categories) {
        const auto at = std::ranges::lower_bound(nodes, static_cast<double>(node));
        found = at != nodes.end() && *at == node;
        column = width + static_cast<std::size_t>(at - nodes.begin());
      } else {
        const bool in_range = starts[tree] >= 0 && starts[tree] < std::int64_t{1} << 52;
        const auto at = std::ranges::lower_bound(active, in_range ? starts[tree] + node : -1);
        found = at != active.end() && in_range && *at == starts[tree] + node;
        column = static_cast<std::size_t>(at - active.begin());
      }
      if (!encoder.check(found && column < 0x7FFF'FFFF, "the encoder does not know a leaf")) return columns;
      columns.push_back(static_cast<std::int32_t>(column));
    }
    width += nodes.size();
  }
  encoder.check(width < 0x7FFF'FFFF, "too many leaves");
  return columns;
}

std::shared_ptr<Estimator> load_embedding(State& state) {
  Grove grove;
  grove.is_ensemble = grove.is_regression = true;
  grove.width = 1;
  if (!read_trees(grove, state)) return nullptr;
  const State encoder = state.child("one_hot_encoder_");
  if (!state.ok()) return nullptr;
  const bool is_sparse = encoder.flag_or(encoder.has("sparse_output") ? "sparse_output" : "sparse", true);
  std::size_t width = 0;
  std::vector<std::int32_t> columns = read_columns(encoder, grove.forest, width);
  if (!state.ok()) return nullptr;
  return std::make_shared<TreesEmbedding>(std::move(grove), std::move(columns), width, is_sparse);
}

std::shared_ptr<Estimator> load_tree_regressor(State& state) { return load_regressor(state, false); }
std::shared_ptr<Estimator> load_forest_regressor(State& state) { return load_regressor(state, true); }
std::shared_ptr<Estimator> load_tree_classifier(State& state) { return load_classifier(state, false); }
std::shared_ptr<Estimator> load_forest_classifier(State& state) { return load_classifier(state, true); }

}  // namespace

std::span<const Registered> tree_family() {
  static constexpr Registered kRows[] = {
      {"tree", "DecisionTreeClassifier", load_tree_classifier},
      {"tree", "DecisionTreeRegressor", load_tree_regressor},
      {"tree", "ExtraTreeClassifier", load_tree_classifier},
      {"tree", "ExtraTreeRegressor", load_tree_regressor},
      {"ensemble", "RandomForestClassifier", load_forest_classifier},
      {"ensemble", "RandomForestRegressor", load_forest_regressor},
      {"ensemble", "ExtraTreesClassifier", load_forest_classifier},
      {"ensemble", "ExtraTreesRegressor", load_forest_regressor},
      {"ensemble", "RandomTreesEmbedding", load_embedding},
  };
  return kRows;
}

}  // namespace cppickle::predict
