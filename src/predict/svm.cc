// Support vector machines of libsvm: SVC, NuSVC, SVR, NuSVR, OneClassSVM.
//
// What scikit-learn keeps for two classes as dual_coef_ and intercept_ has the other sign; `_dual_coef_` and
// `_intercept_` are libsvm's own, of which decision_function() turns the sign for two classes.
#include <algorithm>
#include <cmath>

#include "predict/product.h"
#include "predict/registry.h"
#include "predict/svm_kernel.h"
#include "predict/votes.h"

namespace cppickle::predict {
namespace {

// What libsvm's svm_predict_values() computes.
class Machine {
 public:
  SupportVectors vectors;
  std::size_t width = 1;             // numbers of coefficients for each support vector: classes - 1
  std::vector<double> coefficients;  // vector after vector
  std::vector<double> intercepts;    // one for each pair of classes
  std::vector<std::size_t> starts;   // of the support vectors of each class, and their number
  std::size_t pairs() const { return intercepts.size(); }

  // out: x.rows * pairs().
  void decide(const Batch& x, double* out, Workspace& memory) const {
    const std::size_t classes = starts.size() - 1, stride = vectors.padded();
    double* const values = memory.numbers(kRows * stride);
    double* const sums = memory.numbers(kRows * std::max<std::size_t>(width, 1));
    for (std::size_t first = 0; first < x.rows; first += kRows) {
      const std::size_t rows = std::min(kRows, x.rows - first);
      vectors.kernel_values(x, first, rows, values, memory);
      if (classes > 1) {
        for (std::size_t r = 0; r < rows; ++r)
          decide_pairs(values + r * stride, out + (first + r) * pairs(), sums);
      } else {
        decide_one(values, rows, out + first);
      }
    }
  }

 private:
  static constexpr std::size_t kRows = 8;

  // Sums go from the first support vector to the last, as libsvm's do: coefficients may be so large that
  // another order is seen in the answer. Several rows at a time, for none of these sums can be hurried.
  void decide_one(const double* values, std::size_t rows, double* out) const {
    const std::size_t stride = vectors.padded(), count = vectors.count();
    double sums[kRows] = {};
    if (rows == kRows) {
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t r = 0; r < kRows; ++r) sums[r] += coefficients[i] * values[r * stride + i];
      }
    } else {
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t i = 0; i < count; ++i) sums[r] += coefficients[i] * values[r * stride + i];
      }
    }
    for (std::size_t r = 0; r < rows; ++r) out[r] = sums[r] + intercepts[0];
  }

  // The pair of classes i < j sums over the vectors of i, with row j - 1 of the coefficients, and then of j,
  // with row i.
  void decide_pairs(const double* values, double* out, double* sums) const {
    const std::size_t classes = starts.size() - 1;
    for (std::size_t c = 0; c < classes; ++c) {
      std::fill_n(sums, width, 0.0);
      for (std::size_t i = 0; i < c; ++i) sums[i] = out[pair(i, c)];
      for (std::size_t v = starts[c]; v < starts[c + 1]; ++v) {
        const double* const of_vector = coefficients.data() + v * width;
        for (std::size_t o = 0; o < width; ++o) sums[o] += of_vector[o] * values[v];
      }
      for (std::size_t i = 0; i < c; ++i) out[pair(i, c)] = sums[i] + intercepts[pair(i, c)];
      for (std::size_t j = c + 1; j < classes; ++j) out[pair(c, j)] = sums[j - 1];
    }
  }

  std::size_t pair(std::size_t i, std::size_t j) const {
    const std::size_t classes = starts.size() - 1;
    return i * (2 * classes - i - 1) / 2 + j - i - 1;
  }
};

