// Estimators of all training rows within a radius: RadiusNeighborsClassifier and -Regressor.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "predict/neighbor_targets.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

// The training rows near one row, in their order, with weights.
struct Near {
  std::uint32_t* indices = nullptr;
  double* weights = nullptr;
  std::size_t count = 0;
};

class RadiusEstimator : public Estimator {
 public:
  RadiusEstimator(NeighborSearch search, double radius, NeighborTargets targets)
      : search_(std::move(search)), radius_(radius), targets_(std::move(targets)) {
    facts().features_in = search_.width();
  }

 protected:
  Result<Batch> checked(const Batch& rows, Workspace& memory) const {
    if (rows.form == Batch::Form::kSparse && !search_.is_brute()) {
      return refuse(search_.method() +
                    " does not work with sparse matrices. Densify the data, or set algorithm='brute'");
    }
    return numbers(rows, memory, {.keep_integers = true});
  }

  Near room(Workspace& memory) const {
    return {memory.make<std::uint32_t>(search_.count()), memory.numbers(search_.padded()), 0};
  }

  void find(const Batch& x, std::size_t row, bool is_sparse, Near& near, Workspace& memory) const {
    const double radius = search_.all_distances(x, row, is_sparse, radius_, near.weights, memory);
    near.count = 0;
    bool same = false;
    for (std::size_t i = 0; i < search_.count(); ++i) {
      if (!(near.weights[i] <= radius)) continue;
      const double distance = search_.distance_of(near.weights[i], is_sparse, x.type);
      near.indices[near.count] = static_cast<std::uint32_t>(i);
      near.weights[near.count++] = distance;
      same = same || distance == 0;
    }
    for (std::size_t i = 0; i < near.count; ++i) {
      if (!targets_.weighted) {
        near.weights[i] = 1;
      } else {
        near.weights[i] = same ? (near.weights[i] == 0 ? 1 : 0) : 1 / near.weights[i];
      }
    }
  }

  NeighborSearch search_;
  double radius_;
  NeighborTargets targets_;
};

class RadiusClassifier final : public RadiusEstimator {
 public:
  struct Outliers {
    bool refused = true;
    std::vector<std::size_t> positions;  // in classes, one for each output
  };
  RadiusClassifier(NeighborSearch search, double radius, NeighborTargets targets, std::vector<Labels> classes,
                   Outliers outliers, bool has_probabilities)
      : RadiusEstimator(std::move(search), radius, std::move(targets)),
        outliers_(std::move(outliers)),
        has_probabilities_(has_probabilities) {
    for (const Labels& labels : classes) {
      widths_.push_back(labels.values.size());
      width_ += labels.values.size();
    }
    facts().classes = std::move(classes);
  }

  bool has(Method method) const override {
    return method == Method::kPredict || (method == Method::kPredictProba && has_probabilities_);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = checked(rows, memory);
    if (!x) return std::unexpected(x.error());
    const bool is_proba = method == Method::kPredictProba, is_sparse = rows.form == Batch::Form::kSparse;
    const std::size_t outputs = widths_.size(), columns = is_proba ? width_ : outputs;
    double* const out = memory.numbers(x->rows * columns);
    double* const room_of_row = memory.numbers(width_);
    Near near = room(memory);
    for (std::size_t r = 0; r < x->rows; ++r) {
      find(*x, r, is_sparse, near, memory);
      if (near.count == 0 && outliers_.refused) {
        return refuse(fmt::format(
            "no neighbors found for test sample {}, you can try using larger radius, giving a label for "
            "outliers, or considering removing them from your dataset",
            r));
      }
      double* probabilities = is_proba ? out + r * width_ : room_of_row;
      for (std::size_t o = 0; o < outputs; ++o) {
        fill(near, o, probabilities);
        if (!is_proba) out[r * outputs + o] = static_cast<double>(label(near, o, probabilities));
        probabilities += widths_[o];
      }
    }
    Batch answer =
        Batch::dense(out, x->rows, columns, is_proba ? ElementType::kFloat64 : facts().classes[0].type);
    answer.is_vector = !is_proba && targets_.is_vector;
    if (!is_proba) answer.labels = facts().classes;
    if (is_proba && !targets_.is_vector) answer.parts = widths_;
    return answer;
  }

 private:
  void fill(const Near& near, std::size_t output, double* out) const {
    const std::size_t classes = widths_[output];
    std::fill_n(out, classes, 0.0);
    for (std::size_t i = 0; i < near.count; ++i)
      out[targets_.class_of(near.indices[i], output)] += near.weights[i];
    if (near.count == 0) out[outliers_.positions[output]] = 1;
    const double total = sum_as_numpy(out, classes);
    for (std::size_t c = 0; c < classes && total != 0; ++c) out[c] /= total;
  }

  std::size_t label(const Near& near, std::size_t output, const double* probabilities) const {
    return near.count == 0 ? outliers_.positions[output] : first_largest(probabilities, widths_[output]);
  }

  std::vector<std::size_t> widths_;
  std::size_t width_ = 0;
  Outliers outliers_;
  bool has_probabilities_;
};

