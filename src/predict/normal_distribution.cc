#include "predict/normal_distribution.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace cppickle::predict {
namespace {

constexpr double kSqrtHalf = 0.70710678118654752440;
constexpr double kSqrtTwoPi = 2.50662827463100050242;

// For 0 < p <= 0.5: a guess that is good to 4.5e-4 (Abramowitz and Stegun 26.2.23), then Halley's method, each step of
// which triples the good digits.
double lower_half(double p) {
  const double t = std::sqrt(-2 * std::log(p));
  double x = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
  const double from_middle = 0.5 - p;
  for (int step = 0; step < 3; ++step) {
    // Near the middle the difference from a half keeps its digits.
    const double error = x > -1 ? 0.5 * std::erf(x * kSqrtHalf) + from_middle : 0.5 * std::erfc(-x * kSqrtHalf) - p;
    const double ratio = error * kSqrtTwoPi * std::exp(0.5 * x * x);
    const double move = ratio / (1 + 0.5 * x * ratio);
    x -= move;
    if (std::fabs(move) <= 1e-6 * std::fabs(x)) break;  // the next would be past the last digit
  }
  return x;
}

}  // namespace

double normal_cdf(double x) { return 0.5 * std::erfc(-x * kSqrtHalf); }

double normal_ppf(double p) {
  if (p == 0) return -std::numeric_limits<double>::infinity();
  if (p == 1) return std::numeric_limits<double>::infinity();
  if (!(p > 0 && p < 1)) return std::numeric_limits<double>::quiet_NaN();
  if (p == 0.5) return 0;
  return p < 0.5 ? lower_half(p) : -lower_half(1 - p);
}

}  // namespace cppickle::predict
