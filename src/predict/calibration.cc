// CalibratedClassifierCV: each fold's scores through a sigmoid or an isotonic regression, then the mean of the folds.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "predict/compose.h"
#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

// One score to one probability, sklearn/calibration.py: _SigmoidCalibration or IsotonicRegression.
struct Calibrator {
  double slope = 0, offset = 0;
  EstimatorPointer isotonic;  // null: sigmoid
};

struct Fold {
  EstimatorPointer estimator;
  Method method = Method::kDecisionFunction;
  std::vector<std::size_t> positions;  // in classes_ of what each score is for
  std::vector<Calibrator> calibrators;
  std::optional<double> inverse_temperature;  // instead of calibrators, since 1.8
};

class Calibrated final : public Classifier {
 public:
  Calibrated(std::vector<Fold> folds, Labels classes) : folds_(std::move(folds)) {
    facts().classes.push_back(std::move(classes));
    adopt_input(facts(), *folds_[0].estimator);
  }

  bool has(Method method) const override { return method == Method::kPredict || method == Method::kPredictProba; }

  // Temperature scaling looks at all rows to tell whether scores are probabilities.
  bool wants_all_rows(Method) const override {
    return std::ranges::any_of(folds_, [](const Fold& fold) {
      return fold.inverse_temperature || fold.estimator->wants_all_rows(fold.method);
    });
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const std::size_t width = class_count();
    double* const out = memory.numbers(rows.rows * width);
    std::fill_n(out, rows.rows * width, 0.0);
    for (const Fold& fold : folds_) {
      const auto probabilities = run_fold(fold, rows, memory);
      if (!probabilities) return std::unexpected(probabilities.error());
      for (std::size_t i = 0; i < rows.rows * width; ++i) out[i] += (*probabilities)[i];
    }
    for (std::size_t i = 0; i < rows.rows * width; ++i) out[i] /= static_cast<double>(folds_.size());
    if (method == Method::kPredictProba) return Batch::dense(out, rows.rows, width);
    return predicted_by_largest(out, rows.rows, width, memory);
  }

 private:
  bool has_probabilities() const override { return true; }
  bool has_decision() const override { return false; }

  Result<const double*> run_fold(const Fold& fold, const Batch& rows, Workspace& memory) const {
    auto scores = run_numbers(*fold.estimator, fold.method, rows, memory);
    if (!scores) return std::unexpected(scores.error());
    if (fold.inverse_temperature) return scale(fold, *scores, memory);
    const std::size_t width = class_count(), given = scores->columns;
    // Of two classes' probabilities only the second one is calibrated.
    const std::size_t first = width == 2 && given == 2 && fold.calibrators.size() == 1 ? 1 : 0;
    if (given - first != fold.calibrators.size()) return refuse("calibrators and scores do not fit");
    double* const out = memory.numbers(rows.rows * width);
    double* const column = memory.numbers(rows.rows);
    std::fill_n(out, rows.rows * width, 0.0);
    for (std::size_t k = 0; k < fold.calibrators.size(); ++k) {
      for (std::size_t r = 0; r < rows.rows; ++r) column[r] = scores->values[r * given + first + k];
      const Calibrator& calibrator = fold.calibrators[k];
      const double* calibrated = column;
      if (calibrator.isotonic) {
        const auto answer = run_numbers(*calibrator.isotonic, Method::kPredict, Batch::vector(column, rows.rows), memory);
        if (!answer) return std::unexpected(answer.error());
        calibrated = answer->values;
      } else {
        for (std::size_t r = 0; r < rows.rows; ++r) column[r] = logistic(-(calibrator.slope * column[r] + calibrator.offset));
      }
      const std::size_t place = width == 2 && fold.calibrators.size() == 1 ? 1 : fold.positions[k];
      for (std::size_t r = 0; r < rows.rows; ++r) out[r * width + place] = calibrated[r];
    }
    for (std::size_t r = 0; r < rows.rows; ++r) normalise(out + r * width, width);
    return out;
  }

  // _TemperatureScaling.predict: the softmax of logits times the inverse temperature.
  Result<const double*> scale(const Fold& fold, const Batch& scores, Workspace& memory) const {
    const std::size_t width = class_count();
    double* const out = memory.numbers(scores.rows * width);
    if (scores.columns == 1 && width == 2) {
      for (std::size_t r = 0; r < scores.rows; ++r) {
        out[2 * r] = -scores.values[r];
        out[2 * r + 1] = scores.values[r];
      }
    } else if (scores.columns != width) {
      return refuse("calibrators and scores do not fit");
    } else if (are_probabilities(scores)) {
      constexpr double kAdded = 1e-12;
      for (std::size_t i = 0; i < scores.rows * width; ++i) {
        out[i] = rounded(std::log(rounded(scores.values[i] + kAdded, scores.type)), scores.type);
      }
    } else {
      std::copy_n(scores.values, scores.rows * width, out);
    }
    for (std::size_t r = 0; r < scores.rows; ++r) {
      double* const row = out + r * width;
      for (std::size_t i = 0; i < width; ++i) row[i] = rounded(*fold.inverse_temperature * row[i], scores.type);
      softmax(row, width);
    }
    return out;
  }