class RadiusRegressor final : public RadiusEstimator {
 public:
  RadiusRegressor(NeighborSearch search, double radius, NeighborTargets targets, Version version)
      : RadiusEstimator(std::move(search), radius, std::move(targets)),
        fills_(version == Version{} || version >= Version{0, 20}) {}

  bool has(Method method) const override { return method == Method::kPredict; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = checked(rows, memory);
    if (!x) return std::unexpected(x.error());
    const std::size_t outputs = targets_.values.columns;
    const bool is_sparse = rows.form == Batch::Form::kSparse;
    double* const out = memory.numbers(x->rows * outputs);
    double* const terms = memory.numbers(search_.count());
    Near near = room(memory);
    for (std::size_t r = 0; r < x->rows; ++r) {
      find(*x, r, is_sparse, near, memory);
      if (near.count == 0 && targets_.weighted && !fills_) {
        return refuse("weights sum to zero, can't be normalized: a row has no neighbors within the radius");
      }
      const double total = sum_as_numpy(near.weights, near.count);
      for (std::size_t o = 0; o < outputs; ++o) {
        double sum = 0;
        for (std::size_t i = 0; i < near.count; ++i) {
          terms[i] = targets_.values.row(near.indices[i])[o] * near.weights[i];
          sum += terms[i];
        }
        // numpy adds row after row where there are several outputs.
        if (outputs == 1) sum = sum_as_numpy(terms, near.count);
        out[r * outputs + o] = near.count == 0 ? nobody() : sum / total;
      }
    }
    Batch answer = Batch::dense(out, x->rows, outputs);
    answer.is_vector = targets_.is_vector;
    return answer;
  }

 private:
  // NaN; numpy's full_like() makes an integer of it where the targets are integers.
  double nobody() const { return fills_ && !is_float(targets_.values.type) ? -9223372036854775808.0 : NAN; }

  bool fills_;
};

bool read(const State& state, NeighborSearch& search, NeighborTargets& targets, double& radius) {
  if (!search.read(state) || !targets.read(state, search)) return false;
  radius = state.number_or("radius", 1);
  return state.ok() && state.check(radius >= 0, "radius is negative");
}

// What rows without neighbours are called: outlier_label_ has a value for each output since 0.22.
bool read_outliers(const State& state, const std::vector<Labels>& classes,
                   RadiusClassifier::Outliers& outliers) {
  outliers.positions.resize(classes.size());
  const bool has_own = state.has("outlier_label_");
  const char* const name = has_own ? "outlier_label_" : "outlier_label";
  outliers.refused = !state.given(name);
  if (outliers.refused) return true;
  Cells cells;
  if (const auto value = state.get(name);
      value->kind() == cppickle::Kind::kList || value->kind() == cppickle::Kind::kTuple) {
    cells = state.cells(name);
  } else if (const auto text = text_of(*value)) {
    auto owner = std::make_shared<std::string>(*text);
    cells.values.assign(classes.size(), Cell::of(std::string_view(*owner)));
    cells.owner = owner;
  } else if (const auto integer = integer_of(*value)) {
    cells.values.assign(classes.size(), Cell::of(*integer));
  } else if (const auto number = number_of(*value)) {
    cells.values.assign(classes.size(), Cell::of(*number));
  } else {
    cells = state.cells(name);
  }
  if (!state.ok() ||
      !state.check(cells.values.size() == classes.size(), "outlier_label_ and classes_ do not fit"))
    return false;
  for (std::size_t o = 0; o < classes.size(); ++o) {
    const std::vector<Cell>& known = classes[o].values;
    const auto found =
        std::ranges::find_if(known, [&](const Cell& cell) { return equal(cell, cells.values[o]); });
    if (found == known.end()) return state.unsupported("an outlier_label that is no class is not supported");
    outliers.positions[o] = static_cast<std::size_t>(found - known.begin());
  }
  return true;
}

std::shared_ptr<Estimator> load_classifier(State& state) {
  NeighborSearch search;
  NeighborTargets targets;
  RadiusClassifier::Outliers outliers;
  std::vector<Labels> classes;
  double radius = 0;
  if (!read(state, search, targets, radius) || !targets.read_classes(state, classes)) return nullptr;
  if (!read_outliers(state, classes, outliers)) return nullptr;
  const bool has_probabilities = state.version() == Version{} || state.version() >= Version{0, 22};
  return std::make_shared<RadiusClassifier>(std::move(search), radius, std::move(targets), std::move(classes),
                                            std::move(outliers), has_probabilities);
}

std::shared_ptr<Estimator> load_regressor(State& state) {
  NeighborSearch search;
  NeighborTargets targets;
  double radius = 0;
  if (!read(state, search, targets, radius)) return nullptr;
  if (targets.values.type == ElementType::kFloat32) {
    state.unsupported("targets of float32 are not supported by RadiusNeighborsRegressor");
    return nullptr;
  }
  return std::make_shared<RadiusRegressor>(std::move(search), radius, std::move(targets), state.version());
}

}  // namespace

std::span<const Registered> radius_neighbors_family() {
  static constexpr Registered kRows[] = {
      {"neighbors", "RadiusNeighborsClassifier", load_classifier},
      {"neighbors", "RadiusNeighborsRegressor", load_regressor},
  };
  return kRows;
}

}  // namespace cppickle::predict