bool read(const State& state, Machine& machine, std::size_t classes) {
  if (!machine.vectors.read(state)) return false;
  const std::size_t count = machine.vectors.count();
  const Matrix coefficients = state.matrix("_dual_coef_");
  machine.intercepts = state.vector("_intercept_");
  if (!state.ok()) return false;
  machine.width = std::max<std::size_t>(classes, 2) - 1;
  if (!state.check(coefficients.columns == count && coefficients.rows == machine.width,
                   "_dual_coef_ does not fit the support vectors and classes_")) {
    return false;
  }
  machine.coefficients.resize(coefficients.values.size());
  for (std::size_t o = 0; o < coefficients.rows; ++o) {
    for (std::size_t v = 0; v < count; ++v)
      machine.coefficients[v * machine.width + o] = coefficients.row(o)[v];
  }
  if (classes <= 2) machine.starts = {0, count};
  if (classes == 0) return state.check(machine.intercepts.size() == 1, "_intercept_ is no single number");
  const std::vector<std::int64_t> sizes =
      state.integers(state.has("_n_support") ? "_n_support" : "n_support_");
  if (!state.ok()) return false;
  bool fits = sizes.size() == classes && machine.intercepts.size() == classes * (classes - 1) / 2;
  std::vector<std::size_t> starts = {0};
  for (std::size_t c = 0; c < sizes.size() && fits; ++c) {
    fits = sizes[c] >= 0 && static_cast<std::uint64_t>(sizes[c]) <= count - starts.back();
    starts.push_back(starts.back() + static_cast<std::size_t>(fits ? sizes[c] : 0));
  }
  fits = fits && starts.back() == count;
  // The only pair of two classes is one sum over all vectors.
  if (classes > 2) machine.starts = std::move(starts);
  return state.check(fits, "_n_support, _dual_coef_, _intercept_ and classes_ do not fit");
}

// Rows as _validate_for_predict() takes them.
Result<void> check_form(const Batch& rows, const Machine& machine, const Estimator& estimator) {
  if (rows.form != Batch::Form::kSparse || machine.vectors.trained_on_sparse()) return {};
  return refuse("cannot use sparse input in '" + std::string(estimator.short_name()) + "' trained on dense data");
}

Accept what_is_accepted(const Machine& machine) {
  return {.sparse = machine.vectors.trained_on_sparse() && machine.vectors.is_sparse(),
          .keep_float32 = false};
}

// Probabilities of classes from those of pairs: the second method of Wu, Lin and Weng (JMLR 5, 2004),
// stopping when and where libsvm does, also for two classes. r is classes * classes, p the answer, q and qp
// are room for work.
void couple(const double* r, std::size_t classes, double* p, double* q, double* qp) {
  const double tolerance = 0.005 / static_cast<double>(classes);
  for (std::size_t t = 0; t < classes; ++t) {
    p[t] = 1.0 / static_cast<double>(classes);
    double diagonal = 0;
    for (std::size_t j = 0; j < classes; ++j) {
      if (j == t) continue;
      diagonal += r[j * classes + t] * r[j * classes + t];
      q[t * classes + j] = -r[j * classes + t] * r[t * classes + j];
    }
    q[t * classes + t] = diagonal;
  }
  const std::size_t most = std::max<std::size_t>(100, classes);
  for (std::size_t round = 0; round < most; ++round) {
    double pqp = 0, worst = 0;
    for (std::size_t t = 0; t < classes; ++t) {
      qp[t] = 0;
      for (std::size_t j = 0; j < classes; ++j) qp[t] += q[t * classes + j] * p[j];
      pqp += p[t] * qp[t];
    }
    for (std::size_t t = 0; t < classes; ++t) worst = std::max(worst, std::abs(qp[t] - pqp));
    if (worst < tolerance) return;
    for (std::size_t t = 0; t < classes; ++t) {
      const double step = (pqp - qp[t]) / q[t * classes + t];
      p[t] += step;
      pqp = (pqp + step * (step * q[t * classes + t] + 2 * qp[t])) / (1 + step) / (1 + step);
      for (std::size_t j = 0; j < classes; ++j) {
        qp[j] = (qp[j] + step * q[t * classes + j]) / (1 + step);
        p[j] /= 1 + step;
      }
    }
  }
}

class SupportVectorClassifier final : public Classifier {
 public:
  enum class Shape : std::uint8_t { kPairs, kVotes, kVotesOfBatch };

  struct Parts {
    Machine machine;
    std::vector<double> slopes, offsets;  // Platt's, one for each pair; empty without probabilities
    Shape shape = Shape::kPairs;
    bool break_ties = false;
  };
  SupportVectorClassifier(Parts parts, Labels classes) : parts_(std::move(parts)) {
    facts().features_in = parts_.machine.vectors.width();
    facts().classes.push_back(std::move(classes));
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (const auto fits = check_form(rows, parts_.machine, *this); !fits)
      return std::unexpected(fits.error());
    if (method == Method::kPredict && parts_.break_ties && parts_.shape == Shape::kPairs) {
      return refuse("break_ties must be False when decision_function_shape is 'ovo'");
    }
    return Classifier::run(method, rows, memory);
  }
  bool wants_all_rows(Method method) const override {
    return method == Method::kDecisionFunction && parts_.shape == Shape::kVotesOfBatch && class_count() > 2;
  }

