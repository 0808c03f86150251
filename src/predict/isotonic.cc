// IsotonicRegression: straight lines between thresholds.
#include "predict/isotonic.h"

#include <algorithm>
#include <cmath>

#include "predict/registry.h"

namespace cppickle::predict {

bool IsotonicCurve::read(const State& state) {
  const bool named_now = state.has("X_thresholds_");  // since 0.24
  Numbers xs = state.array(named_now ? "X_thresholds_" : "_necessary_X_");
  Numbers ys = state.array(named_now ? "y_thresholds_" : "_necessary_y_");
  const std::string outside = state.text_or("out_of_bounds", "nan");
  if (!state.ok()) return false;
  if (!state.check(!xs.values.empty() && xs.values.size() == ys.values.size(), "X_thresholds_ and y_thresholds_ do not fit")) {
    return false;
  }
  for (std::size_t i = 1; i < xs.values.size(); ++i) {
    if (!state.check(xs.values[i - 1] < xs.values[i], "X_thresholds_ do not ascend")) return false;
  }
  const bool floats = xs.type == ElementType::kFloat32, y_floats = ys.type == ElementType::kFloat32;
  if (floats != y_floats) return state.unsupported("thresholds of different types");
  type_ = floats ? ElementType::kFloat32 : ElementType::kFloat64;
  if (outside == "clip") {
    outside_ = Outside::kClip;
    least_ = state.number("X_min_");
    most_ = state.number("X_max_");
    if (!state.ok() || !state.check(least_ <= most_, "X_min_ is above X_max_")) return false;
  } else if (outside == "raise") {
    outside_ = Outside::kRaise;
  } else if (outside != "nan") {
    return state.unsupported("out_of_bounds=" + outside + " is not known");
  }
  xs_ = std::move(xs.values);
  ys_ = std::move(ys.values);
  return true;
}

bool IsotonicCurve::refuses(double x) const { return outside_ == Outside::kRaise && is_outside(rounded(x, type_)); }

// scipy's interp1d: numpy.interp for float64, its own formula for float32, where each operation is rounded.
double IsotonicCurve::at(double x) const {
  if (xs_.size() == 1) return ys_[0];
  x = rounded(x, type_);
  if (outside_ == Outside::kClip && !std::isnan(x)) x = rounded(std::clamp(x, least_, most_), type_);
  if (std::isnan(x) || is_outside(x)) return NAN;
  if (type_ == ElementType::kFloat32) {
    // The threshold at or above x; never the first.
    const auto above = std::clamp<std::ptrdiff_t>(std::lower_bound(xs_.begin(), xs_.end(), x) - xs_.begin(), 1,
                                                  static_cast<std::ptrdiff_t>(xs_.size()) - 1);
    const auto high = static_cast<std::size_t>(above), low = high - 1;
    const double slope = rounded(rounded(ys_[high] - ys_[low], type_) / rounded(xs_[high] - xs_[low], type_), type_);
    return rounded(rounded(slope * rounded(x - xs_[low], type_), type_) + ys_[low], type_);
  }
  const auto low = static_cast<std::size_t>(std::upper_bound(xs_.begin(), xs_.end(), x) - xs_.begin()) - 1;
  if (low + 1 == xs_.size() || xs_[low] == x) return ys_[low];
  const double slope = (ys_[low + 1] - ys_[low]) / (xs_[low + 1] - xs_[low]);
  double y = slope * (x - xs_[low]) + ys_[low];
  if (std::isnan(y)) y = slope * (x - xs_[low + 1]) + ys_[low + 1];
  return std::isnan(y) && ys_[low] == ys_[low + 1] ? ys_[low] : y;
}

namespace {

// predict() and transform() are the same. scikit-learn takes rows of one dimension, and since 0.24 of one column.
class IsotonicRegressor final : public Estimator {
 public:
  IsotonicRegressor(IsotonicCurve curve, bool checks) : curve_(std::move(curve)), checks_(checks) {
    facts().features_in = 1;
  }

  bool has(Method method) const override { return method == Method::kPredict || method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (rows.columns != 1) return refuse("isotonic regression input X should be a 1d array or 2d array with 1 feature");
    Batch column = rows;
    column.is_vector = false;
    Accept accept{.dense_only = true};
    if (!checks_) accept.special = Accept::Special::kAll;
    const auto x = numbers(column, memory, accept);
    if (!x) return std::unexpected(x.error());
    double* const out = memory.numbers(x->rows);
    for (std::size_t r = 0; r < x->rows; ++r) {
      if (curve_.refuses(x->values[r])) return refuse("a value in x_new is outside of the interpolation range");
      out[r] = curve_.at(x->values[r]);
    }
    return Batch::vector(out, x->rows, curve_.type());
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    return std::vector<std::string>{"isotonicregression0"};
  }

 private:
  IsotonicCurve curve_;
  bool checks_;  // NaN and infinity are refused since 0.21
};

std::shared_ptr<Estimator> load_isotonic(State& state) {
  IsotonicCurve curve;
  if (!curve.read(state)) return nullptr;
  return std::make_shared<IsotonicRegressor>(std::move(curve), state.version() >= Version{0, 21});
}

}  // namespace

std::span<const Registered> isotonic_family() {
  static constexpr Registered kRows[] = {{"isotonic", "IsotonicRegression", load_isotonic}};
  return kRows;
}

}  // namespace cppickle::predict
