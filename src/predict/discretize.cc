// KBinsDiscretizer: numbers as the bins they fall into.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "document/repr.h"
#include "predict/element_type.h"
#include "predict/invertible.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

enum class Encoding : std::uint8_t { kOrdinal, kOneHot, kOneHotDense };

struct Bins {
  std::vector<std::vector<double>> inner;    // edges that are compared with, of each column
  std::vector<std::vector<double>> centers;  // one for each bin
  std::vector<std::size_t> first;            // column of the answer of the first bin
  std::size_t width = 0;
  Encoding encoding = Encoding::kOneHot;
  bool widens = false;                       // until 1.0 a number a little below an edge counted as above it
  bool keeps_float32 = true;                 // of the answer: dtype is None
  bool to_float32 = false;                   // dtype is float32
  bool one_hot_is_double = false;            // until 0.23
  bool zeros_are_first = false;              // until 0.23, undone
};

class KBinsDiscretizer final : public InvertibleTransformer {
 public:
  explicit KBinsDiscretizer(Bins bins) : bins_(std::move(bins)) { facts().features_in = bins_.inner.size(); }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    if (bins_.encoding == Encoding::kOrdinal) return names;
    if (names.size() != bins_.centers.size()) return refuse("there are more or fewer names than features");
    std::vector<std::string> made;
    for (std::size_t c = 0; c < names.size(); ++c) {
      for (std::size_t bin = 0; bin < bins_.centers[c].size(); ++bin) {
        made.push_back(names[c] + "_" + float_repr(static_cast<double>(bin)));
      }
    }
    return made;
  }

 private:
  Accept accepts() const override { return {.sparse = true, .float32 = bins_.to_float32, .keep_float32 = bins_.keeps_float32}; }
  Accept accepts_inverse() const override { return {}; }
  std::optional<std::size_t> features_out() const override {
    return bins_.encoding == Encoding::kOrdinal ? bins_.inner.size() : bins_.width;
  }

  std::size_t bin_of(double value, std::size_t c, ElementType type) const {
    const std::vector<double>& inner = bins_.inner[c];
    if (bins_.widens) {
      const double wide = rounded(rounded(1e-8, type) + rounded(rounded(1e-5, type) * std::fabs(value), type), type);
      value = rounded(value + wide, type);
    }
    const auto bin = static_cast<std::size_t>(std::upper_bound(inner.begin(), inner.end(), value) - inner.begin());
    return std::min(bin, bins_.centers[c].size() - 1);
  }

  Result<Batch> transform(const Batch& x, Workspace& memory) const override {
    if (x.form == Batch::Form::kSparse) return refuse_sparse();
    const std::size_t columns = x.columns;
    const ElementType type = bins_.one_hot_is_double && bins_.encoding != Encoding::kOrdinal ? ElementType::kFloat64 : x.type;
    if (bins_.encoding == Encoding::kOneHot) return one_hot(x, type, memory);
    const bool is_ordinal = bins_.encoding == Encoding::kOrdinal;
    const std::size_t width = is_ordinal ? columns : bins_.width;
    double* const out = memory.numbers(x.rows * width);
    if (!is_ordinal) std::fill_n(out, x.rows * width, 0.0);
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) {
        const std::size_t bin = bin_of(x.values[r * columns + c], c, x.type);
        if (is_ordinal) {
          out[r * width + c] = static_cast<double>(bin);
        } else {
          out[r * width + bins_.first[c] + bin] = 1;
        }
      }
    }
    return Batch::dense(out, x.rows, width, type);
  }

  Batch one_hot(const Batch& x, ElementType type, Workspace& memory) const {
    const std::size_t count = x.rows * x.columns;
    double* const values = memory.numbers(count);
    auto* const indices = memory.make<std::int32_t>(count);
    auto* const starts = memory.make<std::int64_t>(x.rows + 1);
    std::fill_n(values, count, 1.0);
    for (std::size_t r = 0; r <= x.rows; ++r) starts[r] = static_cast<std::int64_t>(r * x.columns);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t c = i % x.columns;
      indices[i] = static_cast<std::int32_t>(bins_.first[c] + bin_of(x.values[i], c, x.type));
    }
    return Batch::sparse(values, starts, indices, x.rows, bins_.width, type);
  }

  Result<Batch> inverse(const Batch& x, Workspace& memory) const override {
    const std::size_t columns = bins_.centers.size();
    const bool is_ordinal = bins_.encoding == Encoding::kOrdinal;
    const ElementType type = is_ordinal ? x.type : ElementType::kFloat64;
    double* const out = memory.numbers(x.rows * columns);
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) {
        const std::vector<double>& centers = bins_.centers[c];
        double bin = 0;
        if (is_ordinal) {
          bin = std::trunc(x.values[r * columns + c]);
          if (bin < 0) bin += static_cast<double>(centers.size());
          if (!(bin >= 0 && bin < static_cast<double>(centers.size()))) {
            return refuse(fmt::format("index {} is out of bounds for {} bins", x.values[r * columns + c], centers.size()));
          }
        } else {
          const double* const row = x.values + r * x.columns + bins_.first[c];
          double sum = 0;
          for (std::size_t i = 0; i < centers.size(); ++i) sum += row[i];
          if (sum == 0 && !bins_.zeros_are_first) {
            return refuse(fmt::format("samples [{}] can not be inverted because they contain all zeros", r));
          }
          bin = static_cast<double>(first_largest(row, centers.size()));
        }
        out[r * columns + c] = rounded(centers[static_cast<std::size_t>(bin)], type);
      }
    }
    return Batch::dense(out, x.rows, columns, type);
  }

  Bins bins_;
};

