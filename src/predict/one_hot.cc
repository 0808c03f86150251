// OneHotEncoder since 0.20: one column for each category, or group of infrequent ones, of each column.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "predict/category_columns.h"
#include "predict/element_type.h"
#include "predict/invertible.h"
#include "predict/registry.h"

namespace cppickle::predict {

std::shared_ptr<Estimator> load_one_hot_of_integers(State& state, std::string_view prefix);  // one_hot_of_integers.cc

namespace {

constexpr std::int32_t kNothing = -1;  // no column: a row of zeros
constexpr std::string_view kInfrequent = "infrequent_sklearn";

// Where the categories of one column go in the answer.
struct Places {
  std::vector<std::int32_t> of_category;
  std::int32_t of_unknown = kNothing;
  std::int32_t dropped = kNothing;   // group
  std::size_t first = 0, count = 0;  // columns of the answer
};

// What a row of zeros is when it is undone.
enum class Zeros : std::uint8_t { kFirst, kNone, kDropped, kDroppedUngrouped, kError };

struct OneHot {
  CategoryColumns categories;
  std::vector<Places> places;
  std::vector<Zeros> zeros;
  std::size_t width = 0;
  bool takes_unknown = false;
  bool is_sparse = true;
  bool names_are_plain = true;
  ElementType type = ElementType::kFloat64;
  std::optional<ElementType> undone_type;
};

class OneHotEncoder final : public InvertibleTransformer {
 public:
  explicit OneHotEncoder(OneHot parts) : parts_(std::move(parts)) { facts().features_in = parts_.places.size(); }

  // An unknown category in any row makes objects of all.
  bool wants_all_rows(Method method) const override {
    return method == Method::kInverseTransform && parts_.undone_type && is_number(*parts_.undone_type);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kTransform) return InvertibleTransformer::run(method, rows, memory);
    if (const auto fits = rows.is_table() ? check_columns(rows) : Result<void>(); !fits) return std::unexpected(fits.error());
    const auto codes = encode(parts_.categories, rows, parts_.takes_unknown, memory);
    if (!codes) return std::unexpected(codes.error());
    return parts_.is_sparse ? sparse(*codes, rows.rows, memory) : dense(*codes, rows.rows, memory);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    if (!parts_.names_are_plain) return Estimator::feature_names_out(names);
    if (names.size() != parts_.places.size()) return refuse("there are more or fewer names than features");
    std::vector<std::string> made;
    for (std::size_t c = 0; c < names.size(); ++c) {
      const CategoryColumn& column = parts_.categories.columns[c];
      for (std::size_t group = 0; group < column.group_count; ++group) {
        if (static_cast<std::int32_t>(group) == parts_.places[c].dropped) continue;
        made.push_back(names[c] + "_" + name_of_group(column, group));
      }
    }
    return made;
  }

 private:
  static std::string name_of_group(const CategoryColumn& column, std::size_t group) {
    if (group >= column.frequent.size()) return std::string(kInfrequent);
    return text_of_category(column.table[static_cast<std::size_t>(column.frequent[group])], column.type);
  }

  std::int32_t place_of(std::size_t column, std::int32_t code) const {
    const Places& places = parts_.places[column];
    return code == CategoryTable::kUnknown ? places.of_unknown : places.of_category[static_cast<std::size_t>(code)];
  }

