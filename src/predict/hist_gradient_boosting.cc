// HistGradientBoostingClassifier and -Regressor.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "base/quote.h"
#include "document/struct_field.h"
#include "predict/category_codes.h"
#include "predict/forest.h"
#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

using Set = std::array<std::uint32_t, 8>;  // of categories 0 to 255

// Trees, and how rows become what these were grown on.
struct Boosting {
  Forest forest;
  std::vector<double> values;
  std::vector<double> baseline;  // one for each score
  std::size_t features = 0;
  Version version;
  // Categorical columns: since 1.4 an encoder tells the codes, until then they are the numbers themselves.
  std::vector<std::size_t> categorical;
  std::vector<CategoryCodes> encoders;
  std::vector<Set> known;                // of each feature of the trees, empty for numbers
  std::vector<std::uint32_t> column_of;  // a feature of the trees as a column of the rows; empty: they are the same

  std::size_t scores() const { return baseline.size(); }
};

class HistogramBoosting : public Estimator {
 public:
  explicit HistogramBoosting(Boosting boosting) : boosting_(std::move(boosting)) {}

 protected:
  std::size_t scores() const { return boosting_.scores(); }
  const Boosting& boosting() const { return boosting_; }

  Result<Batch> raw_scores(const Batch& rows, Workspace& memory) const {
    if (rows.form == Batch::Form::kSparse) return refuse("sparse data was passed, but dense data is required");
    const Accept accept{
        .special = boosting_.version < Version{0, 22} ? Accept::Special::kRefuse : Accept::Special::kAll,
        .keep_float32 = false};
    auto encoded = boosting_.encoders.empty() ? Result<Batch>(rows) : encode(rows, memory);
    if (!encoded) return encoded;
    auto x = numbers(*encoded, memory, accept);
    if (!x) return x;
    if (boosting_.encoders.empty() && !boosting_.categorical.empty()) x->values = as_bytes(*x, memory);
    double* const out = memory.numbers(x->rows * scores());
    for (std::size_t i = 0; i < x->rows * scores(); ++i) out[i] = boosting_.baseline[i % scores()];
    const Forest& forest = boosting_.forest;
    forest.add_columns({x->values, x->rows, x->columns}, forest.all(), boosting_.values.data(), scores(), out);
    Batch answer = Batch::dense(out, x->rows, scores());
    answer.is_vector = scores() == 1;
    return answer;
  }

