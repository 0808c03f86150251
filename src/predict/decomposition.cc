// Projections onto components and back: PCA, IncrementalPCA, TruncatedSVD, FastICA, FactorAnalysis.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "predict/factor_density.h"
#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

struct Parts {
  Matrix components;            // a row for each column of the answer
  std::vector<double> mean;     // of the rows; empty: none is taken off
  std::vector<double> offset;   // taken off the answer instead: mean times components; else empty
  std::vector<double> scale;    // divides the answer; empty: nothing does
  Matrix last;                  // the answer times this; no rows: none is
  Matrix back;                  // of inverse_transform: a row for each column of rows; no rows: there is none
  std::vector<double> back_mean;
  bool back_is_turned = false;  // back is components turned
  ElementType type = ElementType::kFloat64;
  bool in_place = false;        // rows keep their type while the mean is taken off
  Accept accept, back_accept;
  std::shared_ptr<const FactorDensity> density;  // of score_samples(); null: there is none
  std::vector<double> density_mean;
};

class Projection final : public Transformer {
 public:
  explicit Projection(Parts parts) : parts_(std::move(parts)) {
    facts().features_in = parts_.components.columns;
  }

  bool has(Method method) const override {
    if (method == Method::kScoreSamples) return parts_.density != nullptr;
    return method == Method::kTransform || (method == Method::kInverseTransform && parts_.back.rows > 0);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method == Method::kInverseTransform && has(method)) return inverse(rows, memory);
    if (method == Method::kScoreSamples && has(method)) return score_samples(rows, memory);
    return Transformer::run(method, rows, memory);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    return numbered_names(parts_.components.rows);
  }

 private:
  Accept accepts() const override { return parts_.accept; }

  Result<Batch> transform(const Batch& x, Workspace& memory) const override {
    const std::size_t width = parts_.components.rows, count = x.rows * width;
    const ElementType type = promote(x.type, parts_.type);
    Batch centred = x;
    if (!parts_.mean.empty()) centred.values = less_mean(x, parts_.mean, parts_.in_place ? x.type : type, memory);
    double* out = memory.numbers(count);
    if (x.form == Batch::Form::kSparse && parts_.back_is_turned) {
      product_by_feature(centred, parts_.back.values.data(), width, out);
    } else {
      product(centred, parts_.components.values.data(), width, out);
    }
    round_all(out, count, type);
    if (!parts_.offset.empty()) {
      for (std::size_t i = 0; i < count; ++i) out[i] = rounded(out[i] - parts_.offset[i % width], type);
    }
    if (!parts_.scale.empty()) {
      for (std::size_t i = 0; i < count; ++i) out[i] = rounded(out[i] / parts_.scale[i % width], type);
    }
    if (parts_.last.rows > 0) {
      double* const last = memory.numbers(count);
      product(out, x.rows, width, parts_.last.values.data(), width, last);
      round_all(last, count, type);
      out = last;
    }
    return Batch::dense(out, x.rows, width, type);
  }

  static const double* less_mean(const Batch& x, const std::vector<double>& mean, ElementType type, Workspace& memory) {
    double* const centred = memory.numbers(x.rows * x.columns);
    for (std::size_t r = 0; r < x.rows; ++r) {
      const double* const from = x.values + r * x.columns;
      double* const to = centred + r * x.columns;
      for (std::size_t i = 0; i < x.columns; ++i) to[i] = from[i] - mean[i];
    }
    round_all(centred, x.rows * x.columns, type);
    return centred;
  }

  Result<Batch> score_samples(const Batch& rows, Workspace& memory) const {
    Accept accept = parts_.accept;
    accept.sparse = false;
    accept.dense_only = true;
    const auto x = numbers(rows, memory, accept);
    if (!x) return std::unexpected(x.error());
    const ElementType type = promote(x->type, parts_.type);
    double* const out = memory.numbers(x->rows);
    const double* const centred = less_mean(*x, parts_.density_mean, type, memory);
    if (const auto done = parts_.density->log_density(centred, x->rows, out, memory); !done) return std::unexpected(done.error());
    round_all(out, x->rows, type);
    return Batch::vector(out, x->rows, type);
  }

  Result<Batch> inverse(const Batch& rows, Workspace& memory) const {
    const auto x = numbers_to_undo(rows, parts_.back.columns, memory, parts_.back_accept);
    if (!x) return std::unexpected(x.error());
    const std::size_t width = parts_.back.rows, count = x->rows * width;
    const ElementType type = promote(x->type, parts_.type);
    double* const out = memory.numbers(count);
    product(*x, parts_.back.values.data(), width, out);
    round_all(out, count, type);
    if (!parts_.back_mean.empty()) {
      for (std::size_t r = 0; r < x->rows; ++r) {
        for (std::size_t i = 0; i < width; ++i) out[r * width + i] += parts_.back_mean[i];
      }
      round_all(out, count, type);
    }
    return Batch::dense(out, x->rows, width, type);
  }

  Parts parts_;
};

