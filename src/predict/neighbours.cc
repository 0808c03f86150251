// k nearest neighbours: classifiers, regressors, the search itself; and NearestCentroid (sklearn/neighbors).
#include <algorithm>
#include <cmath>

#include "predict/nearest.h"
#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

struct Neighbours {
  Nearest nearest;
  std::size_t count = 5;
  bool by_distance = false;

  // Weights as neighbors._base._get_weights: where a row of the training data is hit, it alone counts.
  void weigh(const Neighbour* found, double* weights) const {
    for (std::size_t i = 0; i < count; ++i) weights[i] = by_distance ? 1 / found[i].distance : 1;
    if (!by_distance || !std::any_of(weights, weights + count, [](double w) { return std::isinf(w); })) return;
    for (std::size_t i = 0; i < count; ++i) weights[i] = std::isinf(weights[i]) ? 1 : 0;
  }
};

bool read(const State& state, Neighbours& neighbours) {
  if (!neighbours.nearest.read(state)) return false;
  const std::int64_t count = state.integer_or("n_neighbors", 5);
  const auto weights = state.get("weights");
  const auto kind = weights ? text_of(*weights) : std::nullopt;
  if (weights && !is_none(*weights) && kind != "uniform" && kind != "distance") {
    return state.unsupported("neighbours that are weighted by a function are not supported");
  }
  neighbours.by_distance = kind == "distance";
  if (!state.ok() || !state.check(count >= 1 && static_cast<std::uint64_t>(count) <= neighbours.nearest.rows(),
                                  "n_neighbors is larger than the training data")) {
    return false;
  }
  neighbours.count = static_cast<std::size_t>(count);
  return true;
}

// Distances and positions side by side.
class Search : public Estimator {
 public:
  explicit Search(Neighbours neighbours) : neighbours_(std::move(neighbours)) {
    facts().features_in = neighbours_.nearest.columns();
  }
  bool has(Method method) const override { return method == Method::kKneighbors; }
  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kKneighbors) return no_method(*this, method);
    const auto x = checked(rows, memory);
    if (!x) return x;
    const std::size_t count = neighbours_.count;
    const Neighbour* const found = neighbours_.nearest.search(*x, count, memory);
    double* const out = memory.numbers(x->rows * count * 2);
    for (std::size_t r = 0; r < x->rows; ++r) {
      for (std::size_t i = 0; i < count; ++i) {
        out[r * 2 * count + i] = found[r * count + i].distance;
        out[r * 2 * count + count + i] = found[r * count + i].index;
      }
    }
    return Batch::dense(out, x->rows, 2 * count);
  }

 protected:
  Result<Batch> checked(const Batch& rows, Workspace& memory) const { return numbers(rows, memory, {.keep_float32 = false}); }
  Neighbours neighbours_;
};

class NeighboursClassifier final : public Search {
 public:
  // y: rows of the training data times outputs, positions in the classes of each.
  NeighboursClassifier(Neighbours neighbours, std::vector<std::size_t> y, std::vector<Labels> classes, bool one_output)
      : Search(std::move(neighbours)), y_(std::move(y)), one_output_(one_output) {
    facts().classes = std::move(classes);
    for (const Labels& labels : facts().classes) widths_.push_back(labels.values.size());
  }

