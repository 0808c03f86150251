// Support vector machines with kernels: SVC, NuSVC, SVR, NuSVR, OneClassSVM, as libsvm computes them (svm.cpp of libsvm 3.x,
// sklearn/svm/_base.py).
#include <algorithm>
#include <cmath>

#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

enum class KernelKind : std::uint8_t { kLinear, kPoly, kRbf, kSigmoid };

struct Machine {
  KernelKind kernel = KernelKind::kRbf;
  double gamma = 1, coef0 = 0, degree = 3;
  Matrix vectors;                       // one support vector in each row
  std::vector<double> squares;          // of their norms
  Matrix dual;                          // of a classifier (classes - 1) rows, else one; columns are the vectors
  std::vector<double> intercepts;       // one for each pair of classes, or one

  // out: x.rows * vectors.rows values of the kernel.
  void kernels(const Batch& x, double* out) const {
    const std::size_t count = vectors.rows, width = vectors.columns;
    if (kernel == KernelKind::kRbf) {
      for (std::size_t r = 0; r < x.rows; ++r) {
        for (std::size_t i = 0; i < count; ++i) {
          out[r * count + i] = std::exp(-gamma * squared_distance(x.values + r * width, vectors.row(i), width));
        }
      }
      return;
    }
    product(x, vectors.values.data(), count, out);
    if (kernel == KernelKind::kLinear) return;
    for (std::size_t i = 0; i < x.rows * count; ++i) {
      const double inner = gamma * out[i] + coef0;
      out[i] = kernel == KernelKind::kSigmoid ? std::tanh(inner) : std::pow(inner, degree);
    }
  }
};

bool read_kernel(const State& state, Machine& machine) {
  const auto kernel = state.get("kernel");
  const auto name = kernel ? text_of(*kernel) : std::nullopt;
  if (name == "linear") {
    machine.kernel = KernelKind::kLinear;
  } else if (name == "poly") {
    machine.kernel = KernelKind::kPoly;
  } else if (name == "rbf") {
    machine.kernel = KernelKind::kRbf;
  } else if (name == "sigmoid") {
    machine.kernel = KernelKind::kSigmoid;
  } else {
    return state.unsupported("a support vector machine whose kernel is precomputed or a function is not supported");
  }
  machine.degree = state.number_or("degree", 3);
  machine.coef0 = state.number_or("coef0", 0);
  machine.gamma = machine.kernel == KernelKind::kLinear ? state.number_or("_gamma", 0) : state.number("_gamma");
  return state.ok();
}

bool read(const State& state, Machine& machine) {
  if (!read_kernel(state, machine)) return false;
  machine.vectors = state.matrix("support_vectors_");
  machine.dual = state.matrix(state.has("_dual_coef_") ? "_dual_coef_" : "dual_coef_");
  machine.intercepts = state.vector(state.has("_intercept_") ? "_intercept_" : "intercept_");
  if (!state.ok()) return false;
  const Numbers shape_fit = state.has("shape_fit_") ? state.array("shape_fit_") : Numbers();
  const std::size_t width = shape_fit.values.size() == 2 ? static_cast<std::size_t>(std::max(0.0, shape_fit.values[1])) : machine.vectors.columns;
  if (machine.vectors.rows == 0) machine.vectors.columns = std::min<std::size_t>(width, 1 << 24);
  return state.check(machine.dual.columns == machine.vectors.rows && machine.dual.rows >= 1 && !machine.intercepts.empty(),
                     "support vectors and coefficients do not fit");
}

// One value for each row: sum of coefficients times kernels, plus the intercept.
class SupportRegressor final : public Regressor {
 public:
  explicit SupportRegressor(Machine machine) : machine_(std::move(machine)) { facts().features_in = machine_.vectors.columns; }

 private:
  Accept accepts() const override { return {.keep_float32 = false}; }
  void predict(const Batch& x, double* out, Workspace& memory) const override {
    double* const kernels = memory.numbers(x.rows * machine_.vectors.rows);
    machine_.kernels(x, kernels);
    product(kernels, x.rows, machine_.vectors.rows, machine_.dual.values.data(), 1, out);
    for (std::size_t r = 0; r < x.rows; ++r) out[r] += machine_.intercepts[0];
  }

  Machine machine_;
};

