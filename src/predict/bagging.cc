// BaggingClassifier and -Regressor: the mean of any estimators, each of which may see some of the columns only.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "predict/base_estimators.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

struct Parts {
  Estimators estimators;
  std::vector<std::vector<std::uint32_t>> columns;  // of each; empty where it takes rows as they are
  std::size_t features = 0;
  double count = 0;  // n_estimators
  bool of_trees = false;
  bool lets_through = false;  // what is no finite number, since 0.20

  Accept accept() const {
    return {.sparse = true,
            .special = lets_through ? Accept::Special::kAll : Accept::Special::kRefuse,
            .float32 = of_trees,
            .keep_integers = lets_through};
  }

  // X[:, features]
  Batch rows_for(std::size_t i, const Batch& x, Workspace& memory) const {
    if (columns[i].empty()) return x;
    const std::size_t width = columns[i].size();
    double* const picked = memory.numbers(x.rows * width);
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t c = 0; c < width; ++c) picked[r * width + c] = x.values[r * x.columns + columns[i][c]];
    }
    return Batch::dense(picked, x.rows, width, x.type);
  }

  bool picks() const {
    return std::ranges::any_of(columns, [](const auto& of_one) { return !of_one.empty(); });
  }
};

class Bagging : public Estimator {
 public:
  explicit Bagging(Parts parts) : parts_(std::move(parts)) { facts().features_in = parts_.features; }

 protected:
  // The rows as all estimators get them: dense where columns are picked.
  Result<Batch> prepared(const Batch& rows, Workspace& memory) const {
    Accept accept = parts_.accept();
    // Trees take no NaN in sparse rows.
    if (rows.form == Batch::Form::kSparse && parts_.of_trees) accept.special = Accept::Special::kRefuse;
    auto x = numbers(rows, memory, accept);
    if (!x) return x;
    if (x->form == Batch::Form::kSparse && (parts_.picks() || parts_.of_trees)) *x = densify(*x, memory);
    x->names = nullptr;
    return x;
  }

  // The sum of answers / n_estimators, in the type of the answers.
  Result<Batch> mean(const Batch& x, Method method, Workspace& memory) const;

  const Parts& parts() const { return parts_; }

 private:
  Parts parts_;
};

Result<Batch> Bagging::mean(const Batch& x, Method method, Workspace& memory) const {
  double* out = nullptr;
  std::size_t width = 0;
  ElementType type = ElementType::kFloat64;
  bool is_vector = false;
  for (std::size_t i = 0; i < parts_.estimators.size(); ++i) {
    const auto answer = parts_.estimators[i]->run(method, parts_.rows_for(i, x, memory), memory);
    if (!answer) return answer;
    if (i == 0) {
      width = answer->columns;
      is_vector = answer->is_vector;
      type = answer->type;
      out = memory.numbers(x.rows * width);
      std::fill_n(out, x.rows * width, 0.0);
    }
    const bool fits = answer->form == Batch::Form::kDense && answer->rows == x.rows && answer->columns == width &&
                      answer->labels.empty() && is_number(answer->type);
    if (!fits) return refuse("an estimator of the ensemble answers in another shape");
    type = promote(type, answer->type);
    for (std::size_t k = 0; k < x.rows * width; ++k) out[k] = rounded(out[k] + answer->values[k], type);
  }
  for (std::size_t k = 0; k < x.rows * width; ++k) out[k] = rounded(out[k] / parts_.count, type);
  Batch answer = Batch::dense(out, x.rows, width, is_float(type) ? type : ElementType::kFloat64);
  answer.is_vector = is_vector;
  return answer;
}

class BaggingRegressor final : public Bagging {
 public:
  using Bagging::Bagging;

  bool has(Method method) const override { return method == Method::kPredict; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = prepared(rows, memory);
    return x ? mean(*x, method, memory) : x;
  }
};

