// Partial least squares: PLSRegression, PLSCanonical, CCA (scikit-learn's cross_decomposition._PLS) and PLSSVD.
#include <fmt/format.h>

#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

struct Parts {
  std::vector<double> mean, scale;    // of the rows
  Matrix rotations;                   // turned: a row for each column of transform()
  Matrix coefficients;                // a row for each output; no rows: it does not predict
  std::vector<double> intercepts;
  Matrix loadings;                    // of inverse_transform: a row for each column of rows; no rows: there is none
  bool scales_to_predict = true;      // until 1.4; coef_ has the scale in it since
  bool is_vector = false;             // predict() of one output, since 1.3
  bool in_place = true;               // float32 rows stay float32 while they are centred and scaled
};

class LeastSquares final : public Estimator {
 public:
  explicit LeastSquares(Parts parts) : parts_(std::move(parts)) {
    facts().features_in = parts_.mean.size();
  }

  bool has(Method method) const override {
    return method == Method::kTransform || (method == Method::kPredict && parts_.coefficients.rows > 0) ||
           (method == Method::kInverseTransform && parts_.loadings.rows > 0);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (method == Method::kInverseTransform) return inverse(rows, memory);
    const auto x = numbers(rows, memory, {.keep_float32 = parts_.in_place, .dense_only = true});
    if (!x) return std::unexpected(x.error());
    const bool predicts = method == Method::kPredict, scales = !predicts || parts_.scales_to_predict;
    const std::size_t width = x->columns, count = x->rows * width;
    double* const scaled = memory.numbers(count);
    for (std::size_t i = 0; i < count; ++i) {
      scaled[i] = rounded(x->values[i] - parts_.mean[i % width], x->type);
      if (scales) scaled[i] = rounded(scaled[i] / parts_.scale[i % width], x->type);
    }
    const Matrix& weights = predicts ? parts_.coefficients : parts_.rotations;
    double* const out = memory.numbers(x->rows * weights.rows);
    product(scaled, x->rows, width, weights.values.data(), weights.rows, out);
    Batch answer = Batch::dense(out, x->rows, weights.rows);
    if (predicts) {
      for (std::size_t i = 0; i < x->rows * weights.rows; ++i) out[i] += parts_.intercepts[i % weights.rows];
      answer.is_vector = parts_.is_vector;
    }
    return answer;
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    return numbered_names(parts_.rotations.rows);
  }

 private:
  Result<Batch> inverse(const Batch& rows, Workspace& memory) const {
    const auto x = numbers_to_undo(rows, parts_.loadings.columns, memory, {.dense_only = true});
    if (!x) return std::unexpected(x.error());
    const std::size_t width = parts_.loadings.rows;
    double* const out = memory.numbers(x->rows * width);
    product(*x, parts_.loadings.values.data(), width, out);
    for (std::size_t i = 0; i < x->rows * width; ++i) out[i] = out[i] * parts_.scale[i % width] + parts_.mean[i % width];
    return Batch::dense(out, x->rows, width);
  }

  Parts parts_;
};

// What all of them have; fails for what was not fitted with float64, which none of them keeps.
bool read(const State& state, const char* rotations, Parts& parts) {
  const bool named_now = state.has("_x_mean");  // since 0.24
  parts.mean = state.vector(named_now ? "_x_mean" : "x_mean_");
  parts.scale = state.vector(named_now ? "_x_std" : "x_std_");
  const Matrix matrix = state.matrix(rotations);
  if (!state.ok()) return false;
  const std::size_t width = parts.mean.size();
  if (!state.check(width > 0 && parts.scale.size() == width && matrix.rows == width, "_x_mean, _x_std and rotations do not fit")) {
    return false;
  }
  parts.rotations = transposed(matrix);
  return true;
}

std::shared_ptr<Estimator> load_pls(State& state) {
  Parts parts;
  if (!read(state, "x_rotations_", parts)) return nullptr;
  const Version version = state.version();
  // (features, outputs) until 1.0, turned since; under another name until 1.2.
  const bool private_name = state.has("_coef_");
  Matrix coefficients = state.matrix(private_name ? "_coef_" : "coef_");
  const bool named_mean = state.has("_y_mean");
  parts.intercepts = state.vector(state.has("intercept_") ? "intercept_" : named_mean ? "_y_mean" : "y_mean_");
  if (!state.ok()) return nullptr;
  parts.coefficients = private_name || version >= Version{1, 3} ? std::move(coefficients) : transposed(coefficients);
  if (!state.check(parts.coefficients.rows > 0 && parts.coefficients.columns == parts.mean.size() &&
                       parts.intercepts.size() == parts.coefficients.rows,
                   "coef_, intercept_ and _x_mean do not fit")) {
    return nullptr;
  }
  parts.scales_to_predict = version < Version{1, 5};
  parts.is_vector = version >= Version{1, 3} && state.flag_or("_predict_1d", false);
  if (!state.ok() || !state.check(!parts.is_vector || parts.coefficients.rows == 1, "coef_ and _predict_1d do not fit")) {
    return nullptr;
  }
  if (version >= Version{0, 22}) {
    parts.loadings = state.matrix("x_loadings_");
    if (!state.ok() || !state.check(parts.loadings.rows == parts.mean.size() && parts.loadings.columns == parts.rotations.rows,
                                    "x_loadings_ and x_rotations_ do not fit")) {
      return nullptr;
    }
  }
  return std::make_shared<LeastSquares>(std::move(parts));
}

std::shared_ptr<Estimator> load_pls_svd(State& state) {
  Parts parts;
  if (!read(state, "x_weights_", parts)) return nullptr;
  parts.in_place = false;
  return std::make_shared<LeastSquares>(std::move(parts));
}

}  // namespace

std::span<const Registered> pls_family() {
  static constexpr Registered kRows[] = {
      {"cross_decomposition", "PLSRegression", load_pls},
      {"cross_decomposition", "PLSCanonical", load_pls},
      {"cross_decomposition", "CCA", load_pls},
      {"cross_decomposition", "PLSSVD", load_pls_svd},
  };
  return kRows;
}

}  // namespace cppickle::predict
