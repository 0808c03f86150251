// OneHotEncoder until 0.19, and of 0.20 and 0.21 in its legacy mode: columns of small integers from 0 on.
#include <algorithm>
#include <cmath>
#include <limits>

#include "predict/element_type.h"
#include "predict/invertible.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

struct Integers {
  std::vector<std::int64_t> most;     // n_values_ of each encoded column
  std::vector<std::int64_t> offsets;  // feature_indices_
  std::vector<std::int32_t> places;   // column of the answer for each value; -1 where it was never seen
  std::size_t width = 0;
  bool selects = false;
  std::vector<std::size_t> selected;  // columns that are encoded; the others come after them as they are
  bool takes_unknown = false;
  bool is_sparse = true;
  bool casts_others = false;  // 0.20 casts the columns that are not encoded to dtype
  ElementType type = ElementType::kFloat64;
};

class OneHotOfIntegers final : public Transformer {
 public:
  explicit OneHotOfIntegers(Integers parts) : parts_(std::move(parts)) {
    if (!parts_.selects) facts().features_in = parts_.most.size();
  }

 private:
  Accept accepts() const override { return {.sparse = true}; }

  Result<Batch> transform(const Batch& x, Workspace& memory) const override {
    if (x.form == Batch::Form::kSparse) return refuse_sparse();
    const std::size_t encoded = parts_.most.size();
    auto* const is_selected = memory.make<std::uint8_t>(x.columns);
    auto* const source = memory.make<std::size_t>(x.columns);
    std::fill_n(is_selected, x.columns, parts_.selects ? 0 : 1);
    for (const std::size_t c : parts_.selected) {
      if (c >= x.columns) return refuse("X has fewer columns than during fitting");
      is_selected[c] = 1;
    }
    std::size_t front = 0, back = encoded;
    for (std::size_t c = 0; c < x.columns; ++c) {
      if (is_selected[c] == 0 && back == x.columns) return refuse("X has different shape than during fitting");
      (is_selected[c] != 0 ? source[front++] : source[back++]) = c;
    }
    const std::size_t others = x.columns - encoded;
    const ElementType type = others == 0 || parts_.casts_others ? parts_.type : promote(parts_.type, x.type);
    const std::size_t width = parts_.width + others;
    double* const out = memory.numbers(x.rows * width);
    std::fill_n(out, x.rows * width, 0.0);
    for (std::size_t r = 0; r < x.rows; ++r) {
      if (const auto done = encode_row(x.values + r * x.columns, source, out + r * width); !done) return std::unexpected(done.error());
      for (std::size_t i = 0; i < others; ++i) {
        const double value = x.values[r * x.columns + source[encoded + i]];
        if (!holds(type, value)) return refuse("a number does not fit the encoder's dtype");
        out[r * width + parts_.width + i] = is_float(type) ? rounded(value, type) : std::trunc(value);
      }
    }
    const Batch dense = Batch::dense(out, x.rows, width, type);
    return parts_.is_sparse ? sparsify(dense, memory) : dense;
  }

  Result<void> encode_row(const double* x, const std::size_t* source, double* out) const {
    for (std::size_t i = 0; i < parts_.most.size(); ++i) {
      const double value = std::trunc(x[source[i]]);
      if (value < 0) return refuse("X needs to contain only non-negative integers");
      if (value >= static_cast<double>(parts_.most[i])) {
        if (!parts_.takes_unknown) return refuse("unknown categorical feature present during transform");
        continue;
      }
      const std::int32_t place = parts_.places[static_cast<std::size_t>(parts_.offsets[i] + static_cast<std::int64_t>(value))];
      if (place >= 0) out[place] = 1;
    }
    return {};
  }

  Integers parts_;
};

// Positions, or a mask of booleans, or "all".
bool read_selected(const State& state, std::string_view name, Integers& parts) {
  if (!state.given(name) || state.text_or(name, "") == "all") return true;
  const std::vector<Cell> selected = state.cells(name).values;
  if (!state.ok()) return false;
  parts.selects = true;
  for (std::size_t i = 0; i < selected.size(); ++i) {
    const Cell& cell = selected[i];
    if (cell.kind == Cell::Kind::kBool) {
      if (cell.integer != 0) parts.selected.push_back(i);
      continue;
    }
    const bool is_position = cell.kind == Cell::Kind::kInt && cell.integer >= 0 && cell.integer <= std::numeric_limits<std::int32_t>::max();
    if (!state.check(is_position, "categorical_features are no positions")) return false;
    parts.selected.push_back(static_cast<std::size_t>(cell.integer));
  }
  std::ranges::sort(parts.selected);
  parts.selected.erase(std::unique(parts.selected.begin(), parts.selected.end()), parts.selected.end());
  return state.check(parts.selected.size() == parts.most.size(), "categorical_features and n_values_ do not fit");
}

}  // namespace

// `prefix` is of the fitted attributes' names.
std::shared_ptr<Estimator> load_one_hot_of_integers(State& state, std::string_view prefix) {
  const auto named = [&](const char* name) { return std::string(prefix) + name; };
  Integers parts;
  parts.offsets = state.integers(named("feature_indices_"));
  if (!state.ok() || !state.check(parts.offsets.size() >= 2 && parts.offsets[0] == 0, "feature_indices_ is too short")) return nullptr;
  parts.most = state.integers(named("n_values_"));
  if (!state.ok()) return nullptr;
  if (parts.most.size() == 1) parts.most.resize(parts.offsets.size() - 1, parts.most[0]);
  bool fits = parts.most.size() + 1 == parts.offsets.size();
  for (std::size_t i = 0; fits && i < parts.most.size(); ++i) {
    fits = parts.most[i] >= 0 && parts.offsets[i + 1] >= parts.offsets[i] && parts.most[i] <= parts.offsets[i + 1] - parts.offsets[i];
  }
  if (!state.check(fits, "n_values_ and feature_indices_ do not fit")) return nullptr;
  const std::int64_t total = parts.offsets.back();
  // As many zeros are made as the largest value that was seen.
  if (total > std::numeric_limits<std::int32_t>::max() || !state.loader().spend(static_cast<std::uint64_t>(total) * 4, state.place())) {
    state.fail(ErrorCode::kLimit, "feature_indices_ is too large");
    return nullptr;
  }
  parts.places.assign(static_cast<std::size_t>(total), -1);
  const bool is_auto = state.text_or(named("n_values"), state.text_or("n_values", "")) == "auto";
  if (is_auto) {
    for (const std::int64_t active : state.integers(named("active_features_"))) {
      if (!state.check(active >= 0 && active < total, "active_features_ are out of range")) return nullptr;
      parts.places[static_cast<std::size_t>(active)] = static_cast<std::int32_t>(parts.width++);
    }
  } else {
    for (std::size_t i = 0; i < parts.places.size(); ++i) parts.places[i] = static_cast<std::int32_t>(i);
    parts.width = parts.places.size();
  }
  if (!state.ok() || !read_selected(state, named("categorical_features"), parts)) return nullptr;
  parts.takes_unknown = state.text_or("handle_unknown", "error") == "ignore";
  parts.is_sparse = state.flag_or("sparse", true);
  parts.casts_others = state.version() >= Version{0, 20};
  parts.type = number_type_or(state, "dtype", ElementType::kFloat64);
  return state.ok() ? std::make_shared<OneHotOfIntegers>(std::move(parts)) : nullptr;
}

}  // namespace cppickle::predict