 private:
  // _predict_one_from_raw_data of 0.24 to 1.3 casts a double to uint8: of what is in range of int32 the lowest byte,
  // else 0. Since 1.2 negative numbers are missing instead.
  const double* as_bytes(const Batch& x, Workspace& memory) const {
    double* const out = memory.numbers(x.rows * x.columns);
    std::copy_n(x.values, x.rows * x.columns, out);
    const bool negative_is_missing = boosting_.version >= Version{1, 2};
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (const std::size_t c : boosting_.categorical) {
        double& value = out[r * x.columns + c];
        if (std::isnan(value)) continue;
        if (negative_is_missing && value < 0) {
          value = NAN;
        } else {
          const bool in_range = value > -2147483649.0 && value < 2147483648.0;
          value = in_range ? static_cast<double>(static_cast<std::int32_t>(value) & 0xFF) : 0;
        }
      }
    }
    return out;
  }

  // ColumnTransformer picks columns of a data frame by name; the encoder refuses infinity.
  Result<Batch> encode(const Batch& rows, Workspace& memory) const {
    if (!rows.is_table()) return rows;  // numbers() will refuse it
    const std::size_t width = boosting_.features;
    auto* const source = memory.make<std::size_t>(width);
    if (const auto placed = place_columns(rows, source); !placed) return std::unexpected(placed.error());
    Column* const table = memory.make<Column>(width);
    for (std::size_t c = 0; c < width; ++c) {
      table[c] = rows.form == Batch::Form::kColumns
                     ? rows.table[source[c]]
                     : Column{{}, ElementType::kFloat64, rows.values + source[c],
                              static_cast<std::ptrdiff_t>(rows.columns * sizeof(double)), {}};
    }
    for (std::size_t i = 0; i < boosting_.categorical.size(); ++i) {
      Column& column = table[boosting_.categorical[i]];
      double* const codes = memory.numbers(rows.rows);
      boosting_.encoders[i].of_column(column, rows.rows, codes, memory);
      if (std::any_of(codes, codes + rows.rows, [](double code) { return std::isinf(code); })) {
        return refuse("input contains infinity or a value too large for dtype('float64')");
      }
      column = {column.name, ElementType::kFloat64, codes, sizeof(double), {}};
    }
    return Batch::of_columns({table, width}, rows.rows);
  }

  Result<void> place_columns(const Batch& rows, std::size_t* source) const {
    const std::vector<std::string>& wanted = facts().feature_names_in;
    const std::size_t width = boosting_.features;
    if (rows.names == nullptr || wanted.size() != width) {
      if (rows.columns != width) {
        return refuse(fmt::format("X has {} features, but ColumnTransformer is expecting {} features as input",
                                  rows.columns, width));
      }
      for (std::size_t c = 0; c < width; ++c) source[c] = c;
      return {};
    }
    for (std::size_t c = 0; c < width; ++c) {
      const auto* const at = std::find(rows.names, rows.names + rows.columns, wanted[c]);
      if (at == rows.names + rows.columns) return refuse(fmt::format("columns are missing: {}", quote(wanted[c])));
      source[c] = static_cast<std::size_t>(at - rows.names);
    }
    return {};
  }

  Boosting boosting_;
};

class HistogramRegressor final : public HistogramBoosting {
 public:
  HistogramRegressor(Boosting boosting, bool is_logarithm)
      : HistogramBoosting(std::move(boosting)), is_logarithm_(is_logarithm) {}

  bool has(Method method) const override { return method == Method::kPredict; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    auto raw = raw_scores(rows, memory);
    if (!raw || !is_logarithm_) return raw;
    double* const out = memory.numbers(raw->rows);
    for (std::size_t r = 0; r < raw->rows; ++r) out[r] = std::exp(raw->values[r]);
    raw->values = out;
    return raw;
  }

 private:
  bool is_logarithm_;
};

class HistogramClassifier final : public HistogramBoosting {
 public:
  HistogramClassifier(Boosting boosting, Labels classes) : HistogramBoosting(std::move(boosting)) {
    facts().classes.push_back(std::move(classes));
  }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kPredictProba || method == Method::kDecisionFunction;
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    auto raw = raw_scores(rows, memory);
    if (!raw || method == Method::kDecisionFunction) return raw;
    const std::size_t classes = facts().classes[0].values.size();
    double* const of_classes = memory.numbers(raw->rows * classes);
    for (std::size_t r = 0; r < raw->rows; ++r) {
      probabilities(raw->values + r * scores(), of_classes + r * classes, classes);
    }
    if (method == Method::kPredictProba) return Batch::dense(of_classes, raw->rows, classes);
    double* const out = memory.numbers(raw->rows);
    for (std::size_t r = 0; r < raw->rows; ++r) {
      out[r] = label(raw->values + r * scores(), of_classes + r * classes, classes);
    }
    return predicted(out, raw->rows);
  }

 private:
  void probabilities(const double* raw, double* to, std::size_t classes) const {
    if (scores() > 1) {
      std::copy_n(raw, classes, to);
      return softmax(to, classes);
    }
    to[1] = logistic(*raw);
    to[0] = 1 - to[1];
  }

  // Until 1.4 the larger probability, then the larger score.
  double label(const double* raw, const double* probabilities, std::size_t classes) const {
    if (boosting().version < Version{1, 5}) return static_cast<double>(first_largest(probabilities, classes));
    return scores() == 1 ? (*raw > 0 ? 1.0 : 0.0) : static_cast<double>(first_largest(raw, classes));
  }
};

