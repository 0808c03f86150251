#include "predict/missing_values.h"

#include <algorithm>

#include "predict/category_table.h"
#include "predict/rows_of_input.h"

namespace cppickle::predict {

bool MissingValues::read(const State& state) {
  const auto value = state.get("missing_values");
  if (!value) return true;
  if (is_none(*value)) {
    kind_ = Kind::kNone;
  } else if (const auto global = value->global(); global && global->qualname == "NA") {
    kind_ = Kind::kPandasNa;
  } else if (const auto text = text_of(*value)) {
    // The Imputer of 0.19 and before wrote NaN as a text.
    kind_ = *text == "NaN" && state.class_name() == "Imputer" ? Kind::kNan : Kind::kText;
    text_ = *text;
  } else if (const auto number = number_of(*value)) {
    kind_ = std::isnan(*number) ? Kind::kNan : Kind::kNumber;
    number_ = *number;
  } else {
    return state.fail(ErrorCode::kUnsupported, "this value for missing ones is not supported", "missing_values");
  }
  return true;
}

bool MissingValues::is(const Cell& cell) const {
  switch (kind_) {
    case Kind::kNan: return is_nan(cell);
    case Kind::kNone: return cell.kind == Cell::Kind::kNone;
    case Kind::kPandasNa: return is_nan(cell) || cell.kind == Cell::Kind::kNone;
    case Kind::kNumber: return equal(cell, Cell::of(number_));
    case Kind::kText: return cell.kind == Cell::Kind::kText && cell.text == text_;
  }
  return false;
}

bool holds_objects(const Batch& rows) {
  return rows.form == Batch::Form::kColumns &&
         !std::ranges::all_of(rows.table, [](const Column& column) { return is_number(column.type); });
}

Result<void> check_cells(const Batch& rows, const MissingValues& missing) {
  if (missing.special() != Accept::Special::kRefuse) return {};
  for (const Column& column : rows.table) {
    for (std::size_t r = 0; r < rows.rows; ++r) {
      if (is_nan(cell_of_column(column, r))) return refuse("input contains NaN");
    }
  }
  return {};
}

}  // namespace cppickle::predict
