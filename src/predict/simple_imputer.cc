// SimpleImputer, and the Imputer that was before it: what is missing becomes a number or text learnt for its column.
#include <algorithm>
#include <cmath>
#include <limits>

#include "predict/category_table.h"
#include "predict/element_type.h"
#include "predict/invertible.h"
#include "predict/missing_values.h"
#include "predict/registry.h"
#include "predict/rows_of_input.h"

namespace cppickle::predict {
namespace {

struct Imputing {
  MissingValues missing;
  Cells statistics;                       // one for each column
  std::vector<double> numbers;            // the same as numbers; NaN for texts
  std::vector<std::uint8_t> is_text;      // no number
  std::vector<std::size_t> kept;          // columns that are not left out
  std::vector<std::size_t> named;         // columns that have a name in the answer
  std::vector<std::size_t> indicated;     // columns whose being missing is told
  bool keeps_types = false;               // most_frequent and constant take anything
  bool makes_objects = false;             // fitted on objects
  bool checks_kind = false;               // constant since 1.6: a fraction is no filling for integers
  bool checks_nan = true;                 // since 0.21 NaN among objects is refused where it is not what is missing
  bool accepts_all = false;               // Imputer lets NaN and infinity through
  std::size_t width() const { return kept.size() + indicated.size(); }
};

class SimpleImputer final : public Estimator {
 public:
  explicit SimpleImputer(Imputing parts) : parts_(std::move(parts)), place_(parts_.numbers.size(), -1) {
    facts().features_in = parts_.numbers.size();
    for (std::size_t i = 0; i < parts_.kept.size(); ++i) place_[parts_.kept[i]] = static_cast<std::int32_t>(i);
  }

  bool has(Method method) const override { return method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const bool as_objects = parts_.keeps_types && rows.is_table() &&
                            rows.form != Batch::Form::kSparse && (parts_.makes_objects || holds_objects(rows));
    if (as_objects) return objects(rows, memory);
    Accept accept{.sparse = true, .special = parts_.missing.special(), .keep_integers = parts_.keeps_types};
    if (parts_.accepts_all) accept.special = Accept::Special::kAll;
    const auto x = numbers(rows, memory, accept);
    if (!x) return std::unexpected(x.error());
    if (x->type == ElementType::kBool) return refuse("SimpleImputer does not support data with dtype bool");
    if (!parts_.missing.fits_numbers()) return refuse("'X' and 'missing_values' types are expected to be both numerical");
    const bool is_fraction = is_float(parts_.statistics.type) || parts_.statistics.type == ElementType::kObject;
    if (parts_.checks_kind && is_fraction && !is_float(x->type)) {
      return refuse("the dtype of the filling value cannot be cast to the input data");
    }
    if (x->form == Batch::Form::kSparse) {
      if (!parts_.missing.is_zero()) return sparse(*x, memory);
      if (!parts_.accepts_all) return refuse("imputation not possible when missing_values == 0 and input is sparse");
      return dense(densify(*x, memory), memory);
    }
    return dense(*x, memory);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    if (names.size() != parts_.numbers.size()) return refuse("there are more or fewer names than features");
    std::vector<std::string> made;
    for (const std::size_t c : parts_.named) made.push_back(names[c]);
    for (const std::size_t c : parts_.indicated) made.push_back("missingindicator_" + names[c]);
    return made;
  }

 private:
  // The value for a missing one of a column, in an array of a type.
  Result<double> filling(std::size_t column, ElementType type) const {
    if (parts_.is_text[column] != 0) return refuse("a text cannot take the place of a missing number");
    const double value = parts_.numbers[column];
    if (is_float(type)) return rounded(value, type);
    if (!holds(type, value)) return refuse("a filling value does not fit the type of the rows");
    return std::trunc(value);
  }

  Result<Batch> dense(const Batch& x, Workspace& memory) const {
    const std::size_t width = parts_.width(), kept = parts_.kept.size();
    double* const out = memory.numbers(x.rows * width);
    for (std::size_t r = 0; r < x.rows; ++r) {
      const double* const from = x.values + r * x.columns;
      double* const to = out + r * width;
      for (std::size_t i = 0; i < kept; ++i) {
        const std::size_t column = parts_.kept[i];
        to[i] = from[column];
        if (!parts_.missing.is(to[i], x.type)) continue;
        const auto value = filling(column, x.type);
        if (!value) return std::unexpected(value.error());
        to[i] = *value;
      }
      for (std::size_t i = 0; i < parts_.indicated.size(); ++i) {
        to[kept + i] = parts_.missing.is(from[parts_.indicated[i]], x.type) ? 1 : 0;
      }
    }
    return Batch::dense(out, x.rows, width, x.type);
  }