// --- Loading --------------------------------------------------------------------------------------------------------

// Fields of a TreePredictor's nodes; those that a version lacks are empty.
struct Nodes {
  std::vector<double> value, threshold;
  std::vector<std::int64_t> feature;
  std::vector<std::uint32_t> left, right, set;
  std::vector<std::uint8_t> is_leaf, missing_left, is_categorical;
};

template <class T>
bool read(const State& state, const ArrayView& array, std::string_view name, std::vector<T>& out) {
  auto field = read_field<T>(array, name);
  if (!field) return state.fail(field.error().code, field.error().message, "nodes");
  out = *std::move(field);
  return true;
}

bool read_nodes(const State& state, Nodes& nodes) {
  const auto value = state.get("nodes");
  if (!state.check(value.has_value(), "a tree without nodes")) return false;
  const auto array = array_view(*value);
  if (!array) return state.fail(array.error().code, array.error().message, "nodes");
  if (!state.loader().spend(array->count * sizeof(Forest::Split), state.place())) return false;
  const DType& type = array->dtype;
  bool fine = read(state, *array, "value", nodes.value) && read(state, *array, "feature_idx", nodes.feature) &&
              read(state, *array, has_field(type, "num_threshold") ? "num_threshold" : "threshold", nodes.threshold) &&
              read(state, *array, "left", nodes.left) && read(state, *array, "right", nodes.right) &&
              read(state, *array, "is_leaf", nodes.is_leaf);
  if (fine && has_field(type, "missing_go_to_left")) {
    fine = read(state, *array, "missing_go_to_left", nodes.missing_left);
  }
  if (fine && has_field(type, "is_categorical")) {
    fine = read(state, *array, "is_categorical", nodes.is_categorical) && read(state, *array, "bitset_idx", nodes.set);
  }
  return fine;
}

// Goes left: what the node's set holds, and what no category of the feature is where missing values go left.
bool read_set(const State& state, const Matrix& sets, std::uint32_t index, bool missing_left, const Set& known,
              Set& out) {
  if (!state.check(index < sets.rows, "the set of a categorical split is missing")) return false;
  for (std::size_t word = 0; word < out.size(); ++word) {
    const double bits = sets.row(index)[word];
    if (!state.check(bits >= 0 && bits < 4294967296.0, "the set of a categorical split is corrupt")) return false;
    out[word] = static_cast<std::uint32_t>(bits) | (missing_left ? ~known[word] : 0);
  }
  return true;
}

bool add_tree(Boosting& boosting, const State& state) {
  Nodes nodes;
  if (!read_nodes(state, nodes)) return false;
  const auto has = [](const auto& flags, std::size_t i) { return !flags.empty() && flags[i] != 0; };
  const bool has_sets = std::ranges::any_of(nodes.is_categorical, [](std::uint8_t flag) { return flag != 0; });
  Matrix sets;
  if (has_sets) {
    sets = state.matrix("raw_left_cat_bitsets");
    if (!state.ok() || !state.check(sets.columns == Set().size(), "sets of categories of another size")) return false;
  }
  std::vector<Forest::Split> splits(nodes.left.size());
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (nodes.is_leaf[i] != 0) continue;
    const std::int64_t feature = nodes.feature[i];
    const bool fits = feature >= 0 && static_cast<std::uint64_t>(feature) < boosting.features &&
                      nodes.left[i] != Forest::kLeaf;
    if (!state.check(fits, "a feature of a tree is out of range")) return false;
    const auto f = static_cast<std::uint32_t>(feature);
    const bool missing_left = has(nodes.missing_left, i);
    std::uint8_t flags = missing_left ? std::uint8_t{Forest::kMissingLeft} : std::uint8_t{0};
    double threshold = nodes.threshold[i];
    if (has(nodes.is_categorical, i)) {
      Set set;
      if (!state.check(!boosting.known.empty(), "a categorical split of a model without categories")) return false;
      if (!read_set(state, sets, nodes.set[i], missing_left, boosting.known[f], set)) return false;
      const auto held = boosting.forest.categories(set);
      if (!held) return state.fail(ErrorCode::kLimit, "the trees have too many categories");
      threshold = *held;
      flags |= Forest::kCategories;
    }
    const std::uint32_t column = boosting.column_of.empty() ? f : boosting.column_of[f];
    splits[i] = {threshold, nodes.left[i], nodes.right[i], column, flags};
  }
  const std::size_t first = boosting.forest.leaves();
  if (!state.check(boosting.forest.add_tree(splits), "the nodes of a tree do not fit")) return false;
  for (std::size_t leaf = first; leaf < boosting.forest.leaves(); ++leaf) {
    boosting.values.push_back(nodes.value[boosting.forest.node_of_leaf(leaf)]);
  }
  return true;
}

