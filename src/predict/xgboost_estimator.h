// XGBoost's Booster and the classes of xgboost.sklearn, once they are read: rows in, what their methods answer out.
#ifndef CPPICKLE_PREDICT_XGBOOST_ESTIMATOR_H_
#define CPPICKLE_PREDICT_XGBOOST_ESTIMATOR_H_

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "predict/estimator.h"
#include "predict/xgboost_booster.h"

namespace cppickle::predict {

// Since then a DMatrix of infinite values is refused; predict() of scikit-learn's classes makes none of its rows.
inline constexpr Version kDMatrixRefuses = {1, 4};

class XgboostEstimator : public Estimator {
 public:
  enum class Kind : std::uint8_t { kBooster, kRegressor, kClassifier };

  struct Options {
    XgboostBooster::Use use;
    std::size_t applied_trees = 0;  // of apply()
    float missing = std::numeric_limits<float>::quiet_NaN();
    bool can_apply = false;
    bool refuses_infinity = false;  // of predict()
  };

  XgboostEstimator(std::shared_ptr<const XgboostBooster> booster, Options options)
      : booster_(std::move(booster)), options_(options) {
    facts().features_in = booster_->model().features;
  }

  bool has(Method method) const override {
    return method == Method::kPredict || (method == Method::kApply && options_.can_apply);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const bool applies = method == Method::kApply;
    const auto x = floats(rows, memory, applies ? kDMatrixRefuses <= booster_->version() : options_.refuses_infinity);
    if (!x) return std::unexpected(x.error());
    if (applies) return apply(*x, memory);
    const float* const answers = values(*x, memory);
    const std::size_t width = booster_->groups();
    if (booster_->link() == XgboostBooster::Link::kArgmax) return as_batch(answers, x->rows, 1, width, memory);
    return as_batch(answers, x->rows, width, width, memory);
  }

 protected:
  // Rows of floats with NaN for what is missing.
  Result<Batch> floats(const Batch& rows, Workspace& memory, bool refuses_infinity) const {
    const auto coded = booster_->recode(rows, memory);
    if (!coded) return std::unexpected(coded.error());
    const auto x = numbers(*coded, memory, {.sparse = true, .special = Accept::Special::kAll, .keep_integers = true});
    if (!x) return std::unexpected(x.error());
    const double* const values = booster_->float_rows(*x, options_.missing, memory);
    if (refuses_infinity) {
      const auto is_infinite = [](double value) { return std::abs(value) > double{std::numeric_limits<float>::max()}; };
      if (std::any_of(values, values + x->rows * x->columns, is_infinite)) {
        return refuse("input data contains `inf` or a value too large, while `missing` is not set to `inf`");
      }
    }
    return Batch::dense(values, x->rows, x->columns, ElementType::kFloat32);
  }

  float* margins(const Batch& x, Workspace& memory) const {
    auto* const out = memory.make<float>(x.rows * booster_->groups());
    booster_->margins(x.values, x.rows, options_.use, out, memory);
    return out;
  }
  float* values(const Batch& x, Workspace& memory) const {
    float* const out = margins(x, memory);
    booster_->transform(out, x.rows);
    return out;
  }

  // The first `columns` of every `stride` numbers; one column comes as (rows,).
  static Batch as_batch(const float* from, std::size_t rows, std::size_t columns, std::size_t stride,
                        Workspace& memory) {
    double* const out = memory.numbers(rows * columns);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t c = 0; c < columns; ++c) out[row * columns + c] = static_cast<double>(from[row * stride + c]);
    }
    Batch answer = Batch::dense(out, rows, columns, ElementType::kFloat32);
    answer.is_vector = columns == 1;
    return answer;
  }

  Batch apply(const Batch& x, Workspace& memory) const {
    const std::size_t trees = options_.applied_trees;
    double* const out = memory.numbers(x.rows * trees);
    booster_->leaves(x.values, x.rows, trees, out, memory);
    const ElementType type = booster_->version() < Version{1, 4} ? ElementType::kInt32 : ElementType::kFloat32;
    Batch answer = Batch::dense(out, x.rows, trees, type);
    answer.is_vector = trees == 1;
    return answer;
  }

  const XgboostBooster& booster() const { return *booster_; }
  bool refuses_infinity() const { return options_.refuses_infinity; }

 private:
  std::shared_ptr<const XgboostBooster> booster_;
  Options options_;
};

