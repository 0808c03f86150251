// GradientBoostingClassifier and -Regressor: an initial estimate, then trees that correct it one after the other.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "predict/product.h"
#include "predict/registry.h"
#include "predict/tree_state.h"

namespace cppickle::predict {
namespace {

enum class Loss : std::uint8_t { kRegression, kBinomial, kMultinomial, kExponential };

// What init_ gives for a row: numbers that are known already, or those of an estimator.
struct Start {
  std::vector<double> constants;
  std::shared_ptr<const Estimator> estimator;
};

struct Boosting {
  Forest forest;
  std::vector<double> values;  // of leaves, times the learning rate
  std::size_t features = 0;
  std::size_t scores = 1;      // one for each class, or one in all
  std::size_t classes = 0;
  Loss loss = Loss::kRegression;
  Start start;
  Version version;
  bool trees_allow_nan = false;

  // get_init_raw_predictions (until 1.3) and _init_raw_predictions: probabilities become scores, in place.
  void link(double* p, ElementType type) const {
    const double eps = version < Version{1, 8} ? double{std::numeric_limits<float>::epsilon()}
                                               : std::numeric_limits<double>::epsilon();
    if (version >= Version{1, 4}) type = ElementType::kFloat64;
    for (std::size_t k = 0; k < scores; ++k) p[k] = std::clamp(p[k], eps, 1 - eps);
    if (loss != Loss::kMultinomial) {
      const double odds = rounded(*p / rounded(1 - *p, type), type);
      *p = rounded(std::log(odds), type) * (loss == Loss::kExponential ? 0.5 : 1.0);
      return;
    }
    double mean = 0;
    for (std::size_t k = 0; k < scores; ++k) mean += p[k] = rounded(std::log(p[k]), type);
    if (version < Version{1, 4}) return;
    // MultinomialLogit.link: against the geometric mean of the classes.
    mean /= static_cast<double>(scores);
    for (std::size_t k = 0; k < scores; ++k) p[k] -= mean;
  }

  Result<void> begin(const Batch& x, double* out, Workspace& memory) const {
    if (!start.estimator) {
      for (std::size_t i = 0; i < x.rows * scores; ++i) out[i] = start.constants[i % scores];
      return {};
    }
    const bool is_regression = loss == Loss::kRegression;
    const auto first = start.estimator->run(is_regression ? Method::kPredict : Method::kPredictProba, x, memory);
    if (!first) return std::unexpected(first.error());
    const std::size_t width = is_regression ? 1 : classes;
    const bool is_dense = first->form == Batch::Form::kDense && first->labels.empty();
    if (!is_dense || first->rows != x.rows || first->columns != width) {
      return refuse("the initial estimator answers in another shape");
    }
    for (std::size_t r = 0; r < x.rows; ++r) {
      const double* const from = first->values + r * width;
      // Of two classes the second one's.
      std::copy_n(from + (width == 2 ? 1 : 0), scores, out + r * scores);
      if (!is_regression) link(out + r * scores, first->type);
    }
    return {};
  }

  // x is checked. Null with an error.
  Result<double*> raw_scores(const Batch& x, Workspace& memory) const {
    double* const out = memory.numbers(x.rows * scores);
    if (const auto begun = begin(x, out, memory); !begun) return std::unexpected(begun.error());
    forest.add_columns(forest_rows(x), forest.all(), values.data(), scores, out);
    return out;
  }
};

class BoostingRegressor final : public Estimator {
 public:
  explicit BoostingRegressor(Boosting boosting) : boosting_(std::move(boosting)) {
    facts().features_in = boosting_.features;
  }

  bool has(Method method) const override {
    // Until 0.18 also under the name of the classifier's.
    return method == Method::kPredict || method == Method::kApply ||
           (method == Method::kDecisionFunction && boosting_.version < Version{0, 19});
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    // apply() leaves it to the first tree what it takes.
    auto x = numbers(rows, memory, rows_of_trees(rows, method == Method::kApply && boosting_.trees_allow_nan));
    if (!x) return std::unexpected(x.error());
    x->names = nullptr;
    if (method == Method::kApply) return apply(*x, memory);
    const auto out = boosting_.raw_scores(*x, memory);
    if (!out) return std::unexpected(out.error());
    return Batch::vector(*out, x->rows);
  }

