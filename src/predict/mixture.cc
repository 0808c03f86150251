// GaussianMixture and BayesianGaussianMixture (scikit-learn's mixture._gaussian_mixture, _estimate_log_gaussian_prob).
#include <algorithm>
#include <cmath>

#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

enum class Shape : std::uint8_t { kFull, kTied, kDiagonal, kSpherical };

struct Parts {
  Shape shape = Shape::kFull;
  std::size_t components = 0, features = 0;
  std::vector<Matrix> factors;     // kFull, kTied: precisions_cholesky_ turned; one for each component, or one for all
  Matrix centres;                  // kFull, kTied: means times factors
  Matrix linear, squares;          // kDiagonal, kSpherical: what x and x * x are multiplied by
  std::vector<double> constants;   // kDiagonal, kSpherical: sum of means * means * precisions
  std::vector<double> log_dets;    // and all else that is added in the end, before the weights
  std::vector<double> log_weights;
  bool keeps_type = false;         // since 1.7 kFull and kTied hold distances in the type of the rows
  bool constant_too = false;       // and in 1.7 the logarithm of 2 pi, for all shapes
};

class Mixture final : public Estimator {
 public:
  explicit Mixture(Parts parts) : parts_(std::move(parts)) { facts().features_in = parts_.features; }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kPredictProba || method == Method::kScoreSamples;
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, {.keep_integers = true, .dense_only = true});
    if (!x) return std::unexpected(x.error());
    if (parts_.keeps_type && !holds(x->type) && (is_dense_shape() || parts_.constant_too)) {
      return refuse("scikit-learn would hold distances in too small a type: give rows of float64");
    }
    const std::size_t components = parts_.components;
    double* const scores = memory.numbers(x->rows * components);
    log_probabilities(*x, scores, memory);
    double* const out = memory.numbers(x->rows);
    for (std::size_t r = 0; r < x->rows; ++r) {
      double* const row = scores + r * components;
      if (method == Method::kPredict) {
        out[r] = static_cast<double>(first_largest(row, components));
        continue;
      }
      out[r] = log_sum_exp(row, components);
      for (std::size_t c = 0; c < components && method == Method::kPredictProba; ++c) row[c] = std::exp(row[c] - out[r]);
    }
    if (method == Method::kPredictProba) return Batch::dense(scores, x->rows, components);
    return Batch::vector(out, x->rows, method == Method::kPredict ? ElementType::kInt64 : ElementType::kFloat64);
  }

 private:
  bool is_dense_shape() const { return parts_.shape == Shape::kFull || parts_.shape == Shape::kTied; }

  static bool holds(ElementType type) {
    return type == ElementType::kFloat32 || type == ElementType::kFloat64 || type == ElementType::kInt64;
  }
  static double held(double value, ElementType type) {
    return type == ElementType::kInt64 ? std::trunc(value) : rounded(value, type);
  }

  void log_probabilities(const Batch& x, double* out, Workspace& memory) const {
    is_dense_shape() ? distances(x, out, memory) : separate_distances(x, out, memory);
    const ElementType type = is_dense_shape() && parts_.keeps_type ? x.type : ElementType::kFloat64;
    const ElementType constant_type = parts_.constant_too ? x.type : ElementType::kFloat64;
    const double log_two_pi = static_cast<double>(parts_.features) * held(std::log(2 * M_PI), constant_type);
    for (std::size_t i = 0; i < x.rows * parts_.components; ++i) {
      const std::size_t c = i % parts_.components;
      const double sum = rounded(rounded(log_two_pi, constant_type), type) + held(out[i], type);
      out[i] = -0.5 * rounded(sum, type) + parts_.log_dets[c] + parts_.log_weights[c];
    }
  }

  void distances(const Batch& x, double* out, Workspace& memory) const {
    const std::size_t features = parts_.features, components = parts_.components;
    double* const along = memory.numbers(x.rows * features);
    for (std::size_t c = 0; c < components; ++c) {
      if (c == 0 || parts_.shape == Shape::kFull) {
        product(x, parts_.factors[parts_.shape == Shape::kFull ? c : 0].values.data(), features, along);
      }
      for (std::size_t r = 0; r < x.rows; ++r) {
        out[r * components + c] = squared_distance(along + r * features, parts_.centres.row(c), features);
      }
    }
  }

  void separate_distances(const Batch& x, double* out, Workspace& memory) const {
    const std::size_t features = parts_.features, components = parts_.components, count = x.rows * components;
    double* const squares = memory.numbers(x.rows * features);
    double* const more = memory.numbers(count);
    for (std::size_t i = 0; i < x.rows * features; ++i) squares[i] = rounded(x.values[i] * x.values[i], x.type);
    product(x, parts_.linear.values.data(), components, out);
    product(squares, x.rows, features, parts_.squares.values.data(), components, more);
    for (std::size_t i = 0; i < count; ++i) out[i] = parts_.constants[i % components] - 2 * out[i] + more[i];
  }

  Parts parts_;
};

