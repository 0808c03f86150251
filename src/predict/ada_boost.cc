// AdaBoostClassifier and -Regressor, over any estimators.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "predict/base_estimators.h"
#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

// What the estimators get. Integers stay what they are (_check_X has dtype=None), data frames become arrays.
Accept accept_of(bool of_trees) { return {.sparse = !of_trees, .float32 = of_trees, .keep_integers = true}; }

class AdaBoostClassifier final : public Estimator {
 public:
  enum class Algorithm : std::uint8_t {
    kReal,           // SAMME.R: logarithms of probabilities
    kVotes,          // SAMME until 1.2: the weight for the class that is predicted
    kBalancedVotes,  // SAMME since 1.3: and a part of it against each of the others
  };
  struct Parts {
    Estimators estimators;
    std::vector<double> weights;
    double total = 0;  // of all weights
    std::vector<std::vector<double>> columns;  // a class of an estimator as one of ours
    Algorithm algorithm = Algorithm::kBalancedVotes;
    bool is_old = false;  // predict_proba() before 0.22
    bool of_trees = false;
  };

  AdaBoostClassifier(Parts parts, Labels classes) : parts_(std::move(parts)), classes_(classes.values.size()) {
    facts().features_in = parts_.estimators[0]->facts().features_in;
    facts().classes.push_back(std::move(classes));
  }

  bool has(Method method) const override {
    switch (method) {
      case Method::kPredict:
      case Method::kDecisionFunction: return true;
      case Method::kPredictProba:
      case Method::kPredictLogProba:
        return !parts_.is_old || parts_.algorithm == Algorithm::kReal ||
               parts_.estimators[0]->has(Method::kPredictProba);
      default: return false;
    }
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    auto x = numbers(rows, memory, accept_of(parts_.of_trees));
    if (!x) return std::unexpected(x.error());
    x->names = nullptr;
    const bool wants_probability = method == Method::kPredictProba || method == Method::kPredictLogProba;
    const bool of_probabilities = parts_.algorithm == Algorithm::kReal || (wants_probability && parts_.is_old);
    ElementType type = ElementType::kFloat64;
    double* const sums = memory.numbers(x->rows * classes_);
    const auto done = of_probabilities ? add_probabilities(*x, sums, type, memory) : add_votes(*x, sums, memory);
    if (!done) return std::unexpected(done.error());
    for (std::size_t i = 0; i < x->rows * classes_; ++i) sums[i] = rounded(sums[i] / parts_.total, type);
    if (!wants_probability) return decided(method, sums, x->rows, type, memory);
    for (std::size_t r = 0; r < x->rows; ++r) probabilities(sums + r * classes_);
    if (method == Method::kPredictLogProba) {
      for (std::size_t i = 0; i < x->rows * classes_; ++i) sums[i] = std::log(sums[i]);
    }
    round_all(sums, x->rows * classes_, type);
    return Batch::dense(sums, x->rows, classes_, type);
  }

 private:
  // From sums: of two classes the difference.
  Batch decided(Method method, double* sums, std::size_t rows, ElementType type, Workspace& memory) const {
    double* const out = memory.numbers(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      const double* const of_row = sums + r * classes_;
      if (method == Method::kPredict) {
        const bool second = classes_ == 2 && rounded(of_row[1] - of_row[0], type) > 0;
        out[r] = classes_ == 2 ? second : static_cast<double>(first_largest(of_row, classes_));
      } else if (classes_ == 2) {
        out[r] = rounded(of_row[1] - of_row[0], type);
      }
    }
    if (method == Method::kDecisionFunction) {
      return classes_ == 2 ? Batch::vector(out, rows, type) : Batch::dense(sums, rows, classes_, type);
    }
    return predicted(out, rows);
  }

  // In place for a row.
  void probabilities(double* sums) const {
    const auto others = static_cast<double>(classes_ - 1);
    if (parts_.is_old) {
      double total = 0;
      for (std::size_t k = 0; k < classes_; ++k) total += sums[k] = std::exp(1 / others * sums[k]);
      if (total == 0) total = 1;
      for (std::size_t k = 0; k < classes_; ++k) sums[k] /= total;
      return;
    }
    if (classes_ == 2) {
      const double decision = sums[1] - sums[0];
      sums[0] = -decision / 2;
      sums[1] = decision / 2;
    } else {
      for (std::size_t k = 0; k < classes_; ++k) sums[k] /= others;
    }
    softmax(sums, classes_);
  }