// float32 only where all are.
ElementType common_type(std::initializer_list<ElementType> types) {
  for (const ElementType type : types) {
    if (type != ElementType::kFloat32) return ElementType::kFloat64;
  }
  return ElementType::kFloat32;
}

bool read_components(const State& state, Parts& parts) {
  parts.components = state.matrix("components_");
  return state.ok() && state.check(parts.components.rows > 0 && parts.components.columns > 0, "components_ is empty");
}

std::shared_ptr<Estimator> make(State& state, Parts parts) {
  if (!state.ok()) return nullptr;
  return std::make_shared<Projection>(std::move(parts));
}

// The mean came off the rows until 1.4, and off the answer since 1.5 (_BasePCA._transform).
bool centre(const State& state, Parts& parts, const Numbers& mean) {
  const Matrix& components = parts.components;
  if (!state.check(mean.values.size() == components.columns, "mean_ and components_ do not fit")) return false;
  parts.back_mean = mean.values;
  if (state.version() < Version{1, 5}) {
    parts.mean = mean.values;
    return true;
  }
  parts.offset.resize(components.rows);
  product(mean.values.data(), 1, components.columns, components.values.data(), components.rows, parts.offset.data());
  round_all(parts.offset.data(), components.rows, parts.type);
  return true;
}

bool whiten(const State& state, Parts& parts, const Numbers& variance) {
  const std::size_t outputs = parts.components.rows;
  if (!state.check(variance.values.size() == outputs, "explained_variance_ and components_ do not fit")) return false;
  const bool floats = variance.type == ElementType::kFloat32;
  const double least = floats ? 0x1p-23 : 0x1p-52;
  for (std::size_t o = 0; o < outputs; ++o) {
    const double scale = rounded(std::sqrt(variance.values[o]), variance.type);
    parts.scale.push_back(state.version() >= Version{1, 5} && scale < least ? least : scale);
    for (std::size_t i = 0; i < parts.components.columns; ++i) {
      double& value = parts.back.values[i * outputs + o];
      value = rounded(value * scale, parts.type);
    }
  }
  return true;
}

// What PCA and IncrementalPCA take changed with the versions.
void accept_of_pca(const State& state, Parts& parts) {
  const Version version = state.version();
  const bool incremental = state.class_name() == "IncrementalPCA";
  parts.accept.keep_integers = version < Version{0, 24};
  parts.accept.dense_only = version < (incremental ? Version{0, 22} : Version{1, 4});
  // In 1.4 the rows must be dense for their mean to be taken off.
  parts.accept.sparse = !incremental && version >= Version{1, 5};
  const bool checked = version >= Version{1, 8};
  parts.back_accept.dense_only = checked || version < Version{1, 4};
  parts.back_accept.keep_integers = !checked;
  if (!checked) parts.back_accept.special = Accept::Special::kAll;
}

// Probabilistic PCA: what the components leave out is noise, the same in every direction (Bishop, 12.2).
void read_density(const State& state, Parts& parts) {
  const std::size_t outputs = parts.components.rows, width = parts.components.columns;
  const std::vector<double> variance = state.vector("explained_variance_");
  const double noise = state.number("noise_variance_");
  if (!state.ok() || !state.check(variance.size() == outputs && outputs <= width, "explained_variance_ and components_ do not fit")) return;
  Matrix factors = parts.components;
  // get_covariance() takes components that are whitened for larger than they are, and so do the answers of all versions.
  const bool whitened = state.flag_or("whiten", false);
  for (std::size_t i = 0; i < outputs * width; ++i) {
    const double along = variance[i / width];
    factors.values[i] *= std::sqrt(std::max(along - noise, 0.0) * (whitened ? along : 1));
  }
  parts.density = std::make_shared<FactorDensity>(std::move(factors), std::vector<double>(width, noise));
  parts.density_mean = parts.back_mean;
}

std::shared_ptr<Estimator> load_pca(State& state) {
  Parts parts;
  if (!read_components(state, parts)) return nullptr;
  parts.type = common_type({parts.components.type});
  parts.back = transposed(parts.components);
  accept_of_pca(state, parts);
  if (state.given("mean_")) {
    const Numbers mean = state.array("mean_");
    if (!state.ok()) return nullptr;
    parts.type = common_type({parts.type, mean.type});
    if (!centre(state, parts, mean)) return nullptr;
  }
  // RandomizedPCA (until 0.19) keeps components that are whitened.
  if (state.class_name() != "RandomizedPCA" && state.flag_or("whiten", false)) {
    const Numbers variance = state.array("explained_variance_");
    if (!state.ok() || !whiten(state, parts, variance)) return nullptr;
  }
  if (state.class_name() == "PCA" && state.given("noise_variance_") && state.given("mean_")) read_density(state, parts);
  return make(state, std::move(parts));
}