// The logarithmic derivative of the gamma function for x > 0: raised by its recurrence, then Stirling's series.
double digamma(double x) {
  if (!(x > 0)) return NAN;
  double sum = 0;
  for (; x < 10; ++x) sum -= 1 / x;
  const double y = 1 / (x * x);
  const double series = y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y * (1.0 / 132 - y * (691.0 / 32760 - y / 12))))));
  return sum + std::log(x) - 0.5 / x - series;
}

bool read_factors(const State& state, const Numbers& factors, const Matrix& means, Parts& parts) {
  const std::size_t components = parts.components, features = parts.features, square = features * features;
  const bool full = parts.shape == Shape::kFull;
  const std::size_t count = full ? components : 1;
  const std::vector<std::size_t> wanted =
      full ? std::vector<std::size_t>{components, features, features} : std::vector<std::size_t>{features, features};
  if (!state.check(factors.shape == wanted, "precisions_cholesky_ and means_ do not fit")) return false;
  for (std::size_t k = 0; k < count; ++k) {
    Matrix& turned = parts.factors.emplace_back(Matrix{features, features, std::vector<double>(square), ElementType::kFloat64});
    double log_det = 0;
    for (std::size_t i = 0; i < features; ++i) {
      for (std::size_t j = 0; j < features; ++j) turned.values[j * features + i] = factors.values[k * square + i * features + j];
      log_det += std::log(factors.values[k * square + i * features + i]);
    }
    parts.log_dets.push_back(log_det);
  }
  parts.log_dets.resize(components, parts.log_dets[0]);
  parts.centres = {components, features, std::vector<double>(components * features), ElementType::kFloat64};
  for (std::size_t c = 0; c < components; ++c) {
    product(means.row(c), 1, features, parts.factors[full ? c : 0].values.data(), features, parts.centres.values.data() + c * features);
  }
  return true;
}

bool read_separate(const State& state, const Numbers& factors, const Matrix& means, Parts& parts) {
  const std::size_t components = parts.components, features = parts.features;
  const bool diagonal = parts.shape == Shape::kDiagonal;
  const std::vector<std::size_t> wanted =
      diagonal ? std::vector<std::size_t>{components, features} : std::vector<std::size_t>{components};
  if (!state.check(factors.shape == wanted, "precisions_cholesky_ and means_ do not fit")) return false;
  parts.linear = parts.squares = {components, features, std::vector<double>(components * features), ElementType::kFloat64};
  for (std::size_t c = 0; c < components; ++c) {
    double sum = 0, log_det = 0;
    for (std::size_t i = 0; i < features; ++i) {
      const double factor = factors.values[diagonal ? c * features + i : c], mean = means.row(c)[i];
      const double precision = factor * factor;
      parts.squares.values[c * features + i] = precision;
      parts.linear.values[c * features + i] = mean * precision;
      sum += mean * mean * precision;
      log_det += std::log(factor);
    }
    parts.constants.push_back(sum);
    parts.log_dets.push_back(log_det);
  }
  return true;
}

