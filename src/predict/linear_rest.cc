// Linear models with something of their own: links, deviations, one class; and those that only carry coef_ and intercept_.
#include <cmath>

#include "predict/hyperplanes.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

enum class Link : std::uint8_t { kIdentity, kLog };

class LinkedRegressor final : public Regressor {
 public:
  LinkedRegressor(Hyperplanes planes, Link link, Accept accept)
      : planes_(std::move(planes)), link_(link), accept_(accept) {
    facts().features_in = planes_.weights.columns;
  }

 private:
  Accept accepts() const override { return accept_; }
  std::size_t outputs() const override { return planes_.weights.rows; }
  bool gives_vector() const override { return planes_.is_vector; }
  ElementType answer_type(ElementType x) const override { return planes_.answer_type(x); }
  void predict(const Batch& x, double* out, Workspace&) const override {
    planes_.scores(x, out);
    if (link_ == Link::kIdentity) return;
    const std::size_t count = x.rows * outputs();
    round_all(out, count, answer_type(x.type));
    for (std::size_t i = 0; i < count; ++i) out[i] = std::exp(out[i]);
  }

  Hyperplanes planes_;
  Link link_;
  Accept accept_;
};

// predict(return_std=True) of BayesianRidge and ARDRegression: the root of x sigma x + 1 / alpha.
struct Spread {
  std::vector<double> offset, scale;  // of rows, where they are centred and scaled first; else empty
  std::vector<std::size_t> features;  // those that count; all in order where it is empty
  Matrix sigma;
  double noise = 0;  // 1 / alpha
  bool is_known = false;
};

class BayesianRegressor final : public Estimator {
 public:
  BayesianRegressor(Hyperplanes planes, Spread spread, bool decides)
      : planes_(std::move(planes)), spread_(std::move(spread)), decides_(decides) {
    facts().features_in = planes_.weights.columns;
  }

  bool has(Method method) const override {
    return method == Method::kPredict || (method == Method::kPredictStd && spread_.is_known) ||
           (method == Method::kDecisionFunction && decides_);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const bool with_spread = method == Method::kPredictStd;
    const auto x = numbers(rows, memory, {.sparse = true, .keep_integers = true, .dense_only = with_spread});
    if (!x) return std::unexpected(x.error());
    const ElementType type = planes_.answer_type(x->type);
    double* const means = memory.numbers(x->rows);
    planes_.scores(*x, means);
    round_all(means, x->rows, type);
    if (!with_spread) return Batch::vector(means, x->rows, type);
    double* const out = memory.numbers(x->rows * 2);
    deviations(*x, out, memory);
    for (std::size_t r = 0; r < x->rows; ++r) {
      out[2 * r] = means[r];
      out[2 * r + 1] = rounded(out[2 * r + 1], type);
    }
    return Batch::dense(out, x->rows, 2, type);
  }

 private:
  void deviations(const Batch& x, double* out, Workspace& memory) const {
    const std::size_t width = spread_.sigma.rows;
    double* const rows = memory.numbers(x.rows * width);
    double* const spread = memory.numbers(x.rows * width);
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t i = 0; i < width; ++i) {
        const std::size_t feature = spread_.features.empty() ? i : spread_.features[i];
        double value = x.values[r * x.columns + feature];
        if (!spread_.offset.empty()) value -= spread_.offset[feature];
        if (!spread_.scale.empty()) value /= spread_.scale[feature];
        rows[r * width + i] = value;
      }
    }
    product(rows, x.rows, width, spread_.sigma.values.data(), width, spread);
    for (std::size_t r = 0; r < x.rows; ++r) {
      double sum = 0;
      for (std::size_t i = 0; i < width; ++i) sum += spread[r * width + i] * rows[r * width + i];
      out[2 * r + 1] = std::sqrt(sum + spread_.noise);
    }
  }

  Hyperplanes planes_;
  Spread spread_;
  bool decides_;  // decision_function() is predict() by another name
};