  // _convert_to_logits: whether all rows could be what predict_proba() gives.
  static bool are_probabilities(const Batch& scores) {
    for (std::size_t r = 0; r < scores.rows; ++r) {
      double sum = 0;
      for (std::size_t i = 0; i < scores.columns; ++i) {
        const double score = scores.values[r * scores.columns + i];
        if (!(score >= 0 && score <= 1)) return false;
        sum += score;
      }
      if (!(std::fabs(sum - 1) <= 1e-8 + 1e-5)) return false;
    }
    return true;
  }

  static void normalise(double* row, std::size_t width) {
    if (width == 2) {
      row[0] = 1 - row[1];
    } else {
      double total = 0;
      for (std::size_t i = 0; i < width; ++i) total += row[i];
      for (std::size_t i = 0; i < width; ++i) row[i] = total != 0 ? row[i] / total : 1 / static_cast<double>(width);
    }
    for (std::size_t i = 0; i < width; ++i) {
      if (row[i] > 1 && row[i] <= 1 + 1e-5) row[i] = 1;
    }
  }

  std::vector<Fold> folds_;
};

bool read_calibrators(const State& state, Fold& fold) {
  const char* const name = state.has("calibrators") ? "calibrators" : "calibrators_";
  const std::vector<Value> values = state.items(name);
  for (std::size_t i = 0; i < values.size() && state.ok(); ++i) {
    const State one = state.child(values[i], fmt::format("{}[{}]", name, i));
    if (one.class_name() == "_TemperatureScaling") {
      fold.inverse_temperature = one.number("beta_");
      return one.ok() && one.check(values.size() == 1, "more than one calibrator of all classes");
    }
    Calibrator& calibrator = fold.calibrators.emplace_back();
    if (one.class_name() == "IsotonicRegression") {
      calibrator.isotonic = state.estimator(values[i], fmt::format("{}[{}]", name, i));
    } else if (one.class_name() == "_SigmoidCalibration") {
      calibrator.slope = one.number("a_");
      calibrator.offset = one.number("b_");
    } else {
      one.unsupported(fmt::format("calibration by {} is not supported", one.class_name()));
    }
  }
  return state.ok() && state.check(!fold.calibrators.empty(), "a fold without calibrators");
}

bool read_fold(const State& state, const Labels& classes, Fold& fold) {
  fold.estimator = state.estimator(state.has("estimator") ? "estimator" : "base_estimator");
  if (!state.ok() || !read_calibrators(state, fold)) return false;
  fold.method = fold.estimator->has(Method::kDecisionFunction) ? Method::kDecisionFunction : Method::kPredictProba;
  if (!state.check(fold.estimator->has(fold.method) && !fold.estimator->facts().classes.empty(), "no classifier")) return false;
  const Labels& known = fold.estimator->facts().classes[0];
  if (fold.inverse_temperature) {  // fitted on the positions of labels; scores stand in the order of classes_
    return state.check(known.values.size() == classes.values.size(), "calibrators and classes do not fit");
  }
  for (const Cell& label : known.values) {
    const auto found = std::ranges::find_if(classes.values, [&](const Cell& cell) { return equal(cell, label); });
    if (!state.check(found != classes.values.end(), "classes of a fold that are not those of the model")) return false;
    fold.positions.push_back(static_cast<std::size_t>(found - classes.values.begin()));
  }
  const bool one = fold.calibrators.size() == 1 && classes.values.size() == 2;
  return state.check(one || fold.calibrators.size() == fold.positions.size(), "calibrators and classes do not fit");
}

std::shared_ptr<Estimator> load_calibrated(State& state) {
  Labels classes = state.labels("classes_");
  std::vector<Fold> folds;
  const std::vector<Value> values = state.items("calibrated_classifiers_");
  for (std::size_t i = 0; i < values.size() && state.ok(); ++i) {
    const State one = state.child(values[i], fmt::format("calibrated_classifiers_[{}]", i));
    if (!state.ok() || !read_fold(one, classes, folds.emplace_back())) return nullptr;
  }
  if (!state.ok() || !state.check(!folds.empty() && classes.values.size() >= 2, "no folds, or fewer than two classes")) return nullptr;
  return std::make_shared<Calibrated>(std::move(folds), std::move(classes));
}

}  // namespace

std::span<const Registered> calibration_family() {
  static constexpr Registered kRows[] = {{"calibration", "CalibratedClassifierCV", load_calibrated}};
  return kRows;
}

}  // namespace cppickle::predict