bool read(const State& state, Parts& parts) {
  const std::string shape = state.text("covariance_type");
  const Matrix means = state.matrix("means_");
  const Numbers factors = state.array("precisions_cholesky_");
  if (!state.ok() || !state.check(means.rows > 0 && means.columns > 0, "means_ is empty")) return false;
  if (means.type == ElementType::kFloat32 || factors.type == ElementType::kFloat32) {
    return state.unsupported("a mixture that was fitted with float32 is not supported");
  }
  parts.components = means.rows;
  parts.features = means.columns;
  parts.keeps_type = state.version() >= Version{1, 7};
  parts.constant_too = state.version() == Version{1, 7};
  if (shape == "full" || shape == "tied") {
    parts.shape = shape == "full" ? Shape::kFull : Shape::kTied;
    return read_factors(state, factors, means, parts);
  }
  parts.shape = shape == "diag" ? Shape::kDiagonal : Shape::kSpherical;
  if (shape != "diag" && shape != "spherical") return state.unsupported("covariance_type=" + shape + " is not known");
  return read_separate(state, factors, means, parts);
}

std::shared_ptr<Estimator> load_mixture(State& state) {
  Parts parts;
  if (!read(state, parts)) return nullptr;
  for (const double weight : state.vector("weights_")) parts.log_weights.push_back(std::log(weight));
  if (!state.ok() || !state.check(parts.log_weights.size() == parts.components, "weights_ and means_ do not fit")) return nullptr;
  return std::make_shared<Mixture>(std::move(parts));
}

bool read_log_weights(const State& state, Parts& parts) {
  const std::size_t components = parts.components;
  if (state.text("weight_concentration_prior_type") == "dirichlet_process") {
    const std::vector<Value> sides = state.items("weight_concentration_");
    if (!state.ok() || !state.check(sides.size() == 2, "weight_concentration_ is no pair")) return false;
    const std::vector<double> a = state.array_of(sides[0], "weight_concentration_").values;
    const std::vector<double> b = state.array_of(sides[1], "weight_concentration_").values;
    if (!state.ok() || !state.check(a.size() == components && b.size() == components, "weight_concentration_ does not fit")) {
      return false;
    }
    double before = 0;
    for (std::size_t c = 0; c < components; ++c) {
      const double sum = digamma(a[c] + b[c]);
      parts.log_weights.push_back(digamma(a[c]) - sum + before);
      before += digamma(b[c]) - sum;
    }
    return true;
  }
  const std::vector<double> weights = state.vector("weight_concentration_");
  if (!state.ok() || !state.check(weights.size() == components, "weight_concentration_ does not fit")) return false;
  double sum = 0;
  for (const double weight : weights) sum += weight;
  for (const double weight : weights) parts.log_weights.push_back(digamma(weight) - digamma(sum));
  return true;
}

std::shared_ptr<Estimator> load_bayesian(State& state) {
  Parts parts;
  if (!read(state, parts)) return nullptr;
  std::vector<double> freedoms = state.vector("degrees_of_freedom_"), means = state.vector("mean_precision_");
  if (freedoms.size() == 1) freedoms.resize(parts.components, freedoms[0]);  // one for all of covariance_type='tied'
  if (!state.ok() || !state.check(freedoms.size() == parts.components && means.size() == parts.components,
                                  "degrees_of_freedom_, mean_precision_ and means_ do not fit")) {
    return nullptr;
  }
  const auto features = static_cast<double>(parts.features);
  for (std::size_t c = 0; c < parts.components; ++c) {
    double lambda = 0;
    for (std::size_t i = 0; i < parts.features; ++i) lambda += digamma(0.5 * (freedoms[c] - static_cast<double>(i)));
    lambda += features * M_LN2;
    parts.log_dets[c] += -0.5 * features * std::log(freedoms[c]) + 0.5 * (lambda - features / means[c]);
  }
  if (!read_log_weights(state, parts)) return nullptr;
  return std::make_shared<Mixture>(std::move(parts));
}

}  // namespace

std::span<const Registered> mixture_family() {
  static constexpr Registered kRows[] = {
      {"mixture", "GaussianMixture", load_mixture},
      {"mixture", "BayesianGaussianMixture", load_bayesian},
  };
  return kRows;
}

}  // namespace cppickle::predict
