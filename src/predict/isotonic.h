// A fitted IsotonicRegression: one number to another. CalibratedClassifierCV keeps such curves.
#ifndef CPPICKLE_PREDICT_ISOTONIC_H_
#define CPPICKLE_PREDICT_ISOTONIC_H_

#include <vector>

#include "predict/state.h"

namespace cppickle::predict {

class IsotonicCurve {
 public:
  // False, with an error of the state, where its attributes do not fit.
  [[nodiscard]] bool read(const State& state);

  // predict() for one number: NaN outside of what was seen where out_of_bounds='nan', and where refuses() says so.
  double at(double x) const;
  // Whether x is outside, and out_of_bounds='raise'.
  bool refuses(double x) const;
  // Of the thresholds: what x becomes first, and what the answer is.
  ElementType type() const { return type_; }

 private:
  enum class Outside : std::uint8_t { kNan, kClip, kRaise };

  bool is_outside(double x) const { return xs_.size() > 1 && (x < xs_.front() || x > xs_.back()); }

  std::vector<double> xs_, ys_;  // as many; xs_ ascending
  double least_ = 0, most_ = 0;  // X_min_ and X_max_
  Outside outside_ = Outside::kNan;
  ElementType type_ = ElementType::kFloat64;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_ISOTONIC_H_