// OneClassSVM: +1 inside, -1 outside; score_samples is the decision without its offset.
class OneClass final : public Estimator {
 public:
  OneClass(Machine machine, bool decides_in_columns, bool has_scores)
      : machine_(std::move(machine)), in_columns_(decides_in_columns), has_scores_(has_scores) {
    facts().features_in = machine_.vectors.columns;
  }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kDecisionFunction || (has_scores_ && method == Method::kScoreSamples);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, {.keep_float32 = false});
    if (!x) return x;
    double* const kernels = memory.numbers(x->rows * machine_.vectors.rows);
    double* const out = memory.numbers(x->rows);
    machine_.kernels(*x, kernels);
    product(kernels, x->rows, machine_.vectors.rows, machine_.dual.values.data(), 1, out);
    const double intercept = machine_.intercepts[0];
    for (std::size_t r = 0; r < x->rows; ++r) {
      out[r] += intercept;
      // score_samples adds offset_, which is the negative of the intercept, to the decision.
      if (method == Method::kScoreSamples) out[r] -= intercept;
      if (method == Method::kPredict) out[r] = out[r] > 0 ? 1 : -1;
    }
    if (method == Method::kPredict) return Batch::vector(out, x->rows, ElementType::kInt64);
    if (in_columns_ && method == Method::kDecisionFunction) return Batch::dense(out, x->rows, 1);
    return Batch::vector(out, x->rows);
  }

 private:
  Machine machine_;
  bool in_columns_, has_scores_;
};

class SupportClassifier final : public Estimator {
 public:
  struct Options {
    bool one_vs_rest = true;      // decision_function_shape
    bool break_ties = false;
    bool minus_binary = true;     // the decision of two classes is that of the second one
    std::vector<double> slopes, offsets;  // Platt's, one for each pair; empty without probabilities
  };

  SupportClassifier(Machine machine, std::vector<std::size_t> counts, Labels classes, Options options)
      : machine_(std::move(machine)), options_(std::move(options)) {
    facts().features_in = machine_.vectors.columns;
    facts().classes.push_back(std::move(classes));
    starts_.push_back(0);
    for (const std::size_t count : counts) starts_.push_back(starts_.back() + count);
  }

