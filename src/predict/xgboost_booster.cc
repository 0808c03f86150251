// XGBoost's learner in float32, operation by operation: src/predictor/cpu_predictor.cc, src/gbm/gbtree.cc (Dart),
// src/gbm/gblinear.cc and src/objective of 0.90, 1.2, 1.5, 1.7, 2.1 and 3.2.
#include "predict/xgboost_booster.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/quote.h"

namespace cppickle::predict {
namespace {

constexpr std::size_t kLeavesAtOnce = 1 << 14;
// Stands for minus infinity in rows: below every float, so that nothing is below a condition of minus infinity.
constexpr double kLowest = -1e300;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

float sigmoid(float x, bool clamps) {
  // src/common/math.h: since 1.6 the exponent is kept below 88.7; the 1e-16 that is added too is lost in a float.
  const float exponent = clamps ? std::min(-x, 88.7F) : -x;
  return 1.0F / (std::exp(exponent) + 1.0F);
}

void softmax(float* values, std::size_t count) {
  const float most = *std::max_element(values, values + count);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += values[i] = std::exp(values[i] - most);
  for (std::size_t i = 0; i < count; ++i) values[i] /= static_cast<float>(sum);
}

}  // namespace

XgboostBooster::XgboostBooster(const State& state, XgboostModel model) : model_(std::move(model)) {
  is_dart_ = model_.booster == "dart";
  // Until 1.2 a row's trees were summed up before the base score came to it; those of dart until 1.3.
  base_first_ = version() >= (is_dart_ ? Version{1, 4} : Version{1, 3});
  read_objective(state);
  if (state.ok()) add_trees(state);
  for (const std::vector<XgboostCategory>& categories : model_.categories) {
    CategoryPositions& codes = codes_.emplace_back();
    for (const XgboostCategory& category : categories) {
      codes.add(category.is_text ? Cell::of(std::string_view(category.text)) : Cell::of(category.number));
    }
  }
}

void XgboostBooster::read_objective(const State& state) {
  std::string_view name = model_.objective;
  if (name.starts_with("gpu:")) name.remove_prefix(4);
  const bool is_logistic = name == "reg:logistic" || name == "binary:logistic";
  const bool is_logarithm = name == "count:poisson" || name == "reg:gamma" || name == "reg:tweedie" ||
                            name == "survival:cox" || name == "survival:aft";
  static constexpr std::string_view kIdentities[] = {
      "reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:pseudohubererror", "reg:absoluteerror",
      "reg:quantileerror", "reg:expectileerror", "binary:logitraw", "rank:pairwise", "rank:ndcg", "rank:map"};
  if (is_logistic) {
    link_ = Link::kSigmoid;
  } else if (is_logarithm) {
    link_ = Link::kExp;
  } else if (name == "binary:hinge") {
    link_ = Link::kHinge;
  } else if (name == "multi:softprob") {
    link_ = Link::kSoftmax;
  } else if (name == "multi:softmax") {
    link_ = Link::kArgmax;
  } else if (std::ranges::find(kIdentities, name) == std::end(kIdentities)) {
    state.unsupported(fmt::format("objective {} is not supported", quote(name)));
    return;
  }
  base_ = model_.base_score;
  if (base_.size() == 1) base_.resize(model_.groups, base_[0]);
  if (model_.is_margin) return;
  // ObjFunction::ProbToMargin.
  for (float& base : base_) {
    // Until 1.2 binary:logitraw was a logistic regression there.
    if (is_logistic || (name == "binary:logitraw" && version() < Version{1, 3})) base = -std::log(1.0F / base - 1.0F);
    if (is_logarithm) base = std::log(base);
  }
}

void XgboostBooster::add_trees(const State& state) {
  const std::uint8_t rules = Forest::kInsideGoesRight |
                             (version() >= Version{1, 6} ? Forest::kNegativeIsOutside : 0);
  std::vector<Forest::Split> splits;
  std::vector<std::uint32_t> words;
  for (const XgboostTree& tree : model_.trees) {
    splits.assign(tree.nodes.size(), {});
    for (std::size_t i = 0; i < splits.size(); ++i) {
      const XgboostNode& node = tree.nodes[i];
      if (node.left == -1) continue;
      Forest::Split& split = splits[i];
      split.left = static_cast<std::uint32_t>(node.left);
      split.right = static_cast<std::uint32_t>(node.right);
      split.feature = node.feature;
      split.flags = node.default_left ? Forest::kMissingLeft : 0;
      // A float is below t where it is not above the float before t.
      split.threshold = static_cast<double>(std::nextafter(node.value, -kInfinity));
      if (!node.has_categories) continue;
      words.clear();
      for (std::uint32_t c = 0; c < node.categories; ++c) {
        const std::uint32_t category = tree.categories[node.first_category + c];
        if (category / 32 >= words.size()) {
          const std::size_t more = category / 32 + 1 - words.size();
          if (!state.loader().spend(more * sizeof(std::uint32_t), state.place())) return;
          words.resize(words.size() + more, 0);
        }
        words[category / 32] |= std::uint32_t{1} << category % 32;
      }
      split.flags |= Forest::kCategories;
      const auto set = forest_.categories(words, rules);
      if (!set) {
        state.fail(ErrorCode::kLimit, "the trees have too many categories");
        return;
      }
      split.threshold = *set;
    }
    const std::size_t first = forest_.leaves();
    if (!state.check(forest_.add_tree(splits), "a tree is not well-formed")) return;
    has_vectors_ = has_vectors_ || !tree.leaf_values.empty();
    const std::size_t width = tree.leaf_values.empty() ? 1 : model_.groups;
    if (!state.loader().spend((forest_.leaves() - first) * width * sizeof(float), state.place())) return;
    for (std::size_t leaf = first; leaf < forest_.leaves(); ++leaf) {
      const XgboostNode& node = tree.nodes[forest_.node_of_leaf(leaf)];
      if (tree.leaf_values.empty()) {
        leaf_values_.push_back(node.value);
      } else {
        const auto row = tree.leaf_values.begin() + static_cast<std::ptrdiff_t>(node.leaf_row * width);
        leaf_values_.insert(leaf_values_.end(), row, row + static_cast<std::ptrdiff_t>(width));
      }
    }
    if (!state.check(leaf_values_.size() == forest_.leaves() * (has_vectors_ ? model_.groups : 1),
                     "some trees have leaves of several values, some of one")) {
      return;
    }
  }
  // Only what later calls ask for stays.
  for (XgboostTree& tree : model_.trees) {
    tree.nodes = {};
    tree.categories = {};
    tree.leaf_values = {};
  }
}

std::size_t XgboostBooster::trees_before(std::size_t round) const {
  return model_.rounds.empty() ? trees() : model_.rounds[std::min(round, model_.rounds.size() - 1)];
}

void XgboostBooster::add_leaves(std::size_t rows, Forest::Range range, const std::uint32_t* leaves, float* sums,
                                const Use& use) const {
  const std::size_t trees = range.last - range.first, width = groups();
  for (std::size_t row = 0; row < rows; ++row) {
    float* const to = sums + row * width;
    const std::uint32_t* const of_row = leaves + row * trees;
    if (has_vectors_) {
      for (std::size_t t = 0; t < trees; ++t) {
        const float* const from = leaf_values_.data() + std::size_t{of_row[t]} * width;
        for (std::size_t g = 0; g < width; ++g) to[g] += from[g];
      }
    } else if (is_dart_) {
      for (std::size_t t = 0; t < trees; ++t) {
        const XgboostTree& tree = model_.trees[range.first + t];
        float value = leaf_values_[of_row[t]];
        if (use.in_place) value = (base_[tree.group] + value) - base_[tree.group];
        to[tree.group] += value * tree.weight;
      }
    } else if (width == 1) {
      float sum = *to;
      for (std::size_t t = 0; t < trees; ++t) sum += leaf_values_[of_row[t]];
      *to = sum;
    } else {
      for (std::size_t t = 0; t < trees; ++t) to[model_.trees[range.first + t].group] += leaf_values_[of_row[t]];
    }
  }
}

void XgboostBooster::margins(const double* x, std::size_t rows, const Use& use, float* out, Workspace& memory) const {
  if (!model_.weights.empty()) return linear(x, rows, out);
  const std::size_t width = groups();
  for (std::size_t i = 0; i < rows * width; ++i) out[i] = base_first_ ? base_[i % width] : 0.0F;
  const Forest::Rows batch{x, rows, model_.features};
  const std::size_t step = std::max<std::size_t>(kLeavesAtOnce / std::max<std::size_t>(rows, 1), 16);
  auto* const leaves = memory.make<std::uint32_t>(rows * std::min(step, use.trees));
  for (std::size_t first = 0; first < use.trees; first += step) {
    const Forest::Range range{first, std::min(first + step, use.trees)};
    forest_.find_leaves(batch, range, leaves);
    add_leaves(rows, range, leaves, out, use);
  }
  if (base_first_) return;
  for (std::size_t i = 0; i < rows * width; ++i) out[i] = base_[i % width] + out[i];
}

// GBLinear::Pred.
void XgboostBooster::linear(const double* x, std::size_t rows, float* out) const {
  const std::size_t width = groups(), features = model_.features;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t g = 0; g < width; ++g) {
      float sum = model_.weights[features * width + g] + base_[0];  // also where each group has a score of its own
      for (std::size_t f = 0; f < features; ++f) {
        const double value = x[row * features + f];
        if (!std::isnan(value)) sum += static_cast<float>(value) * model_.weights[f * width + g];
      }
      out[row * width + g] = sum;
    }
  }
}