// _BinMapper.make_known_categories_bitsets, for the trees' features.
bool read_known(Boosting& boosting, const State& state) {
  const State mapper = state.child("_bin_mapper");
  const std::vector<double> is_categorical = mapper.vector("is_categorical_");
  const std::vector<Value> thresholds = mapper.items("bin_thresholds_");
  if (!state.ok()) return false;
  const bool fits = is_categorical.size() == boosting.features && thresholds.size() == boosting.features;
  if (!mapper.check(fits, "the categories do not fit the features")) return false;
  boosting.known.resize(boosting.features);
  for (std::size_t f = 0; f < boosting.features; ++f) {
    if (is_categorical[f] == 0) continue;
    for (const double category : mapper.array_of(thresholds[f], "bin_thresholds_").values) {
      if (!mapper.check(category >= 0 && category < 256, "a category is out of range")) return false;
      const auto c = static_cast<std::size_t>(category);
      boosting.known[f][c / 32] |= 1U << c % 32;
    }
    if (!state.ok()) return false;
  }
  return true;
}

// The OrdinalEncoder in the ColumnTransformer of 1.4 and later, which also puts categorical columns first.
bool read_encoders(Boosting& boosting, const State& state) {
  const State transformer = state.child("_preprocessor");
  if (!state.ok()) return false;
  for (const Value& row : transformer.items("transformers_")) {
    std::vector<Value> parts;
    for (const Value part : row.items()) parts.push_back(part);
    if (parts.size() != 3 || text_of(parts[0]) != "encoder") continue;
    const State encoder = transformer.child(parts[1], "transformers_[0]");
    if (!state.ok()) return false;
    const std::vector<Value> lists = encoder.items("categories_");
    const bool fits = encoder.class_name() == "OrdinalEncoder" && lists.size() == boosting.categorical.size();
    if (!state.ok() || !encoder.check(fits, "the encoder does not fit the categorical features")) return false;
    for (const Value& list : lists) {
      const Cells categories = encoder.cells_of(list, "categories_");
      if (!state.ok()) return false;
      boosting.encoders.emplace_back(categories);
    }
  }
  if (!state.ok() || !state.check(!boosting.encoders.empty(), "no encoder of the categorical features")) return false;
  for (const std::size_t c : boosting.categorical) boosting.column_of.push_back(static_cast<std::uint32_t>(c));
  for (std::uint32_t column = 0; column < boosting.features; ++column) {
    if (!std::ranges::binary_search(boosting.categorical, std::size_t{column})) boosting.column_of.push_back(column);
  }
  return true;
}

