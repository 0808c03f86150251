// Linear and quadratic discriminant analysis (scikit-learn's discriminant_analysis).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

// float32 or what numpy would make of float64 and anything else.
ElementType float_type(ElementType type) {
  return type == ElementType::kFloat32 ? type : ElementType::kFloat64;
}

struct LinearParts {
  Matrix weights;  // coef_
  std::vector<double> intercepts;
  ElementType intercept_type = ElementType::kFloat64;
  Matrix scalings;            // turned, a row for each column of transform(); no rows for solver='lsqr'
  bool transforms = false;
  std::size_t names = 0;      // columns that transform() has or would have
  std::vector<double> mean;   // xbar_ of solver='svd'; else empty
  ElementType scaling_type = ElementType::kFloat64;
  bool softmax = true;        // else one-vs-rest, as until 0.20
  bool tiny = true;           // the logarithm of a probability of 0 is finite since 0.24
};

class LinearDiscriminant final : public Classifier {
 public:
  LinearDiscriminant(LinearParts parts, Labels classes) : parts_(std::move(parts)) {
    facts().features_in = parts_.weights.columns;
    facts().classes.push_back(std::move(classes));
  }

  bool has(Method method) const override {
    return Classifier::has(method) || (method == Method::kTransform && parts_.transforms);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kTransform || !parts_.transforms) return Classifier::run(method, rows, memory);
    const auto x = numbers(rows, memory, {.keep_integers = true, .dense_only = true});
    if (!x) return std::unexpected(x.error());
    const ElementType type = promote(x->type, parts_.scaling_type);
    const std::size_t width = parts_.scalings.rows;
    const double* values = x->values;
    if (!parts_.mean.empty()) {
      double* const centred = memory.numbers(x->rows * x->columns);
      for (std::size_t i = 0; i < x->rows * x->columns; ++i) centred[i] = values[i] - parts_.mean[i % x->columns];
      round_all(centred, x->rows * x->columns, type);
      values = centred;
    }
    double* const out = memory.numbers(x->rows * width);
    product(values, x->rows, x->columns, parts_.scalings.values.data(), width, out);
    round_all(out, x->rows * width, type);
    return Batch::dense(out, x->rows, width, type);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    return numbered_names(parts_.names);
  }

 private:
  Accept accepts() const override { return {.sparse = true, .keep_integers = true}; }
  bool has_probabilities() const override { return true; }
  bool has_decision() const override { return true; }
  ElementType product_type(ElementType x) const { return promote(x, parts_.weights.type); }
  ElementType answer_type(ElementType x) const override { return promote(product_type(x), parts_.intercept_type); }

  void decision(const Batch& x, double* out, Workspace&) const override {
    const std::size_t width = parts_.weights.rows;
    product(x, parts_.weights.values.data(), width, out);
    round_all(out, x.rows * width, product_type(x.type));
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t o = 0; o < width; ++o) out[r * width + o] += parts_.intercepts[o];
    }
  }

  void probabilities(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t width = parts_.weights.rows;
    double* const scores = width == 1 ? memory.numbers(x.rows) : out;
    decision(x, scores, memory);
    round_all(scores, x.rows * width, answer_type(x.type));
    for (std::size_t r = 0; r < x.rows; ++r) {
      if (width == 1) {
        out[2 * r + 1] = logistic(scores[r], answer_type(x.type));
        out[2 * r] = 1 - out[2 * r + 1];
      } else if (parts_.softmax) {
        softmax(out + r * width, width);
      } else {
        one_vs_rest(out + r * width, width);
      }
    }
  }

  static void one_vs_rest(double* z, std::size_t count) {
    double total = 0;
    for (std::size_t i = 0; i < count; ++i) total += z[i] = logistic(z[i]);
    for (std::size_t i = 0; i < count; ++i) z[i] /= total;
  }

  void log_probabilities(const Batch& x, double* out, Workspace& memory) const override {
    probabilities(x, out, memory);
    const ElementType type = answer_type(x.type);
    const double tiny = type == ElementType::kFloat32 ? static_cast<double>(std::numeric_limits<float>::min())
                                                      : std::numeric_limits<double>::min();
    for (std::size_t i = 0; i < x.rows * class_count(); ++i) {
      const double probability = rounded(out[i], type);
      out[i] = std::log(parts_.tiny && probability == 0 ? tiny : probability);
    }
  }

  LinearParts parts_;
};

