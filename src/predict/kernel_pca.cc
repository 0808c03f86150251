// KernelPCA: kernels between rows and those seen at fit time, centred, times scaled eigenvectors.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

enum class Kind : std::uint8_t { kLinear, kPolynomial, kRadial, kSigmoid, kCosine, kPrecomputed };

struct Kernel {
  Kind kind = Kind::kLinear;
  double gamma = 0, degree = 0, offset = 0;

  // out: rows * points.rows; points of kCosine are of length 1.
  void run(const Batch& x, const Matrix& points, double* out) const {
    const std::size_t count = points.rows, width = points.columns;
    if (kind == Kind::kPrecomputed) {
      std::copy_n(x.values, x.rows * count, out);
      return;
    }
    if (kind == Kind::kRadial) {
      for (std::size_t i = 0; i < x.rows * count; ++i) {
        out[i] = std::exp(-gamma * squared_distance(x.values + i / count * width, points.row(i % count), width));
      }
      return;
    }
    product(x, points.values.data(), count, out);
    for (std::size_t r = 0; r < x.rows; ++r) finish(x.values + r * width, width, out + r * count, count);
  }

 private:
  void finish(const double* row, std::size_t width, double* out, std::size_t count) const {
    if (kind == Kind::kPolynomial) {
      for (std::size_t i = 0; i < count; ++i) out[i] = std::pow(out[i] * gamma + offset, degree);
    } else if (kind == Kind::kSigmoid) {
      for (std::size_t i = 0; i < count; ++i) out[i] = std::tanh(out[i] * gamma + offset);
    } else if (kind == Kind::kCosine) {
      const double length = std::sqrt(dot(row, row, width));
      for (std::size_t i = 0; i < count && length != 0; ++i) out[i] /= length;
    }
  }
};

struct Parts {
  Kernel kernel, back_kernel;
  Matrix seen;                    // X_fit_
  std::vector<double> row_means;  // K_fit_rows_
  double mean = 0;                // K_fit_all_
  Matrix vectors;                 // a row for each component
  Matrix seen_back;               // X_transformed_fit_; no rows: no inverse_transform
  Matrix coefficients;            // dual_coef_ turned: a row for each feature
};

class KernelProjection final : public Transformer {
 public:
  explicit KernelProjection(Parts parts) : parts_(std::move(parts)) {
    facts().features_in = parts_.seen.columns;
  }

  bool has(Method method) const override {
    return method == Method::kTransform || (method == Method::kInverseTransform && parts_.seen_back.rows > 0);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kInverseTransform || !has(method)) return Transformer::run(method, rows, memory);
    const auto x = numbers_to_undo(rows, parts_.seen_back.columns, memory, {.keep_float32 = false});
    if (!x) return std::unexpected(x.error());
    return product_of(parts_.back_kernel, *x, parts_.seen_back, parts_.coefficients, false, memory);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    return numbered_names(parts_.vectors.rows);
  }

 private:
  Accept accepts() const override { return {.keep_float32 = false}; }

  Result<Batch> transform(const Batch& x, Workspace& memory) const override {
    return product_of(parts_.kernel, x, parts_.seen, parts_.vectors, true, memory);
  }

  Batch product_of(const Kernel& kernel, const Batch& x, const Matrix& points, const Matrix& weights, bool centre,
                   Workspace& memory) const {
    const std::size_t count = points.rows;
    double* const values = memory.numbers(x.rows * count);
    kernel.run(x, points, values);
    for (std::size_t r = 0; r < x.rows && centre; ++r) {
      double* const row = values + r * count;
      double mean = 0;
      for (std::size_t i = 0; i < count; ++i) mean += row[i];
      mean /= static_cast<double>(count);
      for (std::size_t i = 0; i < count; ++i) row[i] = row[i] - parts_.row_means[i] - mean + parts_.mean;
    }
    double* const out = memory.numbers(x.rows * weights.rows);
    product(values, x.rows, count, weights.values.data(), weights.rows, out);
    return Batch::dense(out, x.rows, weights.rows);
  }

  Parts parts_;
};

void normalize(Matrix& points) {
  for (std::size_t r = 0; r < points.rows; ++r) {
    double* const row = points.values.data() + r * points.columns;
    const double length = std::sqrt(dot(row, row, points.columns));
    for (std::size_t i = 0; i < points.columns && length != 0; ++i) row[i] /= length;
  }
}

