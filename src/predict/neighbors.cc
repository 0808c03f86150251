// Estimators of the k nearest training rows: KNeighborsClassifier and -Regressor, NearestNeighbors,
// KNeighborsTransformer, LocalOutlierFactor.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "predict/neighbor_targets.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

// What a run has found.
struct Found {
  Batch x;
  std::size_t k = 0;
  double* distances = nullptr;
  std::uint32_t* indices = nullptr;
};

class NeighborsEstimator : public Estimator {
 public:
  NeighborsEstimator(NeighborSearch search, std::size_t neighbors)
      : search_(std::move(search)), neighbors_(neighbors) {
    facts().features_in = search_.width();
  }

 protected:
  Result<Found> find(const Batch& rows, Workspace& memory, std::size_t more = 0) const {
    if (rows.form == Batch::Form::kSparse && !search_.is_brute()) {
      return refuse(search_.method() +
                    " does not work with sparse matrices. Densify the data, or set algorithm='brute'");
    }
    const auto x = numbers(rows, memory, {.keep_integers = true});
    if (!x) return std::unexpected(x.error());
    Found found{*x, neighbors_ + more, nullptr, nullptr};
    if (found.k > search_.count()) {
      return refuse(
          fmt::format("expected n_neighbors <= n_samples_fit, but n_neighbors = {}, n_samples_fit = {}",
                      found.k, search_.count()));
    }
    found.distances = memory.numbers(x->rows * found.k);
    found.indices = memory.make<std::uint32_t>(x->rows * found.k);
    search_.nearest(*x, rows.form == Batch::Form::kSparse, found.k, found.distances, found.indices, memory);
    return found;
  }

  Result<Batch> kneighbors(const Batch& rows, Workspace& memory) const {
    const auto found = find(rows, memory);
    if (!found) return std::unexpected(found.error());
    const std::size_t k = found->k;
    double* const out = memory.numbers(found->x.rows * 2 * k);
    for (std::size_t r = 0; r < found->x.rows; ++r) {
      std::copy_n(found->distances + r * k, k, out + r * 2 * k);
      std::copy_n(found->indices + r * k, k, out + r * 2 * k + k);
    }
    return Batch::dense(out, found->x.rows, 2 * k);
  }

  NeighborSearch search_;
  std::size_t neighbors_;
};

// In place: distances become weights. A row with neighbours in the same place has weight for these alone.
void weigh(double* of_row, std::size_t k) {
  bool same = false;
  for (std::size_t i = 0; i < k; ++i) {
    of_row[i] = 1 / of_row[i];
    same = same || std::isinf(of_row[i]);
  }
  for (std::size_t i = 0; i < k && same; ++i) of_row[i] = std::isinf(of_row[i]) ? 1 : 0;
}

class NeighborsClassifier final : public NeighborsEstimator {
 public:
  NeighborsClassifier(NeighborSearch search, std::size_t neighbors, NeighborTargets targets,
                      std::vector<Labels> classes)
      : NeighborsEstimator(std::move(search), neighbors), targets_(std::move(targets)) {
    for (const Labels& labels : classes) {
      widths_.push_back(labels.values.size());
      width_ += labels.values.size();
    }
    facts().classes = std::move(classes);
  }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kPredictProba || method == Method::kKneighbors;
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (method == Method::kKneighbors) return kneighbors(rows, memory);
    const auto found = find(rows, memory);
    if (!found) return std::unexpected(found.error());
    const std::size_t count = found->x.rows, outputs = widths_.size();
    const bool is_proba = method == Method::kPredictProba;
    const std::size_t columns = is_proba ? width_ : outputs;
    double* const out = memory.numbers(count * columns);
    double* const sums = memory.numbers(width_);
    double* const terms = memory.numbers(found->k);
    for (std::size_t r = 0; r < count; ++r) {
      double* const weights = found->distances + r * found->k;
      const std::uint32_t* const indices = found->indices + r * found->k;
      if (targets_.weighted) {
        weigh(weights, found->k);
      } else {
        std::fill_n(weights, found->k, 1.0);
      }
      double* to = out + r * columns;
      for (std::size_t o = 0; o < outputs; ++o) {
        is_proba ? probabilities(weights, indices, found->k, o, to)
                 : mode(weights, indices, found->k, o, sums, terms, to);
        to += is_proba ? widths_[o] : 1;
      }
    }
    const bool one = targets_.is_vector;
    Batch answer =
        Batch::dense(out, count, columns, is_proba ? ElementType::kFloat64 : facts().classes[0].type);
    answer.is_vector = !is_proba && one;
    if (!is_proba) answer.labels = facts().classes;
    if (is_proba && !one) answer.parts = widths_;
    return answer;
  }

 private:
  void probabilities(const double* weights, const std::uint32_t* indices, std::size_t k, std::size_t output,
                     double* out) const {
    const std::size_t classes = widths_[output];
    std::fill_n(out, classes, 0.0);
    for (std::size_t i = 0; i < k; ++i) out[targets_.class_of(indices[i], output)] += weights[i];
    const double total = sum_as_numpy(out, classes);
    for (std::size_t c = 0; c < classes && total != 0; ++c) out[c] /= total;
  }

  // The first class that has most weight; sums are taken in numpy's way, so that equal ones are equal.
  void mode(const double* weights, const std::uint32_t* indices, std::size_t k, std::size_t output,
            double* sums, double* terms, double* out) const {
    const std::size_t classes = widths_[output];
    std::fill_n(sums, classes, 0.0);
    for (std::size_t i = 0; i < k; ++i) ++sums[targets_.class_of(indices[i], output)];
    for (std::size_t c = 0; c < classes && targets_.weighted; ++c) {
      if (sums[c] == 0) continue;
      for (std::size_t i = 0; i < k; ++i)
        terms[i] = targets_.class_of(indices[i], output) == c ? weights[i] : 0;
      sums[c] = sum_as_numpy(terms, k);
    }
    std::size_t best = 0;
    for (std::size_t c = 1; c < classes; ++c) {
      if (sums[c] > sums[best]) best = c;
    }
    *out = static_cast<double>(best);
  }

  NeighborTargets targets_;
  std::vector<std::size_t> widths_;
  std::size_t width_ = 0;
};

