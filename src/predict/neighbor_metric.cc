#include "predict/neighbor_metric.h"

#include <algorithm>
#include <cmath>

namespace cppickle::predict {
namespace {

using Kind = NeighborMetric::Kind;

struct Named {
  std::string_view name;
  Kind kind;
};
constexpr Named kNamed[] = {
    {"euclidean", Kind::kEuclidean},
    {"l2", Kind::kEuclidean},
    {"sqeuclidean", Kind::kSquaredEuclidean},
    {"manhattan", Kind::kManhattan},
    {"l1", Kind::kManhattan},
    {"cityblock", Kind::kManhattan},
    {"chebyshev", Kind::kChebyshev},
    {"infinity", Kind::kChebyshev},
    {"minkowski", Kind::kMinkowski},
    {"p", Kind::kMinkowski},
    {"seuclidean", Kind::kStandardized},
    {"cosine", Kind::kCosine},
    {"canberra", Kind::kCanberra},
    {"braycurtis", Kind::kBrayCurtis},
    {"hamming", Kind::kHamming},
    {"haversine", Kind::kHaversine},
};

std::optional<Value> member(const State& state, std::string_view dict, std::string_view name) {
  const auto value = state.get(dict);
  if (!value || value->kind() != cppickle::Kind::kDict) return {};
  for (const Pair pair : value->pairs()) {
    if (text_of(pair.key) == name && !is_none(pair.value)) return pair.value;
  }
  return {};
}

// One pair; y's features lie `step` apart.
double reduced_of_pair(const NeighborMetric& metric, const double* x, const double* y, std::size_t width,
                       std::size_t step, bool floats) {
  const auto difference = [&](std::size_t k) {
    const double exact = x[k] - y[k * step];
    return floats ? static_cast<double>(static_cast<float>(exact)) : exact;
  };
  double sum = 0, other = 0;
  switch (metric.kind) {
    case Kind::kEuclidean:
    case Kind::kSquaredEuclidean:
      for (std::size_t k = 0; k < width; ++k) sum += difference(k) * difference(k);
      return sum;
    case Kind::kManhattan:
      for (std::size_t k = 0; k < width; ++k) sum += std::abs(difference(k));
      return sum;
    case Kind::kChebyshev:
      for (std::size_t k = 0; k < width; ++k) sum = std::max(sum, std::abs(difference(k)));
      return sum;
    case Kind::kMinkowski:
      for (std::size_t k = 0; k < width; ++k) {
        const double power = std::pow(std::abs(difference(k)), metric.p);
        sum += metric.weights.empty() ? power : metric.weights[k] * power;
      }
      return sum;
    case Kind::kStandardized:
      for (std::size_t k = 0; k < width; ++k) sum += difference(k) * difference(k) / metric.weights[k];
      return sum;
    case Kind::kCosine:  // of rows of length 1
      for (std::size_t k = 0; k < width; ++k) sum += x[k] * y[k * step];
      return std::clamp(1 - sum, 0.0, 2.0);
    case Kind::kCanberra:
      for (std::size_t k = 0; k < width; ++k) {
        const double size = std::abs(x[k]) + std::abs(y[k * step]);
        if (size > 0) sum += std::abs(difference(k)) / size;
      }
      return sum;
    case Kind::kBrayCurtis:
      for (std::size_t k = 0; k < width; ++k) {
        sum += std::abs(difference(k));
        other += std::abs(x[k]) + std::abs(y[k * step]);
      }
      return other > 0 ? sum / other : 0;
    case Kind::kHamming:
      for (std::size_t k = 0; k < width; ++k) sum += x[k] != y[k * step] ? 1 : 0;
      return sum / static_cast<double>(width);
    case Kind::kHaversine: {
      const double a = std::sin(0.5 * (x[0] - y[0])), b = std::sin(0.5 * (x[1] - y[step]));
      return a * a + std::cos(x[0]) * std::cos(y[0]) * b * b;
    }
  }
  return sum;
}

}  // namespace

bool NeighborMetric::read(const State& state, std::size_t width) {
  const std::string name = state.text_or(state.has("effective_metric_") ? "effective_metric_" : "metric", "");
  const auto found = std::ranges::find(kNamed, std::string_view(name), &Named::name);
  if (found == std::end(kNamed)) {
    return state.unsupported(name.empty() ? "a metric that is a function is not supported"
                                          : "metric '" + name + "' is not supported");
  }
  kind = found->kind;
  named_l2 = name == "l2";
  constexpr std::string_view kParameters = "effective_metric_params_";
  if (kind == Kind::kMinkowski) {
    const auto power = member(state, kParameters, "p");
    const auto number = power ? number_of(*power) : std::optional<double>(2);
    if (!state.check(number && *number > 0, "p of the metric is no positive number")) return false;
    p = *number;
    if (std::isinf(p)) return state.unsupported("an infinite p with weights is not supported");
    if (const auto factors = member(state, kParameters, "w"))
      weights = state.array_of(*factors, kParameters).values;
  } else if (kind == Kind::kStandardized) {
    const auto variances = member(state, kParameters, "V");
    if (!variances) return state.unsupported("metric 'seuclidean' without V is not supported");
    weights = state.array_of(*variances, kParameters).values;
  }
  if (!state.ok()) return false;
  if (!state.check(kind != Kind::kHaversine || width == 2, "metric 'haversine' is of two features"))
    return false;
  const bool fits = weights.size() == width || (weights.empty() && kind != Kind::kStandardized);
  return state.check(fits, "the metric's parameters do not fit the number of features");
}

void NeighborMetric::reduced(const RowBlocks& rows, const double* x, std::size_t first, std::size_t last,
                             double* out, bool floats) const {
  if (!floats) {
    switch (kind) {
      case Kind::kEuclidean:
      case Kind::kSquaredEuclidean: return rows.squared_distances_of(x, first, last, out);
      case Kind::kManhattan: return rows.manhattan_distances(x, first, last, out);
      case Kind::kChebyshev: return rows.chebyshev_distances(x, first, last, out);
      default: break;
    }
  }
  constexpr std::size_t kLanes = RowBlocks::kLanes;
  for (std::size_t b = first; b < last; ++b) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      *out++ = reduced_of_pair(*this, x, rows.block(b) + lane, rows.width(), kLanes, floats);
    }
  }
}

double NeighborMetric::reduced(const double* x, const double* y, std::size_t width) const {
  return reduced_of_pair(*this, x, y, width, 1, false);
}

double NeighborMetric::distance_of(double reduced) const {
  switch (kind) {
    case Kind::kEuclidean:
    case Kind::kStandardized: return std::sqrt(reduced);
    case Kind::kMinkowski: return std::pow(reduced, 1 / p);
    case Kind::kHaversine: return 2 * std::asin(std::sqrt(reduced));
    default: return reduced;
  }
}

double NeighborMetric::reduced_of(double distance) const {
  switch (kind) {
    case Kind::kEuclidean:
    case Kind::kStandardized: return distance * distance;
    case Kind::kMinkowski: return std::pow(distance, p);
    case Kind::kHaversine: {
      const double half = std::sin(0.5 * distance);
      return half * half;
    }
    default: return distance;
  }
}

double NeighborMetric::exponent() const {
  switch (kind) {
    case Kind::kManhattan: return 1;
    case Kind::kChebyshev: return HUGE_VAL;
    case Kind::kMinkowski: return p;
    default: return 2;
  }
}

}  // namespace cppickle::predict