  // Only what is stored can be missing.
  Result<Batch> sparse(const Batch& x, Workspace& memory) const {
    const auto stored = static_cast<std::size_t>(x.row_starts[x.rows] - x.row_starts[0]);
    double* const values = memory.numbers(2 * stored);
    auto* const indices = memory.make<std::int32_t>(2 * stored);
    auto* const starts = memory.make<std::int64_t>(x.rows + 1);
    std::size_t made = 0;
    starts[0] = 0;
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::int64_t k = x.row_starts[r]; k < x.row_starts[r + 1]; ++k) {
        const auto column = static_cast<std::size_t>(x.indices[k]);
        if (place_[column] < 0) continue;
        values[made] = x.values[k];
        indices[made] = place_[column];
        if (parts_.missing.is(x.values[k], x.type)) {
          const auto value = filling(column, x.type);
          if (!value) return std::unexpected(value.error());
          values[made] = *value;
        }
        ++made;
      }
      for (std::int64_t k = x.row_starts[r]; k < x.row_starts[r + 1] && !parts_.indicated.empty(); ++k) {
        if (!parts_.missing.is(x.values[k], x.type)) continue;
        const auto found = std::ranges::lower_bound(parts_.indicated, static_cast<std::size_t>(x.indices[k]));
        if (found == parts_.indicated.end() || *found != static_cast<std::size_t>(x.indices[k])) continue;
        values[made] = 1;
        indices[made++] = static_cast<std::int32_t>(parts_.kept.size()) + static_cast<std::int32_t>(found - parts_.indicated.begin());
      }
      starts[r + 1] = static_cast<std::int64_t>(made);
    }
    return Batch::sparse(values, starts, indices, x.rows, parts_.width(), x.type);
  }

  Result<Batch> objects(const Batch& rows, Workspace& memory) const {
    if (const auto fits = check_columns(rows); !fits) return std::unexpected(fits.error());
    Batch x = rows;
    if (rows.form == Batch::Form::kDense) {
      auto* const table = memory.make<Column>(rows.columns);
      for (std::size_t c = 0; c < rows.columns; ++c) {
        table[c] = Column{{}, rows.type, rows.values + c, static_cast<std::ptrdiff_t>(rows.columns * sizeof(double)), {}};
      }
      x = Batch::of_columns({table, rows.columns}, rows.rows);
    }
    if (const auto fine = check_cells(x, parts_.missing); !fine && parts_.checks_nan) return std::unexpected(fine.error());
    auto* const out = memory.make<Column>(parts_.width());
    for (std::size_t i = 0; i < parts_.kept.size(); ++i) out[i] = filled(x, parts_.kept[i], memory);
    for (std::size_t i = 0; i < parts_.indicated.size(); ++i) {
      auto* const cells = memory.make<Cell>(x.rows);
      const Column& column = x.table[parts_.indicated[i]];
      for (std::size_t r = 0; r < x.rows; ++r) cells[r] = Cell::boolean(parts_.missing.is(cell_of_column(column, r)));
      out[parts_.kept.size() + i] = Column{{}, ElementType::kObject, cells, sizeof(Cell), {}};
    }
    return Batch::of_columns({out, parts_.width()}, x.rows);
  }

  // As it came where nothing is missing.
  Column filled(const Batch& x, std::size_t c, Workspace& memory) const {
    const Column& column = x.table[c];
    const bool is_cells = column.type == ElementType::kObject || column.type == ElementType::kText;
    bool any = !is_cells;
    for (std::size_t r = 0; r < x.rows && !any; ++r) any = parts_.missing.is(cell_at(column, r));
    if (!any) return Column{{}, ElementType::kObject, column.data, column.stride, {}};
    auto* const cells = memory.make<Cell>(x.rows);
    for (std::size_t r = 0; r < x.rows; ++r) {
      cells[r] = cell_of_column(column, r);
      if (parts_.missing.is(cells[r])) cells[r] = parts_.statistics.values[c];
    }
    return Column{{}, ElementType::kObject, cells, sizeof(Cell), {}};
  }

  Imputing parts_;
  std::vector<std::int32_t> place_;  // of each column among the kept ones
};

