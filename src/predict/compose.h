// What estimators made of estimators share: columns picked out of rows, answers put side by side.
#ifndef CPPICKLE_PREDICT_COMPOSE_H_
#define CPPICKLE_PREDICT_COMPOSE_H_

#include <memory>
#include <span>
#include <vector>

#include "predict/estimator.h"
#include "predict/state.h"

namespace cppickle::predict {

using EstimatorPointer = std::shared_ptr<const Estimator>;

// Some columns of a batch, by positions below rows.columns. `as_vector` gives a single one of shape (rows,).
Batch select_columns(const Batch& rows, std::span<const std::size_t> positions, bool as_vector, Workspace& memory);

// How parts are put together: as numpy.hstack does, as scipy.sparse.hstack, or as pandas.concat, where each column keeps its type.
enum class Joined : std::uint8_t { kArray, kSparse, kFrame };

// Side by side; objects where a part holds them.
Result<Batch> side_by_side(std::span<const Batch> parts, std::size_t rows, Joined joined, Workspace& memory);

// The answer of a method with predicted labels replaced by what they stand for: numbers, or an error.
Result<Batch> run_numbers(const Estimator& estimator, Method method, const Batch& rows, Workspace& memory);

// Names in a list of (name, estimator) of those that were not dropped, in front of them the class in small letters:
// "votingclassifier_svc".
std::vector<std::string> names_of_members(const State& state);

// Estimators are fitted on the same rows: what is known of the inner one's input holds for the outer one.
void adopt_input(Facts& facts, const Estimator& inner);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_COMPOSE_H_
