#include "predict/hyperplanes.h"

namespace cppickle::predict {

void Hyperplanes::scores(const Batch& x, double* out) const {
  const std::size_t outputs = weights.rows;
  product(x, weights.values.data(), outputs, out);
  round_all(out, x.rows * outputs, promote(x.type, weight_type));
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::size_t o = 0; o < outputs; ++o) out[r * outputs + o] += intercepts[o];
  }
}

bool read(const State& state, Hyperplanes& planes) {
  constexpr ElementType kFloat32 = ElementType::kFloat32, kFloat64 = ElementType::kFloat64;
  Numbers weights = state.array("coef_");
  const Numbers intercepts = state.array("intercept_");
  if (!state.ok()) return false;
  if (!state.check(weights.shape.size() == 1 || weights.shape.size() == 2, "coef_ has neither one dimension nor two")) {
    return false;
  }
  planes.is_vector = weights.shape.size() == 1;
  planes.weights = {planes.is_vector ? 1 : weights.shape[0], weights.shape.back(), std::move(weights.values), weights.type};
  planes.intercepts = intercepts.values;
  if (planes.intercepts.size() == 1) planes.intercepts.resize(planes.weights.rows, planes.intercepts[0]);
  planes.weight_type = weights.type == kFloat32 ? kFloat32 : kFloat64;
  // A single number does not widen an array.
  const bool narrow = intercepts.type == kFloat32 || intercepts.shape.empty();
  planes.type = planes.weight_type == kFloat32 && narrow ? kFloat32 : kFloat64;
  return state.check(planes.intercepts.size() == planes.weights.rows && planes.weights.rows > 0,
                     "coef_ and intercept_ do not fit");
}

}  // namespace cppickle::predict