  Batch sparse(const std::int32_t* codes, std::size_t rows, Workspace& memory) const {
    const std::size_t columns = parts_.places.size();
    auto* const starts = memory.make<std::int64_t>(rows + 1);
    auto* const indices = memory.make<std::int32_t>(rows * columns);
    std::size_t stored = 0;
    starts[0] = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) {
        const std::int32_t place = place_of(c, codes[r * columns + c]);
        if (place != kNothing) indices[stored++] = place;
      }
      starts[r + 1] = static_cast<std::int64_t>(stored);
    }
    double* const values = memory.numbers(stored);
    std::fill_n(values, stored, 1.0);
    return Batch::sparse(values, starts, indices, rows, parts_.width, parts_.type);
  }

  Batch dense(const std::int32_t* codes, std::size_t rows, Workspace& memory) const {
    const std::size_t columns = parts_.places.size();
    double* const out = memory.numbers(rows * parts_.width);
    std::fill_n(out, rows * parts_.width, 0.0);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) {
        const std::int32_t place = place_of(c, codes[r * columns + c]);
        if (place != kNothing) out[r * parts_.width + static_cast<std::size_t>(place)] = 1;
      }
    }
    return Batch::dense(out, rows, parts_.width, parts_.type);
  }

  bool has_inverse() const override { return parts_.undone_type.has_value(); }
  std::optional<std::size_t> features_out() const override { return parts_.width; }
  Result<Batch> transform(const Batch& x, Workspace&) const override { return x; }  // run() does it

  Result<Batch> inverse(const Batch& x, Workspace& memory) const override {
    const std::size_t columns = parts_.places.size();
    auto* const cells = memory.make<Cell>(x.rows * columns);
    ElementType type = *parts_.undone_type;
    for (std::size_t c = 0; c < columns; ++c) {
      for (std::size_t r = 0; r < x.rows; ++r) {
        const auto cell = undone(x.values + r * x.columns + parts_.places[c].first, c, r);
        if (!cell) return std::unexpected(cell.error());
        if (cell->kind == Cell::Kind::kNone) type = ElementType::kObject;
        cells[c * x.rows + r] = *cell;
      }
    }
    return batch_of_cells(cells, x.rows, columns, type, memory);
  }

  Cell cell_of_group(const CategoryColumn& column, std::size_t group) const {
    if (group >= column.frequent.size()) return Cell::of(kInfrequent);
    return column.table[static_cast<std::size_t>(column.frequent[group])];
  }

  Result<Cell> undone(const double* values, std::size_t c, std::size_t r) const {
    const CategoryColumn& column = parts_.categories.columns[c];
    const Places& places = parts_.places[c];
    // What was dropped has no column: groups after it come one earlier.
    const auto group_at = [&](std::size_t position) {
      return places.dropped != kNothing && position >= static_cast<std::size_t>(places.dropped) ? position + 1 : position;
    };
    if (places.count == 0) {
      return places.dropped == kNothing ? Result<Cell>(Cell::none())
                                        : Result<Cell>(column.table[static_cast<std::size_t>(places.dropped)]);
    }
    double sum = 0;
    for (std::size_t i = 0; i < places.count; ++i) sum += values[i];
    if (sum == 0) {
      switch (parts_.zeros[c]) {
        case Zeros::kNone: return Cell::none();
        case Zeros::kDropped: return cell_of_group(column, static_cast<std::size_t>(places.dropped));
        case Zeros::kDroppedUngrouped: return column.table[static_cast<std::size_t>(places.dropped)];
        case Zeros::kError: return refuse(fmt::format("samples [{}] can not be inverted because they contain all zeros", r));
        case Zeros::kFirst: break;
      }
    }
    return cell_of_group(column, group_at(first_largest(values, places.count)));
  }

  OneHot parts_;
};

// Group that is dropped for each column; kNothing for none. drop_idx_ of 0.21 to 1.1, since then what it is in groups.
std::vector<std::int32_t> read_dropped(const State& state, std::size_t columns) {
  std::vector<std::int32_t> dropped(columns, kNothing);
  const char* const name = state.has("_drop_idx_after_grouping") ? "_drop_idx_after_grouping" : "drop_idx_";
  if (!state.given(name) || !state.given("drop")) return dropped;
  const Cells cells = state.cells(name);
  if (!state.ok() || !state.check(cells.values.size() == columns, "dropped categories and columns do not fit")) return dropped;
  for (std::size_t c = 0; c < columns; ++c) {
    const Cell& cell = cells.values[c];
    if (cell.kind == Cell::Kind::kNone) continue;
    const bool is_index = cell.kind == Cell::Kind::kInt && cell.integer >= 0 && cell.integer <= std::numeric_limits<std::int32_t>::max();
    if (!state.check(is_index, "a dropped category is no index")) return dropped;
    dropped[c] = static_cast<std::int32_t>(cell.integer);
  }
  return dropped;
}

