// OneVsRestClassifier and OneVsOneClassifier over any binary classifier.
#include <algorithm>
#include <cmath>

#include "predict/compose.h"
#include "predict/registry.h"
#include "predict/votes.h"

namespace cppickle::predict {
namespace {

// _ConstantPredictor: all rows of the training data had the same label.
class Constant final : public Estimator {
 public:
  explicit Constant(double y) : y_(y) {}
  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kDecisionFunction || method == Method::kPredictProba;
  }
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const std::size_t width = method == Method::kPredictProba ? 2 : 1;
    double* const out = memory.numbers(rows.rows * width);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      out[r * width] = 1 - y_;
      out[r * width + width - 1] = y_;
    }
    return width == 2 ? Batch::dense(out, rows.rows, width) : Batch::vector(out, rows.rows);
  }

 private:
  double y_;
};

std::shared_ptr<Estimator> load_constant(State& state) {
  const std::vector<double> y = state.vector("y_");
  if (!state.ok() || !state.check(y.size() == 1, "y_ of a constant predictor")) return nullptr;
  return std::make_shared<Constant>(y[0]);
}

// One number for each row: of probabilities that of the second class.
Result<Batch> score(const Estimator& estimator, Method method, const Batch& rows, Workspace& memory) {
  auto answer = run_numbers(estimator, method, rows, memory);
  if (!answer) return answer;
  const bool is_proba = method == Method::kPredictProba;
  if (answer->columns != (is_proba ? 2 : 1)) return refuse("an inner estimator has more than two classes");
  constexpr std::size_t kSecond[] = {1};
  return is_proba ? select_columns(*answer, kSecond, false, memory) : *answer;
}

// _predict_binary's choice.
Method confidence_of(const Estimator& estimator) {
  for (const Method method : {Method::kDecisionFunction, Method::kPredictProba}) {
    if (estimator.has(method)) return method;
  }
  return Method::kPredict;
}

double threshold(const Estimator& estimator) { return estimator.has(Method::kDecisionFunction) ? 0 : 0.5; }

class OneVsRest final : public Estimator {
 public:
  // What predict() gives: one label for each row, or whether it has each of them, as an array or a sparse matrix.
  enum class Predicts : std::uint8_t { kLabel, kFlags, kSparseFlags };

  // Until 0.18 the scores of two classes stood in a column.
  OneVsRest(std::vector<EstimatorPointer> estimators, Labels classes, Predicts predicts, bool binary_in_columns)
      : estimators_(std::move(estimators)), predicts_(predicts), binary_in_columns_(binary_in_columns) {
    facts().classes.push_back(std::move(classes));
    for (const EstimatorPointer& estimator : estimators_) adopt_input(facts(), *estimator);
  }

  bool has(Method method) const override {
    if (method == Method::kPredict) return true;
    return (method == Method::kPredictProba || method == Method::kDecisionFunction) && estimators_[0]->has(method);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const std::size_t count = estimators_.size();
    double* const scores = memory.numbers(rows.rows * count);
    ElementType type = ElementType::kFloat32;
    for (std::size_t i = 0; i < count; ++i) {
      const Estimator& estimator = *estimators_[i];
      const Method asked = method == Method::kPredictProba ? method : confidence_of(estimator);
      const auto column = score(estimator, asked, rows, memory);
      if (!column) return std::unexpected(column.error());
      type = promote(type, column->type);
      for (std::size_t r = 0; r < rows.rows; ++r) scores[r * count + i] = column->values[r];
    }
    if (method == Method::kPredictProba) return probabilities(scores, rows.rows, type, memory);
    if (method == Method::kDecisionFunction) {
      return count == 1 && !binary_in_columns_ ? Batch::vector(scores, rows.rows, type) : Batch::dense(scores, rows.rows, count, type);
    }
    if (predicts_ != Predicts::kLabel) return flags(scores, rows.rows, memory);
    double* const out = memory.numbers(rows.rows);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      const double* const row = scores + r * count;
      out[r] = count == 1 ? (row[0] > threshold(*estimators_[0]) ? 1 : 0) : last_largest(row, count);
    }
    return predicted(out, rows.rows);
  }

 private:
  Result<Batch> flags(double* scores, std::size_t rows, Workspace& memory) const {
    const std::size_t count = estimators_.size();
    for (std::size_t i = 0; i < rows * count; ++i) scores[i] = scores[i] > threshold(*estimators_[0]) ? 1 : 0;
    const Batch dense = Batch::dense(scores, rows, count, ElementType::kInt64);
    return predicts_ == Predicts::kFlags ? dense : side_by_side({&dense, 1}, rows, Joined::kSparse, memory);
  }

  Batch probabilities(double* scores, std::size_t rows, ElementType type, Workspace& memory) const {
    const std::size_t count = estimators_.size();
    if (count == 1) {
      double* const both = memory.numbers(rows * 2);
      for (std::size_t r = 0; r < rows; ++r) {
        both[2 * r] = rounded(1 - scores[r], type);
        both[2 * r + 1] = scores[r];
      }
      return Batch::dense(both, rows, 2, type);
    }
    for (std::size_t r = 0; r < rows && predicts_ == Predicts::kLabel; ++r) {
      double total = 0;
      for (std::size_t i = 0; i < count; ++i) total += scores[r * count + i];
      for (std::size_t i = 0; i < count; ++i) scores[r * count + i] = rounded(scores[r * count + i] / total, type);
    }
    return Batch::dense(scores, rows, count, type);
  }

  // argmaxima[maxima == pred] = i: of equal scores the last one counts.
  static double last_largest(const double* row, std::size_t count) {
    double most = -INFINITY;
    std::size_t best = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (std::isnan(row[i])) most = row[i];
      if (!(row[i] >= most)) continue;
      most = row[i];
      best = i;
    }
    return static_cast<double>(best);
  }

  std::vector<EstimatorPointer> estimators_;
  Predicts predicts_;
  bool binary_in_columns_;
};