// decision_function() is the score less offset_; an inlier has none below 0.
class OneClassSgd final : public Estimator {
 public:
  OneClassSgd(Hyperplanes planes, double offset) : planes_(std::move(planes)), offset_(offset) {
    facts().features_in = planes_.weights.columns;
  }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kDecisionFunction || method == Method::kScoreSamples;
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, {.sparse = true, .keep_integers = true});
    if (!x) return std::unexpected(x.error());
    const ElementType type = planes_.answer_type(x->type);
    double* const out = memory.numbers(x->rows);
    planes_.scores(*x, out);
    round_all(out, x->rows, type);
    if (method == Method::kScoreSamples) {
      for (std::size_t r = 0; r < x->rows; ++r) out[r] = rounded(out[r] + offset_, type);
    }
    if (method != Method::kPredict) return Batch::vector(out, x->rows, type);
    for (std::size_t r = 0; r < x->rows; ++r) out[r] = out[r] >= 0 ? 1 : -1;
    return Batch::vector(out, x->rows, ElementType::kInt32);
  }

 private:
  Hyperplanes planes_;  // the intercept is -offset_
  double offset_;
};

// RANSACRegressor: what was fitted to the inliers.
class Consensus final : public Estimator {
 public:
  Consensus(std::shared_ptr<const Estimator> inner, bool checks) : inner_(std::move(inner)), checks_(checks) {
    facts().features_in = inner_->facts().features_in;
  }

  bool has(Method method) const override { return method == Method::kPredict && inner_->has(method); }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    Batch unnamed = rows;
    if (checks_) {
      if (const auto fits = check_columns(rows); !fits) return std::unexpected(fits.error());
      unnamed.names = nullptr;
    }
    return inner_->run(method, unnamed, memory);
  }

 private:
  std::shared_ptr<const Estimator> inner_;
  bool checks_;  // since 1.0
};

// 0.18 still had decision_function() of regressors.
bool is_old(const State& state) { return state.version() > Version{} && state.version() < Version{0, 19}; }

std::shared_ptr<Estimator> load_plain(State& state) {
  Hyperplanes planes;
  if (!read(state, planes)) return nullptr;
  auto made =
      std::make_shared<LinkedRegressor>(std::move(planes), Link::kIdentity, Accept{.sparse = true, .keep_integers = true});
  if (is_old(state)) made->set_decision(Regressor::Decision::kPrediction);
  return made;
}

std::shared_ptr<Estimator> load_linked(State& state, Link link) {
  Hyperplanes planes;
  if (!read(state, planes)) return nullptr;
  return std::make_shared<LinkedRegressor>(std::move(planes), link, Accept{.sparse = true});
}

std::shared_ptr<Estimator> load_log_linked(State& state) { return load_linked(state, Link::kLog); }

std::shared_ptr<Estimator> load_tweedie(State& state) {
  const std::string link = state.text_or("link", "");
  if (link == "identity") return load_linked(state, Link::kIdentity);
  if (link == "log") return load_linked(state, Link::kLog);
  if (link == "auto") return load_linked(state, state.number_or("power", 0) <= 0 ? Link::kIdentity : Link::kLog);
  state.unsupported("TweedieRegressor with a link of its own is not supported");
  return nullptr;
}

// Attributes that rows are centred and scaled by before they meet sigma_: all of them until 1.1 where normalize=True,
// only the offset since 1.9.
bool read_scaling(const State& state, std::size_t width, Spread& spread) {
  const Version version = state.version();
  const char* const name = state.has("_normalize") ? "_normalize" : "normalize";
  const bool normalize = version < Version{1, 2} && state.has(name) && state.text_or(name, "").empty() && state.flag_or(name, false);
  if (!normalize && version < Version{1, 9}) return state.ok();
  // ARDRegression forgot it until 0.22: return_std raised there.
  if (!state.has("X_offset_") && version < Version{1, 2}) {
    spread.is_known = false;
    return state.ok();
  }
  spread.offset = state.vector("X_offset_");
  if (normalize) spread.scale = state.vector("X_scale_");
  return state.ok() && state.check(spread.offset.size() == width && (!normalize || spread.scale.size() == width),
                                   "X_offset_, X_scale_ and coef_ do not fit");
}