  bool has(Method method) const override {
    switch (method) {
      case Method::kPredict:
      case Method::kDecisionFunction: return true;
      case Method::kPredictProba:
      case Method::kPredictLogProba: return !options_.slopes.empty();
      default: return false;
    }
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, {.keep_float32 = false});
    if (!x) return x;
    const std::size_t classes = class_count();
    double* const pairs = memory.numbers(x->rows * pair_count());
    decide(*x, pairs, memory);
    switch (method) {
      case Method::kPredict: return labels(pairs, x->rows, memory);
      case Method::kDecisionFunction: return decision(pairs, x->rows, memory);
      default: break;
    }
    double* const out = memory.numbers(x->rows * classes);
    double* const scratch = memory.numbers(2 * classes * classes + classes);
    for (std::size_t r = 0; r < x->rows; ++r) couple(pairs + r * pair_count(), out + r * classes, scratch);
    if (method == Method::kPredictLogProba) {
      for (std::size_t i = 0; i < x->rows * classes; ++i) out[i] = std::log(out[i]);
    }
    return Batch::dense(out, x->rows, classes);
  }

 private:
  std::size_t class_count() const { return facts().classes[0].values.size(); }
  std::size_t pair_count() const { return class_count() * (class_count() - 1) / 2; }

  // svm_predict_values: the decision of each pair (i, j), positive for i.
  void decide(const Batch& x, double* out, Workspace& memory) const {
    const std::size_t vectors = machine_.vectors.rows, classes = class_count();
    double* const kernels = memory.numbers(x.rows * vectors);
    machine_.kernels(x, kernels);
    for (std::size_t r = 0; r < x.rows; ++r) {
      const double* const k = kernels + r * vectors;
      std::size_t pair = 0;
      for (std::size_t i = 0; i < classes; ++i) {
        for (std::size_t j = i + 1; j < classes; ++j, ++pair) {
          const double* const of_i = machine_.dual.row(j - 1) + starts_[i];
          const double* const of_j = machine_.dual.row(i) + starts_[j];
          out[r * pair_count() + pair] = dot(of_i, k + starts_[i], starts_[i + 1] - starts_[i]) +
                                         dot(of_j, k + starts_[j], starts_[j + 1] - starts_[j]) + machine_.intercepts[pair];
        }
      }
    }
  }

  // Votes; of equal ones the first class. With break_ties the largest of the one-vs-rest scores.
  Batch labels(const double* pairs, std::size_t rows, Workspace& memory) const {
    const std::size_t classes = class_count();
    double* const out = memory.numbers(rows);
    double* const votes = memory.numbers(classes);
    for (std::size_t r = 0; r < rows; ++r) {
      if (options_.break_ties && classes > 2) {
        scores(pairs + r * pair_count(), votes);
      } else {
        std::fill_n(votes, classes, 0.0);
        std::size_t pair = 0;
        for (std::size_t i = 0; i < classes; ++i) {
          for (std::size_t j = i + 1; j < classes; ++j, ++pair) votes[pairs[r * pair_count() + pair] > 0 ? i : j] += 1;
        }
      }
      out[r] = static_cast<double>(first_largest(votes, classes));
    }
    return predicted(out, rows);
  }

  // utils.multiclass._ovr_decision_function over the pairs with their signs turned.
  void scores(const double* pairs, double* out) const {
    const std::size_t classes = class_count();
    std::fill_n(out, classes, 0.0);
    std::size_t pair = 0;
    for (std::size_t i = 0; i < classes; ++i) {
      for (std::size_t j = i + 1; j < classes; ++j, ++pair) out[pairs[pair] < 0 ? j : i] += 1;
    }
    for (std::size_t c = 0; c < classes; ++c) {
      double sum = 0;
      pair = 0;
      for (std::size_t i = 0; i < classes; ++i) {
        for (std::size_t j = i + 1; j < classes; ++j, ++pair) {
          if (c == i) sum += pairs[pair];
          if (c == j) sum -= pairs[pair];
        }
      }
      out[c] += sum / (3 * (std::abs(sum) + 1));
    }
  }

  Batch decision(const double* pairs, std::size_t rows, Workspace& memory) const {
    const std::size_t classes = class_count();
    if (classes == 2) {
      double* const out = memory.numbers(rows);
      for (std::size_t r = 0; r < rows; ++r) out[r] = options_.minus_binary ? -pairs[r] : pairs[r];
      return Batch::vector(out, rows);
    }
    if (!options_.one_vs_rest) return Batch::dense(pairs, rows, pair_count());
    double* const out = memory.numbers(rows * classes);
    for (std::size_t r = 0; r < rows; ++r) scores(pairs + r * pair_count(), out + r * classes);
    return Batch::dense(out, rows, classes);
  }

  // svm_predict_probability and multiclass_probability: method 2 of Wu, Lin and Weng (2004), with libsvm's iteration.
  void couple(const double* pairs, double* p, double* scratch) const {
    const std::size_t k = class_count();
    double* const r = scratch;
    double* const q = scratch + k * k;
    double* const qp = scratch + 2 * k * k;
    constexpr double kLeast = 1e-7;
    std::size_t pair = 0;
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = i + 1; j < k; ++j, ++pair) {
        const double sure = platt(pairs[pair], options_.slopes[pair], options_.offsets[pair]);
        r[i * k + j] = std::min(std::max(sure, kLeast), 1 - kLeast);
        r[j * k + i] = 1 - r[i * k + j];
      }
    }
    for (std::size_t t = 0; t < k; ++t) {
      p[t] = 1.0 / static_cast<double>(k);
      q[t * k + t] = 0;
      for (std::size_t j = 0; j < t; ++j) {
        q[t * k + t] += r[j * k + t] * r[j * k + t];
        q[t * k + j] = q[j * k + t];
      }
      for (std::size_t j = t + 1; j < k; ++j) {
        q[t * k + t] += r[j * k + t] * r[j * k + t];
        q[t * k + j] = -r[j * k + t] * r[t * k + j];
      }
    }
    const double enough = 0.005 / static_cast<double>(k);
    const std::size_t most = std::max<std::size_t>(100, k);
    for (std::size_t iteration = 0; iteration < most; ++iteration) {
      double pqp = 0;
      for (std::size_t t = 0; t < k; ++t) {
        qp[t] = 0;
        for (std::size_t j = 0; j < k; ++j) qp[t] += q[t * k + j] * p[j];
        pqp += p[t] * qp[t];
      }
      double worst = 0;
      for (std::size_t t = 0; t < k; ++t) worst = std::max(worst, std::abs(qp[t] - pqp));
      if (worst < enough) break;
      for (std::size_t t = 0; t < k; ++t) {
        const double step = (-qp[t] + pqp) / q[t * k + t];
        p[t] += step;
        pqp = (pqp + step * (step * q[t * k + t] + 2 * qp[t])) / (1 + step) / (1 + step);
        for (std::size_t j = 0; j < k; ++j) {
          qp[j] = (qp[j] + step * q[t * k + j]) / (1 + step);
          p[j] /= 1 + step;
        }
      }
    }
  }

  static double platt(double decision, double slope, double offset) {
    const double z = decision * slope + offset;
    return z >= 0 ? std::exp(-z) / (1 + std::exp(-z)) : 1 / (1 + std::exp(z));
  }

  Machine machine_;
  std::vector<std::size_t> starts_;  // of each class among the vectors
  Options options_;
};

