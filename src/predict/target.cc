// TransformedTargetRegressor: a regressor on a transformed target, whose predictions are transformed back.
#include "predict/compose.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

class TransformedTarget final : public Estimator {
 public:
  TransformedTarget(EstimatorPointer regressor, EstimatorPointer transformer, bool one_dimension)
      : regressor_(std::move(regressor)), transformer_(std::move(transformer)), one_dimension_(one_dimension) {
    adopt_input(facts(), *regressor_);
  }

  bool has(Method method) const override { return method == Method::kPredict; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    auto answer = run_numbers(*regressor_, method, rows, memory);
    if (!answer) return answer;
    answer->is_vector = false;
    answer = run_numbers(*transformer_, Method::kInverseTransform, *answer, memory);
    if (!answer) return answer;
    answer->is_vector = one_dimension_ && answer->columns == 1;
    return answer;
  }

 private:
  EstimatorPointer regressor_, transformer_;
  bool one_dimension_;
};

std::shared_ptr<Estimator> load(State& state) {
  EstimatorPointer regressor = state.estimator("regressor_"), transformer = state.estimator("transformer_");
  const bool one_dimension = state.integer_or("_training_dim", 1) == 1;
  if (!state.ok()) return nullptr;
  if (!transformer->has(Method::kInverseTransform)) {
    state.unsupported("the transformer of the target has no inverse_transform");
    return nullptr;
  }
  return std::make_shared<TransformedTarget>(std::move(regressor), std::move(transformer), one_dimension);
}

}  // namespace

std::span<const Registered> target_family() {
  static constexpr Registered kRows[] = {{"compose", "TransformedTargetRegressor", load}};
  return kRows;
}

}  // namespace cppickle::predict
