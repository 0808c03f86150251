// LightGBM's booster: src/boosting/gbdt_prediction.cpp, include/LightGBM/tree.h and src/objective of 2.3 to 4.x; its
// data frames: _data_from_pandas in python-package/lightgbm/basic.py.
#include "predict/lightgbm_booster.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/quote.h"
#include "predict/product.h"

namespace cppickle::predict {
namespace {

using Missing = LightgbmNode::Missing;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// "binary sigmoid:1": the number after a word of the objective.
double option(std::string_view objective, std::string_view name, double fallback) {
  const std::size_t at = objective.find(name);
  if (at == std::string_view::npos) return fallback;
  double value = fallback;
  std::from_chars(objective.data() + at + name.size(), objective.data() + objective.size(), value);
  return value;
}

}  // namespace

LightgbmBooster::LightgbmBooster(const State& state, LightgbmModel model, std::size_t iterations)
    : model_(std::move(model)) {
  if (!read_objective(state)) return;
  const std::size_t all = model_.trees.size() / model_.columns;
  used_trees_ = (iterations == 0 ? all : std::min(iterations, all)) * model_.columns;
  for (const LightgbmTree& tree : model_.trees) {
    if (!add_tree(state, tree)) return;
  }
  model_.trees.clear();
  if (std::ranges::none_of(is_linear_, [](bool is) { return is; })) {
    linear_.clear();
    is_linear_.clear();
  }
}

bool LightgbmBooster::read_objective(const State& state) {
  const std::string_view text = model_.objective;
  const std::string_view name = text.substr(0, text.find(' '));
  sigmoid_ = option(text, "sigmoid:", 1);
  static constexpr std::string_view kIdentities[] = {"", "none", "null", "custom", "lambdarank", "rank_xendcg"};
  static constexpr std::string_view kRegressions[] = {"regression", "regression_l1", "huber",
                                                      "fair",       "quantile",      "mape"};
  if (name == "binary" || name == "multiclassova" || name == "cross_entropy" || name == "xentropy") {
    link_ = Link::kSigmoid;
  } else if (name == "multiclass") {
    link_ = Link::kSoftmax;
  } else if (name == "poisson" || name == "gamma" || name == "tweedie") {
    link_ = Link::kExp;
  } else if (name == "cross_entropy_lambda" || name == "xentlambda") {
    link_ = Link::kLog1pExp;
  } else if (std::ranges::find(kRegressions, name) != std::end(kRegressions)) {
    link_ = (std::string(text) + " ").contains(" sqrt ") ? Link::kSquare : Link::kIdentity;
  } else if (std::ranges::find(kIdentities, name) == std::end(kIdentities)) {
    return state.unsupported(fmt::format("objective {} is not supported", quote(name)));
  }
  return true;
}

bool LightgbmBooster::add_tree(const State& state, const LightgbmTree& tree) {
  const std::size_t nodes = tree.nodes.size();
  std::vector<Forest::Split> splits(nodes + tree.leaves.size());
  const auto place = [&](std::int32_t child) {
    const std::size_t at = child < 0 ? nodes + static_cast<std::size_t>(~child) : static_cast<std::size_t>(child);
    return static_cast<std::uint32_t>(at);
  };
  for (std::size_t i = 0; i < nodes; ++i) {
    const LightgbmNode& node = tree.nodes[i];
    Forest::Split& split = splits[i];
    split.left = place(node.left);
    split.right = place(node.right);
    split.feature = node.feature;
    if (node.has_categories) {
      // NaN goes right whatever the type: an x86 makes a negative number of it.
      const auto first = tree.words.begin() + tree.set_starts[node.set];
      const auto last = tree.words.begin() + tree.set_starts[node.set + 1];
      if (!state.loader().spend(static_cast<std::uint64_t>(last - first) * 4, state.place())) return false;
      split.flags = Forest::kCategories;
      const auto set = forest_.categories({first, last});
      if (!set) return state.fail(ErrorCode::kLimit, "the trees have too many categories");
      split.threshold = *set;
      continue;
    }
    split.threshold = node.threshold;
    split.flags = node.default_left ? Forest::kMissingLeft : 0;
    if (node.missing == Missing::kNone) split.flags |= Forest::kNanIsZero;
    if (node.missing == Missing::kZero) split.flags |= Forest::kZeroIsMissing;
  }
  const std::size_t first = forest_.leaves();
  if (!state.check(forest_.add_tree(splits), "a tree is not well-formed")) return false;
  for (std::size_t leaf = first; leaf < forest_.leaves(); ++leaf) {
    const std::size_t index = forest_.node_of_leaf(leaf) - nodes;
    leaf_values_.push_back(tree.leaves[index]);
    is_linear_.push_back(!tree.linear.empty());
    linear_.push_back(tree.linear.empty() ? LightgbmLinear{} : tree.linear[index]);
  }
  return true;
}

// Tree::Predict: a missing value in its features makes a linear leaf a plain one.
void LightgbmBooster::add_linear(const double* x, std::size_t rows, double* out, Workspace& memory) const {
  auto* const leaves = memory.make<std::uint32_t>(rows * used_trees_);
  const std::size_t width = model_.features;
  forest_.find_leaves({x, rows, width}, {0, used_trees_}, leaves);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t tree = 0; tree < used_trees_; ++tree) {
      const std::uint32_t leaf = leaves[row * used_trees_ + tree];
      double value = leaf_values_[leaf];
      if (is_linear_[leaf]) {
        const LightgbmLinear& linear = linear_[leaf];
        double sum = linear.constant;
        for (std::size_t i = 0; i < linear.features.size(); ++i) {
          sum += linear.coefficients[i] * x[row * width + linear.features[i]];
        }
        const auto is_nan = [&](std::uint32_t feature) { return std::isnan(x[row * width + feature]); };
        if (std::ranges::none_of(linear.features, is_nan)) value = sum;
      }
      out[row * columns() + tree % columns()] += value;
    }
  }
}