bool read_indicator(const State& state, Imputing& parts) {
  if (!state.flag_or("add_indicator", false)) return true;
  const State indicator = state.child("indicator_");
  if (!state.ok()) return false;
  for (const std::int64_t column : indicator.integers("features_")) {
    const bool fits = column >= 0 && static_cast<std::size_t>(column) < parts.numbers.size();
    if (!state.check(fits && (parts.indicated.empty() || parts.indicated.back() < static_cast<std::size_t>(column)),
                     "features_ of the indicator are out of range")) {
      return false;
    }
    parts.indicated.push_back(static_cast<std::size_t>(column));
  }
  return state.ok();
}

bool read_statistics(const State& state, Imputing& parts, bool leaves_out) {
  parts.statistics = state.cells("statistics_");
  if (!state.ok() || !state.check(parts.statistics.shape.size() == 1, "statistics_ has no one dimension")) return false;
  for (std::size_t c = 0; c < parts.statistics.values.size(); ++c) {
    const Cell& cell = parts.statistics.values[c];
    const bool is_integer = cell.kind == Cell::Kind::kInt || cell.kind == Cell::Kind::kBool;
    parts.numbers.push_back(is_integer ? static_cast<double>(cell.integer) : cell.kind == Cell::Kind::kReal ? cell.real : NAN);
    parts.is_text.push_back(cell.kind == Cell::Kind::kText || cell.kind == Cell::Kind::kBytes ? 1 : 0);
    if (!leaves_out || !is_nan(cell)) parts.kept.push_back(c);
    if (!is_nan(cell)) parts.named.push_back(c);
  }
  return state.check(parts.numbers.size() <= std::numeric_limits<std::int32_t>::max() / 2, "there are too many columns");
}

// Since 1.8 statistics_ are cast to the type that rows had at fit.
bool cast_statistics(const State& state, Imputing& parts) {
  const auto value = state.get("_fill_dtype");
  if (!value) return true;
  const auto type = element_type_of(*value);
  if (!type) return state.fail(ErrorCode::kUnsupported, "this type is not supported", "_fill_dtype");
  if (!is_number(*type)) return true;
  for (std::size_t c = 0; c < parts.numbers.size(); ++c) {
    double& number = parts.numbers[c];
    if (parts.is_text[c] != 0 || std::isnan(number)) continue;
    if (!holds(*type, number)) return state.unsupported("a statistic that the type of the rows does not hold");
    number = is_float(*type) ? rounded(number, *type) : std::trunc(number);
    parts.statistics.values[c] = is_float(*type) ? Cell::of(number) : Cell::of(static_cast<std::int64_t>(number));
  }
  parts.statistics.type = *type;
  return true;
}

std::shared_ptr<Estimator> load_simple_imputer(State& state) {
  Imputing parts;
  const std::string strategy = state.text_or("strategy", "mean");
  if (strategy != "mean" && strategy != "median" && strategy != "most_frequent" && strategy != "constant") {
    // A function of 1.5 and later was called at fit: what it gave is kept, the types of rows are those of the mean.
    if (state.version() < Version{1, 5}) return state.unsupported("this strategy is not supported"), nullptr;
  }
  const bool is_constant = strategy == "constant";
  parts.keeps_types = is_constant || strategy == "most_frequent";
  const bool leaves_out = !state.flag_or("keep_empty_features", false) && (!is_constant || state.version() >= Version{1, 8});
  if (!parts.missing.read(state) || !read_statistics(state, parts, leaves_out) || !read_indicator(state, parts)) return nullptr;
  if (!cast_statistics(state, parts)) return nullptr;
  if (const auto type = state.get("_fit_dtype"); type && state.version() >= Version{1, 1}) {
    parts.makes_objects = element_type_of(*type) == ElementType::kObject;
  }
  parts.checks_nan = state.version() >= Version{0, 21};
  parts.checks_kind = is_constant && state.version() >= Version{1, 6};
  return std::make_shared<SimpleImputer>(std::move(parts));
}

std::shared_ptr<Estimator> load_imputer(State& state) {
  if (state.integer_or("axis", 0) != 0) {
    state.unsupported("an Imputer of rows (axis=1) is not supported");
    return nullptr;
  }
  Imputing parts;
  if (!parts.missing.read(state) || !read_statistics(state, parts, true)) return nullptr;
  if (!state.check(std::ranges::all_of(parts.is_text, [](std::uint8_t is) { return is == 0; }), "statistics_ are no numbers")) return nullptr;
  parts.accepts_all = true;
  return std::make_shared<SimpleImputer>(std::move(parts));
}

}  // namespace

std::span<const Registered> simple_imputer_family() {
  static constexpr Registered kRows[] = {
      {"impute", "SimpleImputer", load_simple_imputer},
      {"preprocessing", "Imputer", load_imputer},
  };
  return kRows;
}

}  // namespace cppickle::predict
