// Linear models: x times coefficients, plus an intercept; classifiers of several classes have one such score for each.
#include <algorithm>
#include <cmath>

#include "predict/hyperplanes.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

class LinearRegressor final : public Regressor {
 public:
  explicit LinearRegressor(Hyperplanes planes) : planes_(std::move(planes)) { facts().features_in = planes_.weights.columns; }

 private:
  Accept accepts() const override { return {.sparse = true, .keep_integers = true}; }
  std::size_t outputs() const override { return planes_.weights.rows; }
  bool gives_vector() const override { return planes_.is_vector; }
  ElementType answer_type(ElementType x) const override { return planes_.answer_type(x); }
  void predict(const Batch& x, double* out, Workspace&) const override { planes_.scores(x, out); }

  Hyperplanes planes_;
};

class LinearClassifier final : public Classifier {
 public:
  enum class Probabilities : std::uint8_t { kNone, kOneVsRest, kSoftmax, kModifiedHuber };

  // zero_is_even: scores that are all 0 as probabilities are made equal, as one-vs-rest does since 1.9.
  LinearClassifier(Hyperplanes planes, Labels classes, Probabilities probabilities, bool zero_is_even)
      : planes_(std::move(planes)), probabilities_(probabilities), zero_is_even_(zero_is_even) {
    facts().features_in = planes_.weights.columns;
    facts().classes.push_back(std::move(classes));
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    const bool is_log = method == Method::kPredictLogProba;
    const bool is_huber = probabilities_ == Probabilities::kModifiedHuber && decisions() == 1;
    if (!is_huber || (!is_log && method != Method::kPredictProba)) return Classifier::run(method, rows, memory);
    // Those of two classes are float64 whatever the scores are (SGDClassifier.predict_proba).
    const auto x = numbers(rows, memory, accepts());
    if (!x) return std::unexpected(x.error());
    double* const out = memory.numbers(x->rows * 2);
    probabilities(*x, out, memory);
    for (std::size_t i = 0; i < x->rows * 2 && is_log; ++i) out[i] = std::log(out[i]);
    return Batch::dense(out, x->rows, 2);
  }

 private:
  Accept accepts() const override { return {.sparse = true, .keep_integers = true}; }
  bool has_probabilities() const override { return probabilities_ != Probabilities::kNone; }
  bool has_decision() const override { return true; }
  std::size_t decisions() const override { return planes_.weights.rows; }
  ElementType answer_type(ElementType x) const override { return planes_.answer_type(x); }
  void decision(const Batch& x, double* out, Workspace&) const override { planes_.scores(x, out); }

  void probabilities(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t scores = decisions(), classes = class_count();
    double* const z = memory.numbers(x.rows * scores);
    planes_.scores(x, z);
    const ElementType type = answer_type(x.type);
    round_all(z, x.rows * scores, type);
    for (std::size_t r = 0; r < x.rows; ++r) {
      const double* const of_row = z + r * scores;
      double* const to = out + r * classes;
      if (scores == 1) {
        binary(*of_row, to, type);
      } else {
        std::copy_n(of_row, classes, to);
        several(to, classes, type);
      }
    }
  }

  void binary(double z, double* to, ElementType type) const {
    switch (probabilities_) {
      case Probabilities::kModifiedHuber: to[1] = (std::clamp(z, -1.0, 1.0) + 1) / 2; break;
      case Probabilities::kSoftmax:  // of -z and z
        to[0] = -z;
        to[1] = z;
        softmax(to, 2);
        return;
      default: to[1] = logistic(z, type);
    }
    to[0] = 1 - to[1];
  }

  void several(double* z, std::size_t count, ElementType type) const {
    if (probabilities_ == Probabilities::kSoftmax) return softmax(z, count);
    const bool huber = probabilities_ == Probabilities::kModifiedHuber;
    double total = 0;
    for (std::size_t i = 0; i < count; ++i) total += z[i] = huber ? (std::clamp(z[i], -1.0, 1.0) + 1) / 2 : logistic(z[i], type);
    if ((huber || zero_is_even_) && total == 0) {
      std::fill_n(z, count, 1.0);
      total = static_cast<double>(count);
    }
    for (std::size_t i = 0; i < count; ++i) z[i] /= total;
  }

  Hyperplanes planes_;
  Probabilities probabilities_;
  bool zero_is_even_;
};

// RidgeClassifier of several labels at once, since 1.0: a column of 0 and 1 for each.
class IndicatorClassifier final : public Estimator {
 public:
  IndicatorClassifier(Hyperplanes planes, Labels classes) : planes_(std::move(planes)) {
    facts().features_in = planes_.weights.columns;
    facts().classes.push_back(std::move(classes));
  }

  bool has(Method method) const override { return method == Method::kPredict || method == Method::kDecisionFunction; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, {.sparse = true, .keep_integers = true});
    if (!x) return std::unexpected(x.error());
    const std::size_t count = x->rows * planes_.weights.rows;
    ElementType type = planes_.answer_type(x->type);
    double* const out = memory.numbers(count);
    planes_.scores(*x, out);
    round_all(out, count, type);
    if (method == Method::kPredict) {
      for (std::size_t i = 0; i < count; ++i) out[i] = out[i] > 0 ? 1 : 0;
      type = ElementType::kInt64;
    }
    return Batch::dense(out, x->rows, planes_.weights.rows, type);
  }

 private:
  Hyperplanes planes_;
};

