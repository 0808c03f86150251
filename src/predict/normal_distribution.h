// The standard normal distribution.
#ifndef CPPICKLE_PREDICT_NORMAL_DISTRIBUTION_H_
#define CPPICKLE_PREDICT_NORMAL_DISTRIBUTION_H_

namespace cppickle::predict {

double normal_cdf(double x);
// Its inverse: -inf for 0, inf for 1, NaN for what is outside.
double normal_ppf(double p);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_NORMAL_DISTRIBUTION_H_