std::shared_ptr<Estimator> load_regressor(State& state) {
  Machine machine;
  if (!read(state, machine)) return nullptr;
  auto made = std::make_shared<SupportRegressor>(std::move(machine));
  if (state.version() > Version{} && state.version() < Version{0, 19}) made->set_decision(Regressor::Decision::kColumn);
  return made;
}

std::shared_ptr<Estimator> load_one_class(State& state) {
  Machine machine;
  if (!read(state, machine)) return nullptr;
  return std::make_shared<OneClass>(std::move(machine), state.version() < Version{0, 20}, state.version() >= Version{0, 20});
}

// Platt's numbers went by probA_ until 0.22, by _probA until 1.8, and are in _effective_probability's company since.
bool read_platt(const State& state, std::size_t pairs, SupportClassifier::Options& options) {
  // 1.9 writes probability='deprecated' beside the flag that counts.
  const auto written = state.get(state.has("_effective_probability") ? "_effective_probability" : "probability");
  const bool wanted = written && number_of(*written).value_or(0) != 0;
  if (!wanted) return state.ok();
  options.slopes = state.vector(state.has("_probA") ? "_probA" : "probA_");
  options.offsets = state.vector(state.has("_probB") ? "_probB" : "probB_");
  return state.ok() && state.check(options.slopes.size() == pairs && options.offsets.size() == pairs, "_probA and _probB do not fit the classes");
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  Machine machine;
  Labels classes = state.labels("classes_");
  const std::vector<std::int64_t> counts = state.integers(state.has("_n_support") ? "_n_support" : "n_support_");
  if (!read(state, machine)) return nullptr;
  const std::size_t k = classes.values.size();
  const std::size_t pairs = k * (k - 1) / 2;
  if (!state.check(k >= 2 && k < 100000 && counts.size() == k && machine.dual.rows == k - 1 && machine.intercepts.size() == pairs,
                   "classes_ and coefficients do not fit")) {
    return nullptr;
  }
  std::vector<std::size_t> sizes;
  std::size_t total = 0;
  for (const std::int64_t count : counts) {
    if (!state.check(count >= 0 && static_cast<std::size_t>(count) <= machine.vectors.rows - total, "n_support_ does not fit")) return nullptr;
    sizes.push_back(static_cast<std::size_t>(count));
    total += sizes.back();
  }
  SupportClassifier::Options options;
  // 0.18 had None, which was one-vs-one with a warning.
  options.one_vs_rest = state.text_or("decision_function_shape", "ovo") == "ovr";
  options.break_ties = options.one_vs_rest && state.flag_or("break_ties", false);
  if (!read_platt(state, pairs, options)) return nullptr;
  return std::make_shared<SupportClassifier>(std::move(machine), std::move(sizes), std::move(classes), std::move(options));
}

}  // namespace

std::span<const Registered> svm_family() {
  static constexpr Registered kRows[] = {
      {"svm", "SVC", load_classifier},        {"svm", "NuSVC", load_classifier},       {"svm", "SVR", load_regressor},
      {"svm", "NuSVR", load_regressor},       {"svm", "OneClassSVM", load_one_class},
  };
  return kRows;
}

}  // namespace cppickle::predict
