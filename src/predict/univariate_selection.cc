// Selection of columns by scores and p-values of each, by variance, or by a mask that was learnt.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "predict/registry.h"
#include "predict/selector.h"

namespace cppickle::predict {
namespace {

using Mask = std::vector<std::uint8_t>;

// NaN is the smallest score (_clean_nans).
std::vector<double> read_scores(const State& state) {
  std::vector<double> scores = state.vector("scores_");
  for (double& score : scores) {
    if (std::isnan(score)) score = std::numeric_limits<double>::lowest();
  }
  return scores;
}

// The last of the scores in a stable order.
Mask best_mask(const std::vector<double>& scores, std::size_t count) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return scores[i]; });
  Mask mask(scores.size(), 0);
  for (std::size_t i = order.size() - std::min(count, order.size()); i < order.size(); ++i) mask[order[i]] = 1;
  return mask;
}

// numpy.percentile of linear interpolation.
double percentile(std::vector<double> values, double percent) {
  std::ranges::sort(values);
  const double place = percent / 100 * static_cast<double>(values.size() - 1);
  const double low = std::clamp(std::floor(place), 0.0, static_cast<double>(values.size() - 1));
  const auto first = static_cast<std::size_t>(low);
  const double a = values[first], b = values[std::min(first + 1, values.size() - 1)], t = place - low;
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

Mask percentile_mask(const std::vector<double>& scores, double percent) {
  if (scores.empty()) return {};
  if (percent == 100) return Mask(scores.size(), 1);
  if (percent == 0) return Mask(scores.size(), 0);
  const double threshold = percentile(scores, 100 - percent);
  Mask mask;
  std::size_t kept = 0;
  for (const double score : scores) {
    mask.push_back(score > threshold ? 1 : 0);
    kept += mask.back();
  }
  const double most = std::trunc(static_cast<double>(scores.size()) * percent / 100);
  // A slice to a negative end leaves out the last ones.
  std::vector<std::size_t> ties;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] == threshold) ties.push_back(i);
  }
  const double left = most - static_cast<double>(kept);
  const double end = left < 0 ? std::max(0.0, static_cast<double>(ties.size()) + left) : std::min(left, static_cast<double>(ties.size()));
  for (std::size_t i = 0; i < static_cast<std::size_t>(end); ++i) mask[ties[i]] = 1;
  return mask;
}

Mask below(const std::vector<double>& values, double limit) {
  Mask mask;
  for (const double value : values) mask.push_back(value < limit ? 1 : 0);
  return mask;
}

// Benjamini and Hochberg.
Mask discovery_mask(const std::vector<double>& values, double alpha) {
  std::vector<double> sorted = values;
  std::ranges::sort(sorted, [](double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); });
  const auto count = static_cast<double>(sorted.size());
  double most = -1;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] <= alpha / count * static_cast<double>(i + 1)) most = std::max(most, sorted[i]);
  }
  Mask mask;
  for (const double value : values) mask.push_back(most >= 0 && value <= most ? 1 : 0);
  return mask;
}

Mask mask_of_mode(const State& state, std::string_view mode, std::string_view parameter) {
  if (mode == "k_best") {
    const std::vector<double> scores = read_scores(state);
    if (state.text_or(parameter, "") == "all") return Mask(scores.size(), 1);
    const std::int64_t count = state.integer(parameter);
    if (!state.ok() || !state.check(count >= 0, "a negative number of features")) return {};
    return best_mask(scores, static_cast<std::size_t>(count));
  }
  if (mode == "percentile") {
    const std::vector<double> scores = read_scores(state);
    const double percent = state.number(parameter);
    if (!state.ok() || !state.check(percent >= 0 && percent <= 100, "percentile is out of range")) return {};
    return percentile_mask(scores, percent);
  }
  const std::vector<double> values = state.vector("pvalues_");
  const double alpha = state.number(parameter);
  if (!state.ok()) return {};
  if (mode == "fpr") return below(values, alpha);
  if (mode == "fdr") return discovery_mask(values, alpha);
  if (mode == "fwe") return below(values, alpha / static_cast<double>(values.size()));
  state.unsupported("this mode of selection is not supported");
  return {};
}

std::shared_ptr<Estimator> made(const State& state, Mask mask, bool accepts_nan) {
  if (!state.ok() || !state.check(mask.size() <= std::numeric_limits<std::int32_t>::max(), "there are too many columns")) return nullptr;
  Selection selection;
  selection.mask = std::move(mask);
  selection.accepts_nan = accepts_nan;
  selection.keeps_objects = state.version() >= Version{0, 20};
  selection.empty_is_double = state.version() < Version{1, 1};
  return std::make_shared<Selector>(std::move(selection));
}

template <std::size_t kMode>
std::shared_ptr<Estimator> load_mode(State& state) {
  static constexpr std::string_view kModes[][2] = {
      {"k_best", "k"}, {"percentile", "percentile"}, {"fpr", "alpha"}, {"fdr", "alpha"}, {"fwe", "alpha"}};
  return made(state, mask_of_mode(state, kModes[kMode][0], kModes[kMode][1]), false);
}

std::shared_ptr<Estimator> load_generic(State& state) {
  return made(state, mask_of_mode(state, state.text_or("mode", "percentile"), "param"), false);
}

std::shared_ptr<Estimator> load_variance(State& state) {
  const std::vector<double> variances = state.vector("variances_");
  const double threshold = state.number_or("threshold", 0);
  Mask mask;
  for (const double variance : variances) mask.push_back(variance > threshold ? 1 : 0);
  return made(state, std::move(mask), state.version() >= Version{0, 22});
}

Mask read_support(const State& state) {
  Mask mask;
  for (const double value : state.vector("support_")) mask.push_back(value != 0 ? 1 : 0);
  return mask;
}

std::shared_ptr<Estimator> load_sequential(State& state) {
  const State estimator = state.child("estimator");
  return state.ok() ? made(state, read_support(state), lets_nan_through(estimator)) : nullptr;
}

std::shared_ptr<Estimator> load_elimination(State& state) {
  const State inner = state.child("estimator_");
  if (!state.ok()) return nullptr;
  Selection selection;
  selection.mask = read_support(state);
  selection.accepts_nan = lets_nan_through(inner);
  selection.keeps_objects = state.version() >= Version{0, 20};
  selection.empty_is_double = state.version() < Version{1, 1};
  // It may be of a class that can only tell what is important.
  if (find_registered(inner.type()) != nullptr) selection.estimator = state.estimator("estimator_");
  return state.ok() ? std::make_shared<Selector>(std::move(selection)) : nullptr;
}

}  // namespace

std::span<const Registered> univariate_selection_family() {
  static constexpr Registered kRows[] = {
      {"feature_selection", "SelectKBest", load_mode<0>},
      {"feature_selection", "SelectPercentile", load_mode<1>},
      {"feature_selection", "SelectFpr", load_mode<2>},
      {"feature_selection", "SelectFdr", load_mode<3>},
      {"feature_selection", "SelectFwe", load_mode<4>},
      {"feature_selection", "GenericUnivariateSelect", load_generic},
      {"feature_selection", "VarianceThreshold", load_variance},
      {"feature_selection", "SequentialFeatureSelector", load_sequential},
      {"feature_selection", "RFE", load_elimination},
      {"feature_selection", "RFECV", load_elimination},
  };
  return kRows;
}

}  // namespace cppickle::predict
