// What ensembles of any estimators have in common: AdaBoost and Bagging.
#ifndef CPPICKLE_PREDICT_BASE_ESTIMATORS_H_
#define CPPICKLE_PREDICT_BASE_ESTIMATORS_H_

#include <memory>
#include <vector>

#include "predict/estimator.h"
#include "predict/state.h"

namespace cppickle::predict {

using Estimators = std::vector<std::shared_ptr<const Estimator>>;

// estimators_, at least one.
Estimators read_estimators(const State& state);

// Trees, which round every number to float: ensembles of them do it once.
bool are_trees(const Estimators& estimators);

// An answer of numbers of so many columns; else kTypeMismatch.
Result<Batch> numbers_of(const Estimator& estimator, Method method, const Batch& x, std::size_t columns,
                         Workspace& memory);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_BASE_ESTIMATORS_H_