 private:
  // As float64 (BaseGradientBoosting.apply).
  Batch apply(const Batch& x, Workspace& memory) const {
    const Forest& forest = boosting_.forest;
    const std::size_t count = x.rows * forest.trees();
    auto* const leaves = memory.make<std::uint32_t>(count);
    forest.find_leaves(forest_rows(x), forest.all(), leaves);
    double* const out = memory.numbers(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = forest.node_of_leaf(leaves[i]);
    return Batch::dense(out, x.rows, forest.trees());
  }

  Boosting boosting_;
};

class BoostingClassifier final : public Estimator {
 public:
  BoostingClassifier(Boosting boosting, Labels classes) : boosting_(std::move(boosting)) {
    facts().features_in = boosting_.features;
    facts().classes.push_back(std::move(classes));
  }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kPredictProba || method == Method::kPredictLogProba ||
           method == Method::kDecisionFunction;
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    auto x = numbers(rows, memory, rows_of_trees(rows, false));
    if (!x) return std::unexpected(x.error());
    x->names = nullptr;
    const auto scores = boosting_.raw_scores(*x, memory);
    if (!scores) return std::unexpected(scores.error());
    if (method == Method::kDecisionFunction) {
      Batch answer = Batch::dense(*scores, x->rows, boosting_.scores);
      answer.is_vector = boosting_.scores == 1;
      return answer;
    }
    const std::size_t classes = boosting_.classes;
    double* const out = memory.numbers(x->rows * classes);
    if (method == Method::kPredict) {
      for (std::size_t r = 0; r < x->rows; ++r) out[r] = label(*scores + r * boosting_.scores);
      return predicted(out, x->rows);
    }
    for (std::size_t r = 0; r < x->rows; ++r) probabilities(*scores + r * boosting_.scores, out + r * classes);
    if (method == Method::kPredictLogProba) {
      for (std::size_t i = 0; i < x->rows * classes; ++i) out[i] = std::log(out[i]);
    }
    return Batch::dense(out, x->rows, classes);
  }

 private:
  void probabilities(const double* scores, double* to) const {
    if (boosting_.loss == Loss::kMultinomial) {
      std::copy_n(scores, boosting_.scores, to);
      return softmax(to, boosting_.scores);
    }
    to[1] = logistic(boosting_.loss == Loss::kExponential ? 2 * *scores : *scores);
    to[0] = 1 - to[1];
  }

  // Until 1.3 the larger probability, the first of equal ones; then the larger score, and of two classes the second.
  // `scores` may be overwritten.
  double label(double* scores) const {
    const bool by_probability = boosting_.version < Version{1, 4};
    if (boosting_.loss == Loss::kMultinomial) {
      if (by_probability) {
        const double total = log_sum_exp(scores, boosting_.scores);
        for (std::size_t k = 0; k < boosting_.scores; ++k) scores[k] = std::exp(scores[k] - total);
      }
      return static_cast<double>(first_largest(scores, boosting_.scores));
    }
    if (!by_probability || boosting_.loss == Loss::kExponential) return *scores >= 0 ? 1 : 0;
    const double second = logistic(*scores);
    return second > 1 - second ? 1 : 0;
  }