bool read_features(Boosting& boosting, const State& state) {
  const std::int64_t features =
      state.integer_or("n_features_in_", state.integer_or("_n_features", state.integer_or("n_features_", -1)));
  const bool known = features > 0 && features < Forest::kMostFeatures;
  if (!state.ok() || !state.check(known, "the number of features is missing")) return false;
  boosting.features = static_cast<std::size_t>(features);
  if (!state.given("is_categorical_")) return true;
  const std::vector<double> flags = state.vector("is_categorical_");
  const bool fits = flags.size() == boosting.features;
  if (!state.ok() || !state.check(fits, "is_categorical_ does not fit the features")) return false;
  for (std::size_t c = 0; c < flags.size(); ++c) {
    if (flags[c] != 0) boosting.categorical.push_back(c);
  }
  if (boosting.categorical.empty()) return true;
  return read_known(boosting, state) && (!state.given("_preprocessor") || read_encoders(boosting, state));
}

bool read_boosting(Boosting& boosting, const State& state, std::size_t scores) {
  boosting.version = state.version();
  if (!read_features(boosting, state)) return false;
  const Numbers baseline = state.array("_baseline_prediction");
  if (!state.ok() || !state.check(baseline.values.size() == scores, "_baseline_prediction does not fit the classes")) {
    return false;
  }
  if (baseline.type != ElementType::kFloat64) return state.unsupported("a _baseline_prediction that is no float64");
  boosting.baseline = baseline.values;
  const std::vector<Value> iterations = state.items("_predictors");
  for (std::size_t i = 0; i < iterations.size() && state.ok(); ++i) {
    const std::string place = fmt::format("_predictors[{}]", i);
    const Kind kind = iterations[i].kind();
    if (!state.check(kind == Kind::kList || kind == Kind::kTuple, "trees come in lists")) return false;
    std::size_t trees = 0;
    for (const Value tree : iterations[i].items()) {
      const State of_tree = state.child(tree, fmt::format("{}[{}]", place, trees++));
      if (!state.ok() || !add_tree(boosting, of_tree)) return false;
    }
    if (!state.check(trees == scores, "more or fewer trees than classes")) return false;
  }
  return state.ok();
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  const std::string loss = state.text_or("loss", "");
  static constexpr std::array<std::string_view, 5> kPlain = {"squared_error", "least_squares", "absolute_error",
                                                             "least_absolute_deviation", "quantile"};
  const bool is_logarithm = loss == "poisson" || loss == "gamma";
  if (!is_logarithm && std::ranges::find(kPlain, loss) == kPlain.end()) {
    state.unsupported(fmt::format("loss '{}' is not known", loss));
    return nullptr;
  }
  Boosting boosting;
  if (!read_boosting(boosting, state, 1)) return nullptr;
  const std::size_t features = boosting.features;
  auto made = std::make_shared<HistogramRegressor>(std::move(boosting), is_logarithm);
  made->facts().features_in = features;
  return made;
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  const std::string loss = state.text_or("loss", "");
  static constexpr std::array<std::string_view, 4> kKnown = {"auto", "log_loss", "binary_crossentropy",
                                                             "categorical_crossentropy"};
  if (std::ranges::find(kKnown, loss) == kKnown.end()) {
    state.unsupported(fmt::format("loss '{}' is not known", loss));
    return nullptr;
  }
  Labels classes = state.labels("classes_");
  if (!state.ok() || !state.check(classes.values.size() >= 2, "fewer than two classes")) return nullptr;
  Boosting boosting;
  if (!read_boosting(boosting, state, classes.values.size() == 2 ? 1 : classes.values.size())) return nullptr;
  const std::size_t features = boosting.features;
  auto made = std::make_shared<HistogramClassifier>(std::move(boosting), std::move(classes));
  made->facts().features_in = features;
  return made;
}

}  // namespace

std::span<const Registered> hist_gradient_boosting_family() {
  static constexpr Registered kRows[] = {
      {"ensemble", "HistGradientBoostingClassifier", load_classifier},
      {"ensemble", "HistGradientBoostingRegressor", load_regressor},
  };
  return kRows;
}

}  // namespace cppickle::predict
