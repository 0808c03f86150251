// How one-vs-one classifiers score classes: the pairs that each won, and how clearly, to break ties.
#ifndef CPPICKLE_PREDICT_VOTES_H_
#define CPPICKLE_PREDICT_VOTES_H_

#include <cstddef>

namespace cppickle::predict {

// utils.multiclass._ovr_decision_function: adds to rows * classes votes what the sums of confidences add, less than half a
// vote. Since 0.21 each sum is scaled by itself; before, by the largest of all rows.
void add_confidences(double* votes, const double* sums, std::size_t count, bool by_largest_of_all);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_VOTES_H_
