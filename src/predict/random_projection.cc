// GaussianRandomProjection, SparseRandomProjection and RBFSampler: rows times random numbers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

struct Projection {
  Matrix weights;                // one row for each column of the answer
  std::vector<double> offsets;   // of RBFSampler: cosines are taken
  double scale = 1;
  bool keeps_sparse = false;     // sparse rows give sparse rows
};

class RandomProjection final : public Transformer {
 public:
  explicit RandomProjection(Projection parts) : parts_(std::move(parts)) { facts().features_in = parts_.weights.columns; }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    return numbered_names(parts_.weights.rows);
  }

 private:
  Accept accepts() const override { return {.sparse = true}; }

  Result<Batch> transform(const Batch& x, Workspace& memory) const override {
    const std::size_t width = parts_.weights.rows, count = x.rows * width;
    double* const out = memory.numbers(count);
    product(x, parts_.weights.values.data(), width, out);
    const ElementType type = promote(x.type, parts_.weights.type);
    round_all(out, count, type);
    if (!parts_.offsets.empty()) {
      for (std::size_t i = 0; i < count; ++i) {
        const double angle = rounded(out[i] + parts_.offsets[i % width], type);
        out[i] = rounded(rounded(std::cos(angle), type) * parts_.scale, type);
      }
    }
    const Batch dense = Batch::dense(out, x.rows, width, type);
    return parts_.keeps_sparse && x.form == Batch::Form::kSparse ? sparsify(dense, memory) : dense;
  }

  Projection parts_;
};

ElementType float_type(ElementType type) { return type == ElementType::kFloat32 ? type : ElementType::kFloat64; }

std::shared_ptr<Estimator> load_projection(State& state) {
  Projection parts;
  parts.weights = state.matrix("components_");
  if (!state.ok() || !state.check(parts.weights.rows > 0 && parts.weights.rows <= 0x7FFFFFFF, "components_ is empty")) return nullptr;
  parts.weights.type = float_type(parts.weights.type);
  const bool is_sparse = state.class_name() == "SparseRandomProjection";
  parts.keeps_sparse = is_sparse && !state.flag_or("dense_output", false);
  return std::make_shared<RandomProjection>(std::move(parts));
}

std::shared_ptr<Estimator> load_sampler(State& state) {
  Projection parts;
  const Matrix weights = state.matrix("random_weights_");
  parts.offsets = state.vector("random_offset_");
  if (!state.ok() || !state.check(weights.columns > 0 && parts.offsets.size() == weights.columns, "random_weights_ and random_offset_ do not fit")) {
    return nullptr;
  }
  if (!state.loader().spend(weights.values.size() * sizeof(double), state.place())) return nullptr;
  parts.weights.rows = weights.columns;
  parts.weights.columns = weights.rows;
  parts.weights.type = float_type(weights.type);
  parts.weights.values.resize(weights.values.size());
  for (std::size_t r = 0; r < weights.rows; ++r) {
    for (std::size_t c = 0; c < weights.columns; ++c) parts.weights.values[c * weights.rows + r] = weights.row(r)[c];
  }
  const auto count = static_cast<double>(parts.weights.rows);
  parts.scale = state.version() < Version{1, 1} ? std::sqrt(2.0) / std::sqrt(count) : std::sqrt(2.0 / count);
  return std::make_shared<RandomProjection>(std::move(parts));
}

}  // namespace

std::span<const Registered> random_projection_family() {
  static constexpr Registered kRows[] = {
      {"random_projection", "GaussianRandomProjection", load_projection},
      {"random_projection", "SparseRandomProjection", load_projection},
      {"kernel_approximation", "RBFSampler", load_sampler},
  };
  return kRows;
}

}  // namespace cppickle::predict
