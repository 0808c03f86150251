#include "predict/category_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/quote.h"
#include "document/repr.h"
#include "predict/invertible.h"
#include "predict/rows_of_input.h"

namespace cppickle::predict {
namespace {

constexpr std::size_t kMostCategories = std::size_t{1} << 30;

bool read_groups(const State& state, const Value& mapping, const std::string& place, CategoryColumn& column) {
  const std::size_t count = column.table.size();
  if (is_none(mapping)) {
    column.group_count = count;
    column.groups.resize(count);
    column.frequent.resize(count);
    for (std::size_t i = 0; i < count; ++i) column.groups[i] = column.frequent[i] = static_cast<std::int32_t>(i);
    return true;
  }
  const Numbers groups = state.array_of(mapping, place);
  if (!state.ok()) return false;
  // OrdinalEncoder leaves a last NaN out.
  const bool without_nan = count > 0 && groups.values.size() == count - 1 && is_nan(column.table[count - 1]);
  if (!state.check(groups.values.size() == count || without_nan, "categories and their groups do not fit")) return false;
  if (!state.check(!groups.values.empty(), "no groups of categories")) return false;
  const double last = *std::ranges::max_element(groups.values);
  const bool in_range = last >= 0 && last < static_cast<double>(groups.values.size());
  if (!state.check(in_range, "a group of categories is out of range")) return false;
  column.group_count = static_cast<std::size_t>(last) + 1;
  column.has_infrequent = true;
  for (std::size_t i = 0; i < groups.values.size(); ++i) {
    const double group = groups.values[i];
    if (!state.check(group >= 0 && group <= last && group == std::floor(group), "a group of categories is out of range")) {
      return false;
    }
    column.groups.push_back(static_cast<std::int32_t>(group));
    if (group != last) {
      // Frequent categories keep their order (_fit_infrequent_category_mapping).
      if (!state.check(group == static_cast<double>(column.frequent.size()), "groups of categories are out of order")) return false;
      column.frequent.push_back(static_cast<std::int32_t>(i));
    } else {
      ++column.infrequent_count;
    }
  }
  return state.check(column.frequent.size() + 1 == column.group_count, "a group of categories is empty");
}

std::string repr_of(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kText: return quote(cell.text);
    case Cell::Kind::kBytes: return bytes_repr(cell.text);
    default: return text_of_category(cell, ElementType::kObject);
  }
}

std::unexpected<Error> unknown(const Cell& cell, std::size_t column) {
  return refuse(fmt::format("found unknown categories [{}] in column {} during transform", repr_of(cell), column));
}

struct Task {
  const CategoryColumns& all;
  std::size_t index;
  std::size_t width;
  std::size_t rows;
  bool takes_unknown;
  std::int32_t* out;  // of the first row

  const CategoryColumn& column() const { return all.columns[index]; }
};

Result<void> check_types(const Task& task, bool is_bool) {
  if (is_number(task.column().type) || !task.all.strict_types || (is_bool && task.all.bools_are_objects)) return {};
  return refuse(fmt::format("column {} holds numbers, but its categories were texts or objects when it was fitted", task.index));
}

Result<void> encode_numbers(const Task& task, const char* from, std::ptrdiff_t stride) {
  const CategoryTable& table = task.column().table;
  for (std::size_t r = 0; r < task.rows; ++r, from += stride) {
    const double number = *reinterpret_cast<const double*>(from);
    if (std::isinf(number)) return refuse("input contains infinity or a value too large for dtype('float64')");
    if (std::isnan(number) && !task.all.accepts_nan) return refuse("input contains NaN");
    const std::int32_t found = table.find(number);
    if (found == CategoryTable::kUnknown && !task.takes_unknown) return unknown(Cell::of(number), task.index);
    task.out[r * task.width] = found;
  }
  return {};
}

Result<std::int32_t> encode_cell(const Task& task, const Cell& cell) {
  if (is_nan(cell) && !task.all.accepts_nan) return refuse("input contains NaN");
  const std::int32_t found = task.column().table.find(cell);
  if (found == CategoryTable::kUnknown && !task.takes_unknown) return unknown(cell, task.index);
  return found;
}

// A column of pandas' categories is to numpy an array of what they are.
Result<void> encode_codes(const Task& task, const Column& column, Workspace& memory) {
  bool numbers = !column.categories.empty();
  for (const Cell& cell : column.categories) numbers = numbers && (cell.kind == Cell::Kind::kInt || cell.kind == Cell::Kind::kReal);
  if (numbers) {
    if (const auto fits = check_types(task, false); !fits) return fits;
  }
  // What each category is, found once where there are more rows than categories.
  constexpr std::int32_t kNotYet = -2;
  std::int32_t* known = nullptr;
  if (task.rows > column.categories.size()) {
    known = memory.make<std::int32_t>(column.categories.size());
    std::fill_n(known, column.categories.size(), kNotYet);
  }
  for (std::size_t r = 0; r < task.rows; ++r) {
    const std::int32_t code = *reinterpret_cast<const std::int32_t*>(static_cast<const char*>(column.data) +
                                                                     static_cast<std::ptrdiff_t>(r) * column.stride);
    const bool is_known = known != nullptr && code >= 0 && static_cast<std::size_t>(code) < column.categories.size();
    if (is_known && known[code] != kNotYet) {
      task.out[r * task.width] = known[code];
      continue;
    }
    const auto found = encode_cell(task, cell_of_column(column, r));
    if (!found) return std::unexpected(found.error());
    task.out[r * task.width] = *found;
    if (is_known) known[code] = *found;
  }
  return {};
}

Result<void> encode_column(const Task& task, const Column& column, Workspace& memory) {
  if (is_number(column.type)) {
    if (const auto fits = check_types(task, column.type == ElementType::kBool); !fits) return fits;
    return encode_numbers(task, static_cast<const char*>(column.data), column.stride);
  }
  if (column.type == ElementType::kCategory) return encode_codes(task, column, memory);
  for (std::size_t r = 0; r < task.rows; ++r) {
    const auto found = encode_cell(task, cell_at(column, r));
    if (!found) return std::unexpected(found.error());
    task.out[r * task.width] = *found;
  }
  return {};
}

}  // namespace