  Boosting boosting_;
};

bool read_trees(Boosting& boosting, const State& state) {
  const std::vector<Value> trees = state.items("estimators_");
  const double rate = state.number("learning_rate");
  if (!state.ok()) return false;
  const bool fits = !trees.empty() && trees.size() % boosting.scores == 0;
  if (!state.check(fits, "the number of estimators_ does not fit the classes")) return false;
  for (std::size_t i = 0; i < trees.size(); ++i) {
    const State of_tree = state.child(trees[i], fmt::format("estimators_[{}]", i));
    if (!state.ok()) return false;
    const auto tree = read_tree(of_tree);
    if (!tree) return false;
    if (i == 0) {
      boosting.features = tree->features;
      boosting.trees_allow_nan = allows_nan(of_tree);
    }
    const bool alike = tree->features == boosting.features && tree->outputs() == 1 && tree->most_classes == 1;
    if (!of_tree.check(alike, "a tree that does not fit the model")) return false;
    const std::size_t first = boosting.forest.leaves();
    if (!add_to(boosting.forest, *tree, of_tree)) return false;
    for (std::size_t leaf = first; leaf < boosting.forest.leaves(); ++leaf) {
      boosting.values.push_back(rate * *tree->values_of(boosting.forest.node_of_leaf(leaf), 0));
    }
  }
  return true;
}

// The estimators of 0.18 to 0.20, whose predict() gives scores.
bool read_old_start(Boosting& boosting, const State& init) {
  const std::string_view name = init.class_name();
  std::vector<double>& constants = boosting.start.constants;
  if (name == "LogOddsEstimator" || name == "ScaledLogOddsEstimator") {
    constants = init.vector("prior");
  } else if (name == "PriorProbabilityEstimator") {
    constants = init.vector("priors");
  } else if (name == "MeanEstimator") {
    constants = init.vector("mean");
  } else if (name == "QuantileEstimator") {
    constants = init.vector("quantile");
  } else if (name == "ZeroEstimator") {
    constants.assign(boosting.scores, 0);
  } else {
    return init.unsupported("an init_ of one's own is not supported before scikit-learn 0.21");
  }
  return init.ok() && init.check(constants.size() == boosting.scores, "init_ does not fit the classes");
}

bool read_start(Boosting& boosting, const State& state) {
  const auto value = state.get("init_");
  if (!state.check(value.has_value(), "no init_; was it fitted?")) return false;
  std::vector<double>& constants = boosting.start.constants;
  if (const auto text = text_of(*value)) {
    constants.assign(boosting.scores, 0);
    return state.check(*text == "zero", "init_ is neither an estimator nor 'zero'");
  }
  const State init = state.child("init_");
  if (!state.ok()) return false;
  if (boosting.version < Version{0, 21}) return read_old_start(boosting, init);
  const std::string_view name = init.class_name();
  if (boosting.loss == Loss::kRegression && name == "DummyRegressor") {
    constants = init.vector("constant_");
    return init.ok() && init.check(constants.size() == 1, "init_ does not fit the model");
  }
  if (boosting.loss != Loss::kRegression && name == "DummyClassifier" && init.text_or("strategy", "") == "prior") {
    constants = init.vector("class_prior_");
    if (!init.ok() || !init.check(constants.size() == boosting.classes, "init_ does not fit the classes")) return false;
    if (boosting.scores == 1) constants.erase(constants.begin());
    boosting.link(constants.data(), ElementType::kFloat64);
    return true;
  }
  boosting.start.estimator = state.estimator("init_");
  if (!state.ok()) return false;
  const Method method = boosting.loss == Loss::kRegression ? Method::kPredict : Method::kPredictProba;
  return state.check(boosting.start.estimator->has(method), "init_ has no method to start from");
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  Boosting boosting;
  boosting.version = state.version();
  if (!read_trees(boosting, state) || !read_start(boosting, state)) return nullptr;
  return std::make_shared<BoostingRegressor>(std::move(boosting));
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  Boosting boosting;
  boosting.version = state.version();
  Labels classes = state.labels("classes_");
  const std::string loss = state.text_or("loss", "");
  if (!state.ok()) return nullptr;
  boosting.classes = classes.values.size();
  if (!state.check(boosting.classes >= 2, "fewer than two classes")) return nullptr;
  if (loss != "deviance" && loss != "log_loss" && loss != "exponential") {
    state.unsupported(fmt::format("loss '{}' is not known", loss));
    return nullptr;
  }
  const Loss of_two = loss == "exponential" ? Loss::kExponential : Loss::kBinomial;
  boosting.loss = boosting.classes > 2 ? Loss::kMultinomial : of_two;
  boosting.scores = boosting.classes > 2 ? boosting.classes : 1;
  if (!read_trees(boosting, state) || !read_start(boosting, state)) return nullptr;
  return std::make_shared<BoostingClassifier>(std::move(boosting), std::move(classes));
}

}  // namespace

std::span<const Registered> gradient_boosting_family() {
  static constexpr Registered kRows[] = {
      {"ensemble", "GradientBoostingClassifier", load_classifier},
      {"ensemble", "GradientBoostingRegressor", load_regressor},
  };
  return kRows;
}

}  // namespace cppickle::predict