bool read_edges(const State& state, Bins& bins) {
  const std::vector<Value> all = state.items("bin_edges_");
  const std::vector<std::int64_t> counts = state.integers("n_bins_");
  if (!state.ok() || !state.check(all.size() == counts.size() && !all.empty(), "bin_edges_ and n_bins_ do not fit")) return false;
  for (std::size_t c = 0; c < all.size(); ++c) {
    const std::vector<double> edges = state.array_of(all[c], fmt::format("bin_edges_[{}]", c)).values;
    if (!state.ok()) return false;
    const bool fits = counts[c] >= 1 && edges.size() == static_cast<std::size_t>(counts[c]) + 1;
    if (!state.check(fits && std::ranges::is_sorted(edges), "bin_edges_ and n_bins_ do not fit")) return false;
    // Until 1.0 the last edge is compared with as well, and bins past the last are clipped.
    bins.inner.emplace_back(edges.begin() + 1, bins.widens ? edges.end() : edges.end() - 1);
    std::vector<double>& centers = bins.centers.emplace_back();
    for (std::size_t i = 0; i + 1 < edges.size(); ++i) centers.push_back((edges[i + 1] + edges[i]) * 0.5);
    bins.first.push_back(bins.width);
    bins.width += centers.size();
  }
  return state.check(bins.width <= std::numeric_limits<std::int32_t>::max(), "there are too many bins");
}

std::shared_ptr<Estimator> load_discretizer(State& state) {
  Bins bins;
  const std::string encoding = state.text_or("encode", "onehot");
  if (encoding != "onehot" && encoding != "onehot-dense" && encoding != "ordinal") {
    state.unsupported("encode is none of onehot, onehot-dense and ordinal");
    return nullptr;
  }
  bins.encoding = encoding == "ordinal" ? Encoding::kOrdinal : encoding == "onehot" ? Encoding::kOneHot : Encoding::kOneHotDense;
  bins.widens = state.version() < Version{1, 1};
  bins.one_hot_is_double = bins.zeros_are_first = state.version() < Version{0, 24};
  if (state.given("dtype")) {
    const ElementType type = number_type_or(state, "dtype", ElementType::kFloat64);
    if (!state.ok()) return nullptr;
    if (type != ElementType::kFloat32 && type != ElementType::kFloat64) return state.unsupported("this dtype is not supported"), nullptr;
    bins.to_float32 = type == ElementType::kFloat32;
    bins.keeps_float32 = bins.to_float32;
  }
  return read_edges(state, bins) ? std::make_shared<KBinsDiscretizer>(std::move(bins)) : nullptr;
}

}  // namespace

std::span<const Registered> discretizer_family() {
  static constexpr Registered kRows[] = {{"preprocessing", "KBinsDiscretizer", load_discretizer}};
  return kRows;
}

}  // namespace cppickle::predict