class BaggingClassifier final : public Bagging {
 public:
  // `classes_of`: of each estimator, which classes its columns are.
  BaggingClassifier(Parts parts, Labels classes, std::vector<std::vector<std::uint32_t>> classes_of)
      : Bagging(std::move(parts)), classes_(classes.values.size()), classes_of_(std::move(classes_of)) {
    facts().classes.push_back(std::move(classes));
  }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kPredictProba || method == Method::kPredictLogProba ||
           (method == Method::kDecisionFunction && parts().estimators[0]->has(method));
  }
  bool wants_all_rows(Method method) const override { return parts().estimators[0]->wants_all_rows(method); }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = prepared(rows, memory);
    if (!x) return x;
    if (method == Method::kDecisionFunction) return mean(*x, method, memory);
    double* const out = memory.numbers(x->rows * classes_);
    const bool sums_logarithms =
        method == Method::kPredictLogProba && parts().estimators[0]->has(Method::kPredictLogProba);
    const auto done = sums_logarithms ? log_probabilities(*x, out, memory) : probabilities(*x, out, memory);
    if (!done) return std::unexpected(done.error());
    if (method == Method::kPredict) return predicted_by_largest(out, x->rows, classes_, memory);
    if (method == Method::kPredictLogProba && !sums_logarithms) {
      for (std::size_t k = 0; k < x->rows * classes_; ++k) out[k] = std::log(out[k]);
    }
    return Batch::dense(out, x->rows, classes_);
  }

 private:
  // _parallel_predict_proba: an estimator without probabilities has one vote.
  Result<void> probabilities(const Batch& x, double* out, Workspace& memory) const {
    std::fill_n(out, x.rows * classes_, 0.0);
    for (std::size_t i = 0; i < parts().estimators.size(); ++i) {
      const Estimator& estimator = *parts().estimators[i];
      const std::vector<std::uint32_t>& classes = classes_of_[i];
      const Batch own = parts().rows_for(i, x, memory);
      if (estimator.has(Method::kPredictProba)) {
        const auto p = numbers_of(estimator, Method::kPredictProba, own, classes.size(), memory);
        if (!p) return std::unexpected(p.error());
        for (std::size_t r = 0; r < x.rows; ++r) {
          const double* const from = p->values + r * classes.size();
          for (std::size_t k = 0; k < classes.size(); ++k) out[r * classes_ + classes[k]] += from[k];
        }
        continue;
      }
      const auto predicted = estimator.run(Method::kPredict, own, memory);
      if (!predicted) return std::unexpected(predicted.error());
      if (predicted->rows != x.rows || predicted->columns != 1 || predicted->labels.size() != 1 ||
          predicted->labels[0].values.size() != classes.size()) {
        return refuse("an estimator of the ensemble predicts no classes");
      }
      for (std::size_t r = 0; r < x.rows; ++r) {
        out[r * classes_ + classes[static_cast<std::size_t>(predicted->values[r])]] += 1;
      }
    }
    for (std::size_t k = 0; k < x.rows * classes_; ++k) out[k] /= parts().count;
    return {};
  }

  Result<void> log_probabilities(const Batch& x, double* out, Workspace& memory) const {
    std::fill_n(out, x.rows * classes_, -HUGE_VAL);
    for (std::size_t i = 0; i < parts().estimators.size(); ++i) {
      const std::vector<std::uint32_t>& classes = classes_of_[i];
      const auto p = numbers_of(*parts().estimators[i], Method::kPredictLogProba, parts().rows_for(i, x, memory),
                                classes.size(), memory);
      if (!p) return std::unexpected(p.error());
      for (std::size_t r = 0; r < x.rows; ++r) {
        for (std::size_t k = 0; k < classes.size(); ++k) {
          double& sum = out[r * classes_ + classes[k]];
          sum = log_add_exp(sum, p->values[r * classes.size() + k]);
        }
      }
    }
    for (std::size_t k = 0; k < x.rows * classes_; ++k) out[k] -= std::log(parts().count);
    return {};
  }

  // numpy.logaddexp
  static double log_add_exp(double a, double b) {
    if (a == b) return a + std::numbers::ln2;
    const double difference = a - b;
    if (difference > 0) return a + std::log1p(std::exp(-difference));
    return difference <= 0 ? b + std::log1p(std::exp(difference)) : difference;
  }

  std::size_t classes_;
  std::vector<std::vector<std::uint32_t>> classes_of_;
};

