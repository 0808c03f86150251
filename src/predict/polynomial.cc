// PolynomialFeatures: products of columns.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "predict/invertible.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

// Neighbouring products: one feature times products of one degree less, which are neighbours too.
struct Segment {
  std::size_t from, to, count, feature;
};

struct Products {
  std::size_t features = 0;
  std::size_t all = 0;          // products of all degrees, and the bias
  bool has_bias = false;
  bool has_first_degree = true;
  std::vector<Segment> segments;
  std::size_t first_kept = 0;   // those before are left out, but for the bias
  bool takes_sparse = true;
  std::size_t width() const { return all - first_kept + (has_bias && first_kept > 0 ? 1 : 0); }
};

class PolynomialFeatures final : public Transformer {
 public:
  explicit PolynomialFeatures(Products products) : products_(std::move(products)) { facts().features_in = products_.features; }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    if (names.size() != products_.features) return refuse("there are more or fewer names than features");
    // Features of each product, the smallest first.
    std::vector<std::vector<std::size_t>> factors(products_.all);
    std::size_t next = products_.has_bias ? 1 : 0;
    for (std::size_t i = 0; products_.has_first_degree && i < products_.features; ++i) factors[next++] = {i};
    for (const Segment& segment : products_.segments) {
      for (std::size_t i = 0; i < segment.count; ++i) {
        factors[segment.to + i] = factors[segment.from + i];
        factors[segment.to + i].insert(factors[segment.to + i].begin(), segment.feature);
      }
    }
    std::vector<std::string> made;
    if (products_.has_bias && products_.first_kept > 0) made.emplace_back("1");
    for (std::size_t i = products_.first_kept; i < products_.all; ++i) made.push_back(name_of_product(factors[i], names));
    return made;
  }

 private:
  static std::string name_of_product(const std::vector<std::size_t>& factors, const std::vector<std::string>& names) {
    if (factors.empty()) return "1";
    std::string name;
    for (std::size_t i = 0; i < factors.size();) {
      std::size_t end = i;
      while (end < factors.size() && factors[end] == factors[i]) ++end;
      if (i > 0) name += " ";
      name += names[factors[i]];
      if (end - i > 1) name += fmt::format("^{}", end - i);
      i = end;
    }
    return name;
  }

  Accept accepts() const override { return {.sparse = true}; }

  void row(const double* x, ElementType type, double* out) const {
    std::size_t next = 0;
    if (products_.has_bias) out[next++] = 1;
    if (products_.has_first_degree) std::copy_n(x, products_.features, out + next);
    for (const Segment& segment : products_.segments) {
      const double factor = x[segment.feature];
      const double* const from = out + segment.from;
      double* const to = out + segment.to;
      for (std::size_t i = 0; i < segment.count; ++i) to[i] = from[i] * factor;
      round_all(to, segment.count, type);
    }
  }

  Result<Batch> transform(const Batch& x, Workspace& memory) const override {
    if (x.form == Batch::Form::kSparse) return products_.takes_sparse ? sparse(x, memory) : Result<Batch>(refuse_sparse());
    const std::size_t width = products_.width();
    double* const out = memory.numbers(x.rows * width);
    if (products_.first_kept == 0) {
      for (std::size_t r = 0; r < x.rows; ++r) row(x.values + r * x.columns, x.type, out + r * width);
      return Batch::dense(out, x.rows, width, x.type);
    }
    double* const all = memory.numbers(products_.all);
    for (std::size_t r = 0; r < x.rows; ++r) {
      row(x.values + r * x.columns, x.type, all);
      keep(all, out + r * width);
    }
    return Batch::dense(out, x.rows, width, x.type);
  }

  void keep(const double* all, double* out) const {
    if (products_.has_bias && products_.first_kept > 0) *out++ = 1;
    std::copy(all + products_.first_kept, all + products_.all, out);
  }

  // One row at a time is made dense; all of them might not fit.
  Batch sparse(const Batch& x, Workspace& memory) const {
    const std::size_t width = products_.width();
    double* const dense = memory.numbers(x.columns);
    double* const all = memory.numbers(products_.all);
    double* const kept = memory.numbers(width);
    auto* const starts = memory.make<std::int64_t>(x.rows + 1);
    const auto compute = [&](std::size_t r) {
      std::fill_n(dense, x.columns, 0.0);
      for (std::int64_t k = x.row_starts[r]; k < x.row_starts[r + 1]; ++k) dense[x.indices[k]] += x.values[k];
      row(dense, x.type, all);
      keep(all, kept);
    };
    starts[0] = 0;
    for (std::size_t r = 0; r < x.rows; ++r) {
      compute(r);
      starts[r + 1] = starts[r] + static_cast<std::int64_t>(width) - std::count(kept, kept + width, 0.0);
    }
    const auto stored = static_cast<std::size_t>(starts[x.rows]);
    double* const values = memory.numbers(stored);
    auto* const indices = memory.make<std::int32_t>(stored);
    std::size_t k = 0;
    for (std::size_t r = 0; r < x.rows; ++r) {
      compute(r);
      for (std::size_t i = 0; i < width; ++i) {
        if (kept[i] == 0) continue;
        values[k] = kept[i];
        indices[k++] = static_cast<std::int32_t>(i);
      }
    }
    return Batch::sparse(values, starts, indices, x.rows, width, x.type);
  }

  Products products_;
};

