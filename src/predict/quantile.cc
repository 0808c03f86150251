// QuantileTransformer: numbers as their place among the quantiles of their column.
#include <algorithm>
#include <cmath>
#include <limits>

#include "predict/invertible.h"
#include "predict/normal_distribution.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

constexpr double kBound = 1e-7;  // BOUNDS_THRESHOLD

// numpy.interp for one number that is not NaN.
double interpolate(double x, const double* xs, const double* ys, std::size_t count) {
  if (count == 1) return ys[0];
  if (x > xs[count - 1]) return ys[count - 1];
  const auto above = static_cast<std::size_t>(std::upper_bound(xs, xs + count, x) - xs);
  if (above == 0) return ys[0];
  const std::size_t i = above - 1;
  if (i + 1 >= count || xs[i] == x) return ys[i];
  const double slope = (ys[i + 1] - ys[i]) / (xs[i + 1] - xs[i]);
  double y = slope * (x - xs[i]) + ys[i];
  if (std::isnan(y)) {
    y = slope * (x - xs[i + 1]) + ys[i + 1];
    if (std::isnan(y) && ys[i] == ys[i + 1]) y = ys[i];
  }
  return y;
}

struct Quantiles {
  std::size_t columns = 0, count = 0;
  std::vector<double> forward;     // quantiles of one column after the other
  std::vector<double> backward;    // the same negated, in reverse order
  std::vector<double> references, references_backward;
  bool is_normal = false;
  bool is_old = false;             // until 0.20 uniform ones were clipped as well
  bool ignores_zeros = false;
  bool is_numpy_1 = false;
  Accept::Special special = Accept::Special::kNan;
  double least = 0, most = 1;      // of the answer
};

class QuantileTransformer final : public InvertibleTransformer {
 public:
  explicit QuantileTransformer(Quantiles quantiles) : quantiles_(std::move(quantiles)) { facts().features_in = quantiles_.columns; }

 private:
  Accept accepts() const override { return {.sparse = true, .special = quantiles_.special}; }
  Result<Batch> transform(const Batch& x, Workspace& memory) const override { return apply<false>(x, memory); }
  Result<Batch> inverse(const Batch& x, Workspace& memory) const override { return apply<true>(x, memory); }

  template <bool kInverse>
  Result<Batch> apply(const Batch& x, Workspace& memory) const {
    if (x.form == Batch::Form::kSparse) {
      const SparseCopy copy = copy_sparse(x, memory);
      for (std::size_t i = 0; i < copy.stored; ++i) {
        if (!kInverse && !quantiles_.ignores_zeros && copy.values[i] < 0) {
          return refuse("QuantileTransformer only accepts non-negative sparse matrices");
        }
        copy.values[i] = one<kInverse>(copy.values[i], static_cast<std::size_t>(copy.indices[i]), x.type);
      }
      return Batch::sparse(copy.values, copy.row_starts, copy.indices, x.rows, x.columns, x.type);
    }
    double* const out = memory.numbers(x.rows * x.columns);
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t c = 0; c < x.columns; ++c) {
        out[r * x.columns + c] = one<kInverse>(x.values[r * x.columns + c], c, x.type);
      }
    }
    return Batch::dense(out, x.rows, x.columns, x.type);
  }

  // _transform_col for one number.
  template <bool kInverse>
  double one(double x, std::size_t column, ElementType type) const {
    if (std::isnan(x)) return x;
    const std::size_t n = quantiles_.count;
    const double* const forward = quantiles_.forward.data() + column * n;
    if constexpr (kInverse) {
      if (quantiles_.is_normal) {
        x = rounded(normal_cdf(x), type);
      } else if (quantiles_.is_old) {
        x = std::clamp(x, 0.0, 1.0);
      }
    }
    // numpy 1 compared float32 rows with a number as float32.
    const ElementType bounds = quantiles_.is_numpy_1 ? type : ElementType::kFloat64;
    const double low_x = kInverse ? 0 : rounded(forward[0], bounds), high_x = kInverse ? 1 : rounded(forward[n - 1], bounds);
    const double low_y = kInverse ? forward[0] : 0, high_y = kInverse ? forward[n - 1] : 1;
    const bool near = quantiles_.is_normal || quantiles_.is_old;
    double y;
    if (near ? rounded(x - kBound, type) < low_x : x == low_x) {
      y = low_y;
    } else if (near ? rounded(x + kBound, type) > high_x : x == high_x) {
      y = high_y;
    } else if (kInverse) {
      y = interpolate(x, quantiles_.references.data(), forward, n);
    } else {
      // From both sides, for quantiles that are repeated.
      const double* const backward = quantiles_.backward.data() + column * n;
      y = 0.5 * (interpolate(x, forward, quantiles_.references.data(), n) -
                 interpolate(-x, backward, quantiles_.references_backward.data(), n));
    }
    y = rounded(y, type);
    if (!kInverse && near) {
      if (quantiles_.is_normal) y = normal_ppf(y);
      y = rounded(y < quantiles_.least ? quantiles_.least : y > quantiles_.most ? quantiles_.most : y, type);
    }
    return y;
  }

  Quantiles quantiles_;
};

std::shared_ptr<Estimator> load_quantile(State& state) {
  Quantiles made;
  const Matrix quantiles = state.matrix("quantiles_");
  made.references = state.vector("references_");
  if (!state.ok()) return nullptr;
  const bool fits = quantiles.rows == made.references.size() && quantiles.rows > 0;
  if (!state.check(fits, "quantiles_ and references_ do not fit")) return nullptr;
  const std::string distribution = state.text_or("output_distribution", "uniform");
  if (distribution != "uniform" && distribution != "normal") {
    return state.unsupported("output_distribution is neither uniform nor normal"), nullptr;
  }
  made.is_normal = distribution == "normal";
  made.is_old = state.version() < Version{0, 21};
  made.is_numpy_1 = state.version() < Version{1, 5};
  made.ignores_zeros = state.flag_or("ignore_implicit_zeros", false);
  if (state.version() < Version{0, 20}) made.special = Accept::Special::kRefuse;
  const double bound = kBound - std::numeric_limits<double>::epsilon();
  made.least = made.is_normal ? normal_ppf(bound) : bound;
  made.most = made.is_normal ? normal_ppf(1 - bound) : 1 - bound;
  made.columns = quantiles.columns;
  made.count = quantiles.rows;
  if (!state.loader().spend(quantiles.values.size() * 16, state.place())) return nullptr;
  for (std::size_t c = 0; c < made.columns; ++c) {
    for (std::size_t i = 0; i < made.count; ++i) made.forward.push_back(quantiles.row(i)[c]);
    for (std::size_t i = made.count; i-- > 0;) made.backward.push_back(-quantiles.row(i)[c]);
  }
  for (std::size_t i = made.count; i-- > 0;) made.references_backward.push_back(-made.references[i]);
  return std::make_shared<QuantileTransformer>(std::move(made));
}

}  // namespace

std::span<const Registered> quantile_family() {
  static constexpr Registered kRows[] = {{"preprocessing", "QuantileTransformer", load_quantile}};
  return kRows;
}

}  // namespace cppickle::predict