void XgboostBooster::transform(float* margins, std::size_t rows) const {
  const std::size_t width = groups(), count = rows * width;
  switch (link_) {
    case Link::kIdentity: return;
    case Link::kSigmoid: {
      const bool clamps = version() >= Version{1, 6};
      for (std::size_t i = 0; i < count; ++i) margins[i] = sigmoid(margins[i], clamps);
      return;
    }
    case Link::kExp:
      for (std::size_t i = 0; i < count; ++i) margins[i] = std::exp(margins[i]);
      return;
    case Link::kHinge:
      for (std::size_t i = 0; i < count; ++i) margins[i] = margins[i] > 0 ? 1.0F : 0.0F;
      return;
    case Link::kSoftmax:
      for (std::size_t row = 0; row < rows; ++row) softmax(margins + row * width, width);
      return;
    case Link::kArgmax:
      for (std::size_t row = 0; row < rows; ++row) {
        float* const of_row = margins + row * width;
        *of_row = static_cast<float>(std::max_element(of_row, of_row + width) - of_row);
      }
  }
}

void XgboostBooster::leaves(const double* x, std::size_t rows, std::size_t trees, double* out,
                            Workspace& memory) const {
  auto* const found = memory.make<std::uint32_t>(rows * trees);
  forest_.find_leaves({x, rows, model_.features}, {0, trees}, found);
  for (std::size_t i = 0; i < rows * trees; ++i) out[i] = static_cast<double>(forest_.node_of_leaf(found[i]));
}