bool read_scalings(const State& state, LinearParts& parts) {
  const std::string solver = state.text_or("solver", "svd");
  const std::size_t width = parts.weights.columns;
  const auto most = state.integer_or("_max_components", static_cast<std::int64_t>(width));
  if (!state.ok() || !state.check(most >= 0 && static_cast<std::size_t>(most) <= width, "_max_components does not fit")) {
    return false;
  }
  parts.names = static_cast<std::size_t>(most);
  if (solver == "lsqr") return true;
  const Matrix scalings = state.matrix("scalings_");
  parts.scaling_type = float_type(scalings.type);
  if (solver == "svd") {
    const Numbers mean = state.array("xbar_");
    parts.mean = mean.values;
    if (mean.type != ElementType::kFloat32) parts.scaling_type = ElementType::kFloat64;
  }
  if (!state.ok()) return false;
  if (!state.check(scalings.rows == width && (solver != "svd" || parts.mean.size() == width),
                   "scalings_, xbar_ and coef_ do not fit")) {
    return false;
  }
  parts.transforms = true;
  Matrix& turned = parts.scalings;
  turned.rows = std::min(scalings.columns, parts.names);
  turned.columns = width;
  turned.values.resize(turned.rows * width);
  for (std::size_t o = 0; o < turned.rows; ++o) {
    for (std::size_t i = 0; i < width; ++i) turned.values[o * width + i] = scalings.row(i)[o];
  }
  return true;
}

std::shared_ptr<Estimator> load_linear(State& state) {
  LinearParts parts;
  Labels classes = state.labels("classes_");
  parts.weights = state.matrix("coef_");
  Numbers intercepts = state.array("intercept_");
  if (!state.ok()) return nullptr;
  const std::size_t count = classes.values.size(), scores = parts.weights.rows;
  if (!state.check(count >= 2 && scores == (count == 2 ? 1 : count) && intercepts.values.size() == scores &&
                       parts.weights.columns > 0,
                   "coef_, intercept_ and classes_ do not fit")) {
    return nullptr;
  }
  parts.weights.type = float_type(parts.weights.type);
  parts.intercepts = std::move(intercepts.values);
  parts.intercept_type = float_type(intercepts.type);
  parts.softmax = state.version() >= Version{0, 21};
  parts.tiny = state.version() >= Version{0, 24};
  if (!read_scalings(state, parts)) return nullptr;
  return std::make_shared<LinearDiscriminant>(std::move(parts), std::move(classes));
}

// Of one class: distances are squares of (x - mean) times weights.
struct Ellipsoid {
  std::vector<double> mean;
  Matrix weights;         // rotation * scaling ** -0.5, turned: a row for each axis
  double log_volume = 0;  // sum of the logarithms of the scalings
  double log_prior = 0;
};

class QuadraticDiscriminant final : public Classifier {
 public:
  QuadraticDiscriminant(std::vector<Ellipsoid> ellipsoids, Labels classes, std::size_t width, bool from_logarithms)
      : ellipsoids_(std::move(ellipsoids)), from_logarithms_(from_logarithms) {
    for (const Ellipsoid& one : ellipsoids_) most_axes_ = std::max(most_axes_, one.weights.rows);
    facts().features_in = width;
    facts().classes.push_back(std::move(classes));
  }

 private:
  Accept accepts() const override { return {.dense_only = true}; }
  bool has_probabilities() const override { return true; }
  bool has_decision() const override { return true; }

  // Scores of all classes, also of two.
  void scores(const Batch& x, double* out, Workspace& memory) const {
    const std::size_t classes = ellipsoids_.size(), width = x.columns;
    double* const centred = memory.numbers(x.rows * width);
    double* const along = memory.numbers(x.rows * most_axes_);
    for (std::size_t c = 0; c < classes; ++c) {
      const Ellipsoid& one = ellipsoids_[c];
      for (std::size_t r = 0; r < x.rows; ++r) {
        for (std::size_t i = 0; i < width; ++i) centred[r * width + i] = x.values[r * width + i] - one.mean[i];
      }
      const std::size_t axes = one.weights.rows;
      product(centred, x.rows, width, one.weights.values.data(), axes, along);
      for (std::size_t r = 0; r < x.rows; ++r) {
        double norm = 0;
        for (std::size_t a = 0; a < axes; ++a) norm += along[r * axes + a] * along[r * axes + a];
        out[r * classes + c] = -0.5 * (norm + one.log_volume) + one.log_prior;
      }
    }
  }

