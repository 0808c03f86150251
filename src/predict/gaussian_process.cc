// GaussianProcessRegressor: kernels of the training rows times the dual coefficients (sklearn/gaussian_process/_gpr.py,
// Rasmussen and Williams, algorithm 2.1).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

// sklearn/gaussian_process/kernels.py, flattened: an operator's operands are earlier in the list.
struct Kernel {
  enum class Kind : std::uint8_t {
    kConstant, kWhite, kRbf, kMatern, kRationalQuadratic, kExpSineSquared, kDotProduct, kSum, kProduct, kExponentiation
  };
  Kind kind;
  std::vector<double> scales;  // length_scale
  double value = 0;            // constant_value, noise_level, nu, alpha, periodicity, sigma_0, exponent
  std::size_t first = 0, second = 0;
};

using Kind = Kernel::Kind;

double scaled_distance(const Kernel& kernel, const double* a, const double* b, std::size_t width) {
  double total = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const double difference = (a[i] - b[i]) / kernel.scales[kernel.scales.size() == 1 ? 0 : i];
    total += difference * difference;
  }
  return total;
}

double matern(double nu, double squared) {
  const double d = std::sqrt(squared);
  if (nu == 0.5) return std::exp(-d);
  if (nu == 1.5) return (1 + d * std::sqrt(3.0)) * std::exp(-d * std::sqrt(3.0));
  if (nu == 2.5) return (1 + d * std::sqrt(5.0) + d * std::sqrt(5.0) * d * std::sqrt(5.0) / 3) * std::exp(-d * std::sqrt(5.0));
  return std::exp(-squared / 2);  // nu is infinite
}

// k(a, b); `same` for the diagonal, where white noise counts.
double value_of(const std::vector<Kernel>& kernels, const double* a, const double* b, std::size_t width, bool same, double* values) {
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const Kernel& kernel = kernels[i];
    switch (kernel.kind) {
      case Kind::kConstant: values[i] = kernel.value; break;
      case Kind::kWhite: values[i] = same ? kernel.value : 0; break;
      case Kind::kRbf: values[i] = std::exp(-0.5 * scaled_distance(kernel, a, b, width)); break;
      case Kind::kMatern: values[i] = matern(kernel.value, scaled_distance(kernel, a, b, width)); break;
      case Kind::kRationalQuadratic: {
        const double scale = kernel.scales[0];
        values[i] = std::pow(1 + squared_distance(a, b, width) / (2 * kernel.value * scale * scale), -kernel.value);
        break;
      }
      case Kind::kExpSineSquared: {
        const double turn = std::sin(std::numbers::pi / kernel.value * std::sqrt(squared_distance(a, b, width))) / kernel.scales[0];
        values[i] = std::exp(-2 * turn * turn);
        break;
      }
      case Kind::kDotProduct: values[i] = dot(a, b, width) + kernel.value * kernel.value; break;
      case Kind::kSum: values[i] = values[kernel.first] + values[kernel.second]; break;
      case Kind::kProduct: values[i] = values[kernel.first] * values[kernel.second]; break;
      case Kind::kExponentiation: values[i] = std::pow(values[kernel.first], kernel.value); break;
    }
  }
  return values[kernels.size() - 1];
}

struct Fitted {
  std::vector<Kernel> kernels;  // the last one is the whole
  Matrix rows;                  // X_train_
  Matrix alpha;                 // outputs x rows: the transpose of alpha_
  Matrix lower;                 // L_, or empty
  std::vector<double> means, scales;  // of the target, for each output
  bool one_output = true;
};

class GaussianProcess final : public Estimator {
 public:
  explicit GaussianProcess(Fitted fitted) : fitted_(std::move(fitted)) { facts().features_in = fitted_.rows.columns; }

  bool has(Method method) const override {
    return method == Method::kPredict || (method == Method::kPredictStd && fitted_.lower.rows != 0 && fitted_.one_output);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, {.keep_float32 = false});
    if (!x) return x;
    const std::size_t trained = fitted_.rows.rows, width = x->columns, outputs = fitted_.alpha.rows;
    double* const scratch = memory.numbers(fitted_.kernels.size());
    double* const kernels = memory.numbers(x->rows * trained);
    for (std::size_t r = 0; r < x->rows; ++r) {
      for (std::size_t i = 0; i < trained; ++i) {
        kernels[r * trained + i] = value_of(fitted_.kernels, x->values + r * width, fitted_.rows.row(i), width, false, scratch);
      }
    }
    double* const means = memory.numbers(x->rows * outputs);
    product(kernels, x->rows, trained, fitted_.alpha.values.data(), outputs, means);
    for (std::size_t i = 0; i < x->rows * outputs; ++i) {
      means[i] = means[i] * fitted_.scales[i % outputs] + fitted_.means[i % outputs];
    }
    if (method == Method::kPredict) {
      Batch answer = Batch::dense(means, x->rows, outputs);
      answer.is_vector = fitted_.one_output;
      return answer;
    }
    double* const out = memory.numbers(x->rows * 2);
    for (std::size_t r = 0; r < x->rows; ++r) {
      const double* const row = x->values + r * width;
      const double whole = value_of(fitted_.kernels, row, row, width, true, scratch);
      out[2 * r] = means[r];
      out[2 * r + 1] = deviation(kernels + r * trained, whole);
    }
    return Batch::dense(out, x->rows, 2);
  }

 private:
  // sqrt(k(x, x) - v.v) of L v = k, which is solved in place; below 0 it counts as 0.
  double deviation(double* k, double whole) const {
    const std::size_t count = fitted_.lower.rows;
    double explained = 0;
    for (std::size_t i = 0; i < count; ++i) {
      k[i] = (k[i] - dot(fitted_.lower.row(i), k, i)) / fitted_.lower.row(i)[i];
      explained += k[i] * k[i];
    }
    return std::sqrt(std::max(0.0, whole - explained) * fitted_.scales[0] * fitted_.scales[0]);
  }

  Fitted fitted_;
};