  Result<void> add_votes(const Batch& x, double* sums, Workspace& memory) const {
    std::fill_n(sums, x.rows * classes_, 0.0);
    for (std::size_t i = 0; i < parts_.estimators.size(); ++i) {
      const auto predicted = parts_.estimators[i]->run(Method::kPredict, x, memory);
      if (!predicted) return std::unexpected(predicted.error());
      const std::vector<double>& columns = parts_.columns[i];
      if (predicted->rows != x.rows || predicted->columns != 1 || predicted->labels.size() != 1 ||
          predicted->labels[0].values.size() != columns.size()) {
        return refuse("an estimator of the ensemble predicts no classes");
      }
      const double weight = parts_.weights[i];
      const double against =
          parts_.algorithm == Algorithm::kVotes ? 0 : -1 / static_cast<double>(classes_ - 1) * weight;
      for (std::size_t r = 0; r < x.rows; ++r) {
        const double column = columns[static_cast<std::size_t>(predicted->values[r])];
        double* const to = sums + r * classes_;
        for (std::size_t k = 0; k < classes_; ++k) to[k] += static_cast<double>(k) == column ? weight : against;
      }
    }
    return {};
  }

  // _samme_proba, or before 0.22 the weighted probabilities themselves.
  Result<void> add_probabilities(const Batch& x, double* sums, ElementType& type, Workspace& memory) const {
    std::fill_n(sums, x.rows * classes_, 0.0);
    double* const row = memory.numbers(classes_);
    for (std::size_t i = 0; i < parts_.estimators.size(); ++i) {
      const auto p = numbers_of(*parts_.estimators[i], Method::kPredictProba, x, classes_, memory);
      if (!p) return std::unexpected(p.error());
      type = i == 0 ? p->type : promote(type, p->type);
      for (std::size_t r = 0; r < x.rows; ++r) {
        std::copy_n(p->values + r * classes_, classes_, row);
        if (parts_.algorithm == Algorithm::kReal) {
          samme(row, p->type);
        } else {
          for (std::size_t k = 0; k < classes_; ++k) row[k] = rounded(row[k] * parts_.weights[i], p->type);
        }
        double* const to = sums + r * classes_;
        for (std::size_t k = 0; k < classes_; ++k) to[k] = rounded(to[k] + row[k], type);
      }
    }
    return {};
  }

  void samme(double* p, ElementType type) const {
    const double eps = type == ElementType::kFloat32 ? double{std::numeric_limits<float>::epsilon()}
                                                     : std::numeric_limits<double>::epsilon();
    double total = 0;
    for (std::size_t k = 0; k < classes_; ++k) {
      if (p[k] < eps) p[k] = eps;
      p[k] = rounded(std::log(p[k]), type);
      total = rounded(total + p[k], type);
    }
    const double part = rounded(rounded(1 / static_cast<double>(classes_), type) * total, type);
    for (std::size_t k = 0; k < classes_; ++k) {
      p[k] = rounded(static_cast<double>(classes_ - 1) * rounded(p[k] - part, type), type);
    }
  }

  Parts parts_;
  std::size_t classes_;
};

using Algorithm = AdaBoostClassifier::Algorithm;

// The weighted median.
class AdaBoostRegressor final : public Estimator {
 public:
  AdaBoostRegressor(Estimators estimators, std::vector<double> weights)
      : estimators_(std::move(estimators)), weights_(std::move(weights)), of_trees_(are_trees(estimators_)) {
    facts().features_in = estimators_[0]->facts().features_in;
  }

  bool has(Method method) const override { return method == Method::kPredict; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    auto x = numbers(rows, memory, accept_of(of_trees_));
    if (!x) return std::unexpected(x.error());
    x->names = nullptr;
    const std::size_t count = estimators_.size();
    double* const all = memory.numbers(x->rows * count);
    ElementType type = ElementType::kFloat64;
    for (std::size_t i = 0; i < count; ++i) {
      const auto predicted = numbers_of(*estimators_[i], Method::kPredict, *x, 1, memory);
      if (!predicted) return std::unexpected(predicted.error());
      type = i == 0 ? predicted->type : promote(type, predicted->type);
      for (std::size_t r = 0; r < x->rows; ++r) all[r * count + i] = predicted->values[r];
    }
    double* const out = memory.numbers(x->rows);
    auto* const order = memory.make<std::size_t>(count);
    double* const sums = memory.numbers(count);
    for (std::size_t r = 0; r < x->rows; ++r) out[r] = median(all + r * count, order, sums);
    return Batch::vector(out, x->rows, type);
  }