bool read_columns(Parts& parts, const State& state) {
  const std::vector<Value> lists = state.items("estimators_features_");
  const bool alike = lists.size() == parts.estimators.size();
  if (!state.ok() || !state.check(alike, "estimators_features_ does not fit estimators_")) {
    return false;
  }
  for (std::size_t i = 0; i < lists.size(); ++i) {
    const std::vector<double> numbers = state.array_of(lists[i], "estimators_features_").values;
    if (!state.ok()) return false;
    std::vector<std::uint32_t> columns;
    bool is_identity = numbers.size() == parts.features;
    for (const double number : numbers) {
      const bool fits = number >= 0 && number < static_cast<double>(parts.features) && number < 4294967295.0;
      if (!state.check(fits, "estimators_features_ is out of range")) return false;
      is_identity = is_identity && number == static_cast<double>(columns.size());
      columns.push_back(static_cast<std::uint32_t>(number));
    }
    const auto wanted = parts.estimators[i]->facts().features_in;
    const bool fits = !columns.empty() && (!wanted || *wanted == columns.size());
    if (!state.check(fits, "estimators_features_ does not fit an estimator")) return false;
    if (is_identity) columns.clear();
    parts.columns.push_back(std::move(columns));
  }
  return true;
}

bool read_parts(Parts& parts, const State& state) {
  parts.estimators = read_estimators(state);
  const std::int64_t features = state.integer_or("n_features_in_", state.integer_or("n_features_", -1));
  if (!state.ok() || !state.check(features > 0, "the number of features is missing")) return false;
  parts.features = static_cast<std::size_t>(features);
  const auto made = static_cast<std::int64_t>(parts.estimators.size());
  parts.count = static_cast<double>(state.integer_or("n_estimators", made));
  parts.of_trees = are_trees(parts.estimators);
  parts.lets_through = state.version() >= Version{0, 20};
  return state.ok() && state.check(parts.count > 0, "n_estimators is no size") && read_columns(parts, state);
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  Parts parts;
  return read_parts(parts, state) ? std::make_shared<BaggingRegressor>(std::move(parts)) : nullptr;
}

// The estimators were fitted on positions in classes_.
std::shared_ptr<Estimator> load_classifier(State& state) {
  Parts parts;
  Labels classes = state.labels("classes_");
  if (!read_parts(parts, state)) return nullptr;
  const std::size_t count = classes.values.size();
  if (!state.check(count > 0, "no classes")) return nullptr;
  std::vector<std::vector<std::uint32_t>> classes_of;
  for (const auto& estimator : parts.estimators) {
    if (estimator->facts().classes.size() != 1) {
      state.unsupported("an estimator that predicts no classes");
      return nullptr;
    }
    const std::vector<Cell>& labels = estimator->facts().classes[0].values;
    std::vector<std::uint32_t> own;
    for (const Cell& label : labels) {
      const double number = label.kind == Cell::Kind::kReal ? label.real : static_cast<double>(label.integer);
      const bool fits = label.kind != Cell::Kind::kText && label.kind != Cell::Kind::kNone && number >= 0 &&
                        number < static_cast<double>(count) && number == std::floor(number);
      if (!state.check(fits, "classes of an estimator are no positions in classes_")) return nullptr;
      own.push_back(static_cast<std::uint32_t>(number));
    }
    classes_of.push_back(std::move(own));
  }
  return std::make_shared<BaggingClassifier>(std::move(parts), std::move(classes), std::move(classes_of));
}

}  // namespace

std::span<const Registered> bagging_family() {
  static constexpr Registered kRows[] = {
      {"ensemble", "BaggingClassifier", load_classifier},
      {"ensemble", "BaggingRegressor", load_regressor},
  };
  return kRows;
}

}  // namespace cppickle::predict
