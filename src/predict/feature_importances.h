// feature_importances_ and coef_ of a fitted estimator, where they can be told from its attributes.
#ifndef CPPICKLE_PREDICT_FEATURE_IMPORTANCES_H_
#define CPPICKLE_PREDICT_FEATURE_IMPORTANCES_H_

#include <vector>

#include "predict/state.h"

namespace cppickle::predict {

// Of trees, forests and gradient boosting. Unsupported for others; empty after an error.
std::vector<double> feature_importances(const State& estimator);

// As numpy.sum adds: in pairs.
double pairwise_sum(const double* values, std::size_t count);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_FEATURE_IMPORTANCES_H_