bool read_kernel(const State& state, std::size_t width, Kernel& kernel) {
  struct Named {
    std::string_view name;
    Kind kind;
  };
  static constexpr Named kNamed[] = {{"linear", Kind::kLinear},   {"poly", Kind::kPolynomial}, {"rbf", Kind::kRadial},
                                     {"sigmoid", Kind::kSigmoid}, {"cosine", Kind::kCosine},   {"precomputed", Kind::kPrecomputed}};
  const std::string name = state.text_or("kernel", "");
  const auto found = std::ranges::find(kNamed, std::string_view(name), &Named::name);
  if (found == std::end(kNamed)) return state.unsupported("KernelPCA with a kernel of its own is not supported");
  kernel.kind = found->kind;
  kernel.gamma = state.number_or(state.has("gamma_") ? "gamma_" : "gamma", 1.0 / static_cast<double>(width));
  kernel.degree = state.number_or("degree", 3);
  kernel.offset = state.number_or("coef0", 1);
  return state.ok();
}

// eigenvectors_ / sqrt(eigenvalues_); since 0.21 a value of 0 gives 0.
bool read_vectors(const State& state, Parts& parts) {
  const bool named_now = state.has("eigenvalues_");  // since 1.0
  const std::vector<double> values = state.vector(named_now ? "eigenvalues_" : "lambdas_");
  const Matrix vectors = state.matrix(named_now ? "eigenvectors_" : "alphas_");
  const State centerer = state.child("_centerer");
  if (!state.ok()) return false;
  parts.row_means = centerer.vector("K_fit_rows_");
  parts.mean = centerer.number("K_fit_all_");
  const std::size_t seen = parts.seen.rows, count = values.size();
  if (!state.ok() || !state.check(count > 0 && vectors.columns == count && vectors.rows == seen && parts.row_means.size() == seen,
                                  "X_fit_, eigenvectors_, eigenvalues_ and _centerer do not fit")) {
    return false;
  }
  parts.vectors = {count, seen, std::vector<double>(count * seen), ElementType::kFloat64};
  const bool guards = state.version() >= Version{0, 21};
  for (std::size_t o = 0; o < count; ++o) {
    if (guards && values[o] == 0) continue;
    const double scale = std::sqrt(values[o]);
    for (std::size_t i = 0; i < seen; ++i) parts.vectors.values[o * seen + i] = vectors.row(i)[o] / scale;
  }
  return true;
}

bool read_back(const State& state, Parts& parts) {
  // 0.23 added alpha along a diagonal of the kernel, wherever the rows happened to lie.
  if (state.version() == Version{0, 23} || !state.given("X_transformed_fit_") || !state.given("dual_coef_")) return state.ok();
  parts.seen_back = state.matrix("X_transformed_fit_");
  const Matrix coefficients = state.matrix("dual_coef_");
  if (!state.ok() || !state.check(parts.seen_back.rows == coefficients.rows && parts.seen_back.rows > 0 &&
                                      parts.seen_back.columns == parts.vectors.rows &&
                                      coefficients.columns == parts.seen.columns,
                                  "X_transformed_fit_ and dual_coef_ do not fit")) {
    return false;
  }
  if (!read_kernel(state, parts.seen_back.columns, parts.back_kernel)) return false;
  if (parts.back_kernel.kind == Kind::kCosine) normalize(parts.seen_back);
  Matrix& turned = parts.coefficients;
  turned = {coefficients.columns, coefficients.rows, std::vector<double>(coefficients.values.size()), ElementType::kFloat64};
  for (std::size_t r = 0; r < coefficients.rows; ++r) {
    for (std::size_t c = 0; c < coefficients.columns; ++c) turned.values[c * turned.columns + r] = coefficients.row(r)[c];
  }
  return true;
}

std::shared_ptr<Estimator> load_kernel_pca(State& state) {
  Parts parts;
  parts.seen = state.matrix("X_fit_");
  if (!state.ok() || !state.check(parts.seen.rows > 0 && parts.seen.columns > 0, "X_fit_ is empty")) return nullptr;
  if (parts.seen.type == ElementType::kFloat32) {
    state.unsupported("KernelPCA that was fitted with float32 is not supported");
    return nullptr;
  }
  if (!read_kernel(state, parts.seen.columns, parts.kernel)) return nullptr;
  const bool precomputed = parts.kernel.kind == Kind::kPrecomputed;
  if (!state.check(!precomputed || parts.seen.rows == parts.seen.columns, "X_fit_ is not square")) return nullptr;
  if (!read_vectors(state, parts) || !read_back(state, parts)) return nullptr;
  if (parts.kernel.kind == Kind::kCosine) normalize(parts.seen);
  return std::make_shared<KernelProjection>(std::move(parts));
}

}  // namespace

std::span<const Registered> kernel_pca_family() {
  static constexpr Registered kRows[] = {{"decomposition", "KernelPCA", load_kernel_pca}};
  return kRows;
}

}  // namespace cppickle::predict