// The order of scikit-learn: by degree, then as itertools.combinations of column numbers.
bool plan(const State& state, std::int64_t least, std::int64_t most, bool interactions, Products& products) {
  const std::size_t n = products.features;
  products.all = products.has_bias ? 1 : 0;
  products.has_first_degree = most >= 1;
  if (!products.has_first_degree) return true;
  std::vector<std::size_t> starts(n + 1);  // where products whose smallest feature is i begin, of the last degree
  for (std::size_t i = 0; i <= n; ++i) starts[i] = products.all + i;
  if (least <= 1) {
    products.first_kept = 0;
  } else {
    products.first_kept = products.all + n;
  }
  products.all += n;
  for (std::int64_t degree = 2; degree <= most; ++degree) {
    std::vector<std::size_t> next(n + 1);
    const std::size_t end = starts[n];
    const std::size_t before = products.all;
    for (std::size_t i = 0; i < n; ++i) {
      next[i] = products.all;
      const std::size_t from = interactions ? starts[i + 1] : starts[i];
      if (from == end) continue;
      if (!state.loader().spend(sizeof(Segment) + (end - from) * 8, state.place())) return false;
      products.segments.push_back({from, products.all, end - from, i});
      products.all += end - from;
    }
    next[n] = products.all;
    starts = std::move(next);
    if (degree < least) products.first_kept = products.all;
    if (products.all == before) break;
  }
  return state.check(products.all <= std::numeric_limits<std::int32_t>::max(), "there are too many products");
}

std::shared_ptr<Estimator> load_polynomial(State& state) {
  Products products;
  const std::int64_t features = state.given("n_features_in_") ? state.integer("n_features_in_") : state.integer("n_input_features_");
  std::int64_t least = 0, most = 0;
  if (state.has("_max_degree")) {
    least = state.integer("_min_degree");
    most = state.integer("_max_degree");
  } else {
    most = state.integer("degree");
  }
  const std::int64_t width = state.integer("n_output_features_");
  if (!state.ok()) return nullptr;
  const bool in_range = features >= 1 && features <= std::numeric_limits<std::int32_t>::max() && least >= 0 && most >= least && most <= 1000;
  if (!state.check(in_range, "the number of features or degrees is out of range")) return nullptr;
  products.features = static_cast<std::size_t>(features);
  products.has_bias = state.flag_or("include_bias", true);
  products.takes_sparse = state.version() >= Version{0, 20};
  if (!state.loader().spend(products.features * 32, state.place())) return nullptr;
  if (!plan(state, least, most, state.flag_or("interaction_only", false), products)) return nullptr;
  if (!state.check(static_cast<std::int64_t>(products.width()) == width, "n_output_features_ and degree do not fit")) return nullptr;
  return std::make_shared<PolynomialFeatures>(std::move(products));
}

}  // namespace

std::span<const Registered> polynomial_family() {
  static constexpr Registered kRows[] = {{"preprocessing", "PolynomialFeatures", load_polynomial}};
  return kRows;
}

}  // namespace cppickle::predict
