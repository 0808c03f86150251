// OrdinalEncoder: each category as its position.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "predict/category_columns.h"
#include "predict/element_type.h"
#include "predict/invertible.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

struct Ordinal {
  CategoryColumns categories;
  std::vector<std::vector<double>> values;  // of each category of each column
  std::vector<double> of_unknown;           // of each column
  std::vector<std::int32_t> missing;        // category of each column that is missing; -1
  bool takes_unknown = false;
  double unknown_value = 0;
  double missing_value = NAN;
  ElementType type = ElementType::kFloat64;
  std::optional<ElementType> undone_type;
  bool refuses_nan_undone = false;
};

class OrdinalEncoder final : public InvertibleTransformer {
 public:
  explicit OrdinalEncoder(Ordinal parts) : parts_(std::move(parts)) { facts().features_in = parts_.values.size(); }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kTransform) return InvertibleTransformer::run(method, rows, memory);
    if (const auto fits = rows.is_table() ? check_columns(rows) : Result<void>(); !fits) return std::unexpected(fits.error());
    const auto codes = encode(parts_.categories, rows, parts_.takes_unknown, memory);
    if (!codes) return std::unexpected(codes.error());
    const std::size_t columns = parts_.values.size();
    double* const out = memory.numbers(rows.rows * columns);
    for (std::size_t c = 0; c < columns; ++c) {
      const double* const values = parts_.values[c].data();
      for (std::size_t r = 0; r < rows.rows; ++r) {
        const std::int32_t code = (*codes)[r * columns + c];
        out[r * columns + c] = code == CategoryTable::kUnknown ? parts_.of_unknown[c] : values[code];
      }
    }
    return Batch::dense(out, rows.rows, columns, parts_.type);
  }

 private:
  bool has_inverse() const override { return parts_.undone_type.has_value(); }
  Accept accepts_inverse() const override {
    return {.special = parts_.refuses_nan_undone ? Accept::Special::kRefuse : Accept::Special::kNan};
  }
  Result<Batch> transform(const Batch& x, Workspace&) const override { return x; }  // run() does it

  Result<Batch> inverse(const Batch& x, Workspace& memory) const override {
    const std::size_t columns = x.columns;
    auto* const cells = memory.make<Cell>(x.rows * columns);
    for (std::size_t c = 0; c < columns; ++c) {
      for (std::size_t r = 0; r < x.rows; ++r) {
        const auto cell = undone(x.values[r * columns + c], c);
        if (!cell) return std::unexpected(cell.error());
        cells[c * x.rows + r] = *cell;
      }
    }
    return batch_of_cells(cells, x.rows, columns, *parts_.undone_type, memory);
  }

  static bool is_same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

  Result<Cell> undone(double label, std::size_t c) const {
    const CategoryColumn& column = parts_.categories.columns[c];
    if (parts_.missing[c] >= 0 && is_same(label, parts_.missing_value)) label = parts_.missing[c];
    if (parts_.takes_unknown && is_same(label, parts_.unknown_value)) return Cell::none();
    std::size_t count = column.table.size();
    if (column.has_infrequent) {
      count -= column.infrequent_count;
      if (label == static_cast<double>(count)) return Cell::of(std::string_view("infrequent_sklearn"));
    }
    // Negative positions count from the end, as numpy's do.
    double position = std::trunc(label);
    if (position < 0) position += static_cast<double>(count);
    if (!(position >= 0 && position < static_cast<double>(count))) {
      return refuse(fmt::format("index {} is out of bounds for {} categories of column {}", label, count, c));
    }
    const auto index = static_cast<std::size_t>(position);
    if (!column.has_infrequent) return column.table[index];
    // A last NaN that was not grouped comes after the frequent ones.
    return column.table[index < column.frequent.size() ? static_cast<std::size_t>(column.frequent[index]) : column.table.size() - 1];
  }

  Ordinal parts_;
};