class NeighborsRegressor final : public NeighborsEstimator {
 public:
  NeighborsRegressor(NeighborSearch search, std::size_t neighbors, NeighborTargets targets)
      : NeighborsEstimator(std::move(search), neighbors), targets_(std::move(targets)) {}

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kKneighbors;
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (method == Method::kKneighbors) return kneighbors(rows, memory);
    const auto found = find(rows, memory);
    if (!found) return std::unexpected(found.error());
    const std::size_t count = found->x.rows, k = found->k, outputs = targets_.values.columns;
    const bool floats = targets_.values.type == ElementType::kFloat32 && !targets_.weighted;
    double* const out = memory.numbers(count * outputs);
    double* const terms = memory.numbers(k);
    for (std::size_t r = 0; r < count; ++r) {
      double* const weights = found->distances + r * k;
      const std::uint32_t* const indices = found->indices + r * k;
      if (targets_.weighted) weigh(weights, k);
      const double total = targets_.weighted ? sum_as_numpy(weights, k) : static_cast<double>(k);
      for (std::size_t o = 0; o < outputs; ++o) {
        for (std::size_t i = 0; i < k; ++i) {
          terms[i] = targets_.values.row(indices[i])[o] * (targets_.weighted ? weights[i] : 1);
        }
        out[r * outputs + o] = sum(terms, k, outputs > 1 && !targets_.weighted, floats) / total;
      }
    }
    const ElementType type = floats ? ElementType::kFloat32 : ElementType::kFloat64;
    round_all(out, count * outputs, type);
    Batch answer = Batch::dense(out, count, outputs, type);
    answer.is_vector = targets_.is_vector;
    return answer;
  }

 private:
  // numpy's mean over the neighbours of several outputs adds row after row.
  static double sum(const double* terms, std::size_t k, bool one_by_one, bool floats) {
    if (!one_by_one) return sum_as_numpy(terms, k, floats);
    double total = 0;
    for (std::size_t i = 0; i < k; ++i)
      total = floats ? static_cast<double>(static_cast<float>(total + terms[i])) : total + terms[i];
    return total;
  }

  NeighborTargets targets_;
};

class NearestNeighbors final : public NeighborsEstimator {
 public:
  using NeighborsEstimator::NeighborsEstimator;
  bool has(Method method) const override { return method == Method::kKneighbors; }
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    return has(method) ? kneighbors(rows, memory) : no_method(*this, method);
  }
};

// transform() is kneighbors_graph(): of distances one neighbour more, for the row itself in the training
// data.
class NeighborsTransformer final : public NeighborsEstimator {
 public:
  NeighborsTransformer(NeighborSearch search, std::size_t neighbors, bool gives_distances)
      : NeighborsEstimator(std::move(search), neighbors), gives_distances_(gives_distances) {}

  bool has(Method method) const override {
    return method == Method::kTransform || method == Method::kKneighbors;
  }
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (method == Method::kKneighbors) return kneighbors(rows, memory);
    const auto found = find(rows, memory, gives_distances_ ? 1 : 0);
    if (!found) return std::unexpected(found.error());
    const std::size_t count = found->x.rows;
    auto* const starts = memory.make<std::int64_t>(count + 1);
    auto* const columns = memory.make<std::int32_t>(count * found->k);
    for (std::size_t r = 0; r <= count; ++r) starts[r] = static_cast<std::int64_t>(r * found->k);
    for (std::size_t i = 0; i < count * found->k; ++i) {
      columns[i] = static_cast<std::int32_t>(found->indices[i]);
      if (!gives_distances_) found->distances[i] = 1;
    }
    return Batch::sparse(found->distances, starts, columns, count, search_.count());
  }

 private:
  bool gives_distances_;
};