using Probabilities = LinearClassifier::Probabilities;

std::shared_ptr<Estimator> load_regressor(State& state) {
  Hyperplanes planes;
  if (!read(state, planes)) return nullptr;
  auto made = std::make_shared<LinearRegressor>(std::move(planes));
  const bool is_old = state.version() > Version{} && state.version() < Version{0, 19};
  if (is_old && state.class_name() != "LinearSVR") made->set_decision(Regressor::Decision::kPrediction);
  return made;
}

std::shared_ptr<Estimator> load_classifier(State& state, Probabilities probabilities, Labels classes) {
  Hyperplanes planes;
  if (!read(state, planes)) return nullptr;
  const std::size_t scores = planes.weights.rows, count = classes.values.size();
  if (count == 1) {
    state.unsupported("a linear classifier of a single class is not supported");
    return nullptr;
  }
  if (!state.check(count >= 2 && (scores == 1 ? count == 2 : scores == count), "coef_ and classes_ do not fit")) return nullptr;
  return std::make_shared<LinearClassifier>(std::move(planes), std::move(classes), probabilities,
                                            state.version() >= Version{1, 9});
}

std::shared_ptr<Estimator> load_plain_classifier(State& state) {
  return load_classifier(state, Probabilities::kNone, state.labels("classes_"));
}

// LogisticRegression.predict_proba: which of one-vs-rest and softmax was left to multi_class until 1.8.
std::shared_ptr<Estimator> load_logistic(State& state) {
  Labels classes = state.labels("classes_");
  const bool two = classes.values.size() <= 2;
  const Version version = state.version();
  const std::string solver = state.text_or("solver", "lbfgs");
  const std::string multi_class = state.text_or("multi_class", version < Version{0, 22} ? "ovr" : "auto");
  bool one_vs_rest = multi_class == "ovr" || multi_class == "warn";
  if (multi_class == "auto" || multi_class == "deprecated") {
    one_vs_rest = two || solver == "liblinear" || (solver == "newton-cholesky" && version < Version{1, 6});
  }
  // Until 0.20 two classes were never given to softmax (scikit-learn #9939).
  if (two && version < Version{0, 20}) one_vs_rest = true;
  return load_classifier(state, one_vs_rest ? Probabilities::kOneVsRest : Probabilities::kSoftmax, std::move(classes));
}

std::shared_ptr<Estimator> load_sgd_classifier(State& state) {
  const std::string loss = state.text_or("loss", "hinge");
  Probabilities probabilities = Probabilities::kNone;
  if (loss == "log" || loss == "log_loss") probabilities = Probabilities::kOneVsRest;
  if (loss == "modified_huber") probabilities = Probabilities::kModifiedHuber;
  return load_classifier(state, probabilities, state.labels("classes_"));
}

std::shared_ptr<Estimator> load_ridge_classifier(State& state) {
  const State binarizer = state.child("_label_binarizer");
  if (!state.ok()) return nullptr;
  if (binarizer.text_or("y_type_", "").starts_with("multilabel")) {
    Hyperplanes planes;
    Labels classes = binarizer.labels("classes_");
    if (state.version() < Version{1, 0} || binarizer.flag_or("sparse_input_", false)) {
      state.unsupported("RidgeClassifier of several labels at once, before 1.0 or of sparse labels, is not supported");
    }
    if (!read(state, planes) || !state.check(planes.weights.rows == classes.values.size(), "coef_ and classes_ do not fit")) {
      return nullptr;
    }
    return std::make_shared<IndicatorClassifier>(std::move(planes), std::move(classes));
  }
  return load_classifier(state, Probabilities::kNone, binarizer.labels("classes_"));
}

}  // namespace

std::span<const Registered> linear_family() {
  static constexpr Registered kRows[] = {
      {"linear_model", "LinearRegression", load_regressor},
      {"linear_model", "Ridge", load_regressor},
      {"linear_model", "RidgeCV", load_regressor},
      {"linear_model", "Lasso", load_regressor},
      {"linear_model", "LassoCV", load_regressor},
      {"linear_model", "ElasticNet", load_regressor},
      {"linear_model", "ElasticNetCV", load_regressor},
      {"linear_model", "SGDRegressor", load_regressor},
      {"linear_model", "LogisticRegression", load_logistic},
      {"linear_model", "LogisticRegressionCV", load_logistic},
      {"linear_model", "SGDClassifier", load_sgd_classifier},
      {"linear_model", "Perceptron", load_plain_classifier},
      {"linear_model", "PassiveAggressiveClassifier", load_plain_classifier},
      {"linear_model", "RidgeClassifier", load_ridge_classifier},
      {"linear_model", "RidgeClassifierCV", load_ridge_classifier},
      {"svm", "LinearSVC", load_plain_classifier},
      {"svm", "LinearSVR", load_regressor},
  };
  return kRows;
}

}  // namespace cppickle::predict