const double* XgboostBooster::float_rows(const Batch& x, float missing, Workspace& memory) const {
  const std::size_t count = x.rows * x.columns;
  double* const out = memory.numbers(count);
  const auto as_float = [&missing](double value) {
    const auto number = static_cast<float>(value);
    if (number == missing) return std::numeric_limits<double>::quiet_NaN();
    return number == -kInfinity ? kLowest : static_cast<double>(number);
  };
  if (x.form == Batch::Form::kDense) {
    for (std::size_t i = 0; i < count; ++i) out[i] = as_float(x.values[i]);
    return out;
  }
  // What a sparse row does not store is missing; zeros that it does store are zeros. `missing` was not looked at there
  // until 1.3 (_warn_unused_missing in data.py).
  if (version() < Version{1, 4}) missing = std::numeric_limits<float>::quiet_NaN();
  std::fill_n(out, count, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t row = 0; row < x.rows; ++row) {
    for (std::int64_t k = x.row_starts[row]; k < x.row_starts[row + 1]; ++k) {
      out[row * x.columns + static_cast<std::size_t>(x.indices[k])] = as_float(x.values[k]);
    }
  }
  return out;
}

bool XgboostBooster::holds_categories(std::size_t column) const {
  return column < model_.feature_types.size() && model_.feature_types[column] == "c";
}

// Until 3.0 the codes of a column of categories are taken as they are; since 3.1 its values are looked up among those
// of the fit. Then texts can be looked up too, which XGBoost would refuse. It means to refuse a category that was not
// seen as well, yet takes the next one in order for it (SearchSorted in src/encoder/ordinal.h asks for no equality).
Result<Batch> XgboostBooster::recode(const Batch& rows, Workspace& memory) const {
  const auto wanted = [&](const Column& column) { return !is_number(column.type); };
  if (rows.form != Batch::Form::kColumns || rows.is_vector || std::ranges::none_of(rows.table, wanted)) return rows;
  auto* const columns = memory.make<Column>(rows.columns);
  for (std::size_t c = 0; c < rows.columns; ++c) {
    const Column& from = rows.table[c];
    columns[c] = from;
    const bool is_coded = from.type == ElementType::kCategory;
    if (is_number(from.type) && holds_categories(c) && c < codes_.size()) {
      return refuse(fmt::format("column {} must be of categories, as in the training set", quote(from.name)));
    }
    if (is_number(from.type) || (!is_coded && !holds_categories(c))) continue;
    if (!holds_categories(c)) {
      return refuse(fmt::format("column {} holds categories; the model takes numbers there", quote(from.name)));
    }
    const bool has_codes = c < codes_.size();
    if (!has_codes && !is_coded) {
      return refuse(fmt::format("column {} must be of categories: the model tells no codes for it", quote(from.name)));
    }
    double* const numbers = memory.numbers(rows.rows);
    for (std::size_t row = 0; row < rows.rows; ++row) {
      if (has_codes) {
        const Cell cell = is_coded ? category_at(from, row) : cell_at(from, row);
        const bool is_missing = CategoryPositions::is_missing(cell);
        const auto code = is_missing ? std::numeric_limits<double>::quiet_NaN() : codes_[c].find(cell);
        if (!code) return refuse("found a category not in the training set for the column " + quote(from.name));
        numbers[row] = *code;
        continue;
      }
      const std::int32_t code = code_at(from, row);
      numbers[row] = code < 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(code);
    }
    columns[c].type = ElementType::kFloat64;
    columns[c].data = numbers;
    columns[c].stride = sizeof(double);
    columns[c].categories = {};
  }
  Batch recoded = Batch::of_columns({columns, rows.columns}, rows.rows);
  recoded.names = rows.names;
  return recoded;
}

}  // namespace cppickle::predict
