#include "predict/base_estimators.h"

#include <algorithm>

namespace cppickle::predict {

Estimators read_estimators(const State& state) {
  Estimators all = state.estimators("estimators_");
  if (state.ok()) state.check(!all.empty(), "an ensemble without estimators");
  return all;
}

bool are_trees(const Estimators& estimators) {
  return std::ranges::all_of(estimators, [](const auto& estimator) {
    const std::string& name = estimator->facts().class_name;
    return name.starts_with("sklearn.tree.") && name.find("Tree", name.rfind('.')) != std::string::npos;
  });
}

Result<Batch> numbers_of(const Estimator& estimator, Method method, const Batch& x, std::size_t columns,
                         Workspace& memory) {
  auto answer = estimator.run(method, x, memory);
  if (!answer) return answer;
  const bool fits = answer->form == Batch::Form::kDense && answer->rows == x.rows && answer->columns == columns &&
                    answer->labels.empty() && is_number(answer->type);
  if (!fits) return refuse("an estimator of the ensemble answers in another shape");
  return answer;
}

}  // namespace cppickle::predict
