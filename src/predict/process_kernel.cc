#include "predict/process_kernel.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "predict/estimator.h"
#include "predict/squared_norms.h"

namespace cppickle::predict {

bool ProcessKernel::read(const State& kernel, const Matrix& training) {
  struct Named {
    std::string_view name;
    Kind kind;
  };
  static constexpr Named kNamed[] = {
      {"Sum", Kind::kSum},
      {"Product", Kind::kProduct},
      {"Exponentiation", Kind::kPower},
      {"ConstantKernel", Kind::kConstant},
      {"WhiteKernel", Kind::kWhite},
      {"RBF", Kind::kRbf},
      {"Matern", Kind::kMatern},
      {"RationalQuadratic", Kind::kRationalQuadratic},
      {"ExpSineSquared", Kind::kExpSineSquared},
      {"DotProduct", Kind::kDotProduct},
  };
  constexpr std::size_t kMost = 256;
  width_ = training.columns;
  fused_ = has_fused_products(kernel.version());
  padded_ = (training.rows + RowBlocks::kLanes - 1) / RowBlocks::kLanes * RowBlocks::kLanes;
  // An operator is looked at, its operands are put upon it, and when they are done it is taken.
  struct Waiting {
    State state;
    bool operands_done;
  };
  std::vector<Waiting> waiting = {{kernel, false}};
  std::size_t seen = 0, depth = 0;
  while (!waiting.empty()) {
    const Waiting now = waiting.back();
    waiting.pop_back();
    if (!now.state.ok()) return false;
    const auto found = std::ranges::find(kNamed, now.state.class_name(), &Named::name);
    if (found == std::end(kNamed))
      return now.state.unsupported("kernel " + std::string(now.state.class_name()) + " is not supported");
    const bool is_operator = found->kind <= Kind::kPower;
    if (is_operator && !now.operands_done) {
      if (!now.state.check(++seen < kMost, "a kernel of too many parts")) return false;
      waiting.push_back({now.state, true});
      if (found->kind == Kind::kPower) {
        waiting.push_back({now.state.child("kernel"), false});
      } else {
        waiting.push_back({now.state.child("k2"), false});
        waiting.push_back({now.state.child("k1"), false});
      }
      continue;
    }
    if (!read_node(now.state, found->kind, training)) return false;
    if (!is_operator) ++depth;
    if (found->kind == Kind::kSum || found->kind == Kind::kProduct) --depth;
    deepest_ = std::max(deepest_, depth);
  }
  return kernel.ok();
}

bool ProcessKernel::read_node(const State& state, Kind kind, const Matrix& training) {
  Node node;
  node.kind = kind;
  switch (kind) {
    case Kind::kSum:
    case Kind::kProduct: break;
    case Kind::kPower: node.a = state.number("exponent"); break;
    case Kind::kConstant: node.a = state.number("constant_value"); break;
    case Kind::kWhite: node.a = state.number("noise_level"); break;
    case Kind::kDotProduct:
      node.a = state.number("sigma_0");
      training_.emplace_back(training.values.data(), training.rows, training.columns);
      node.training = training_.size() - 1;
      break;
    case Kind::kMatern:
      node.a = state.number("nu");
      if (node.a != 0.5 && node.a != 1.5 && node.a != 2.5 && !(std::isinf(node.a) && node.a > 0)) {
        return state.unsupported(
            "a Matern kernel of another nu than 0.5, 1.5, 2.5 and infinity is not supported");
      }
      [[fallthrough]];
    case Kind::kRbf:
      if (!read_scales(state, training, node)) return false;
      break;
    case Kind::kRationalQuadratic:
    case Kind::kExpSineSquared:
      node.a = state.number(kind == Kind::kExpSineSquared ? "periodicity" : "alpha");
      node.b = state.number("length_scale");
      training_.emplace_back(training.values.data(), training.rows, training.columns);
      node.training = training_.size() - 1;
      break;
  }
  nodes_.push_back(std::move(node));
  return state.ok();
}

bool ProcessKernel::read_scales(const State& state, const Matrix& training, Node& node) {
  const Numbers scales = state.array("length_scale");
  if (!state.ok()) return false;
  node.scales = scales.values;
  const bool fits =
      node.scales.size() == 1 || (scales.shape.size() == 1 && node.scales.size() == training.columns);
  if (!state.check(fits, "length_scale does not fit the number of features")) return false;
  // Until numpy 2, which scikit-learn 1.5 brought to most, float32 divided by an array of one number stayed
  // float32.
  node.scales_floats =
      node.scales.size() == 1 && state.version() != Version{} && state.version() < Version{1, 5};
  const bool floats = node.scales_floats && training.type == ElementType::kFloat32;
  if (!state.loader().spend(training.values.size() * sizeof(double), state.place())) return false;
  std::vector<double> scaled(training.values.size());
  const ElementType type = floats ? ElementType::kFloat32 : ElementType::kFloat64;
  for (std::size_t i = 0; i < scaled.size(); ++i) {
    const double scale = node.scales.size() == 1 ? node.scales[0] : node.scales[i % training.columns];
    scaled[i] = rounded(training.values[i] / rounded(scale, type), type);
  }
  training_.emplace_back(scaled.data(), training.rows, training.columns);
  node.training = training_.size() - 1;
  return true;
}

void ProcessKernel::covariances(const double* x, std::size_t rows, ElementType type, double* out,
                                Workspace& memory) const {
  const std::size_t count = rows * padded_;
  double* const values = memory.numbers(std::max<std::size_t>(deepest_, 1) * count);
  std::size_t depth = 0;
  for (const Node& node : nodes_) {
    if (node.kind > Kind::kPower) {
      leaf(node, x, rows, type, values + depth++ * count, memory);
      continue;
    }
    double* const last = values + (depth - 1) * count;
    if (node.kind == Kind::kPower) {
      for (std::size_t i = 0; i < count; ++i) last[i] = std::pow(last[i], node.a);
      continue;
    }
    double* const first = last - count;
    for (std::size_t i = 0; i < count; ++i)
      first[i] = node.kind == Kind::kSum ? first[i] + last[i] : first[i] * last[i];
    --depth;
  }
  std::copy_n(values, count, out);
}

void ProcessKernel::leaf(const Node& node, const double* x, std::size_t rows, ElementType type, double* out,
                         Workspace& memory) const {
  const std::size_t count = rows * padded_;
  if (node.kind == Kind::kConstant || node.kind == Kind::kWhite) {
    // Noise is of a row with itself alone, and no row is one of training here.
    std::fill_n(out, count, node.kind == Kind::kConstant ? node.a : 0.0);
    return;
  }
  const RowBlocks& training = training_[node.training];
  if (node.kind == Kind::kDotProduct) {
    fused_ ? training.fused_products(x, rows, out, padded_) : training.products(x, rows, out, padded_);
    for (std::size_t i = 0; i < count; ++i) out[i] += node.a * node.a;
    return;
  }
  if (!node.scales.empty()) {
    const ElementType kept =
        type == ElementType::kFloat32 && node.scales_floats ? type : ElementType::kFloat64;
    double* const scaled = memory.numbers(rows * width_);
    for (std::size_t i = 0; i < rows * width_; ++i) {
      const double scale = node.scales.size() == 1 ? node.scales[0] : node.scales[i % width_];
      scaled[i] = rounded(x[i] / rounded(scale, kept), kept);
    }
    x = scaled;
  }
  training.squared_distances(x, rows, out, padded_);
  switch (node.kind) {
    case Kind::kRationalQuadratic:
      for (std::size_t i = 0; i < count; ++i)
        out[i] = std::pow(1 + out[i] / (2 * node.a * (node.b * node.b)), -node.a);
      return;
    case Kind::kExpSineSquared:
      for (std::size_t i = 0; i < count; ++i) {
        const double wave = std::sin(std::numbers::pi / node.a * std::sqrt(out[i])) / node.b;
        out[i] = -2 * (wave * wave);
      }
      return exp_of_all(out, count);
    case Kind::kMatern: break;
    default:
      for (std::size_t i = 0; i < count; ++i) out[i] *= -0.5;
      return exp_of_all(out, count);
  }
  double* const powers = memory.numbers(count);
  const double factor = node.a == 1.5 ? std::sqrt(3.0) : node.a == 2.5 ? std::sqrt(5.0) : 1;
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = std::sqrt(out[i]) * factor;
    powers[i] = std::isinf(node.a) ? -(out[i] * out[i]) / 2 : -out[i];
  }
  exp_of_all(powers, count);
  for (std::size_t i = 0; i < count; ++i) {
    const double d = out[i];
    out[i] = powers[i] * (node.a == 1.5 ? 1 + d : node.a == 2.5 ? 1 + d + d * d / 3 : 1);
  }
}

double ProcessKernel::variance(const double* x) const {
  // As many as there are nodes may wait; most kernels have three.
  double values[256];
  std::size_t depth = 0;
  for (const Node& node : nodes_) {
    switch (node.kind) {
      case Kind::kSum: --depth, values[depth - 1] += values[depth]; break;
      case Kind::kProduct: --depth, values[depth - 1] *= values[depth]; break;
      case Kind::kPower: values[depth - 1] = std::pow(values[depth - 1], node.a); break;
      case Kind::kConstant:
      case Kind::kWhite: values[depth++] = node.a; break;
      case Kind::kDotProduct:
        values[depth++] = squared_norm(x, width_, SquaredNorm::kEinsum) + node.a * node.a;
        break;
      default: values[depth++] = 1;
    }
  }
  return values[0];
}

}  // namespace cppickle::predict