 private:
  Accept accepts() const override { return what_is_accepted(parts_.machine); }
  bool has_probabilities() const override { return !parts_.slopes.empty(); }
  bool has_decision() const override { return true; }
  std::size_t decisions() const override {
    return class_count() > 2 && parts_.shape == Shape::kPairs ? parts_.machine.pairs()
                                                              : Classifier::decisions();
  }

  void decision(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t classes = class_count(), pairs = parts_.machine.pairs();
    if (classes == 2) {
      parts_.machine.decide(x, out, memory);
      for (std::size_t r = 0; r < x.rows; ++r) out[r] = -out[r];
      return;
    }
    if (parts_.shape == Shape::kPairs) return parts_.machine.decide(x, out, memory);
    double* const values = memory.numbers(x.rows * pairs);
    double* const sums = memory.numbers(x.rows * classes);
    parts_.machine.decide(x, values, memory);
    for (std::size_t r = 0; r < x.rows; ++r) votes(values + r * pairs, out + r * classes, sums + r * classes);
    add_confidences(out, sums, x.rows * classes, parts_.shape == Shape::kVotesOfBatch);
  }

  // For each class the pairs that it won, and the sum of what it won and lost by.
  void votes(const double* values, double* won, double* sums) const {
    const std::size_t classes = class_count();
    std::fill_n(won, classes, 0.0);
    std::fill_n(sums, classes, 0.0);
    for (std::size_t i = 0; i < classes; ++i) {
      for (std::size_t j = i + 1; j < classes; ++j, ++values) {
        sums[i] += *values;
        sums[j] -= *values;
        ++won[*values < 0 ? j : i];
      }
    }
  }

  void labels(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t classes = class_count(), pairs = parts_.machine.pairs();
    if (parts_.break_ties && classes > 2) return Classifier::labels(x, out, memory);
    double* const values = memory.numbers(x.rows * pairs);
    double* const won = memory.numbers(classes);
    parts_.machine.decide(x, values, memory);
    for (std::size_t r = 0; r < x.rows; ++r) {
      const double* value = values + r * pairs;
      std::fill_n(won, classes, 0.0);
      for (std::size_t i = 0; i < classes; ++i) {
        for (std::size_t j = i + 1; j < classes; ++j, ++value) ++won[*value > 0 ? i : j];
      }
      out[r] = static_cast<double>(first_largest(won, classes));
    }
  }

  void probabilities(const Batch& x, double* out, Workspace& memory) const override {
    constexpr double kLeast = 1e-7;
    const std::size_t classes = class_count(), pairs = parts_.machine.pairs();
    double* const values = memory.numbers(x.rows * pairs);
    double* const of_pairs = memory.numbers(classes * classes);
    double* const q = memory.numbers(classes * classes);
    double* const qp = memory.numbers(classes);
    parts_.machine.decide(x, values, memory);
    for (std::size_t r = 0; r < x.rows; ++r) {
      std::size_t pair = 0;
      for (std::size_t i = 0; i < classes; ++i) {
        for (std::size_t j = i + 1; j < classes; ++j, ++pair) {
          const double z = values[r * pairs + pair] * parts_.slopes[pair] + parts_.offsets[pair];
          // In these comparisons NaN counts as the least, as in libsvm's.
          const double p = logistic(-z), at_least = p > kLeast ? p : kLeast,
                       won = at_least < 1 - kLeast ? at_least : 1 - kLeast;
          of_pairs[i * classes + j] = won;
          of_pairs[j * classes + i] = 1 - won;
        }
      }
      couple(of_pairs, classes, out + r * classes, q, qp);
    }
  }

  Parts parts_;
};

class SupportVectorRegressor final : public Regressor {
 public:
  explicit SupportVectorRegressor(Machine machine) : machine_(std::move(machine)) {
    facts().features_in = machine_.vectors.width();
  }
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (const auto fits = check_form(rows, machine_, *this); !fits) return std::unexpected(fits.error());
    return Regressor::run(method, rows, memory);
  }

 private:
  Accept accepts() const override { return what_is_accepted(machine_); }
  void predict(const Batch& x, double* out, Workspace& memory) const override {
    machine_.decide(x, out, memory);
  }

  Machine machine_;
};