class OutlierFactor final : public NeighborsEstimator {
 public:
  struct Fitted {
    std::vector<double> densities;  // of the training rows
    std::vector<double> reaches;    // how far the last neighbour of each is
    double offset = 0;
  };
  OutlierFactor(NeighborSearch search, std::size_t neighbors, Fitted fitted)
      : NeighborsEstimator(std::move(search), neighbors), fitted_(std::move(fitted)) {}

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kDecisionFunction ||
           method == Method::kScoreSamples || method == Method::kKneighbors;
  }
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    if (method == Method::kKneighbors) return kneighbors(rows, memory);
    const auto found = find(rows, memory);
    if (!found) return std::unexpected(found.error());
    const std::size_t k = found->k;
    double* const out = memory.numbers(found->x.rows);
    for (std::size_t r = 0; r < found->x.rows; ++r) {
      double* const distances = found->distances + r * k;
      const std::uint32_t* const indices = found->indices + r * k;
      for (std::size_t i = 0; i < k; ++i) distances[i] = std::max(distances[i], fitted_.reaches[indices[i]]);
      const double density = 1 / (sum_as_numpy(distances, k) / static_cast<double>(k) + 1e-10);
      for (std::size_t i = 0; i < k; ++i) distances[i] = fitted_.densities[indices[i]] / density;
      out[r] = -(sum_as_numpy(distances, k) / static_cast<double>(k));
      if (method != Method::kScoreSamples) out[r] -= fitted_.offset;
      if (method == Method::kPredict) out[r] = out[r] < 0 ? -1 : 1;
    }
    return Batch::vector(out, found->x.rows,
                         method == Method::kPredict ? ElementType::kInt64 : ElementType::kFloat64);
  }

 private:
  Fitted fitted_;
};

bool read(State& state, NeighborSearch& search, std::size_t& neighbors, const char* name = "n_neighbors") {
  if (!search.read(state)) return false;
  const std::int64_t number = state.integer_or(name, 5);
  neighbors = static_cast<std::size_t>(number);
  return state.ok() &&
         state.check(number > 0 && number < std::int64_t{1} << 31, "n_neighbors is no positive number");
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  NeighborSearch search;
  NeighborTargets targets;
  std::vector<Labels> classes;
  std::size_t neighbors = 0;
  if (!read(state, search, neighbors) || !targets.read(state, search) ||
      !targets.read_classes(state, classes))
    return nullptr;
  return std::make_shared<NeighborsClassifier>(std::move(search), neighbors, std::move(targets),
                                               std::move(classes));
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  NeighborSearch search;
  NeighborTargets targets;
  std::size_t neighbors = 0;
  if (!read(state, search, neighbors) || !targets.read(state, search)) return nullptr;
  return std::make_shared<NeighborsRegressor>(std::move(search), neighbors, std::move(targets));
}

std::shared_ptr<Estimator> load_nearest(State& state) {
  NeighborSearch search;
  std::size_t neighbors = 0;
  if (!read(state, search, neighbors)) return nullptr;
  return std::make_shared<NearestNeighbors>(std::move(search), neighbors);
}

std::shared_ptr<Estimator> load_transformer(State& state) {
  NeighborSearch search;
  std::size_t neighbors = 0;
  if (!read(state, search, neighbors)) return nullptr;
  if (!state.check(search.count() < std::size_t{1} << 31, "_fit_X has too many rows")) return nullptr;
  return std::make_shared<NeighborsTransformer>(std::move(search), neighbors,
                                                state.text_or("mode", "distance") == "distance");
}

std::shared_ptr<Estimator> load_outlier_factor(State& state) {
  NeighborSearch search;
  OutlierFactor::Fitted fitted;
  std::size_t neighbors = 0;
  if (!state.flag_or("novelty", false)) {
    state.unsupported("LocalOutlierFactor without novelty=True has no prediction for new rows");
    return nullptr;
  }
  if (!read(state, search, neighbors, "n_neighbors_")) return nullptr;
  fitted.densities = state.vector("_lrd");
  fitted.offset = state.number("offset_");
  const Matrix distances = state.matrix("_distances_fit_X_");
  if (!state.ok() || !state.check(fitted.densities.size() == search.count() &&
                                      distances.rows == search.count() && distances.columns >= neighbors,
                                  "_lrd, _distances_fit_X_ and _fit_X do not fit")) {
    return nullptr;
  }
  for (std::size_t i = 0; i < distances.rows; ++i) fitted.reaches.push_back(distances.row(i)[neighbors - 1]);
  return std::make_shared<OutlierFactor>(std::move(search), neighbors, std::move(fitted));
}

}  // namespace

std::span<const Registered> neighbors_family() {
  static constexpr Registered kRows[] = {
      {"neighbors", "KNeighborsClassifier", load_classifier},
      {"neighbors", "KNeighborsRegressor", load_regressor},
      {"neighbors", "NearestNeighbors", load_nearest},
      {"neighbors", "KNeighborsTransformer", load_transformer},
      {"neighbors", "LocalOutlierFactor", load_outlier_factor},
  };
  return kRows;
}

}  // namespace cppickle::predict
