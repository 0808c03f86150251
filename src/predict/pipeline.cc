// Pipelines and what else passes its rows to one estimator: searches, frozen estimators.
#include <fmt/format.h>

#include "predict/compose.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

// One step after the other; the last one answers.
class Pipeline final : public Estimator {
 public:
  struct Step {
    EstimatorPointer estimator;              // null: passthrough
    std::vector<std::string> names_out;      // where the step gives a data frame (set_output)
    std::vector<std::string_view> name_views;
  };

  explicit Pipeline(std::vector<Step> steps) : steps_(std::move(steps)) {
    for (const Step& step : steps_) {
      if (!step.estimator) continue;
      adopt_input(facts(), *step.estimator);
      break;
    }
    if (const Estimator* last = this->last()) {
      facts().classes = last->facts().classes;
      facts().container = last->facts().container;
    }
  }

  bool has(Method method) const override {
    if (method == Method::kInverseTransform) return all_have(method);
    const Estimator* const last = this->last();
    return last != nullptr ? last->has(method) : method == Method::kTransform;
  }

  bool wants_all_rows(Method method) const override { return last() != nullptr && last()->wants_all_rows(method); }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method == Method::kInverseTransform) return back(rows, memory);
    Batch batch = rows;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Step& step = steps_[i];
      if (!step.estimator) continue;
      const bool is_last = i + 1 == steps_.size();
      auto answer = step.estimator->run(is_last ? method : Method::kTransform, batch, memory);
      if (!answer) return answer;
      batch = *answer;
      if (!is_last) batch.names = step.name_views.size() == batch.columns ? step.name_views.data() : nullptr;
    }
    return batch;
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    std::vector<std::string> current = names;
    for (const Step& step : steps_) {
      if (!step.estimator) continue;
      auto next = step.estimator->feature_names_out(current);
      if (!next) return next;
      current = *std::move(next);
    }
    return current;
  }

 private:
  const Estimator* last() const { return steps_.empty() ? nullptr : steps_.back().estimator.get(); }
  bool all_have(Method method) const {
    for (const Step& step : steps_) {
      if (step.estimator && !step.estimator->has(method)) return false;
    }
    return true;
  }
  Result<Batch> back(const Batch& rows, Workspace& memory) const {
    Batch batch = rows;
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
      if (!step->estimator) continue;
      auto answer = step->estimator->run(Method::kInverseTransform, batch, memory);
      if (!answer) return answer;
      batch = *answer;
    }
    return batch;
  }

  std::vector<Step> steps_;
};

bool is_passthrough(const Value& value) {
  if (is_none(value)) return true;
  const auto text = text_of(value);
  return text && *text == "passthrough";
}

std::shared_ptr<Estimator> load_pipeline(State& state) {
  std::vector<Pipeline::Step> steps;
  std::vector<std::string> names;
  for (const Value& item : state.items("steps")) {
    std::vector<Value> pair;
    for (const Value part : item.items()) pair.push_back(part);
    if (!state.check(pair.size() == 2, "a step must be a name and an estimator")) return nullptr;
    const std::string name = text_of(pair[0]).value_or("?");
    Pipeline::Step& step = steps.emplace_back();
    if (is_passthrough(pair[1])) continue;
    step.estimator = state.estimator(pair[1], fmt::format("steps['{}']", name));
    if (!state.ok()) return nullptr;
    const Facts& facts = step.estimator->facts();
    if (names.empty()) names = step.estimator->input_names();
    auto next = step.estimator->feature_names_out(names);
    names = next ? *std::move(next) : std::vector<std::string>();
    if (!facts.container.empty()) step.names_out = names;
  }
  if (!state.ok() || !state.check(!steps.empty(), "a pipeline without steps")) return nullptr;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    Pipeline::Step& step = steps[i];
    step.name_views.assign(step.names_out.begin(), step.names_out.end());
    if (step.estimator && !step.estimator->has(Method::kTransform)) {
      state.unsupported(fmt::format("step {} of the pipeline, {}, has no transform", i, step.estimator->facts().class_name));
      return nullptr;
    }
  }
  return std::make_shared<Pipeline>(std::move(steps));
}

// Hands everything on.
class Delegate final : public Estimator {
 public:
  explicit Delegate(EstimatorPointer inner) : inner_(std::move(inner)) {
    adopt_input(facts(), *inner_);
    facts().classes = inner_->facts().classes;
    facts().container = inner_->facts().container;
  }
  bool has(Method method) const override { return inner_->has(method); }
  bool wants_all_rows(Method method) const override { return inner_->wants_all_rows(method); }
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    return inner_->run(method, rows, memory);
  }
  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    return inner_->feature_names_out(names);
  }

 private:
  EstimatorPointer inner_;
};

std::shared_ptr<Estimator> load_search(State& state) {
  if (!state.given("best_estimator_")) {
    state.fail(ErrorCode::kUnsupported, "the search keeps no model: it was made with refit=False, or is not fitted");
    return nullptr;
  }
  EstimatorPointer inner = state.estimator("best_estimator_");
  return inner ? std::make_shared<Delegate>(std::move(inner)) : nullptr;
}

std::shared_ptr<Estimator> load_frozen(State& state) {
  EstimatorPointer inner = state.estimator("estimator");
  return inner ? std::make_shared<Delegate>(std::move(inner)) : nullptr;
}

}  // namespace

std::span<const Registered> pipeline_family() {
  static constexpr Registered kRows[] = {
      {"pipeline", "Pipeline", load_pipeline},
      {"imblearn", "Pipeline", load_pipeline},
      {"sklearn2pmml", "PMMLPipeline", load_pipeline},
      {"sklearn_pandas", "TransformerPipeline", load_pipeline},
      {"model_selection", "GridSearchCV", load_search},
      {"model_selection", "RandomizedSearchCV", load_search},
      {"model_selection", "HalvingGridSearchCV", load_search},
      {"model_selection", "HalvingRandomSearchCV", load_search},
      {"frozen", "FrozenEstimator", load_frozen},
  };
  return kRows;
}

}  // namespace cppickle::predict