class OneClass final : public Estimator {
 public:
  OneClass(Machine machine, std::optional<double> offset, Version version)
      : machine_(std::move(machine)), offset_(offset), version_(version) {
    facts().features_in = machine_.vectors.width();
  }
  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kDecisionFunction ||
           (method == Method::kScoreSamples && offset_.has_value());
  }
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (const auto fits = check_form(rows, machine_, *this); !fits) return std::unexpected(fits.error());
    const auto x = numbers(rows, memory, what_is_accepted(machine_));
    if (!x) return std::unexpected(x.error());
    double* const out = memory.numbers(x->rows);
    machine_.decide(*x, out, memory);
    const bool is_old = version_ != Version{} && version_ < Version{0, 20};
    Batch answer = Batch::vector(out, x->rows);
    if (method == Method::kPredict) {
      for (std::size_t r = 0; r < x->rows; ++r) out[r] = out[r] > 0 ? 1 : -1;
      if (!is_old || version_ >= Version{0, 19}) answer.type = ElementType::kInt64;
    } else if (method == Method::kScoreSamples) {
      for (std::size_t r = 0; r < x->rows; ++r) out[r] += *offset_;
    } else {
      answer.is_vector = !is_old;
    }
    return answer;
  }

 private:
  Machine machine_;
  std::optional<double> offset_;
  Version version_;
};

// The one of two names that a version used; empty where there is none.
std::vector<double> read_platt(const State& state, const char* now, const char* then) {
  return state.has(now) ? state.vector(now) : state.has(then) ? state.vector(then) : std::vector<double>();
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  SupportVectorClassifier::Parts parts;
  Labels classes = state.labels("classes_");
  const std::size_t count = classes.values.size();
  if (!state.ok() || !state.check(count >= 2, "classes_ has less than two classes")) return nullptr;
  if (!state.check(count < 65536, "classes_ has too many classes") || !read(state, parts.machine, count))
    return nullptr;
  const bool wants = state.text_or("probability", "") != "deprecated" && state.flag_or("probability", false);
  if (wants) {
    parts.slopes = read_platt(state, "_probA", "probA_");
    parts.offsets = read_platt(state, "_probB", "probB_");
    const bool none = parts.slopes.empty() || parts.offsets.empty();
    const bool fits =
        parts.slopes.size() == parts.machine.pairs() && parts.offsets.size() == parts.machine.pairs();
    if (!state.ok() || !state.check(none || fits, "_probA, _probB and classes_ do not fit")) return nullptr;
    if (none) parts.slopes.clear();
  }
  using enum SupportVectorClassifier::Shape;
  const Version version = state.version();
  if (state.text_or("decision_function_shape", "") == "ovr") {
    parts.shape = version != Version{} && version < Version{0, 21} ? kVotesOfBatch : kVotes;
  }
  parts.break_ties = state.flag_or("break_ties", false);
  if (!state.ok()) return nullptr;
  return std::make_shared<SupportVectorClassifier>(std::move(parts), std::move(classes));
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  Machine machine;
  if (!read(state, machine, 0)) return nullptr;
  auto made = std::make_shared<SupportVectorRegressor>(std::move(machine));
  const bool is_old = state.version() != Version{} && state.version() < Version{0, 19};
  if (is_old) made->set_decision(Regressor::Decision::kColumn);
  return made;
}

std::shared_ptr<Estimator> load_one_class(State& state) {
  Machine machine;
  if (!read(state, machine, 0)) return nullptr;
  std::optional<double> offset;
  if (state.given("offset_")) offset = state.number("offset_");
  if (!state.ok()) return nullptr;
  return std::make_shared<OneClass>(std::move(machine), offset, state.version());
}

}  // namespace

std::span<const Registered> svm_family() {
  static constexpr Registered kRows[] = {
      {"svm", "SVC", load_classifier},        {"svm", "NuSVC", load_classifier},
      {"svm", "SVR", load_regressor},         {"svm", "NuSVR", load_regressor},
      {"svm", "OneClassSVM", load_one_class},
  };
  return kRows;
}

}  // namespace cppickle::predict