std::shared_ptr<Estimator> load_truncated_svd(State& state) {
  Parts parts;
  if (!read_components(state, parts)) return nullptr;
  parts.type = common_type({parts.components.type});
  parts.back = transposed(parts.components);
  parts.back_is_turned = true;
  parts.accept.sparse = true;
  parts.accept.keep_integers = true;
  parts.back_accept.dense_only = true;
  parts.back_accept.keep_integers = true;
  return make(state, std::move(parts));
}

std::shared_ptr<Estimator> load_fast_ica(State& state) {
  Parts parts;
  if (!read_components(state, parts)) return nullptr;
  parts.back = state.matrix("mixing_");
  if (!state.ok() || !state.check(parts.back.rows == parts.components.columns && parts.back.columns == parts.components.rows,
                                  "mixing_ and components_ do not fit")) {
    return nullptr;
  }
  parts.type = common_type({parts.components.type, parts.back.type});
  parts.in_place = true;
  parts.accept.dense_only = parts.back_accept.dense_only = true;
  // A text since 1.1, which kept what it means in _whiten for two versions.
  const char* const name = state.has("_whiten") ? "_whiten" : "whiten";
  const bool whitened = !state.text_or(name, "").empty() || state.flag_or(name, true);
  if (!state.ok()) return nullptr;
  if (whitened) {
    parts.mean = state.vector("mean_");
    parts.back_mean = parts.mean;
    if (!state.ok() || !state.check(parts.mean.size() == parts.components.columns, "mean_ and components_ do not fit")) {
      return nullptr;
    }
  }
  return make(state, std::move(parts));
}

// The inverse of a symmetric positive definite matrix, which 1 + W W^T is, in place: Gauss-Jordan without pivots.
bool invert(std::vector<double>& matrix, std::size_t size) {
  for (std::size_t k = 0; k < size; ++k) {
    const double pivot = matrix[k * size + k];
    if (!(pivot > 0)) return false;
    for (std::size_t c = 0; c < size; ++c) matrix[k * size + c] /= c == k ? 1 : pivot;
    for (std::size_t r = 0; r < size; ++r) {
      if (r == k) continue;
      const double factor = matrix[r * size + k];
      for (std::size_t c = 0; c < size; ++c) {
        if (c != k) matrix[r * size + c] -= factor * matrix[k * size + c];
      }
      matrix[r * size + k] = -factor / pivot;
    }
    matrix[k * size + k] = 1 / pivot;
  }
  return true;
}

std::shared_ptr<Estimator> load_factor_analysis(State& state) {
  Parts parts;
  if (!read_components(state, parts)) return nullptr;
  const Matrix components = parts.components;
  parts.mean = state.vector("mean_");
  const std::vector<double> noise = state.vector("noise_variance_");
  if (!state.ok()) return nullptr;
  const std::size_t outputs = components.rows, width = components.columns;
  if (!state.check(parts.mean.size() == width && noise.size() == width && outputs <= width,
                   "mean_, noise_variance_ and components_ do not fit")) {
    return nullptr;
  }
  if (components.type == ElementType::kFloat32) {
    state.unsupported("FactorAnalysis that was fitted with float32 is not supported");
    return nullptr;
  }
  parts.density = std::make_shared<FactorDensity>(components, noise);
  parts.density_mean = parts.mean;
  for (std::size_t i = 0; i < outputs * width; ++i) parts.components.values[i] /= noise[i % width];
  parts.last = {outputs, outputs, std::vector<double>(outputs * outputs), ElementType::kFloat64};
  product(parts.components.values.data(), outputs, width, components.values.data(), outputs, parts.last.values.data());
  for (std::size_t o = 0; o < outputs; ++o) parts.last.values[o * outputs + o] += 1;
  if (!state.check(invert(parts.last.values, outputs), "components_ and noise_variance_ have no inverse")) return nullptr;
  parts.last = transposed(parts.last);
  parts.accept.dense_only = true;
  return make(state, std::move(parts));
}

}  // namespace

std::span<const Registered> decomposition_family() {
  static constexpr Registered kRows[] = {
      {"decomposition", "PCA", load_pca},
      {"decomposition", "RandomizedPCA", load_pca},
      {"decomposition", "IncrementalPCA", load_pca},
      {"decomposition", "TruncatedSVD", load_truncated_svd},
      {"decomposition", "FastICA", load_fast_ica},
      {"decomposition", "FactorAnalysis", load_factor_analysis},
  };
  return kRows;
}

}  // namespace cppickle::predict