  void decision(const Batch& x, double* out, Workspace& memory) const override {
    if (class_count() != 2) return scores(x, out, memory);
    double* const both = memory.numbers(x.rows * 2);
    scores(x, both, memory);
    for (std::size_t r = 0; r < x.rows; ++r) out[r] = both[2 * r + 1] - both[2 * r];
  }

  void labels(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t classes = class_count();
    double* const all = memory.numbers(x.rows * classes);
    scores(x, all, memory);
    for (std::size_t r = 0; r < x.rows; ++r) out[r] = static_cast<double>(first_largest(all + r * classes, classes));
  }

  // Probabilities came first until 1.5, their logarithms since 1.6.
  void probabilities(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t classes = class_count();
    if (from_logarithms_) {
      log_probabilities(x, out, memory);
      for (std::size_t i = 0; i < x.rows * classes; ++i) out[i] = std::exp(out[i]);
      return;
    }
    scores(x, out, memory);
    for (std::size_t r = 0; r < x.rows; ++r) softmax(out + r * classes, classes);
  }

  void log_probabilities(const Batch& x, double* out, Workspace& memory) const override {
    const std::size_t classes = class_count();
    if (!from_logarithms_) return Classifier::log_probabilities(x, out, memory);
    scores(x, out, memory);
    for (std::size_t r = 0; r < x.rows; ++r) {
      double* const row = out + r * classes;
      const double most = *std::max_element(row, row + classes);
      double total = 0;
      for (std::size_t c = 0; c < classes; ++c) total += std::exp(row[c] -= most);
      for (std::size_t c = 0; c < classes; ++c) row[c] -= std::log(total);
    }
  }

  std::vector<Ellipsoid> ellipsoids_;
  std::size_t most_axes_ = 0;
  bool from_logarithms_;
};

bool read_ellipsoid(const State& state, const Value& rotation, const Value& scaling, std::size_t width, Ellipsoid& one) {
  const Numbers axes = state.array_of(rotation, "rotations_");
  const Numbers lengths = state.array_of(scaling, "scalings_");
  if (!state.ok()) return false;
  const std::size_t count = lengths.values.size();
  if (!state.check(axes.shape.size() == 2 && axes.shape[0] == width && axes.shape[1] == count && count > 0,
                   "rotations_, scalings_ and means_ do not fit")) {
    return false;
  }
  if (axes.type == ElementType::kFloat32 || lengths.type == ElementType::kFloat32) {
    return state.unsupported("QuadraticDiscriminantAnalysis that was fitted with float32 is not supported");
  }
  one.weights = {count, width, std::vector<double>(count * width), ElementType::kFloat64};
  for (std::size_t a = 0; a < count; ++a) {
    const double factor = std::pow(lengths.values[a], -0.5);
    for (std::size_t i = 0; i < width; ++i) one.weights.values[a * width + i] = axes.values[i * count + a] * factor;
    one.log_volume += std::log(lengths.values[a]);
  }
  return true;
}

std::shared_ptr<Estimator> load_quadratic(State& state) {
  Labels classes = state.labels("classes_");
  const Matrix means = state.matrix("means_");
  const std::vector<double> priors = state.vector("priors_");
  const std::vector<Value> rotations = state.items("rotations_"), scalings = state.items("scalings_");
  if (!state.ok()) return nullptr;
  const std::size_t count = classes.values.size();
  if (!state.check(count >= 2 && means.rows == count && means.columns > 0 && priors.size() == count &&
                       rotations.size() == count && scalings.size() == count,
                   "means_, priors_, rotations_, scalings_ and classes_ do not fit")) {
    return nullptr;
  }
  std::vector<Ellipsoid> ellipsoids(count);
  for (std::size_t c = 0; c < count; ++c) {
    Ellipsoid& one = ellipsoids[c];
    one.mean.assign(means.row(c), means.row(c) + means.columns);
    one.log_prior = std::log(priors[c]);
    if (!read_ellipsoid(state, rotations[c], scalings[c], means.columns, one)) return nullptr;
  }
  return std::make_shared<QuadraticDiscriminant>(std::move(ellipsoids), std::move(classes), means.columns,
                                                 state.version() >= Version{1, 6});
}

}  // namespace

std::span<const Registered> discriminant_family() {
  static constexpr Registered kRows[] = {
      {"discriminant_analysis", "LinearDiscriminantAnalysis", load_linear},
      {"discriminant_analysis", "QuadraticDiscriminantAnalysis", load_quadratic},
  };
  return kRows;
}

}  // namespace cppickle::predict
