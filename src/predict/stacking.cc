// StackingClassifier and StackingRegressor: the answers of several estimators are the features of a last one.
#include <algorithm>

#include "predict/compose.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

class Stacking final : public Estimator {
 public:
  struct Level {
    EstimatorPointer estimator;
    Method method;
    std::vector<std::string> names;  // of its columns; empty where the version does not say how many there are
  };

  // `labels` are the classes of a classifier, whose last estimator was fitted on their positions.
  Stacking(std::vector<Level> levels, EstimatorPointer last, std::vector<Labels> labels, bool passthrough)
      : levels_(std::move(levels)), last_(std::move(last)), passthrough_(passthrough) {
    facts().classes = std::move(labels);
    for (const Level& level : levels_) adopt_input(facts(), *level.estimator);
  }

  bool has(Method method) const override {
    if (method == Method::kTransform || method == Method::kPredict) return true;
    return (method == Method::kPredictProba || method == Method::kDecisionFunction) && last_->has(method);
  }

  bool wants_all_rows(Method method) const override {
    const auto wants = [](const Level& level) { return level.estimator->wants_all_rows(level.method); };
    return std::ranges::any_of(levels_, wants) || (has(method) && last_->wants_all_rows(method));
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto features = stack(rows, memory);
    if (!features || method == Method::kTransform) return features;
    if (method != Method::kPredict || facts().classes.empty()) return last_->run(method, *features, memory);
    auto positions = run_numbers(*last_, method, *features, memory);
    if (!positions) return positions;
    const auto count = static_cast<double>(facts().classes[0].values.size());
    for (std::size_t r = 0; r < positions->rows; ++r) {
      if (!(positions->values[r] >= 0 && positions->values[r] < count)) return refuse("the last estimator answers with an unknown label");
    }
    positions->type = facts().classes[0].type;
    positions->labels = facts().classes;
    return positions;
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    std::vector<std::string> all;
    for (const Level& level : levels_) {
      if (level.names.empty()) return Estimator::feature_names_out(names);
      all.insert(all.end(), level.names.begin(), level.names.end());
    }
    if (passthrough_) all.insert(all.end(), names.begin(), names.end());
    return all;
  }

 private:
  // StackingClassifier._concatenate_predictions: of two probabilities the first says nothing new.
  Result<Batch> stack(const Batch& rows, Workspace& memory) const {
    const std::size_t count = levels_.size();
    auto* const parts = memory.make<Batch>(count + 1);
    for (std::size_t i = 0; i < count; ++i) {
      auto answer = run_numbers(*levels_[i].estimator, levels_[i].method, rows, memory);
      if (!answer) return answer;
      answer->is_vector = false;
      if (levels_[i].method == Method::kPredictProba && answer->columns == 2) {
        constexpr std::size_t kSecond[] = {1};
        answer = select_columns(*answer, kSecond, false, memory);
      }
      parts[i] = *answer;
    }
    parts[count] = rows;
    const bool sparse = passthrough_ && rows.form == Batch::Form::kSparse;
    return side_by_side({parts, count + (passthrough_ ? 1 : 0)}, rows.rows, sparse ? Joined::kSparse : Joined::kArray, memory);
  }

  std::vector<Level> levels_;
  EstimatorPointer last_;
  bool passthrough_;
};

// Since 1.2.
bool read_names(const State& state, std::vector<Stacking::Level>& levels) {
  const std::vector<std::string> members = names_of_members(state);
  const std::vector<std::int64_t> widths = state.integers("_n_feature_outs");
  if (!state.ok() || !state.check(members.size() == levels.size() && widths.size() == levels.size(),
                                  "_n_feature_outs and estimators do not fit")) {
    return false;
  }
  for (std::size_t i = 0; i < levels.size(); ++i) {
    // A column for each class is most of what there can be.
    const auto& classes = levels[i].estimator->facts().classes;
    const std::size_t most = std::max<std::size_t>(classes.empty() ? 1 : classes[0].values.size() * classes.size(), 1);
    const auto width = static_cast<std::size_t>(widths[i]);
    if (!state.check(widths[i] > 0 && width <= most * most, "_n_feature_outs cannot be")) return false;
    for (std::size_t k = 0; k < width; ++k) levels[i].names.push_back(width == 1 ? members[i] : members[i] + std::to_string(k));
  }
  return true;
}

std::shared_ptr<Estimator> load(State& state, std::vector<Labels> labels) {
  const auto estimators = state.estimators("estimators_");
  const std::vector<Value> methods = state.items("stack_method_");
  EstimatorPointer last = state.estimator("final_estimator_");
  if (!state.ok() || !state.check(!estimators.empty() && methods.size() == estimators.size(),
                                  "stack_method_ and estimators_ do not fit")) {
    return nullptr;
  }
  std::vector<Stacking::Level> levels;
  for (std::size_t i = 0; i < methods.size(); ++i) {
    const auto method = method_named(text_of(methods[i]).value_or(""));
    if (!state.check(method && estimators[i]->has(*method), "stack_method_ of an estimator that has no such method")) return nullptr;
    levels.push_back({estimators[i], *method, {}});
  }
  if (state.given("_n_feature_outs") && !read_names(state, levels)) return nullptr;
  return std::make_shared<Stacking>(std::move(levels), std::move(last), std::move(labels), state.flag_or("passthrough", false));
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  const auto classes = state.get("classes_");
  if (classes && classes->kind() == Kind::kList) {
    state.unsupported("StackingClassifier of several outputs is not supported");
    return nullptr;
  }
  // Since 0.22 classes_ is a property of _label_encoder, then an attribute as well.
  std::vector<Labels> labels;
  labels.push_back(classes ? state.labels("classes_") : state.child("_le").labels("classes_"));
  return state.ok() ? load(state, std::move(labels)) : nullptr;
}

std::shared_ptr<Estimator> load_regressor(State& state) { return load(state, {}); }

}  // namespace

std::span<const Registered> stacking_family() {
  static constexpr Registered kRows[] = {
      {"ensemble", "StackingClassifier", load_classifier},
      {"ensemble", "StackingRegressor", load_regressor},
  };
  return kRows;
}

}  // namespace cppickle::predict