 private:
  // AdaBoostRegressor._get_median_predict.
  double median(const double* predicted, std::size_t* order, double* sums) const {
    const std::size_t count = estimators_.size();
    std::iota(order, order + count, std::size_t{0});
    // NaN last, as numpy sorts. By position where equal.
    std::sort(order, order + count, [&](std::size_t a, std::size_t b) {
      const double left = predicted[a], right = predicted[b];
      if (left < right || (std::isnan(right) && !std::isnan(left))) return true;
      return !(right < left) && std::isnan(left) == std::isnan(right) && a < b;
    });
    double total = 0;
    for (std::size_t i = 0; i < count; ++i) sums[i] = total += weights_[order[i]];
    std::size_t at = 0;
    while (at < count && !(sums[at] >= 0.5 * total)) ++at;
    return predicted[order[at == count ? 0 : at]];
  }

  Estimators estimators_;
  std::vector<double> weights_;
  bool of_trees_;
};

std::vector<double> read_weights(const State& state, std::size_t estimators) {
  std::vector<double> weights = state.vector("estimator_weights_");
  if (state.ok()) state.check(weights.size() >= estimators, "fewer estimator_weights_ than estimators_");
  return weights;
}

// Classes of each estimator as ours; what none is stays -1.
bool read_columns(AdaBoostClassifier::Parts& parts, const Labels& classes, const State& state) {
  for (const auto& estimator : parts.estimators) {
    if (estimator->facts().classes.size() != 1) return state.unsupported("an estimator that predicts no classes");
    std::vector<double> columns;
    for (const Cell& label : estimator->facts().classes[0].values) {
      const auto at = std::ranges::find_if(classes.values, [&](const Cell& own) { return equal(own, label); });
      columns.push_back(at == classes.values.end() ? -1 : static_cast<double>(at - classes.values.begin()));
    }
    parts.columns.push_back(std::move(columns));
  }
  return true;
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  AdaBoostClassifier::Parts parts;
  Labels classes = state.labels("classes_");
  parts.estimators = read_estimators(state);
  if (!state.ok()) return nullptr;
  if (classes.values.size() < 2) {
    state.unsupported("a classifier of fewer than two classes");
    return nullptr;
  }
  parts.weights = read_weights(state, parts.estimators.size());
  const Version version = state.version();
  const std::string algorithm = version < Version{1, 6} ? state.text_or("algorithm", "SAMME.R") : "SAMME";
  const bool is_real = algorithm == "SAMME.R";
  if (!is_real && algorithm != "SAMME") {
    state.unsupported(fmt::format("algorithm '{}' is not known", algorithm));
    return nullptr;
  }
  const Algorithm votes = version < Version{1, 3} ? Algorithm::kVotes : Algorithm::kBalancedVotes;
  parts.algorithm = is_real ? Algorithm::kReal : votes;
  parts.is_old = version < Version{0, 22};
  parts.of_trees = are_trees(parts.estimators);
  parts.total = std::accumulate(parts.weights.begin(), parts.weights.end(), 0.0);
  if (!state.ok() || !read_columns(parts, classes, state)) return nullptr;
  const auto lacks = [](const auto& estimator) { return !estimator->has(Method::kPredictProba); };
  if (!state.check(!is_real || std::ranges::none_of(parts.estimators, lacks), "an estimator without predict_proba")) {
    return nullptr;
  }
  return std::make_shared<AdaBoostClassifier>(std::move(parts), std::move(classes));
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  Estimators estimators = read_estimators(state);
  if (!state.ok()) return nullptr;
  std::vector<double> weights = read_weights(state, estimators.size());
  if (!state.ok()) return nullptr;
  return std::make_shared<AdaBoostRegressor>(std::move(estimators), std::move(weights));
}

}  // namespace

std::span<const Registered> ada_boost_family() {
  static constexpr Registered kRows[] = {
      {"ensemble", "AdaBoostClassifier", load_classifier},
      {"ensemble", "AdaBoostRegressor", load_regressor},
  };
  return kRows;
}

}  // namespace cppickle::predict