  bool has(Method method) const override {
    return method == Method::kPredict || method == Method::kPredictProba || Search::has(method);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method == Method::kKneighbors) return Search::run(method, rows, memory);
    if (!has(method)) return no_method(*this, method);
    const auto x = checked(rows, memory);
    if (!x) return x;
    const std::size_t count = neighbours_.count, outputs = widths_.size();
    std::size_t width = 0;
    for (const std::size_t one : widths_) width += one;
    const Neighbour* const found = neighbours_.nearest.search(*x, count, memory);
    double* const votes = memory.numbers(x->rows * width);
    double* const weights = memory.numbers(count);
    std::fill_n(votes, x->rows * width, 0.0);
    for (std::size_t r = 0; r < x->rows; ++r) {
      neighbours_.weigh(found + r * count, weights);
      std::size_t first = 0;
      for (std::size_t o = 0; o < outputs; first += widths_[o++]) {
        double* const of_output = votes + r * width + first;
        for (std::size_t i = 0; i < count; ++i) of_output[y_[found[r * count + i].index * outputs + o]] += weights[i];
      }
    }
    return method == Method::kPredict ? labels(votes, x->rows, width, memory) : probabilities(votes, x->rows, width);
  }

 private:
  Batch labels(const double* votes, std::size_t rows, std::size_t width, Workspace& memory) const {
    const std::size_t outputs = widths_.size();
    double* const out = memory.numbers(rows * outputs);
    for (std::size_t r = 0; r < rows; ++r) {
      const double* of_output = votes + r * width;
      for (std::size_t o = 0; o < outputs; of_output += widths_[o++]) {
        out[r * outputs + o] = static_cast<double>(first_largest(of_output, widths_[o]));
      }
    }
    Batch answer = Batch::dense(out, rows, outputs, facts().classes[0].type);
    answer.is_vector = one_output_;
    answer.labels = facts().classes;
    return answer;
  }

  Batch probabilities(double* votes, std::size_t rows, std::size_t width) const {
    for (std::size_t r = 0; r < rows; ++r) {
      double* of_output = votes + r * width;
      for (const std::size_t one : widths_) {
        double total = 0;
        for (std::size_t i = 0; i < one; ++i) total += of_output[i];
        for (std::size_t i = 0; i < one; ++i) of_output[i] /= total == 0 ? 1 : total;
        of_output += one;
      }
    }
    Batch answer = Batch::dense(votes, rows, width);
    if (!one_output_) answer.parts = widths_;
    return answer;
  }

  std::vector<std::size_t> y_;
  std::vector<std::size_t> widths_;
  bool one_output_;
};

class NeighboursRegressor final : public Search {
 public:
  NeighboursRegressor(Neighbours neighbours, Matrix y, bool one_output)
      : Search(std::move(neighbours)), y_(std::move(y)), one_output_(one_output) {}

  bool has(Method method) const override { return method == Method::kPredict || Search::has(method); }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method == Method::kKneighbors) return Search::run(method, rows, memory);
    if (!has(method)) return no_method(*this, method);
    const auto x = checked(rows, memory);
    if (!x) return x;
    const std::size_t count = neighbours_.count, outputs = y_.columns;
    const Neighbour* const found = neighbours_.nearest.search(*x, count, memory);
    double* const out = memory.numbers(x->rows * outputs);
    double* const weights = memory.numbers(count);
    std::fill_n(out, x->rows * outputs, 0.0);
    for (std::size_t r = 0; r < x->rows; ++r) {
      neighbours_.weigh(found + r * count, weights);
      double total = 0;
      for (std::size_t i = 0; i < count; ++i) {
        total += weights[i];
        const double* const y = y_.row(found[r * count + i].index);
        for (std::size_t o = 0; o < outputs; ++o) out[r * outputs + o] += weights[i] * y[o];
      }
      for (std::size_t o = 0; o < outputs; ++o) out[r * outputs + o] /= total;
    }
    Batch answer = Batch::dense(out, x->rows, outputs);
    answer.is_vector = one_output_;
    return answer;
  }

 private:
  Matrix y_;
  bool one_output_;
};

// The class of the nearest centroid.
class NearestCentroid final : public Classifier {
 public:
  NearestCentroid(Matrix centroids, Labels classes, bool manhattan) : centroids_(std::move(centroids)), manhattan_(manhattan) {
    facts().features_in = centroids_.columns;
    facts().classes.push_back(std::move(classes));
  }