void LightgbmBooster::predict(const double* x, std::size_t rows, double* out, Workspace& memory) const {
  std::fill_n(out, rows * columns(), 0.0);
  if (linear_.empty()) {
    forest_.add_columns({x, rows, model_.features}, {0, used_trees_}, leaf_values_.data(), columns(), out);
  } else {
    add_linear(x, rows, out, memory);
  }
  if (model_.averages) {
    const auto iterations = static_cast<double>(used_trees_ / columns());
    for (std::size_t i = 0; i < rows * columns(); ++i) out[i] /= iterations;
  }
  for (std::size_t row = 0; row < rows; ++row) convert(out + row * columns());
}

// ObjectiveFunction::ConvertOutput.
void LightgbmBooster::convert(double* values) const {
  if (link_ == Link::kSoftmax) return softmax(values, columns());
  for (std::size_t c = 0; c < columns(); ++c) {
    double& value = values[c];
    switch (link_) {
      case Link::kSigmoid: value = 1 / (1 + std::exp(-sigmoid_ * value)); break;
      case Link::kExp: value = std::exp(value); break;
      case Link::kLog1pExp: value = std::log1p(std::exp(value)); break;
      case Link::kSquare: value = value < 0 ? -value * value : value * value; break;
      default: break;
    }
  }
}

Result<Batch> LightgbmBooster::recode(const Batch& rows, Workspace& memory) const {
  if (rows.form != Batch::Form::kColumns || rows.is_vector) return rows;
  // Texts stand for categories too: the library would refuse them, yet rows of JSON can have no other.
  const bool takes_texts = has_categories_ && !categories_.empty();
  const auto is_coded = [&](const Column& column) {
    return column.type == ElementType::kCategory || (takes_texts && !is_number(column.type));
  };
  const auto coded = static_cast<std::size_t>(std::ranges::count_if(rows.table, is_coded));
  if (has_categories_ && coded != categories_.size()) {
    return refuse(fmt::format("train and valid dataset categorical_feature do not match: {} columns of categories, not "
                              "{}", coded, categories_.size()));
  }
  if (coded == 0) return rows;
  auto* const columns = memory.make<Column>(rows.columns);
  std::size_t list = 0;
  for (std::size_t c = 0; c < rows.columns; ++c) {
    const Column& from = rows.table[c];
    columns[c] = from;
    if (!is_coded(from)) continue;
    double* const numbers = memory.numbers(rows.rows);
    for (std::size_t row = 0; row < rows.rows; ++row) {
      const bool has_code = from.type == ElementType::kCategory;
      const Cell cell = has_code ? category_at(from, row) : cell_at(from, row);
      if (has_categories_) {
        numbers[row] = CategoryPositions::is_missing(cell) ? kNan : categories_[list].find(cell).value_or(kNan);
      } else {
        const std::int32_t code = code_at(from, row);
        numbers[row] = code < 0 ? kNan : static_cast<double>(code);
      }
    }
    ++list;
    columns[c].type = ElementType::kInt8;  // as pandas' codes, for rounds()
    columns[c].data = numbers;
    columns[c].stride = sizeof(double);
    columns[c].categories = {};
  }
  Batch recoded = Batch::of_columns({columns, rows.columns}, rows.rows);
  recoded.names = rows.names;
  return recoded;
}

bool LightgbmBooster::rounds(const Batch& rows) const {
  if (rows.form == Batch::Form::kDense) return !is_float(rows.type);
  if (rows.form != Batch::Form::kColumns || model_.version != 3) return false;
  // 2.3 to 3.3: data.values, made float32 unless it is of floats. Truth values and others together make objects.
  const auto truths = std::ranges::count(rows.table, ElementType::kBool, &Column::type);
  const bool has_floats = std::ranges::any_of(rows.table, [](const Column& column) { return is_float(column.type); });
  return !has_floats || truths != 0;
}

}  // namespace cppickle::predict
