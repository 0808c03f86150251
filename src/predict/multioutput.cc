// MultiOutputClassifier and MultiOutputRegressor: one estimator for each output.
#include <algorithm>

#include "predict/compose.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

class MultiOutput final : public Estimator {
 public:
  MultiOutput(std::vector<EstimatorPointer> estimators, bool classifies) : estimators_(std::move(estimators)), classifies_(classifies) {
    adopt_input(facts(), *estimators_[0]);
    if (!classifies_) return;
    for (const EstimatorPointer& estimator : estimators_) {
      facts().classes.push_back(estimator->facts().classes[0]);
      widths_.push_back(facts().classes.back().values.size());
    }
  }

  bool has(Method method) const override {
    if (method == Method::kPredict) return true;
    return classifies_ && method == Method::kPredictProba &&
           std::ranges::all_of(estimators_, [&](const EstimatorPointer& inner) { return inner->has(method); });
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    auto* const parts = memory.make<Batch>(estimators_.size());
    for (std::size_t i = 0; i < estimators_.size(); ++i) {
      auto answer = estimators_[i]->run(method, rows, memory);
      if (!answer) return answer;
      const std::size_t wanted = method == Method::kPredict ? 1 : widths_[i];
      if (answer->columns != wanted) return refuse("an inner estimator answers with another number of columns");
      answer->is_vector = false;
      parts[i] = *answer;
    }
    auto all = side_by_side({parts, estimators_.size()}, rows.rows, Joined::kArray, memory);
    if (!all) return all;
    if (method == Method::kPredictProba) all->parts = widths_;
    if (method == Method::kPredict) all->labels = facts().classes;
    return all;
  }

 private:
  std::vector<EstimatorPointer> estimators_;
  std::vector<std::size_t> widths_;
  bool classifies_;
};

std::shared_ptr<Estimator> load(State& state, bool classifies) {
  auto estimators = state.estimators("estimators_");
  if (!state.ok() || !state.check(!estimators.empty(), "no estimators")) return nullptr;
  for (const EstimatorPointer& estimator : estimators) {
    const bool fits = estimator->has(Method::kPredict) && (!classifies || estimator->facts().classes.size() == 1);
    if (!state.check(fits, "an inner estimator of another kind")) return nullptr;
  }
  return std::make_shared<MultiOutput>(std::move(estimators), classifies);
}

std::shared_ptr<Estimator> load_classifier(State& state) { return load(state, true); }
std::shared_ptr<Estimator> load_regressor(State& state) { return load(state, false); }

}  // namespace

std::span<const Registered> multioutput_family() {
  static constexpr Registered kRows[] = {
      {"multioutput", "MultiOutputClassifier", load_classifier},
      {"multioutput", "MultiOutputRegressor", load_regressor},
  };
  return kRows;
}

}  // namespace cppickle::predict
