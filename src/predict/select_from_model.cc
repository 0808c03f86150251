// SelectFromModel: columns that are important to another model.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include "predict/feature_importances.h"
#include "predict/registry.h"
#include "predict/selector.h"

namespace cppickle::predict {
namespace {

// The norm of each column of coef_ (numpy.linalg.norm over axis 0), or its size where there is one row.
std::vector<double> sizes_of(const State& estimator, std::string_view name, double order) {
  const Numbers coefficients = estimator.array(name);
  if (!estimator.ok() || !estimator.check(!coefficients.shape.empty() && coefficients.shape.size() <= 2, "coefficients of no known shape")) {
    return {};
  }
  const std::size_t width = coefficients.shape.back();
  const std::size_t rows = width == 0 ? 0 : coefficients.values.size() / width;
  std::vector<double> sizes(width, 0);
  if (coefficients.shape.size() == 1) order = 1;
  for (std::size_t c = 0; c < width; ++c) {
    for (std::size_t r = 0; r < rows; ++r) {
      const double size = std::fabs(coefficients.values[r * width + c]);
      double& total = sizes[c];
      if (order == 1) {
        total += size;
      } else if (order == 2) {
        total += size * size;
      } else if (std::isinf(order)) {
        total = order > 0 ? std::max(total, size) : r == 0 ? size : std::min(total, size);
      } else {
        total += std::pow(size, order);
      }
    }
    if (order == 2) sizes[c] = std::sqrt(sizes[c]);
    if (order != 1 && order != 2 && !std::isinf(order)) sizes[c] = std::pow(sizes[c], 1 / order);
  }
  return sizes;
}

// _get_feature_importances.
std::vector<double> read_scores(const State& state, const State& estimator) {
  const std::string getter = state.text_or("importance_getter", state.has("importance_getter") ? "" : "auto");
  const double order = state.number_or("norm_order", 1);
  if (!state.ok()) return {};
  if (getter == "coef_" || (getter == "auto" && estimator.given("coef_"))) return sizes_of(estimator, "coef_", order);
  if (getter == "auto" || getter == "feature_importances_") return feature_importances(estimator);
  state.fail(ErrorCode::kUnsupported, "only coef_ and feature_importances_ are supported", "importance_getter");
  return {};
}

bool is_one(const State& estimator, std::string_view name) {
  if (!estimator.given(name)) return false;
  const Numbers numbers = estimator.array(name);
  return !numbers.values.empty() && std::ranges::all_of(numbers.values, [](double value) { return std::fabs(value - 1) <= 1e-8 + 1e-5; });
}

// Whether the estimator makes coefficients that do not matter zero.
bool is_sparse_model(const State& estimator) {
  const std::string_view name = estimator.class_name();
  const Version version = estimator.version();
  if (estimator.text_or("penalty", "") == "l1" || name.find("Lasso") != std::string_view::npos) return true;
  if (version >= Version{1, 8} && name == "LogisticRegression" && is_one(estimator, "l1_ratio")) return true;
  if (version >= Version{1, 8} && name == "LogisticRegressionCV" && is_one(estimator, "l1_ratio_")) return true;
  if (version >= Version{1, 7}) {
    return (name == "ElasticNet" && is_one(estimator, "l1_ratio")) || (name == "ElasticNetCV" && is_one(estimator, "l1_ratio_"));
  }
  return version >= Version{1, 1} && name.find("ElasticNet") != std::string_view::npos &&
         (is_one(estimator, "l1_ratio_") || is_one(estimator, "l1_ratio"));
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// _calculate_threshold.
double read_threshold(const State& state, const State& estimator, const std::vector<double>& scores) {
  std::string text = state.text_or("threshold", "");
  if (!state.given("threshold")) {
    if (is_sparse_model(estimator)) return 1e-5;
    text = "mean";
  }
  if (text.empty()) return state.number("threshold");
  double scale = 1;
  std::string_view reference = text;
  if (const std::size_t star = reference.find('*'); star != std::string_view::npos) {
    std::string_view number = reference.substr(0, star);
    number.remove_prefix(std::min(number.find_first_not_of(' '), number.size()));
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), scale);
    if (!state.check(parsed.ec == std::errc(), "the scale of threshold is no number")) return 0;
    reference.remove_prefix(star + 1);
    reference.remove_prefix(std::min(reference.find_first_not_of(' '), reference.size()));
    reference = reference.substr(0, reference.find(' '));
  }
  if (scores.empty()) return 0;
  if (reference == "median") return scale * median(scores);
  if (reference == "mean") return scale * (pairwise_sum(scores.data(), scores.size()) / static_cast<double>(scores.size()));
  state.unsupported("threshold is neither mean nor median");
  return 0;
}

std::shared_ptr<Estimator> load_select_from_model(State& state) {
  const bool is_fitted_before = state.flag_or("prefit", false) && !state.has("estimator_");
  const State estimator = state.child(is_fitted_before ? "estimator" : "estimator_");
  if (!state.ok()) return nullptr;
  const std::vector<double> scores = read_scores(state, estimator);
  if (!state.ok() || !state.check(scores.size() <= std::numeric_limits<std::int32_t>::max(), "there are too many columns")) return nullptr;
  const double threshold = read_threshold(state, estimator, scores);
  Selection selection;
  selection.mask.assign(scores.size(), 1);
  if (state.given("max_features")) {
    const std::int64_t most = state.integer(state.has("max_features_") ? "max_features_" : "max_features");
    if (!state.ok() || !state.check(most >= 0, "max_features is out of range")) return nullptr;
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const bool comparable = std::ranges::none_of(scores, [](double score) { return std::isnan(score); });
    if (!state.check(comparable, "an importance is NaN")) return nullptr;
    std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return scores[i]; });
    for (std::size_t i = static_cast<std::size_t>(most); i < order.size(); ++i) selection.mask[order[i]] = 0;
  }
  for (std::size_t c = 0; c < scores.size(); ++c) {
    if (scores[c] < threshold) selection.mask[c] = 0;
  }
  selection.accepts_nan = lets_nan_through(estimator);
  selection.keeps_objects = state.version() >= Version{0, 20};
  selection.empty_is_double = state.version() < Version{1, 1};
  return state.ok() ? std::make_shared<Selector>(std::move(selection)) : nullptr;
}

}  // namespace

std::span<const Registered> select_from_model_family() {
  static constexpr Registered kRows[] = {{"feature_selection", "SelectFromModel", load_select_from_model}};
  return kRows;
}

}  // namespace cppickle::predict