class XgboostClassifier final : public XgboostEstimator {
 public:
  // predict(): the class of the largest, above one half, softmax's class as int32, or one half for each label.
  enum class Choice : std::uint8_t { kLargest, kHalf, kClass, kLabels };
  // predict_proba(): as they are, with a column of 1 - p before it, or softmax of margins, or margins (1.4 and 1.5).
  enum class Probabilities : std::uint8_t { kNone, kValues, kBoth, kSoftmax, kMargins };

  XgboostClassifier(std::shared_ptr<const XgboostBooster> booster, Options options, Labels labels, Choice choice,
                    Probabilities probabilities)
      : XgboostEstimator(std::move(booster), options), choice_(choice), probabilities_(probabilities) {
    facts().classes.push_back(std::move(labels));
  }

  bool has(Method method) const override {
    return XgboostEstimator::has(method) || (method == Method::kPredictProba && probabilities_ != Probabilities::kNone);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method == Method::kApply) return XgboostEstimator::run(method, rows, memory);
    if (!has(method)) return no_method(*this, method);
    const auto x = floats(rows, memory, refuses_infinity());
    if (!x) return std::unexpected(x.error());
    return method == Method::kPredict ? predict(*x, memory) : probabilities(*x, memory);
  }

 private:
  Batch predict(const Batch& x, Workspace& memory) const {
    const float* const of_rows = values(x, memory);
    const std::size_t width = booster().groups();
    if (choice_ == Choice::kLabels) {
      double* const out = memory.numbers(x.rows * width);
      for (std::size_t i = 0; i < x.rows * width; ++i) out[i] = of_rows[i] > 0.5F ? 1 : 0;
      return Batch::dense(out, x.rows, width);
    }
    double* const out = memory.numbers(x.rows);
    for (std::size_t row = 0; row < x.rows; ++row) {
      const float* const values = of_rows + row * width;
      switch (choice_) {
        case Choice::kLargest: out[row] = static_cast<double>(largest(values, width)); break;
        case Choice::kClass: out[row] = static_cast<double>(*values); break;
        default: out[row] = *values > 0.5F ? 1 : 0;
      }
    }
    if (choice_ != Choice::kClass) return predicted(out, x.rows);
    // class_probs.astype(numpy.int32): numbers of another type than classes_.
    Batch answer = Batch::dense(out, x.rows, 1, ElementType::kInt32);
    answer.is_vector = true;
    return answer;
  }

  Batch probabilities(const Batch& x, Workspace& memory) const {
    const std::size_t width = booster().groups();
    if (probabilities_ == Probabilities::kMargins) return as_batch(margins(x, memory), x.rows, width, width, memory);
    if (probabilities_ == Probabilities::kSoftmax) {
      float* const all = margins(x, memory);
      for (std::size_t row = 0; row < x.rows; ++row) scipy_softmax(all + row * width, width);
      return as_batch(all, x.rows, width, width, memory);
    }
    const float* const all = values(x, memory);
    if (probabilities_ == Probabilities::kValues) {
      Batch answer = as_batch(all, x.rows, width, width, memory);
      answer.is_vector = false;
      return answer;
    }
    // numpy.vstack((1 - p, p)).transpose().
    const std::size_t stride = booster().link() == XgboostBooster::Link::kArgmax ? width : 1;
    double* const out = memory.numbers(x.rows * 2);
    for (std::size_t row = 0; row < x.rows; ++row) {
      const float p = all[row * stride];
      out[row * 2] = static_cast<double>(1.0F - p);
      out[row * 2 + 1] = static_cast<double>(p);
    }
    return Batch::dense(out, x.rows, 2, ElementType::kFloat32);
  }

  // numpy.argmax: NaN is largest.
  static std::size_t largest(const float* values, std::size_t count) {
    std::size_t best = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (std::isnan(values[i])) return i;
      if (values[i] > values[best]) best = i;
    }
    return best;
  }
  static void scipy_softmax(float* values, std::size_t count) {
    const float most = values[largest(values, count)];
    float sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += values[i] = std::exp(values[i] - most);
    for (std::size_t i = 0; i < count; ++i) values[i] /= sum;
  }

  Choice choice_;
  Probabilities probabilities_;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_XGBOOST_ESTIMATOR_H_