bool read_category_columns(const State& state, bool grouped, CategoryColumns& columns) {
  const std::vector<Value> arrays = state.items("categories_");
  std::vector<Value> mappings;
  if (grouped) mappings = state.items("_default_to_infrequent_mappings");
  if (!state.ok() || !state.check(!grouped || mappings.size() == arrays.size(), "groups and columns do not fit")) return false;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    Cells cells = state.cells_of(arrays[i], fmt::format("categories_[{}]", i));
    if (!state.ok() || !state.check(cells.shape.size() == 1, "categories are no array of one dimension")) return false;
    if (!state.check(cells.values.size() <= kMostCategories, "there are too many categories")) return false;
    CategoryColumn& column = columns.columns.emplace_back();
    column.type = cells.type;
    column.dtype = std::move(cells.dtype);
    column.owner = std::move(cells.owner);
    if (!state.loader().spend(cells.values.size() * 48, state.place())) return false;
    column.table = CategoryTable(std::move(cells.values));
    if (grouped) {
      if (!read_groups(state, mappings[i], fmt::format("_default_to_infrequent_mappings[{}]", i), column)) return false;
    } else {
      column.group_count = column.table.size();
      for (std::size_t k = 0; k < column.table.size(); ++k) column.groups.push_back(static_cast<std::int32_t>(k));
      column.frequent = column.groups;
    }
  }
  columns.strict_types = columns.accepts_nan = state.version() >= Version{0, 24};
  columns.bools_are_objects = state.version() >= Version{1, 6};
  return state.check(!columns.columns.empty(), "there are no categories");
}

Result<const std::int32_t*> encode(const CategoryColumns& categories, const Batch& rows, bool takes_unknown, Workspace& memory) {
  if (!rows.is_table()) {
    return refuse("expected 2D array, got 1D array instead: give rows and columns, also for a single row");
  }
  if (rows.form == Batch::Form::kSparse) return refuse_sparse();
  const std::size_t width = rows.columns;
  auto* const out = memory.make<std::int32_t>(rows.rows * width);
  for (std::size_t c = 0; c < width; ++c) {
    const Task task{categories, c, width, rows.rows, takes_unknown, out + c};
    Column column;
    if (rows.form == Batch::Form::kDense) {
      column.type = rows.type;
      column.data = rows.values + c;
      column.stride = static_cast<std::ptrdiff_t>(width * sizeof(double));
    } else {
      column = rows.table[c];
    }
    if (const auto done = encode_column(task, column, memory); !done) return std::unexpected(done.error());
  }
  return out;
}

std::string text_of_category(const Cell& cell, ElementType type) {
  switch (cell.kind) {
    case Cell::Kind::kNone: return "None";
    case Cell::Kind::kBool: return cell.integer != 0 ? "True" : "False";
    case Cell::Kind::kInt: return fmt::format("{}", cell.integer);
    case Cell::Kind::kReal:
      return type == ElementType::kFloat32 ? float_repr(static_cast<float>(cell.real)) : float_repr(cell.real);
    case Cell::Kind::kText: return std::string(cell.text);
    case Cell::Kind::kBytes: return bytes_repr(cell.text, cell.text.size());
  }
  return {};
}

std::optional<ElementType> common_type(const CategoryColumns& columns) {
  std::optional<ElementType> type;
  for (const CategoryColumn& column : columns.columns) {
    if (!type) {
      type = column.type;
    } else if (*type == ElementType::kObject || column.type == ElementType::kObject) {
      type = ElementType::kObject;
    } else if (is_number(*type) != is_number(column.type)) {
      return {};
    } else if (is_number(*type)) {
      type = promote(*type, column.type);
    }
  }
  return type;
}

Batch batch_of_cells(const Cell* cells, std::size_t rows, std::size_t columns, ElementType type, Workspace& memory) {
  if (is_number(type)) {
    double* const out = memory.numbers(rows * columns);
    for (std::size_t c = 0; c < columns; ++c) {
      for (std::size_t r = 0; r < rows; ++r) {
        const Cell& cell = cells[c * rows + r];
        out[r * columns + c] = cell.kind == Cell::Kind::kReal ? cell.real : static_cast<double>(cell.integer);
      }
    }
    return Batch::dense(out, rows, columns, type);
  }
  auto* const table = memory.make<Column>(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    table[c] = Column{{}, ElementType::kObject, cells + c * rows, sizeof(Cell), {}};
  }
  return Batch::of_columns({table, columns}, rows);
}

}  // namespace cppickle::predict