class OneVsOne final : public Estimator {
 public:
  // Until 0.18 two classes were like more.
  OneVsOne(std::vector<EstimatorPointer> estimators, Labels classes, Version version)
      : estimators_(std::move(estimators)),
        scales_by_all_(version < Version{0, 21}),
        two_are_special_(version >= Version{0, 19}) {
    facts().classes.push_back(std::move(classes));
    adopt_input(facts(), *estimators_[0]);
  }

  bool has(Method method) const override { return method == Method::kPredict || method == Method::kDecisionFunction; }
  bool wants_all_rows(Method) const override { return scales_by_all_; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const std::size_t width = facts().classes[0].values.size();
    double* const votes = memory.numbers(rows.rows * width);
    double* const sums = memory.numbers(rows.rows * width);
    std::fill_n(votes, rows.rows * width, 0.0);
    std::fill_n(sums, rows.rows * width, 0.0);
    std::size_t k = 0;
    for (std::size_t i = 0; i < width; ++i) {
      for (std::size_t j = i + 1; j < width; ++j, ++k) {
        const auto predicted = run_numbers(*estimators_[k], Method::kPredict, rows, memory);
        if (!predicted) return predicted;
        const auto sure = score(*estimators_[k], confidence_of(*estimators_[k]), rows, memory);
        if (!sure) return sure;
        for (std::size_t r = 0; r < rows.rows; ++r) {
          sums[r * width + i] -= sure->values[r];
          sums[r * width + j] += sure->values[r];
          votes[r * width + (predicted->values[r] == 0 ? i : j)] += 1;
        }
      }
    }
    add_confidences(votes, sums, rows.rows * width, scales_by_all_);
    if (method == Method::kPredict) return labels(votes, rows.rows, memory);
    if (width != 2 || !two_are_special_) return Batch::dense(votes, rows.rows, width);
    double* const second = memory.numbers(rows.rows);
    for (std::size_t r = 0; r < rows.rows; ++r) second[r] = votes[2 * r + 1];
    return Batch::vector(second, rows.rows);
  }

 private:
  Batch labels(const double* scores, std::size_t rows, Workspace& memory) const {
    const std::size_t width = facts().classes[0].values.size();
    double* const out = memory.numbers(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      const double* const row = scores + r * width;
      out[r] = width == 2 && two_are_special_ ? (row[1] > threshold(*estimators_[0]) ? 1 : 0)
                                              : static_cast<double>(first_largest(row, width));
    }
    return predicted(out, rows);
  }

  std::vector<EstimatorPointer> estimators_;
  bool scales_by_all_, two_are_special_;
};

// The newest where none is told.
Version version_of(const State& state) { return state.version() == Version{} ? Version{99, 0} : state.version(); }

std::shared_ptr<Estimator> load_one_vs_rest(State& state) {
  auto estimators = state.estimators("estimators_");
  const State binarizer = state.child("label_binarizer_");
  if (!state.ok()) return nullptr;
  using Predicts = OneVsRest::Predicts;
  const bool several = binarizer.text_or("y_type_", "").starts_with("multilabel");
  const Predicts predicts = !several                                   ? Predicts::kLabel
                            : binarizer.flag_or("sparse_input_", false) ? Predicts::kSparseFlags
                                                                        : Predicts::kFlags;
  Labels classes = binarizer.labels("classes_");
  const std::size_t count = estimators.size();
  if (!state.ok() || !state.check(count > 0 && (count == 1 && !several ? classes.values.size() == 2 : classes.values.size() == count),
                                  "estimators_ and classes do not fit")) {
    return nullptr;
  }
  return std::make_shared<OneVsRest>(std::move(estimators), std::move(classes), predicts,
                                     version_of(state) < Version{0, 19});
}

std::shared_ptr<Estimator> load_one_vs_one(State& state) {
  auto estimators = state.estimators("estimators_");
  Labels classes = state.labels("classes_");
  if (!state.ok()) return nullptr;
  if (state.given("pairwise_indices_")) {
    state.unsupported("OneVsOneClassifier over precomputed kernels is not supported");
    return nullptr;
  }
  const std::size_t count = classes.values.size();
  if (!state.check(count >= 2 && count < 1000000 && estimators.size() == count * (count - 1) / 2,
                   "estimators_ and classes_ do not fit")) {
    return nullptr;
  }
  return std::make_shared<OneVsOne>(std::move(estimators), std::move(classes), version_of(state));
}

}  // namespace

std::span<const Registered> multiclass_family() {
  static constexpr Registered kRows[] = {
      {"multiclass", "OneVsRestClassifier", load_one_vs_rest},
      {"multiclass", "OneVsOneClassifier", load_one_vs_one},
      {"multiclass", "_ConstantPredictor", load_constant},
  };
  return kRows;
}

}  // namespace cppickle::predict
