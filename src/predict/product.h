// The arithmetic that most models are made of: rows times coefficients.
#ifndef CPPICKLE_PREDICT_PRODUCT_H_
#define CPPICKLE_PREDICT_PRODUCT_H_

#include <cstddef>

#include "predict/batch.h"

namespace cppickle::predict {

// out[r * outputs + o] = sum over k of x[r * width + k] * weights[o * width + k]: x times the transpose of weights. Sums
// are of doubles whatever x.type is, in an order that differs from BLAS's.
void product(const double* x, std::size_t rows, std::size_t width, const double* weights, std::size_t outputs, double* out);

// Likewise for a dense or sparse batch.
void product(const Batch& x, const double* weights, std::size_t outputs, double* out);

// Likewise for a sparse batch and weights turned: those of a feature for all outputs lie together, which is one fetch
// from memory for each stored element.
void product_by_feature(const Batch& x, const double* by_feature, std::size_t outputs, double* out);

double dot(const double* a, const double* b, std::size_t count);
// Sum of (a[i] - b[i])^2.
double squared_distance(const double* a, const double* b, std::size_t count);

// scipy's expit, 1 / (1 + exp(-z)): 0 where exp(-z) is infinite; for float32, where its float is.
double logistic(double z, ElementType type = ElementType::kFloat64);
// In place for one row: exp(z - max) / sum.
void softmax(double* values, std::size_t count);
double log_sum_exp(const double* values, std::size_t count);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_PRODUCT_H_
