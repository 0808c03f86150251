// Rows times coefficients, plus an intercept: what all linear models have.
#ifndef CPPICKLE_PREDICT_HYPERPLANES_H_
#define CPPICKLE_PREDICT_HYPERPLANES_H_

#include <vector>

#include "predict/product.h"
#include "predict/state.h"

namespace cppickle::predict {

// coef_ is (outputs, features) or (features,), intercept_ a number or one for each output.
struct Hyperplanes {
  Matrix weights;
  std::vector<double> intercepts;
  bool is_vector = false;  // coef_ has one dimension
  // float32 only where coef_, and coef_ and intercept_, are.
  ElementType weight_type = ElementType::kFloat64, type = ElementType::kFloat64;

  // numpy promotes: float32 only where rows, coefficients and intercepts are.
  ElementType answer_type(ElementType x) const { return promote(x, type); }
  // out: x.rows * weights.rows, not yet rounded to the answer's type.
  void scores(const Batch& x, double* out) const;
};

// False, with an error of the state, where they do not fit.
[[nodiscard]] bool read(const State& state, Hyperplanes& planes);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_HYPERPLANES_H_
