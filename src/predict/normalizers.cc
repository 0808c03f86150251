// Normalizer and Binarizer: nothing is learnt, each row or number stands for itself.
#include <algorithm>
#include <cmath>
#include <limits>

#include "predict/invertible.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

enum class Norm : std::uint8_t { kL1, kL2, kMax, kMaxSigned };

double norm_of(const double* values, std::size_t count, Norm norm, double at_first) {
  double total = at_first;
  for (std::size_t i = 0; i < count; ++i) {
    switch (norm) {
      case Norm::kL1: total += std::fabs(values[i]); break;
      case Norm::kL2: total += values[i] * values[i]; break;
      case Norm::kMax: total = std::max(total, std::fabs(values[i])); break;
      case Norm::kMaxSigned: total = std::max(total, values[i]); break;
    }
  }
  return norm == Norm::kL2 ? std::sqrt(total) : total;
}

class Normalizer final : public Transformer {
 public:
  // A norm below `smallest_scale` epsilons counts as 1: 0 until 1.0 (_handle_zeros_in_scale), 10 since.
  Normalizer(Norm norm, double smallest_scale) : norm_(norm), smallest_scale_(smallest_scale) {}
  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override { return names; }

 private:
  Accept accepts() const override { return {.sparse = true}; }

  Result<Batch> transform(const Batch& x, Workspace& memory) const override {
    if (x.form == Batch::Form::kSparse) return sparse(x, memory);
    double* const out = memory.numbers(x.rows * x.columns);
    const bool is_float32 = x.type == ElementType::kFloat32;
    const double epsilon = is_float32 ? static_cast<double>(std::numeric_limits<float>::epsilon())
                                      : std::numeric_limits<double>::epsilon();
    for (std::size_t r = 0; r < x.rows; ++r) {
      const double* const from = x.values + r * x.columns;
      const double first = norm_ == Norm::kMaxSigned && x.columns > 0 ? from[0] : 0;
      double norm = rounded(norm_of(from, x.columns, norm_, first), x.type);
      if (norm == 0 || (smallest_scale_ > 0 && norm < smallest_scale_ * epsilon)) norm = 1;
      for (std::size_t c = 0; c < x.columns; ++c) out[r * x.columns + c] = from[c] / norm;
    }
    round_all(out, x.rows * x.columns, x.type);
    return Batch::dense(out, x.rows, x.columns, x.type);
  }

  Result<Batch> sparse(const Batch& x, Workspace& memory) const {
    const SparseCopy copy = copy_sparse(x, memory);
    for (std::size_t r = 0; r < x.rows; ++r) {
      double* const values = copy.values + copy.row_starts[r];
      const auto count = static_cast<std::size_t>(copy.row_starts[r + 1] - copy.row_starts[r]);
      // A row that has zeros which are not stored has them in its maximum as well (min_max_axis).
      const double first = norm_ == Norm::kMaxSigned && count == x.columns && count > 0 ? values[0] : 0;
      const double norm = norm_of(values, count, norm_, first);
      if (norm == 0) continue;
      for (std::size_t i = 0; i < count; ++i) values[i] /= norm;
    }
    round_all(copy.values, copy.stored, x.type);
    return Batch::sparse(copy.values, copy.row_starts, copy.indices, x.rows, x.columns, x.type);
  }

  Norm norm_;
  double smallest_scale_;
};

class Binarizer final : public Transformer {
 public:
  explicit Binarizer(double threshold) : threshold_(threshold) {}
  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override { return names; }

 private:
  Accept accepts() const override { return {.sparse = true, .keep_integers = true}; }

  Result<Batch> transform(const Batch& x, Workspace& memory) const override {
    const double threshold = rounded(threshold_, x.type);
    if (x.form == Batch::Form::kSparse) return sparse(x, threshold, memory);
    const std::size_t count = x.rows * x.columns;
    double* const out = memory.numbers(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = x.values[i] > threshold ? 1 : 0;
    return Batch::dense(out, x.rows, x.columns, x.type);
  }

  Result<Batch> sparse(const Batch& x, double threshold, Workspace& memory) const {
    if (threshold_ < 0) return refuse("cannot binarize a sparse matrix with threshold < 0");
    const SparseCopy copy = copy_sparse(x, memory);
    std::size_t kept = 0;
    std::int64_t k = 0;
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (const std::int64_t end = copy.row_starts[r + 1]; k < end; ++k) {
        if (!(copy.values[k] > threshold)) continue;
        copy.values[kept] = 1;
        copy.indices[kept++] = copy.indices[k];
      }
      copy.row_starts[r + 1] = static_cast<std::int64_t>(kept);
    }
    return Batch::sparse(copy.values, copy.row_starts, copy.indices, x.rows, x.columns, x.type);
  }

  double threshold_;
};

std::shared_ptr<Estimator> load_normalizer(State& state) {
  const std::string name = state.text_or("norm", "l2");
  Norm norm = Norm::kL2;
  if (name == "l1") {
    norm = Norm::kL1;
  } else if (name == "max") {
    // Until 0.23 the largest, whatever its sign.
    norm = state.version() < Version{0, 23} ? Norm::kMaxSigned : Norm::kMax;
  } else if (name != "l2") {
    state.unsupported("norm is none of l1, l2 and max");
    return nullptr;
  }
  return std::make_shared<Normalizer>(norm, state.version() < Version{1, 0} ? 0 : 10);
}

std::shared_ptr<Estimator> load_binarizer(State& state) {
  const double threshold = state.number_or("threshold", 0);
  return state.ok() ? std::make_shared<Binarizer>(threshold) : nullptr;
}

}  // namespace

std::span<const Registered> normalizer_family() {
  static constexpr Registered kRows[] = {
      {"preprocessing", "Normalizer", load_normalizer},
      {"preprocessing", "Binarizer", load_binarizer},
  };
  return kRows;
}

}  // namespace cppickle::predict
