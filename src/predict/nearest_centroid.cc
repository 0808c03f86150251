// NearestCentroid: the class whose centroid is nearest; with priors, since 1.6, that of the largest
// discriminant.
#include <algorithm>
#include <cmath>

#include "predict/centers.h"
#include "predict/neighbor_metric.h"
#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

class NearestCentroid final : public Classifier {
 public:
  struct Parts {
    Matrix centroids;
    Centers centers;
    bool is_manhattan = false;
    bool takes_root = false;     // until 1.1 distances were compared, not their squares
    std::vector<double> priors;  // empty before 1.6
    std::vector<double> deviations;
    bool priors_differ = false;
  };
  NearestCentroid(Parts parts, Labels classes)
      : parts_(std::move(parts)),
        rows_(parts_.centroids.values.data(), parts_.centroids.rows, parts_.centroids.columns) {
    facts().features_in = parts_.centroids.columns;
    facts().classes.push_back(std::move(classes));
  }

 private:
  // float32 is float64 in scikit-learn as well: the centroids are.
  Accept accepts() const override { return {.keep_float32 = false}; }
  bool has_probabilities() const override { return has_decision(); }
  bool has_decision() const override { return !parts_.priors.empty() && !parts_.is_manhattan; }

  void labels(const Batch& x, double* out, Workspace& memory) const override {
    if (parts_.priors_differ) return discriminate(x, out, memory);
    if (!parts_.is_manhattan && !parts_.takes_root) return parts_.centers.nearest(x, out, memory);
    const std::size_t classes = class_count();
    double* const values = memory.numbers(x.rows * rows_.padded());
    if (!parts_.is_manhattan) parts_.centers.distances(x, values, memory);
    for (std::size_t r = 0; r < x.rows; ++r) {
      double* const of_row = parts_.is_manhattan ? values : values + r * classes;
      if (parts_.is_manhattan) rows_.manhattan_distances(x.values + r * x.columns, 0, rows_.blocks(), of_row);
      out[r] = static_cast<double>(std::min_element(of_row, of_row + classes) - of_row);
    }
  }

  void discriminate(const Batch& x, double* out, Workspace& memory) const {
    const std::size_t classes = class_count();
    double* const values = memory.numbers(x.rows * classes);
    scores(x, values, memory);
    for (std::size_t r = 0; r < x.rows; ++r)
      out[r] = static_cast<double>(first_largest(values + r * classes, classes));
  }

  // Of rows and centroids in units of the deviations within the classes.
  void scores(const Batch& x, double* out, Workspace& memory) const {
    const std::size_t classes = class_count();
    double* const row = memory.numbers(x.columns);
    double* const centroid = memory.numbers(x.columns);
    const auto scaled = [&](double value, std::size_t k) {
      return parts_.deviations[k] != 0 ? value / parts_.deviations[k] : value;
    };
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t k = 0; k < x.columns; ++k) row[k] = scaled(x.values[r * x.columns + k], k);
      for (std::size_t c = 0; c < classes; ++c) {
        for (std::size_t k = 0; k < x.columns; ++k) centroid[k] = scaled(parts_.centroids.row(c)[k], k);
        double distance = 0;
        if (parts_.is_manhattan) {
          for (std::size_t k = 0; k < x.columns; ++k) distance += std::abs(row[k] - centroid[k]);
          distance *= distance;
        } else {
          distance = squared_distance(row, centroid, x.columns);
        }
        out[r * classes + c] = -distance + 2 * std::log(parts_.priors[c]);
      }
    }
  }

  void decision(const Batch& x, double* out, Workspace& memory) const override {
    if (class_count() != 2) return scores(x, out, memory);
    double* const values = memory.numbers(x.rows * 2);
    scores(x, values, memory);
    for (std::size_t r = 0; r < x.rows; ++r) out[r] = values[2 * r + 1] - values[2 * r];
  }

  void log_probabilities(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t classes = class_count();
    scores(x, out, memory);
    for (std::size_t r = 0; r < x.rows; ++r) {
      double* const of_row = out + r * classes;
      const double most = *std::max_element(of_row, of_row + classes);
      double total = 0;
      for (std::size_t c = 0; c < classes; ++c) total += std::exp(of_row[c] -= most);
      for (std::size_t c = 0; c < classes; ++c) of_row[c] -= std::log(total);
    }
  }
  void probabilities(const Batch& x, double* out, Workspace& memory) const override {
    log_probabilities(x, out, memory);
    for (std::size_t i = 0; i < x.rows * class_count(); ++i) out[i] = std::exp(out[i]);
  }

  Parts parts_;
  RowBlocks rows_;
};

std::shared_ptr<Estimator> load_nearest_centroid(State& state) {
  NearestCentroid::Parts parts;
  Labels classes = state.labels("classes_");
  parts.centroids = state.matrix("centroids_");
  if (!state.ok()) return nullptr;
  const std::size_t count = classes.values.size();
  if (!state.check(count >= 2 && parts.centroids.rows == count, "centroids_ and classes_ do not fit"))
    return nullptr;
  const std::string metric = state.text_or("metric", "");
  parts.is_manhattan = metric == "manhattan";
  if (!parts.is_manhattan && metric != "euclidean") {
    state.unsupported("NearestCentroid with a metric other than euclidean and manhattan is not supported");
    return nullptr;
  }
  parts.centers = Centers(parts.centroids, state.version());
  parts.takes_root = state.version() != Version{} && state.version() < Version{1, 2};
  if (state.given("class_prior_")) {
    parts.priors = state.vector("class_prior_");
    parts.deviations = state.vector("within_class_std_dev_");
    if (!state.ok() ||
        !state.check(parts.priors.size() == count && parts.deviations.size() == parts.centroids.columns,
                     "class_prior_ or within_class_std_dev_ has a wrong size")) {
      return nullptr;
    }
    const double even = 1 / static_cast<double>(count);
    for (const double prior : parts.priors)
      parts.priors_differ = parts.priors_differ || std::abs(prior - even) > 1e-8 + 1e-5 * even;
  }
  return std::make_shared<NearestCentroid>(std::move(parts), std::move(classes));
}

}  // namespace

std::span<const Registered> nearest_centroid_family() {
  static constexpr Registered kRows[] = {{"neighbors", "NearestCentroid", load_nearest_centroid}};
  return kRows;
}

}  // namespace cppickle::predict
