#include "predict/row_set.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/quote.h"
#include "predict/row_reader.h"

namespace cppickle::predict {
namespace {

bool is_missing(const Cell& cell) {
  return cell.kind == Cell::Kind::kNone || (cell.kind == Cell::Kind::kReal && std::isnan(cell.real));
}

}  // namespace

Cell RowColumn::cell(std::size_t row) const {
  switch (type) {
    case ElementType::kFloat64: return Cell::of(numbers[row]);
    case ElementType::kBool: return Cell::boolean(flags[row] != 0);
    default: return cells[row];
  }
}

void RowColumn::settle() {
  using CellKind = Cell::Kind;
  const auto all = [&](auto&& holds) { return std::ranges::all_of(cells, holds); };
  if (!cells.empty() && all([](const Cell& cell) { return cell.kind == CellKind::kBool; })) {
    type = ElementType::kBool;
    for (const Cell& cell : cells) flags.push_back(cell.integer != 0);
  } else if (all([](const Cell& cell) {
               return cell.kind == CellKind::kNone || cell.kind == CellKind::kInt || cell.kind == CellKind::kReal;
             })) {
    type = ElementType::kFloat64;
    for (const Cell& cell : cells) {
      numbers.push_back(cell.kind == CellKind::kInt    ? static_cast<double>(cell.integer)
                        : cell.kind == CellKind::kReal ? cell.real
                                                       : NAN);
    }
  } else {
    type = ElementType::kObject;
    return;
  }
  cells = {};
}

std::string_view RowSet::keep(std::string_view text) {
  if (text.empty()) return "";
  if (!texts_) texts_ = std::make_unique<Arena>();
  char* const copy = texts_->make_array<char>(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

void RowSet::clear() {
  rows = 0;
  for (RowColumn& column : columns) {
    column.numbers.clear();
    column.flags.clear();
    column.cells.clear();
  }
  if (!texts_) return;
  const auto size = static_cast<std::size_t>(texts_->used());
  texts_ = std::make_unique<Arena>();
  texts_->expect(size);
}

Input RowSet::table(std::size_t first, std::size_t count) {
  table_.clear();
  for (const RowColumn& column : columns) {
    Column& added = table_.emplace_back();
    if (has_names) added.name = column.name;
    added.type = column.type;
    switch (column.type) {
      case ElementType::kFloat64:
        added.data = column.numbers.data() + first;
        added.stride = sizeof(double);
        break;
      case ElementType::kBool:
        added.data = column.flags.data() + first;
        added.stride = 1;
        break;
      default: added.data = column.cells.data() + first; added.stride = sizeof(Cell);
    }
  }
  return Input::of_table(table_, count);
}

Input RowSet::records(std::size_t first, std::size_t count) {
  entries_.clear();
  starts_.assign(1, 0);
  for (std::size_t row = first; row < first + count; ++row) {
    for (const RowColumn& column : columns) {
      const Cell cell = column.cell(row);
      if (!is_missing(cell)) entries_.push_back({column.name, cell});
    }
    starts_.push_back(static_cast<std::int64_t>(entries_.size()));
  }
  Input input;
  input.form = Input::Form::kRecords;
  input.type = ElementType::kObject;
  input.rows = count;
  input.data = entries_.data();
  input.row_starts = starts_.data();
  return input;
}

Result<Input> RowSet::input(Takes takes, std::size_t first, std::size_t count) {
  if (takes == Takes::kRows) return table(first, count);
  if (takes == Takes::kRecords) {
    if (!has_names) return bad_rows("the model takes records: columns need names, rows be objects");
    return records(first, count);
  }
  if (columns.size() != 1) {
    std::string message =
        "the model takes one text for each row, and there are " + std::to_string(columns.size()) + " columns";
    for (std::size_t i = 0; has_names && i < std::min<std::size_t>(columns.size(), 10); ++i) {
      message += (i == 0 ? ": " : ", ") + quote(columns[i].name);
    }
    return bad_rows(message);
  }
  cells_.clear();
  for (std::size_t row = first; row < first + count; ++row) {
    Cell cell = columns[0].cell(row);
    if (takes == Takes::kTexts && is_missing(cell)) cell = Cell::of(std::string_view(""));
    cells_.push_back(cell);
  }
  return Input::texts(cells_);
}

}  // namespace cppickle::predict
