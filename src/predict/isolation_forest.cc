// IsolationForest: how few splits a row takes to be alone.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "predict/registry.h"
#include "predict/tree_state.h"

namespace cppickle::predict {
namespace {

// _average_path_length: of a search that fails among so many samples.
double average_path_length(double samples, Version version) {
  if (version < Version{0, 21}) {
    if (samples <= 1) return 1;
    // Until 0.18 it was the logarithm of another number, and Euler's constant had ten digits.
    const double log = version < Version{0, 19} ? std::log(samples) + 0.5772156649
                                                : std::log(samples - 1) + std::numbers::egamma;
    return 2 * log - 2 * (samples - 1) / samples;
  }
  if (samples <= 1) return 0;
  if (samples == 2) return 1;
  return 2 * (std::log(samples - 1) + std::numbers::egamma) - 2 * (samples - 1) / samples;
}

class IsolationForest final : public Estimator {
 public:
  struct Parts {
    Forest forest;
    std::vector<double> lengths;   // of leaves
    double length_of_samples = 0;  // _average_path_length of max_samples_
    double offset = 0;
    double threshold = 0;          // decisions below it are outliers
    bool at_threshold = false;     // and those that are equal to it
    bool has_scores = true;        // score_samples() came with 0.20
    Version version;
  };

  IsolationForest(Parts parts, std::size_t features) : parts_(std::move(parts)) { facts().features_in = features; }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kDecisionFunction ||
           (method == Method::kScoreSamples && parts_.has_scores);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    // Since 1.6 whatever is no finite number is let through.
    const bool lets_through = parts_.version >= Version{1, 6};
    const Accept accept{.special = lets_through ? Accept::Special::kAll : Accept::Special::kRefuse, .float32 = true};
    const auto x = numbers(rows, memory, accept);
    if (!x) return std::unexpected(x.error());
    Forest::Rows for_trees = forest_rows(*x);
    if (lets_through && rows.form == Batch::Form::kSparse) for_trees.values = without_nan(*x, memory);
    double* const out = memory.numbers(x->rows);
    std::fill_n(out, x->rows, 0.0);
    parts_.forest.add_columns(for_trees, parts_.forest.all(), parts_.lengths.data(), 1, out);
    for (std::size_t i = 0; i < x->rows; ++i) {
      out[i] = score(out[i]);
      if (method == Method::kScoreSamples) continue;
      out[i] -= parts_.offset;
      if (method == Method::kDecisionFunction) continue;
      const bool is_outlier = out[i] < parts_.threshold || (parts_.at_threshold && out[i] == parts_.threshold);
      out[i] = is_outlier ? -1 : 1;
    }
    return Batch::vector(out, x->rows, method == Method::kPredict ? ElementType::kInt64 : ElementType::kFloat64);
  }

 private:
  // In sparse rows a tree takes NaN for no missing value: it is not below any threshold (Tree._apply_sparse_csr).
  static const double* without_nan(const Batch& x, Workspace& memory) {
    double* const out = memory.numbers(x.rows * x.columns);
    std::replace_copy_if(x.values, x.values + x.rows * x.columns, out, [](double v) { return std::isnan(v); }, HUGE_VAL);
    return out;
  }

  // As the versions order their divisions: the offset is one of these scores, and outliers are those just below it.
  double score(double depths) const {
    const auto trees = static_cast<double>(parts_.forest.trees());
    if (parts_.version < Version{0, 21}) return -std::pow(2.0, -(depths / trees) / parts_.length_of_samples);
    const double most = trees * parts_.length_of_samples;
    if (parts_.version < Version{1, 0}) return -std::pow(2.0, -depths / most);
    return -std::pow(2.0, -(most != 0 ? depths / most : 1.0));
  }

  Parts parts_;
};

// Which columns a tree was fitted on; none where all trees see the rows as they are.
std::vector<std::vector<std::int64_t>> read_columns(const State& state, std::size_t features, std::size_t trees) {
  std::vector<std::vector<std::int64_t>> columns(trees);
  if (!state.has("_max_features") || state.version() < Version{0, 19}) return columns;
  const std::int64_t most = state.integer("_max_features");
  if (!state.ok() || most == static_cast<std::int64_t>(features)) return columns;
  const std::vector<Value> lists = state.items("estimators_features_");
  const bool alike = lists.size() == trees;
  if (!state.ok() || !state.check(alike, "estimators_features_ does not fit estimators_")) return columns;
  for (std::size_t i = 0; i < trees && state.ok(); ++i) {
    for (const double column : state.array_of(lists[i], "estimators_features_").values) {
      const bool fits = column >= 0 && column < static_cast<double>(features);
      if (!state.check(fits, "estimators_features_ is out of range")) return columns;
      columns[i].push_back(static_cast<std::int64_t>(column));
    }
    if (state.ok()) state.check(!columns[i].empty(), "a tree without features");
  }
  return columns;
}

bool read_trees(IsolationForest::Parts& parts, const State& state, std::size_t& features) {
  const std::vector<Value> trees = state.items("estimators_");
  if (!state.ok() || !state.check(!trees.empty(), "a forest without trees")) return false;
  const std::int64_t width = state.integer_or("n_features_in_", state.integer_or("n_features_", -1));
  if (!state.ok() || !state.check(width > 0, "the number of features is missing")) return false;
  features = static_cast<std::size_t>(width);
  const auto columns = read_columns(state, features, trees.size());
  if (!state.ok()) return false;
  for (std::size_t i = 0; i < trees.size(); ++i) {
    const State of_tree = state.child(trees[i], fmt::format("estimators_[{}]", i));
    if (!state.ok()) return false;
    const auto tree = read_tree(of_tree);
    if (!tree) return false;
    const std::size_t wanted = columns[i].empty() ? features : columns[i].size();
    if (!of_tree.check(tree->features == wanted, "a tree of another number of features")) return false;
    const std::size_t first = parts.forest.leaves();
    if (!add_to(parts.forest, *tree, of_tree, columns[i])) return false;
    for (std::size_t leaf = first; leaf < parts.forest.leaves(); ++leaf) {
      const auto samples = static_cast<double>(tree->samples[parts.forest.node_of_leaf(leaf)]);
      const double depth = parts.forest.depth_of_leaf(leaf), rest = average_path_length(samples, parts.version);
      parts.lengths.push_back(parts.version < Version{0, 21} ? depth + rest : depth + 1 + rest - 1);
    }
  }
  return true;
}

std::shared_ptr<Estimator> load(State& state) {
  IsolationForest::Parts parts;
  parts.version = state.version();
  std::size_t features = 0;
  if (!read_trees(parts, state, features)) return nullptr;
  const bool has_private = parts.version >= Version{1, 3} && state.has("_max_samples");
  const char* const samples = has_private ? "_max_samples" : "max_samples_";
  parts.length_of_samples = average_path_length(static_cast<double>(state.integer(samples)), parts.version);
  if (parts.version < Version{0, 20}) {
    parts.offset = -0.5;
    parts.threshold = state.number("threshold_");
    parts.at_threshold = true;
    parts.has_scores = false;
  } else {
    parts.offset = state.number("offset_");
    const bool is_old = parts.version < Version{0, 22} && state.text_or("behaviour", "old") == "old";
    if (is_old) parts.threshold = state.number("_threshold_");
  }
  return state.ok() ? std::make_shared<IsolationForest>(std::move(parts), features) : nullptr;
}

}  // namespace

std::span<const Registered> isolation_forest_family() {
  static constexpr Registered kRows[] = {{"ensemble", "IsolationForest", load}};
  return kRows;
}

}  // namespace cppickle::predict
