// scikit-learn's trees on their way from a pickle into a Forest.
#ifndef CPPICKLE_PREDICT_TREE_STATE_H_
#define CPPICKLE_PREDICT_TREE_STATE_H_

#include <optional>
#include <span>

#include "document/sklearn_tree.h"
#include "predict/forest.h"
#include "predict/state.h"

namespace cppickle::predict {

// tree_ of a DecisionTree or ExtraTree. Empty after an error.
std::optional<SklearnTree> read_tree(const State& state);

// Adds it as the next tree. A tree that was fitted on some columns only: `columns` says which of the rows' they were.
bool add_to(Forest& forest, const SklearnTree& tree, const State& state, std::span<const std::int64_t> columns = {});

// Whether dense rows for this DecisionTree or ExtraTree may hold NaN: BaseDecisionTree._support_missing_values.
bool allows_nan(const State& state);

// What trees take: every number is rounded to float, and must be finite then.
inline Accept rows_of_trees(const Batch& rows, bool allows_nan) {
  const bool nan = allows_nan && rows.form != Batch::Form::kSparse;
  return {.special = nan ? Accept::Special::kNan : Accept::Special::kRefuse, .float32 = true};
}
inline Forest::Rows forest_rows(const Batch& x) { return {x.values, x.rows, x.columns}; }

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_TREE_STATE_H_
