// XGBoost: Booster and the classes of xgboost.sklearn, 0.90 to 3.2. What their Python adds to the learner: which trees
// are used after early stopping, what is missing, and how margins become classes.
#include <cmath>
#include <string>

#include "cppickle/bytes_view.h"
#include "predict/registry.h"
#include "predict/xgboost_estimator.h"

namespace cppickle::predict {
namespace {

using Link = XgboostBooster::Link;
using Choice = XgboostClassifier::Choice;
using Probabilities = XgboostClassifier::Probabilities;

// Booster.__getstate__: what the learner wrote is in "handle".
std::shared_ptr<const XgboostBooster> read_booster(const State& state) {
  const auto handle = state.get("handle");
  const auto bytes = handle ? bytes_of(*handle) : std::nullopt;
  if (!bytes) {
    state.fail(ErrorCode::kCorrupt, "a booster without its model; was it trained?", "handle");
    return nullptr;
  }
  // What is copied: nodes of 40 bytes for the 30 and more that a file has, twice.
  if (!state.loader().spend(bytes->bytes.size() * 4, state.place())) return nullptr;
  auto model = read_xgboost(bytes->bytes);
  if (!model) {
    state.fail(model.error().code, model.error().message, "handle");
    return nullptr;
  }
  auto booster = std::make_shared<XgboostBooster>(state, *std::move(model));
  return state.ok() ? booster : nullptr;
}

// Names that XGBoost made up itself until 1.2 ("f0", "f1" and so on) are none.
void set_names(const State& state, const XgboostBooster& booster, Facts& facts) {
  std::vector<std::string> names = booster.model().feature_names;
  if (names.empty() && state.given("feature_names")) {
    for (const Cell& cell : state.cells("feature_names").values) names.emplace_back(cell.text);
    const bool fits = names.size() == booster.model().features;
    if (!state.ok() || !state.check(fits, "there are more or fewer names than features")) return;
  }
  bool all_made_up = true;
  for (std::size_t i = 0; i < names.size(); ++i) all_made_up = all_made_up && names[i] == "f" + std::to_string(i);
  if (!all_made_up) facts.feature_names_in = std::move(names);
  facts.library_version = booster.model().version;
}

std::shared_ptr<Estimator> load_booster(State& state) {
  const auto booster = read_booster(state);
  if (!booster) return nullptr;
  XgboostEstimator::Options options;
  options.use.trees = booster->trees();
  options.refuses_infinity = booster->version() >= kDMatrixRefuses;
  auto made = std::make_shared<XgboostEstimator>(booster, options);
  set_names(state, *booster, made->facts());
  return made;
}

std::optional<std::size_t> natural(std::optional<double> number) {
  if (!number || !(*number >= 0) || *number > 1e9 || *number != std::floor(*number)) return {};
  return static_cast<std::size_t>(*number);
}

// XGBModel._get_iteration_range since 1.4; ntree_limit before.
std::size_t trees_used(const State& state, const State& inner, const XgboostBooster& booster) {
  if (booster.version() < Version{1, 4}) {
    const bool is_ranker = state.class_name() == "XGBRanker";  // whose default was all trees
    if (is_ranker || !state.given("best_ntree_limit")) return booster.trees();
    const auto limit = natural(state.number("best_ntree_limit"));
    state.check(limit.has_value(), "best_ntree_limit is no number of trees");
    if (limit.value_or(0) == 0) return booster.trees();
    return std::min(*limit * booster.groups(), booster.trees());
  }
  std::optional<double> best;
  if (inner.given("best_iteration")) {
    best = inner.number("best_iteration");
  } else if (const auto found = booster.model().attributes.find("best_iteration");
             found != booster.model().attributes.end()) {
    char* end = nullptr;
    best = std::strtod(found->second.c_str(), &end);
    if (*end != '\0' || found->second.empty()) best = -1;
  }
  if (!best) return booster.trees();
  const auto round = natural(best);
  return state.check(round.has_value(), "best_iteration is no round") ? booster.trees_before(*round + 1) : 0;
}

// What all wrappers have; null with an error.
std::shared_ptr<const XgboostBooster> read_wrapper(const State& state, XgboostEstimator::Options& options) {
  if (!state.given("_Booster")) {
    state.fail(ErrorCode::kCorrupt, "need to call fit or load_model beforehand", "_Booster");
    return nullptr;
  }
  const State inner = state.child("_Booster");
  if (!state.ok()) return nullptr;
  auto booster = read_booster(inner);
  if (!booster) return nullptr;
  const bool is_linear = booster->model().booster == "gblinear";
  options.use.trees = is_linear ? 0 : trees_used(state, inner, *booster);
  options.applied_trees = booster->version() < Version{1, 4} ? booster->trees() : options.use.trees;
  options.can_apply = !is_linear;
  options.missing = static_cast<float>(state.number_or("missing", std::nan("")));
  const std::string predictor = state.text_or("predictor", "auto");
  const bool has_categories = state.flag_or("enable_categorical", false) && booster->version() < Version{1, 6};
  options.use.in_place = booster->version() >= Version{1, 4} && predictor == "auto" && !has_categories;
  options.refuses_infinity = booster->version() >= kDMatrixRefuses && (is_linear || !options.use.in_place);
  return state.ok() ? booster : nullptr;
}

void finish(const State& state, const XgboostBooster& booster, Estimator& made) {
  const State inner = state.child("_Booster");
  if (state.ok()) set_names(inner, booster, made.facts());
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  XgboostEstimator::Options options;
  const auto booster = read_wrapper(state, options);
  if (!booster) return nullptr;
  auto made = std::make_shared<XgboostEstimator>(booster, options);
  finish(state, *booster, *made);
  return made;
}

Labels counting_labels(std::size_t count) {
  Labels labels;
  labels.dtype = "int64";
  for (std::size_t i = 0; i < count; ++i) labels.values.push_back(Cell::of(static_cast<std::int64_t>(i)));
  return labels;
}

Choice choice_of(const XgboostBooster& booster, std::size_t classes, bool asks_softmax) {
  // Since 1.6 also several labels, which are taken for two classes.
  const bool knows_labels = booster.version() >= Version{1, 6};
  if (booster.link() == Link::kArgmax) return knows_labels && asks_softmax ? Choice::kClass : Choice::kHalf;
  if (booster.groups() == 1) return Choice::kHalf;
  return knows_labels && classes == 2 ? Choice::kLabels : Choice::kLargest;
}

Probabilities probabilities_of(const XgboostBooster& booster, std::size_t classes, const std::string& objective) {
  const Version version = booster.version();
  const bool is_matrix = booster.groups() > 1 && booster.link() != Link::kArgmax;
  if (version < Version{1, 4}) {
    if (objective == "multi:softprob") return Probabilities::kValues;
    return is_matrix ? Probabilities::kNone : Probabilities::kBoth;
  }
  if (objective == "multi:softmax") {
    if (version >= Version{1, 7}) return Probabilities::kSoftmax;
    return version >= Version{1, 6} ? Probabilities::kNone : Probabilities::kMargins;
  }
  if (!is_matrix) return Probabilities::kBoth;
  const bool fits = booster.groups() == classes || (classes == 2 && version >= Version{1, 6});
  return fits ? Probabilities::kValues : Probabilities::kNone;
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  XgboostEstimator::Options options;
  const auto booster = read_wrapper(state, options);
  if (!booster) return nullptr;
  const std::size_t least = std::max<std::size_t>(booster->groups(), 2);
  const auto classes = natural(state.number_or("n_classes_", static_cast<double>(least)));
  if (!state.check(classes && *classes <= least, "n_classes_ does not fit the booster")) return nullptr;
  const std::string objective = state.text_or("objective", "");
  const Choice choice = choice_of(*booster, *classes, objective == "multi:softmax");
  Labels labels;
  if (state.given("_le")) {  // until 1.7
    const State encoder = state.child("_le");
    if (state.ok()) labels = encoder.labels("classes_");
    if (!state.ok() || !state.check(labels.values.size() >= (choice == Choice::kLargest ? booster->groups() : 2),
                                    "classes_ and the booster do not fit")) {
      return nullptr;
    }
  } else {
    labels = counting_labels(least);
  }
  const bool enough = choice != Choice::kClass || labels.values.size() >= booster->groups();
  if (!state.check(enough, "too few classes")) return nullptr;
  auto made = std::make_shared<XgboostClassifier>(booster, options, std::move(labels), choice,
                                                  probabilities_of(*booster, *classes, objective));
  finish(state, *booster, *made);
  return made;
}

}  // namespace

std::span<const Registered> xgboost_family() {
  static constexpr Registered kRows[] = {
      {"xgboost", "Booster", load_booster},
      {"xgboost", "XGBModel", load_regressor},
      {"xgboost", "XGBRegressor", load_regressor},
      {"xgboost", "XGBRFRegressor", load_regressor},
      {"xgboost", "XGBRanker", load_regressor},
      {"xgboost", "XGBClassifier", load_classifier},
      {"xgboost", "XGBRFClassifier", load_classifier},
  };
  return kRows;
}

}  // namespace cppickle::predict
