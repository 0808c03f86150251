// LightGBM: Booster and the classes of lightgbm.sklearn, 2.2 to 4.x.
#include <cmath>

#include "predict/lightgbm_booster.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

class LightgbmEstimator : public Estimator {
 public:
  // A wrapper refuses to have no rows, unless they are a data frame; a Booster does not (LGBMModel.predict).
  LightgbmEstimator(std::shared_ptr<const LightgbmBooster> booster, bool is_wrapper)
      : booster_(std::move(booster)), is_wrapper_(is_wrapper) {
    const LightgbmModel& model = booster_->model();
    facts().features_in = model.features;
    bool all_made_up = true;
    for (std::size_t i = 0; i < model.feature_names.size(); ++i) {
      all_made_up = all_made_up && model.feature_names[i] == "Column_" + std::to_string(i);
    }
    if (!all_made_up) facts().feature_names_in = model.feature_names;
  }

  bool has(Method method) const override { return method == Method::kPredict; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto answers = values(rows, memory);
    if (!answers) return std::unexpected(answers.error());
    Batch answer = *answers;
    answer.is_vector = answer.columns == 1;
    return answer;
  }

 protected:
  // rows x columns of the booster.
  Result<Batch> values(const Batch& rows, Workspace& memory) const {
    auto coded = booster_->recode(rows, memory);
    if (!coded) return std::unexpected(coded.error());
    const bool rounds = booster_->rounds(*coded);
    coded->names = nullptr;  // names are not looked at (validate_features=False)
    const auto x = numbers(*coded, memory, {.special = Accept::Special::kAll, .float32 = rounds});
    if (!x) return std::unexpected(x.error());
    if (is_wrapper_ && x->rows == 0 && rows.form != Batch::Form::kColumns) {
      return refuse("found array with 0 sample(s) while a minimum of 1 is required");
    }
    const std::size_t columns = booster_->columns();
    double* const out = memory.numbers(x->rows * columns);
    booster_->predict(x->values, x->rows, out, memory);
    return Batch::dense(out, x->rows, columns);
  }

 private:
  std::shared_ptr<const LightgbmBooster> booster_;
  bool is_wrapper_;
};

class LightgbmClassifier final : public LightgbmEstimator {
 public:
  LightgbmClassifier(std::shared_ptr<const LightgbmBooster> booster, Labels labels)
      : LightgbmEstimator(std::move(booster), true) {
    facts().classes.push_back(std::move(labels));
  }

  bool has(Method method) const override { return method == Method::kPredict || method == Method::kPredictProba; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto answers = values(rows, memory);
    if (!answers) return std::unexpected(answers.error());
    const Batch probabilities = answers->columns == 1 ? both(*answers, memory) : *answers;
    if (method == Method::kPredictProba) return probabilities;
    return predicted_by_largest(probabilities.values, probabilities.rows, probabilities.columns, memory);
  }

 private:
  static Batch both(const Batch& of_second, Workspace& memory) {
    double* const out = memory.numbers(of_second.rows * 2);
    for (std::size_t row = 0; row < of_second.rows; ++row) {
      out[row * 2] = 1 - of_second.values[row];
      out[row * 2 + 1] = of_second.values[row];
    }
    return Batch::dense(out, of_second.rows, 2);
  }
};

// Booster.__getstate__: the text is in "handle", since 4.0 in "_handle".
std::shared_ptr<const LightgbmBooster> read_booster(const State& state) {
  const char* const name = state.given("_handle") ? "_handle" : "handle";
  const auto handle = state.get(name);
  const auto text = handle ? text_of(*handle) : std::nullopt;
  if (!text) {
    state.fail(ErrorCode::kCorrupt, "a booster without its model; was it trained?", name);
    return nullptr;
  }
  // Nodes of 40 bytes and more for texts of about 30.
  if (!state.loader().spend(text->size() * 6, state.place())) return nullptr;
  auto model = read_lightgbm(*text);
  if (!model) {
    state.fail(model.error().code, model.error().message, name);
    return nullptr;
  }
  // predict(num_iteration=None): the best iteration; none or all where that is below one.
  const double best = state.number_or("best_iteration", 0);
  const std::size_t iterations = best >= 1 && best < 1e9 ? static_cast<std::size_t>(best) : 0;
  auto booster = std::make_shared<LightgbmBooster>(state, *std::move(model), iterations);
  if (!state.ok() || !state.given("pandas_categorical")) return state.ok() ? booster : nullptr;
  std::vector<CategoryPositions> categories;
  for (const Value& list : state.items("pandas_categorical")) {
    const Cells cells = state.cells_of(list, "pandas_categorical");
    CategoryPositions& codes = categories.emplace_back();
    for (const Cell& cell : cells.values) codes.add(cell);
  }
  booster->set_categories(std::move(categories));
  return state.ok() ? booster : nullptr;
}

std::shared_ptr<Estimator> load_booster(State& state) {
  const auto booster = read_booster(state);
  return booster ? std::make_shared<LightgbmEstimator>(booster, false) : nullptr;
}

std::shared_ptr<const LightgbmBooster> read_wrapper(const State& state) {
  if (!state.given("_Booster")) {
    state.fail(ErrorCode::kCorrupt, "estimator not fitted, call fit before exploiting the model", "_Booster");
    return nullptr;
  }
  // Parameters of fit are parameters of predict (LGBMModel._process_params).
  if (state.flag_or("pred_early_stop", false)) {
    state.fail(ErrorCode::kUnsupported, "stopping early at prediction is not supported", "pred_early_stop");
    return nullptr;
  }
  const State inner = state.child("_Booster");
  return state.ok() ? read_booster(inner) : nullptr;
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  const auto booster = read_wrapper(state);
  return booster ? std::make_shared<LightgbmEstimator>(booster, true) : nullptr;
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  const auto booster = read_wrapper(state);
  if (!booster) return nullptr;
  const auto objective = state.get("_objective");
  if (objective && !is_none(*objective) && !text_of(*objective)) {
    state.unsupported("a classifier with an objective of its own gives scores, no classes");
    return nullptr;
  }
  Labels labels;
  if (state.given("_classes")) {
    labels = state.labels("_classes");
  } else {
    const State encoder = state.child("_le");
    if (state.ok()) labels = encoder.labels("classes_");
  }
  const std::size_t wanted = std::max<std::size_t>(booster->columns(), 2);
  if (!state.ok() || !state.check(labels.values.size() == wanted || (wanted == 2 && labels.values.size() == 1),
                                  "classes and trees do not fit")) {
    return nullptr;
  }
  if (labels.values.size() < wanted) {
    state.unsupported("a classifier of one class is not supported");
    return nullptr;
  }
  return std::make_shared<LightgbmClassifier>(booster, std::move(labels));
}

}  // namespace

std::span<const Registered> lightgbm_family() {
  static constexpr Registered kRows[] = {
      {"lightgbm", "Booster", load_booster},
      {"lightgbm", "LGBMModel", load_regressor},
      {"lightgbm", "LGBMRegressor", load_regressor},
      {"lightgbm", "LGBMRanker", load_regressor},
      {"lightgbm", "LGBMClassifier", load_classifier},
  };
  return kRows;
}

}  // namespace cppickle::predict