// _missing_indices: a dict of columns to the category that is NaN.
bool read_missing(const State& state, Ordinal& parts) {
  parts.missing.assign(parts.categories.columns.size(), -1);
  if (!state.given("_missing_indices")) return true;
  const Value dict = *state.get("_missing_indices");
  for (const Pair pair : dict.pairs()) {
    const auto column = integer_of(pair.key), category = integer_of(pair.value);
    const bool fits = column && category && *column >= 0 && static_cast<std::size_t>(*column) < parts.missing.size() && *category >= 0 &&
                      static_cast<std::size_t>(*category) < parts.categories.columns[static_cast<std::size_t>(*column)].table.size();
    if (!state.check(fits, "_missing_indices are out of range")) return false;
    parts.missing[static_cast<std::size_t>(*column)] = static_cast<std::int32_t>(*category);
  }
  return true;
}

bool fill_values(const State& state, Ordinal& parts) {
  const bool encodes_missing = state.version() >= Version{1, 0};
  for (std::size_t c = 0; c < parts.categories.columns.size(); ++c) {
    const CategoryColumn& column = parts.categories.columns[c];
    std::vector<double> values(column.groups.begin(), column.groups.end());
    // NaN stays its own position where it was left out of the groups.
    if (values.size() < column.table.size()) values.push_back(static_cast<double>(column.table.size() - 1));
    const std::int32_t missing = parts.missing[c];
    if (missing >= 0 && encodes_missing) {
      // What carries the number of the missing category is taken for it (X_int == missing_idx).
      for (double& value : values) {
        if (value == missing) value = parts.missing_value;
      }
    }
    for (double& value : values) {
      const bool fits = holds(parts.type, value);
      if (!fits && is_float(parts.type)) return state.check(false, "a position that its dtype does not hold");
      if (!fits) return state.unsupported("NaN for missing values in a dtype of integers");
      value = rounded(value, parts.type);
    }
    parts.values.push_back(std::move(values));
    parts.of_unknown.push_back(rounded(parts.unknown_value, parts.type));
  }
  return true;
}

std::shared_ptr<Estimator> load_ordinal(State& state) {
  Ordinal parts;
  const std::string handle_unknown = state.text_or("handle_unknown", "error");
  if (handle_unknown != "error" && handle_unknown != "use_encoded_value") {
    state.unsupported("handle_unknown is neither error nor use_encoded_value");
    return nullptr;
  }
  if (!read_category_columns(state, state.flag_or("_infrequent_enabled", false), parts.categories)) return nullptr;
  parts.takes_unknown = handle_unknown == "use_encoded_value";
  // In 0.24 NaN was not yet let through.
  if (state.version() < Version{1, 0}) parts.categories.accepts_nan = false;
  parts.type = number_type_or(state, "dtype", ElementType::kFloat64);
  if (parts.takes_unknown) parts.unknown_value = state.number("unknown_value");
  parts.missing_value = state.number_or("encoded_missing_value", NAN);
  if (!state.ok() || !read_missing(state, parts)) return nullptr;
  if (!state.check(!parts.takes_unknown || holds(parts.type, parts.unknown_value), "unknown_value does not fit dtype")) return nullptr;
  if (!fill_values(state, parts)) return nullptr;
  parts.undone_type = common_type(parts.categories);
  const bool infrequent = std::ranges::any_of(parts.categories.columns, &CategoryColumn::has_infrequent);
  if (parts.undone_type && (parts.takes_unknown || infrequent)) parts.undone_type = ElementType::kObject;
  parts.refuses_nan_undone = state.version() < Version{1, 0};
  return std::make_shared<OrdinalEncoder>(std::move(parts));
}

}  // namespace

std::span<const Registered> ordinal_family() {
  static constexpr Registered kRows[] = {{"preprocessing", "OrdinalEncoder", load_ordinal}};
  return kRows;
}

}  // namespace cppickle::predict