std::optional<Kind> kind_named(std::string_view name) {
  struct Row {
    std::string_view name;
    Kind kind;
  };
  static constexpr Row kRows[] = {
      {"ConstantKernel", Kind::kConstant}, {"WhiteKernel", Kind::kWhite}, {"RBF", Kind::kRbf}, {"Matern", Kind::kMatern},
      {"RationalQuadratic", Kind::kRationalQuadratic}, {"ExpSineSquared", Kind::kExpSineSquared},
      {"DotProduct", Kind::kDotProduct}, {"Sum", Kind::kSum}, {"Product", Kind::kProduct}, {"Exponentiation", Kind::kExponentiation}};
  for (const Row& row : kRows) {
    if (row.name == name) return row.kind;
  }
  return {};
}

bool read_parameters(const State& state, Kernel& kernel, std::size_t width) {
  static constexpr const char* kValues[] = {"constant_value", "noise_level", nullptr, "nu", "alpha", "periodicity", "sigma_0",
                                            nullptr, nullptr, "exponent"};
  const char* const value = kValues[static_cast<std::size_t>(kernel.kind)];
  if (value != nullptr) kernel.value = state.number(value);
  const bool scaled = kernel.kind >= Kind::kRbf && kernel.kind <= Kind::kExpSineSquared;
  if (scaled) kernel.scales = state.vector("length_scale");
  if (!state.ok()) return false;
  const bool one = kernel.kind == Kind::kRationalQuadratic || kernel.kind == Kind::kExpSineSquared;
  if (scaled && !state.check(kernel.scales.size() == 1 || (!one && kernel.scales.size() == width), "length_scale does not fit")) return false;
  const bool known_nu = kernel.value == 0.5 || kernel.value == 1.5 || kernel.value == 2.5 || std::isinf(kernel.value);
  if (kernel.kind == Kind::kMatern && !known_nu) return state.unsupported("a Matern kernel of this nu is not supported");
  return true;
}

// Operands first; returns the kernel's place. Operators nest as deep as somebody typed.
bool read_kernel(const State& state, std::vector<Kernel>& kernels, std::size_t width, int depth) {
  const auto kind = kind_named(state.class_name());
  if (!kind) return state.unsupported(fmt::format("the kernel {} is not supported", state.class_name()));
  if (depth == 0 || kernels.size() > 1000) return state.fail(ErrorCode::kLimit, "kernels are nested too deep");
  Kernel kernel{*kind, {}, 0, 0, 0};
  if (*kind == Kind::kSum || *kind == Kind::kProduct || *kind == Kind::kExponentiation) {
    const bool two = *kind != Kind::kExponentiation;
    const State first = state.child(two ? "k1" : "kernel");
    if (!state.ok() || !read_kernel(first, kernels, width, depth - 1)) return false;
    kernel.first = kernels.size() - 1;
    if (two) {
      const State second = state.child("k2");
      if (!state.ok() || !read_kernel(second, kernels, width, depth - 1)) return false;
      kernel.second = kernels.size() - 1;
    }
  }
  if (!read_parameters(state, kernel, width)) return false;
  kernels.push_back(std::move(kernel));
  return true;
}

std::shared_ptr<Estimator> load(State& state) {
  Fitted fitted;
  fitted.rows = state.matrix("X_train_");
  const Numbers alpha = state.array("alpha_");
  const State kernel = state.child("kernel_");
  constexpr int kDeepest = 50;
  if (!state.ok() || !read_kernel(kernel, fitted.kernels, fitted.rows.columns, kDeepest)) return nullptr;
  const std::size_t rows = fitted.rows.rows;
  if (!state.check(rows > 0 && (alpha.shape.size() == 1 || alpha.shape.size() == 2) && alpha.shape[0] == rows,
                   "alpha_ does not fit X_train_")) {
    return nullptr;
  }
  fitted.one_output = alpha.shape.size() == 1;
  const std::size_t outputs = fitted.one_output ? 1 : alpha.shape[1];
  fitted.alpha = {outputs, rows, std::vector<double>(outputs * rows)};
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t o = 0; o < outputs; ++o) fitted.alpha.values[o * rows + r] = alpha.values[r * outputs + o];
  }
  // The mean was y_train_mean until 0.19; the deviation came with 0.23.
  const char* const mean = state.has("_y_train_mean") ? "_y_train_mean" : "y_train_mean";
  fitted.means = state.vector(mean);
  fitted.scales = state.has("_y_train_std") ? state.vector("_y_train_std") : std::vector<double>{1};
  if (state.ok() && fitted.means.size() == 1) fitted.means.resize(outputs, fitted.means[0]);
  if (state.ok() && fitted.scales.size() == 1) fitted.scales.resize(outputs, fitted.scales[0]);
  if (state.given("L_")) fitted.lower = state.matrix("L_");
  if (!state.ok() || !state.check(outputs > 0 && fitted.means.size() == outputs && fitted.scales.size() == outputs &&
                                      (fitted.lower.rows == 0 || (fitted.lower.rows == rows && fitted.lower.columns == rows)),
                                  "parts of the Gaussian process do not fit")) {
    return nullptr;
  }
  return std::make_shared<GaussianProcess>(std::move(fitted));
}

}  // namespace

std::span<const Registered> gaussian_process_family() {
  static constexpr Registered kRows[] = {{"gaussian_process", "GaussianProcessRegressor", load}};
  return kRows;
}

}  // namespace cppickle::predict
