// GaussianProcessRegressor: predict() and its standard deviation.
#include <algorithm>
#include <cmath>

#include "predict/process_kernel.h"
#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

class GaussianProcess final : public Estimator {
 public:
  struct Parts {
    ProcessKernel kernel;
    Matrix training;
    Matrix weights;                     // alpha_: (outputs, padded training rows)
    std::vector<double> means, scales;  // of each output
    Matrix factor;                      // L_
    bool is_inverse = false;  // `factor` is the inverse of the covariances, as versions until 0.23 kept it
    bool is_vector = true;
  };
  explicit GaussianProcess(Parts parts) : parts_(std::move(parts)) {
    facts().features_in = parts_.training.columns;
  }

  bool has(Method method) const override {
    return method == Method::kPredict ||
           (method == Method::kPredictStd && parts_.weights.rows == 1 && parts_.is_vector);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, {.dense_only = true});
    if (!x) return std::unexpected(x.error());
    constexpr std::size_t kRows = 4;
    const bool has_deviation = method == Method::kPredictStd;
    const std::size_t outputs = parts_.weights.rows, columns = has_deviation ? 2 : outputs,
                      stride = parts_.kernel.padded();
    double* const out = memory.numbers(x->rows * columns);
    double* const values = memory.numbers(kRows * stride);
    double* const sums = memory.numbers(kRows * outputs);
    double* const solved = memory.numbers(kRows * stride);
    for (std::size_t first = 0; first < x->rows; first += kRows) {
      const std::size_t count = std::min(kRows, x->rows - first);
      const double* const from = x->values + first * x->columns;
      parts_.kernel.covariances(from, count, x->type, values, memory);
      product(values, count, stride, parts_.weights.values.data(), outputs, sums);
      if (has_deviation) solve(values, count, solved);
      for (std::size_t r = 0; r < count; ++r) {
        double* const to = out + (first + r) * columns;
        for (std::size_t o = 0; o < outputs; ++o)
          to[o] = parts_.scales[o] * sums[r * outputs + o] + parts_.means[o];
        if (!has_deviation) continue;
        const double* const of_row = solved + r * stride;
        const double* const other = parts_.is_inverse ? values + r * stride : of_row;
        double variance =
            parts_.kernel.variance(from + r * x->columns) - dot(of_row, other, parts_.training.rows);
        variance = variance < 0 ? 0 : variance;
        to[1] = std::sqrt(variance * (parts_.scales[0] * parts_.scales[0]));
      }
    }
    Batch answer = Batch::dense(out, x->rows, columns);
    answer.is_vector = !has_deviation && parts_.is_vector;
    return answer;
  }

 private:
  // L v = k for each row k, from the first element on; or v = K^-1 k.
  void solve(const double* values, std::size_t count, double* out) const {
    const std::size_t size = parts_.training.rows, stride = parts_.kernel.padded();
    for (std::size_t i = 0; i < size; ++i) {
      const double* const row = parts_.factor.row(i);
      for (std::size_t r = 0; r < count; ++r) {
        double* const to = out + r * stride;
        if (parts_.is_inverse) {
          to[i] = dot(row, values + r * stride, size);
          continue;
        }
        to[i] = (values[r * stride + i] - dot(row, to, i)) / row[i];
      }
    }
  }

  Parts parts_;
};

// A number for each output: one, or as many.
std::vector<double> read_each(const State& state, const char* name, const char* old_name, double otherwise,
                              std::size_t outputs) {
  const char* const found = state.given(name) ? name : state.given(old_name) ? old_name : nullptr;
  if (found == nullptr) return std::vector<double>(outputs, otherwise);
  std::vector<double> values = state.vector(found);
  if (values.size() == 1) values.resize(outputs, values[0]);
  state.check(values.size() == outputs, "the means or deviations of y and alpha_ do not fit");
  return values;
}

std::shared_ptr<Estimator> load_process(State& state) {
  GaussianProcess::Parts parts;
  parts.training = state.matrix("X_train_");
  const Numbers alpha = state.array("alpha_");
  parts.is_inverse = state.given("_K_inv");
  parts.factor = state.matrix(parts.is_inverse ? "_K_inv" : "L_");
  if (!state.ok()) return nullptr;
  const std::size_t rows = parts.training.rows;
  const bool is_flat = alpha.shape.size() == 1;
  if (!state.check(rows > 0 && (is_flat || alpha.shape.size() == 2) && alpha.shape[0] == rows,
                   "alpha_ and X_train_ do not fit") ||
      !state.check(parts.factor.rows == rows && parts.factor.columns == rows,
                   "L_ or _K_inv does not fit X_train_")) {
    return nullptr;
  }
  const std::size_t outputs = is_flat ? 1 : alpha.shape[1];
  if (!state.check(outputs > 0, "alpha_ is empty") ||
      !parts.kernel.read(state.child("kernel_"), parts.training))
    return nullptr;
  parts.weights = {outputs, parts.kernel.padded(), std::vector<double>(outputs * parts.kernel.padded())};
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t o = 0; o < outputs; ++o)
      parts.weights.values[o * parts.weights.columns + i] = alpha.values[i * outputs + o];
  }
  parts.means = read_each(state, "_y_train_mean", "y_train_mean", 0, outputs);
  parts.scales = read_each(state, "_y_train_std", "y_train_std", 1, outputs);
  if (!state.ok()) return nullptr;
  // Since 1.1 a single column comes as numbers.
  const bool squeezes = state.version() == Version{} || state.version() >= Version{1, 1};
  parts.is_vector = is_flat || (squeezes && outputs == 1);
  return std::make_shared<GaussianProcess>(std::move(parts));
}

}  // namespace

std::span<const Registered> gaussian_process_family() {
  static constexpr Registered kRows[] = {{"gaussian_process", "GaussianProcessRegressor", load_process}};
  return kRows;
}

}  // namespace cppickle::predict