 private:
  bool has_probabilities() const override { return false; }
  bool has_decision() const override { return false; }
  void labels(const Batch& x, double* out, Workspace&) const override {
    for (std::size_t r = 0; r < x.rows; ++r) {
      double least = INFINITY;
      out[r] = 0;
      for (std::size_t c = 0; c < centroids_.rows; ++c) {
        double distance = 0;
        if (manhattan_) {
          for (std::size_t i = 0; i < x.columns; ++i) distance += std::abs(x.values[r * x.columns + i] - centroids_.row(c)[i]);
        } else {
          distance = squared_distance(x.values + r * x.columns, centroids_.row(c), x.columns);
        }
        if (distance >= least) continue;
        least = distance;
        out[r] = static_cast<double>(c);
      }
    }
  }

  Matrix centroids_;
  bool manhattan_;
};

std::shared_ptr<Estimator> load_classifier(State& state) {
  Neighbours neighbours;
  if (!read(state, neighbours)) return nullptr;
  std::vector<Labels> classes;
  const auto written = state.get("classes_");
  const bool one_output = !written || written->kind() != Kind::kList;
  if (one_output) {
    classes.push_back(state.labels("classes_"));
  } else {
    for (const Value& value : state.items("classes_")) {
      Cells cells = state.cells_of(value, "classes_");
      classes.push_back({std::move(cells.dtype), cells.type, std::move(cells.values), std::move(cells.owner)});
    }
  }
  const std::vector<std::int64_t> y = state.integers("_y");
  if (!state.ok() || !state.check(!classes.empty() && y.size() == neighbours.nearest.rows() * classes.size(),
                                  "_y does not fit the training data")) {
    return nullptr;
  }
  std::vector<std::size_t> positions;
  positions.reserve(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t most = classes[i % classes.size()].values.size();
    if (!state.check(y[i] >= 0 && static_cast<std::size_t>(y[i]) < most, "_y names a class that is not there")) return nullptr;
    positions.push_back(static_cast<std::size_t>(y[i]));
  }
  return std::make_shared<NeighboursClassifier>(std::move(neighbours), std::move(positions), std::move(classes), one_output);
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  Neighbours neighbours;
  if (!read(state, neighbours)) return nullptr;
  Numbers y = state.array("_y");
  const std::size_t rows = neighbours.nearest.rows();
  if (!state.ok() || !state.check((y.shape.size() == 1 || y.shape.size() == 2) && y.shape[0] == rows, "_y does not fit the training data")) {
    return nullptr;
  }
  const bool one_output = y.shape.size() == 1;
  Matrix targets{rows, one_output ? 1 : y.shape[1], std::move(y.values)};
  return std::make_shared<NeighboursRegressor>(std::move(neighbours), std::move(targets), one_output);
}

std::shared_ptr<Estimator> load_search(State& state) {
  Neighbours neighbours;
  return read(state, neighbours) ? std::make_shared<Search>(std::move(neighbours)) : nullptr;
}

std::shared_ptr<Estimator> load_centroid(State& state) {
  Matrix centroids = state.matrix("centroids_");
  Labels classes = state.labels("classes_");
  const std::string metric = state.text_or("metric", "");
  if (!state.ok()) return nullptr;
  if ((metric != "euclidean" && metric != "manhattan") || state.version() >= Version{1, 6}) {
    state.unsupported("NearestCentroid with this metric, or of scikit-learn 1.6 and later, is not supported");
    return nullptr;
  }
  if (!state.check(centroids.rows == classes.values.size() && centroids.rows > 0, "centroids_ and classes_ do not fit")) return nullptr;
  return std::make_shared<NearestCentroid>(std::move(centroids), std::move(classes), metric == "manhattan");
}

}  // namespace

std::span<const Registered> neighbours_family() {
  static constexpr Registered kRows[] = {
      {"neighbors", "KNeighborsClassifier", load_classifier},
      {"neighbors", "KNeighborsRegressor", load_regressor},
      {"neighbors", "NearestNeighbors", load_search},
      {"neighbors", "NearestCentroid", load_centroid},
  };
  return kRows;
}

}  // namespace cppickle::predict