std::shared_ptr<Estimator> load_bayesian(State& state) {
  Hyperplanes planes;
  if (!read(state, planes) || !state.check(planes.weights.rows == 1, "coef_ of several outputs")) return nullptr;
  const std::size_t width = planes.weights.columns;
  Spread spread;
  // return_std came with 0.19.
  if (state.version() >= Version{0, 19} && state.has("sigma_")) {
    spread.is_known = true;
    if (!read_scaling(state, width, spread)) return nullptr;
    std::size_t kept = width;
    if (state.class_name() == "ARDRegression") {
      const std::vector<double> lambdas = state.vector("lambda_");
      const double threshold = state.number("threshold_lambda");
      if (!state.ok() || !state.check(lambdas.size() == width, "lambda_ and coef_ do not fit")) return nullptr;
      for (std::size_t i = 0; i < width; ++i) {
        if (lambdas[i] < threshold) spread.features.push_back(i);
      }
      kept = spread.features.size();
    }
    const Numbers sigma = state.array("sigma_");
    const Numbers alpha = state.array("alpha_");
    if (!state.ok() || !state.check(sigma.values.size() == kept * kept && sigma.shape.size() == 2 && sigma.shape[0] == kept &&
                                        alpha.values.size() == 1,
                                    "sigma_, alpha_ and coef_ do not fit")) {
      return nullptr;
    }
    spread.noise = rounded(1 / alpha.values[0], alpha.type);
    spread.sigma = {kept, kept, std::vector<double>(kept * kept), sigma.type};
    for (std::size_t i = 0; i < kept * kept; ++i) spread.sigma.values[i % kept * kept + i / kept] = sigma.values[i];
  }
  return std::make_shared<BayesianRegressor>(std::move(planes), std::move(spread), is_old(state));
}

std::shared_ptr<Estimator> load_one_class_sgd(State& state) {
  Hyperplanes planes;
  const Numbers weights = state.array("coef_"), offset = state.array("offset_");
  if (!state.ok() || !state.check(!weights.values.empty() && weights.shape.size() <= 2 && offset.values.size() == 1 &&
                                      weights.shape.back() == weights.values.size(),
                                  "coef_ and offset_ do not fit")) {
    return nullptr;
  }
  planes.weights = {1, weights.values.size(), weights.values, weights.type};
  planes.intercepts = {-offset.values[0]};
  const bool floats = weights.type == ElementType::kFloat32;
  if (floats) planes.weight_type = ElementType::kFloat32;
  if (floats && offset.type == ElementType::kFloat32) planes.type = ElementType::kFloat32;
  return std::make_shared<OneClassSgd>(std::move(planes), offset.values[0]);
}

std::shared_ptr<Estimator> load_consensus(State& state) {
  const auto inner = state.estimator("estimator_");
  if (!inner) return nullptr;
  if (!inner->has(Method::kPredict)) {
    state.unsupported("RANSACRegressor of an estimator without predict");
    return nullptr;
  }
  return std::make_shared<Consensus>(inner, state.version() >= Version{1, 0});
}

}  // namespace

std::span<const Registered> linear_rest_family() {
  static constexpr Registered kRows[] = {
      {"linear_model", "Lars", load_plain},
      {"linear_model", "LarsCV", load_plain},
      {"linear_model", "LassoLars", load_plain},
      {"linear_model", "LassoLarsCV", load_plain},
      {"linear_model", "LassoLarsIC", load_plain},
      {"linear_model", "OrthogonalMatchingPursuit", load_plain},
      {"linear_model", "OrthogonalMatchingPursuitCV", load_plain},
      {"linear_model", "HuberRegressor", load_plain},
      {"linear_model", "TheilSenRegressor", load_plain},
      {"linear_model", "PassiveAggressiveRegressor", load_plain},
      {"linear_model", "QuantileRegressor", load_plain},
      {"linear_model", "MultiTaskLasso", load_plain},
      {"linear_model", "MultiTaskLassoCV", load_plain},
      {"linear_model", "MultiTaskElasticNet", load_plain},
      {"linear_model", "MultiTaskElasticNetCV", load_plain},
      {"linear_model", "BayesianRidge", load_bayesian},
      {"linear_model", "ARDRegression", load_bayesian},
      {"linear_model", "PoissonRegressor", load_log_linked},
      {"linear_model", "GammaRegressor", load_log_linked},
      {"linear_model", "TweedieRegressor", load_tweedie},
      {"linear_model", "SGDOneClassSVM", load_one_class_sgd},
      {"linear_model", "RANSACRegressor", load_consensus},
  };
  return kRows;
}

}  // namespace cppickle::predict
