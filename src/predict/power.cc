// PowerTransformer: each column through Box and Cox's or Yeo and Johnson's power, then scaled.
#include <cmath>
#include <limits>

#include "predict/invertible.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

constexpr double kSpacing = std::numeric_limits<double>::epsilon();
constexpr double kFloatSpacing = std::numeric_limits<float>::epsilon();

// What numpy computes in: numpy 1 in the type of the rows whatever a scalar is, and in double
// where there are only scalars; numpy 2 in a type that holds both.
struct Types {
  ElementType rows, scalars, steps;
  double scalar(double value) const { return rounded(value, scalars); }
  double step(double value) const { return rounded(value, steps); }
};

struct Powers {
  std::vector<double> lambdas;
  bool is_box_cox = false;
  std::shared_ptr<const Estimator> scaler;  // null: not standardised
  bool uses_expm1 = false;      // since 1.9: scipy's yeojohnson
  bool undoes_with_log = false;  // since 1.6: scipy's inv_boxcox
  ElementType type = ElementType::kFloat64;  // of lambdas
  bool is_numpy_1 = false;                   // 1.5 was the first to know numpy 2
};

class PowerTransformer final : public InvertibleTransformer {
 public:
  explicit PowerTransformer(Powers powers) : powers_(std::move(powers)) { facts().features_in = powers_.lambdas.size(); }

 private:
  Accept accepts() const override { return {.sparse = true, .special = Accept::Special::kNan}; }

  Result<Batch> transform(const Batch& x, Workspace& memory) const override {
    if (x.form == Batch::Form::kSparse) return refuse_sparse();
    const std::size_t count = x.rows * x.columns;
    double* const out = memory.numbers(count);
    const Types types = types_for(x.type);
    for (std::size_t i = 0; i < count; ++i) {
      const double value = x.values[i], lambda = powers_.lambdas[i % x.columns];
      if (powers_.is_box_cox && value <= 0) return refuse("the Box-Cox transformation can only be applied to strictly positive data");
      out[i] = powers_.is_box_cox ? rounded(box_cox(value, types.step(lambda)), x.type) : yeo_johnson(value, types, lambda);
    }
    const Batch made = Batch::dense(out, x.rows, x.columns, x.type);
    return powers_.scaler ? powers_.scaler->run(Method::kTransform, made, memory) : made;
  }

  Result<Batch> inverse(const Batch& given, Workspace& memory) const override {
    if (given.form == Batch::Form::kSparse) return refuse_sparse();
    Batch x = given;
    x.names = nullptr;
    if (powers_.scaler) {
      const auto unscaled = powers_.scaler->run(Method::kInverseTransform, x, memory);
      if (!unscaled) return std::unexpected(unscaled.error());
      x = *unscaled;
    }
    const std::size_t count = x.rows * x.columns;
    double* const out = memory.numbers(count);
    const Types types = types_for(x.type);
    for (std::size_t i = 0; i < count; ++i) {
      const double lambda = powers_.lambdas[i % x.columns];
      out[i] = powers_.is_box_cox ? rounded(undo_box_cox(x.values[i], types, lambda), x.type)
                                  : undo_yeo_johnson(x.values[i], types, lambda);
    }
    return Batch::dense(out, x.rows, x.columns, x.type);
  }

  Types types_for(ElementType rows) const {
    if (powers_.is_numpy_1) return {rows, ElementType::kFloat64, rows};
    return {rows, powers_.type, promote(rows, powers_.type)};
  }

  // scipy.special.boxcox.
  static double box_cox(double x, double lambda) {
    if (std::fabs(lambda) < 1e-19) return std::log(x);
    return std::expm1(lambda * std::log(x)) / lambda;
  }

  double undo_box_cox(double x, const Types& types, double lambda) const {
    if (lambda == 0) return std::exp(x);
    if (powers_.undoes_with_log) return std::exp(std::log1p(lambda * x) / lambda);
    const double base = types.step(types.step(x * types.step(lambda)) + 1);
    return std::pow(base, types.step(types.scalar(1 / lambda)));
  }

  double yeo_johnson(double x, const Types& types, double lambda) const {
    if (std::isnan(x)) return x;
    const bool positive = x >= 0;
    const double power = positive ? lambda : types.scalar(2 - lambda), size = std::fabs(x);
    const double spacing = powers_.uses_expm1 && types.steps == ElementType::kFloat32 ? kFloatSpacing : kSpacing;
    double value;
    if (positive ? std::fabs(power) < spacing : std::fabs(power) <= spacing) {
      value = std::log1p(size);
    } else if (powers_.uses_expm1) {
      value = types.step(std::expm1(types.step(power * rounded(std::log1p(size), types.rows)))) / power;
    } else {
      const double raised = types.step(std::pow(rounded(size + 1, types.rows), types.step(power)));
      value = types.step(raised - 1) / types.step(power);
    }
    return rounded(positive ? value : -value, types.rows);
  }

  double undo_yeo_johnson(double x, const Types& types, double lambda) const {
    if (x >= 0) {
      if (std::fabs(lambda) < kSpacing) return rounded(rounded(std::exp(x), types.rows) - 1, types.rows);
      const double base = types.step(types.step(x * types.step(lambda)) + 1);
      return rounded(types.step(std::pow(base, types.step(types.scalar(1 / lambda)))) - 1, types.rows);
    }
    const double other = types.scalar(2 - lambda);
    if (std::fabs(types.scalar(lambda - 2)) > kSpacing) {
      const double base = types.step(types.step(types.step(-other) * x) + 1);
      return rounded(1 - types.step(std::pow(base, types.step(types.scalar(1 / other)))), types.rows);
    }
    return rounded(1 - rounded(std::exp(-x), types.rows), types.rows);
  }

  Powers powers_;
};

std::shared_ptr<Estimator> load_power(State& state) {
  Powers powers;
  Numbers lambdas = state.array("lambdas_");
  powers.type = lambdas.type == ElementType::kFloat32 ? ElementType::kFloat32 : ElementType::kFloat64;
  powers.lambdas = std::move(lambdas.values);
  const std::string method = state.text_or("method", state.version() < Version{0, 21} ? "box-cox" : "yeo-johnson");
  if (method != "box-cox" && method != "yeo-johnson") return state.unsupported("method is neither box-cox nor yeo-johnson"), nullptr;
  powers.is_box_cox = method == "box-cox";
  powers.uses_expm1 = state.version() >= Version{1, 9};
  powers.undoes_with_log = state.version() >= Version{1, 6};
  powers.is_numpy_1 = state.version() < Version{1, 5};
  if (state.flag_or("standardize", true)) {
    powers.scaler = state.estimator("_scaler");
    if (!state.ok()) return nullptr;
    const bool fits = powers.scaler->has(Method::kTransform) && powers.scaler->has(Method::kInverseTransform) &&
                      powers.scaler->facts().features_in == powers.lambdas.size();
    if (!state.check(fits, "_scaler and lambdas_ do not fit")) return nullptr;
  }
  return state.ok() ? std::make_shared<PowerTransformer>(std::move(powers)) : nullptr;
}

}  // namespace

std::span<const Registered> power_family() {
  static constexpr Registered kRows[] = {{"preprocessing", "PowerTransformer", load_power}};
  return kRows;
}

}  // namespace cppickle::predict
