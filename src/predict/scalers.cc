// StandardScaler, MinMaxScaler, MaxAbsScaler and RobustScaler: each column moved and scaled by numbers of its own.
#include <algorithm>
#include <optional>

#include "predict/invertible.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

// One operation in place on all rows, as scikit-learn writes them: X -= mean_ is a step of its own, and rounds.
struct Step {
  enum class Kind : std::uint8_t { kSubtract, kAdd, kMultiply, kDivide };
  Kind kind;
  std::vector<double> by;      // one for each column
  std::vector<double> by_float;  // for rows of float32
};

struct Scaling {
  std::vector<Step> forward, backward;
  std::optional<double> least, most;  // of clip
  // Sparse rows are only ever multiplied; null where they are refused.
  const char* refuses_sparse = nullptr;
  std::vector<double> sparse_forward, sparse_backward;  // empty: left as they are
  Accept::Special special = Accept::Special::kNan;
  Accept::Special special_inverse = Accept::Special::kNan;
};

void apply(const Step& step, ElementType type, double* row) {
  const std::vector<double>& by = type == ElementType::kFloat32 ? step.by_float : step.by;
  const std::size_t width = by.size();
  switch (step.kind) {
    case Step::Kind::kSubtract:
      for (std::size_t c = 0; c < width; ++c) row[c] -= by[c];
      break;
    case Step::Kind::kAdd:
      for (std::size_t c = 0; c < width; ++c) row[c] += by[c];
      break;
    case Step::Kind::kMultiply:
      for (std::size_t c = 0; c < width; ++c) row[c] *= by[c];
      break;
    case Step::Kind::kDivide:
      for (std::size_t c = 0; c < width; ++c) row[c] /= by[c];
      break;
  }
  round_all(row, width, type);
}

class Scaler final : public InvertibleTransformer {
 public:
  Scaler(Scaling scaling, std::optional<std::size_t> width) : scaling_(std::move(scaling)) { facts().features_in = width; }

 private:
  Accept accepts() const override { return {.sparse = true, .special = scaling_.special}; }
  Accept accepts_inverse() const override { return {.sparse = true, .special = scaling_.special_inverse}; }

  Result<Batch> transform(const Batch& x, Workspace& memory) const override {
    return run_steps(x, scaling_.forward, scaling_.sparse_forward, true, memory);
  }
  Result<Batch> inverse(const Batch& x, Workspace& memory) const override {
    return run_steps(x, scaling_.backward, scaling_.sparse_backward, false, memory);
  }

  Result<Batch> run_steps(const Batch& x, const std::vector<Step>& steps, const std::vector<double>& of_sparse, bool clips,
                          Workspace& memory) const {
    if (x.form == Batch::Form::kSparse) return sparse(x, of_sparse, clips, memory);
    double* const out = memory.numbers(x.rows * x.columns);
    for (std::size_t r = 0; r < x.rows; ++r) {
      double* const row = out + r * x.columns;
      std::copy_n(x.values + r * x.columns, x.columns, row);
      for (const Step& step : steps) apply(step, x.type, row);
    }
    if (clips) clip(out, x.rows * x.columns, x.type);
    return Batch::dense(out, x.rows, x.columns, x.type);
  }

  Result<Batch> sparse(const Batch& x, const std::vector<double>& by, bool clips, Workspace& memory) const {
    if (scaling_.refuses_sparse != nullptr) return refuse(scaling_.refuses_sparse);
    const SparseCopy copy = copy_sparse(x, memory);
    if (!by.empty()) {
      for (std::size_t i = 0; i < copy.stored; ++i) copy.values[i] *= by[static_cast<std::size_t>(copy.indices[i])];
      round_all(copy.values, copy.stored, x.type);
    }
    if (clips) clip(copy.values, copy.stored, x.type);
    return Batch::sparse(copy.values, copy.row_starts, copy.indices, x.rows, x.columns, x.type);
  }

  void clip(double* values, std::size_t count, ElementType type) const {
    if (!scaling_.least) return;
    const double least = rounded(*scaling_.least, type), most = rounded(*scaling_.most, type);
    // NaN stays.
    for (std::size_t i = 0; i < count; ++i) values[i] = values[i] < least ? least : values[i] > most ? most : values[i];
  }

  Scaling scaling_;
};

std::vector<double> inverses(const Numbers& scale) {
  std::vector<double> made;
  for (const double value : scale.values) made.push_back(rounded(1 / value, scale.type));
  return made;
}

Step step(Step::Kind kind, const Numbers& by, bool as_rows = false) {
  Step made{kind, by.values, by.values};
  if (as_rows) round_all(made.by_float.data(), made.by_float.size(), ElementType::kFloat32);
  return made;
}