bool place_categories(const State& state, OneHot& parts, const std::string& handle_unknown) {
  const std::vector<std::int32_t> dropped = read_dropped(state, parts.categories.columns.size());
  if (!state.ok()) return false;
  for (std::size_t c = 0; c < parts.categories.columns.size(); ++c) {
    const CategoryColumn& column = parts.categories.columns[c];
    Places places;
    places.dropped = dropped[c];
    places.first = parts.width;
    places.count = column.group_count - (dropped[c] != kNothing ? 1 : 0);
    const bool fits = dropped[c] == kNothing || static_cast<std::size_t>(dropped[c]) < column.group_count;
    if (!state.check(fits, "a dropped category is out of range")) return false;
    if (!state.check(column.groups.size() == column.table.size(), "categories and their groups do not fit")) return false;
    parts.width += places.count;
    if (!state.check(parts.width <= std::numeric_limits<std::int32_t>::max(), "there are too many categories")) return false;
    const auto place_of = [&](std::int32_t group) {
      if (group == places.dropped) return kNothing;
      const bool after = places.dropped != kNothing && group > places.dropped;
      return static_cast<std::int32_t>(places.first) + group - (after ? 1 : 0);
    };
    for (const std::int32_t group : column.groups) places.of_category.push_back(place_of(group));
    // Until 1.8 handle_unknown='warn' gave zeros (_map_infrequent_categories).
    const bool groups_unknown = handle_unknown == "infrequent_if_exist" || (handle_unknown == "warn" && state.version() >= Version{1, 8});
    if (groups_unknown && column.has_infrequent) {
      places.of_unknown = place_of(static_cast<std::int32_t>(column.frequent.size()));
    }
    parts.places.push_back(std::move(places));
  }
  return true;
}

// inverse_transform's way with rows of zeros, as it changed. With handle_unknown='ignore' the position of a group is taken
// for that of a category.
Zeros zeros_of(Version version, bool ignores, bool drops, bool drops_here) {
  if (ignores) return version >= Version{1, 0} && drops_here ? Zeros::kDroppedUngrouped : Zeros::kNone;
  if (drops) return drops_here ? Zeros::kDropped : Zeros::kError;
  return version >= Version{0, 24} ? Zeros::kError : Zeros::kFirst;
}

void prepare_inverse(const State& state, OneHot& parts, const std::string& handle_unknown) {
  parts.undone_type = common_type(parts.categories);
  const bool drops = state.given("drop");
  for (std::size_t c = 0; c < parts.places.size(); ++c) {
    const bool infrequent = parts.categories.columns[c].has_infrequent;
    const bool ignores = handle_unknown == "ignore" || (handle_unknown != "error" && !infrequent);
    parts.zeros.push_back(zeros_of(state.version(), ignores, drops, parts.places[c].dropped != kNothing));
    // "infrequent_sklearn" makes it an array of objects.
    if (infrequent && parts.undone_type) parts.undone_type = ElementType::kObject;
  }
}

std::shared_ptr<Estimator> load_one_hot(State& state) {
  if (!state.has("categories_") || state.flag_or("_legacy_mode", false)) {
    return load_one_hot_of_integers(state, state.has("categories_") || state.has("_legacy_mode") ? "_" : "");
  }
  OneHot parts;
  const std::string handle_unknown = state.text_or("handle_unknown", "error");
  if (handle_unknown != "error" && handle_unknown != "ignore" && handle_unknown != "infrequent_if_exist" && handle_unknown != "warn") {
    state.unsupported("handle_unknown is none of error, ignore, infrequent_if_exist and warn");
    return nullptr;
  }
  if (!read_category_columns(state, state.flag_or("_infrequent_enabled", false), parts.categories)) return nullptr;
  parts.takes_unknown = handle_unknown != "error";
  parts.is_sparse = state.has("sparse_output") ? state.flag_or("sparse_output", true) : state.flag_or("sparse", true);
  parts.type = number_type_or(state, "dtype", ElementType::kFloat64);
  parts.names_are_plain = !state.has("feature_name_combiner") || state.text_or("feature_name_combiner", "") == "concat";
  if (!state.ok() || !place_categories(state, parts, handle_unknown)) return nullptr;
  prepare_inverse(state, parts, handle_unknown);
  return state.ok() ? std::make_shared<OneHotEncoder>(std::move(parts)) : nullptr;
}

}  // namespace

std::span<const Registered> one_hot_family() {
  static constexpr Registered kRows[] = {{"preprocessing", "OneHotEncoder", load_one_hot}};
  return kRows;
}

}  // namespace cppickle::predict