std::shared_ptr<Estimator> made(const State& state, Scaling scaling) {
  std::optional<std::size_t> width;
  for (const std::vector<Step>* const steps : {&scaling.forward, &scaling.backward}) {
    for (const Step& step : *steps) {
      if (!state.check(!width || *width == step.by.size(), "parameters of different lengths")) return nullptr;
      width = step.by.size();
    }
  }
  for (const std::vector<double>* const by : {&scaling.sparse_forward, &scaling.sparse_backward}) {
    if (by->empty()) continue;
    if (!state.check(!width || *width == by->size(), "parameters of different lengths")) return nullptr;
    width = by->size();
  }
  // NaN came to be accepted in 0.20.
  if (state.version() < Version{0, 20}) {
    scaling.special = Accept::Special::kRefuse;
    if (scaling.special_inverse == Accept::Special::kNan) scaling.special_inverse = Accept::Special::kRefuse;
  }
  return state.ok() ? std::make_shared<Scaler>(std::move(scaling), width) : nullptr;
}

std::shared_ptr<Estimator> load_standard_scaler(State& state) {
  const bool with_mean = state.flag_or("with_mean", true), with_std = state.flag_or("with_std", true);
  const Numbers mean = with_mean ? state.array("mean_") : Numbers();
  const Numbers scale = with_std ? state.array("scale_") : Numbers();
  if (!state.ok()) return nullptr;
  // 1.8 casts both to the type of the rows first.
  const bool as_rows = state.version() >= Version{1, 8};
  Scaling scaling;
  if (with_mean) {
    scaling.forward.push_back(step(Step::Kind::kSubtract, mean, as_rows));
    scaling.refuses_sparse = "cannot center sparse matrices: pass `with_mean=False` instead";
  }
  if (with_std) {
    scaling.forward.push_back(step(Step::Kind::kDivide, scale, as_rows));
    scaling.backward.push_back(step(Step::Kind::kMultiply, scale, as_rows));
    scaling.sparse_forward = inverses(scale);
    scaling.sparse_backward = scale.values;
  }
  if (with_mean) scaling.backward.push_back(step(Step::Kind::kAdd, mean, as_rows));
  // Until 1.0 what is undone was not looked at.
  if (state.version() < Version{1, 0}) scaling.special_inverse = Accept::Special::kAll;
  return made(state, std::move(scaling));
}

std::shared_ptr<Estimator> load_min_max_scaler(State& state) {
  const Numbers scale = state.array("scale_"), least = state.array("min_");
  if (!state.ok()) return nullptr;
  Scaling scaling;
  scaling.refuses_sparse = "sparse data was passed, but dense data is required";
  scaling.forward = {step(Step::Kind::kMultiply, scale), step(Step::Kind::kAdd, least)};
  scaling.backward = {step(Step::Kind::kSubtract, least), step(Step::Kind::kDivide, scale)};
  if (state.flag_or("clip", false)) {
    const std::vector<double> range = state.vector("feature_range");
    if (!state.ok() || !state.check(range.size() == 2, "feature_range is no pair")) return nullptr;
    scaling.least = range[0];
    scaling.most = range[1];
  }
  return made(state, std::move(scaling));
}

std::shared_ptr<Estimator> load_max_abs_scaler(State& state) {
  const Numbers scale = state.array("scale_");
  if (!state.ok()) return nullptr;
  Scaling scaling;
  scaling.forward = {step(Step::Kind::kDivide, scale)};
  scaling.backward = {step(Step::Kind::kMultiply, scale)};
  scaling.sparse_forward = inverses(scale);
  scaling.sparse_backward = scale.values;
  if (state.flag_or("clip", false)) {
    scaling.least = -1;
    scaling.most = 1;
  }
  return made(state, std::move(scaling));
}

std::shared_ptr<Estimator> load_robust_scaler(State& state) {
  const bool centers = state.flag_or("with_centering", true), scales = state.flag_or("with_scaling", true);
  const Numbers center = centers ? state.array("center_") : Numbers();
  const Numbers scale = scales ? state.array("scale_") : Numbers();
  if (!state.ok()) return nullptr;
  Scaling scaling;
  if (centers) scaling.forward.push_back(step(Step::Kind::kSubtract, center));
  if (scales) {
    scaling.forward.push_back(step(Step::Kind::kDivide, scale));
    scaling.backward.push_back(step(Step::Kind::kMultiply, scale));
    scaling.sparse_forward = inverses(scale);
    scaling.sparse_backward = scale.values;
  }
  if (centers) scaling.backward.push_back(step(Step::Kind::kAdd, center));
  if (centers && state.version() < Version{0, 20}) {
    scaling.refuses_sparse = "cannot center sparse matrices: use `with_centering=False` instead";
  }
  return made(state, std::move(scaling));
}

}  // namespace

std::span<const Registered> scaler_family() {
  static constexpr Registered kRows[] = {
      {"preprocessing", "StandardScaler", load_standard_scaler},
      {"preprocessing", "MinMaxScaler", load_min_max_scaler},
      {"preprocessing", "MaxAbsScaler", load_max_abs_scaler},
      {"preprocessing", "RobustScaler", load_robust_scaler},
  };
  return kRows;
}

}  // namespace cppickle::predict
