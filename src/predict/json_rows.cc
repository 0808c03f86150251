#include "predict/json_rows.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <unordered_map>

#include "base/quote.h"
#include "predict/row_set.h"

namespace cppickle::predict {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

std::unexpected<Error> bad(std::string message) {
  return std::unexpected(Error{ErrorCode::kBadJson, std::move(message)});
}

class JsonRows final : public RowReader {
 public:
  JsonRows(RowsWanted wanted, std::size_t text_size)
      : wanted_(std::move(wanted)), most_cells_(4 * text_size + (std::size_t{1} << 20)) {}

  Result<void> read(const element& top) {
    array rows;
    object whole;
    Result<void> read_in;
    if (top.get(whole) == simdjson::SUCCESS) {
      read_in = read_split(whole);
    } else if (top.get(rows) == simdjson::SUCCESS) {
      read_in = read_list(rows);
    } else {
      return bad("rows are a list, or an object with \"columns\" and \"data\"");
    }
    if (!read_in) return read_in;
    for (RowColumn& column : set_.columns) column.settle();
    return choose_columns();
  }

  std::uint64_t rows() const override { return set_.rows; }

  Result<Input> next(std::size_t most) override {
    const std::size_t count = std::min(most, set_.rows - done_);
    const std::size_t first = done_;
    done_ += count;
    return set_.input(wanted_.takes, first, count);
  }

 private:
  Result<Cell> cell_of(const element& value) {
    switch (value.type()) {
      case element_type::NULL_VALUE: return Cell::none();
      case element_type::BOOL: return Cell::boolean(value.get_bool().value_unsafe());
      case element_type::INT64: return Cell::of(value.get_int64().value_unsafe());
      case element_type::UINT64: return Cell::of(static_cast<double>(value.get_uint64().value_unsafe()));
      case element_type::DOUBLE: return Cell::of(value.get_double().value_unsafe());
      case element_type::STRING: return Cell::of(set_.keep(value.get_string().value_unsafe()));
      default: return bad(fmt::format("row {}: a value is a list or an object", set_.rows + 1));
    }
  }

  // Every row so far has no such column.
  RowColumn& add_column(std::string_view name) {
    RowColumn& column = set_.columns.emplace_back();
    column.name = name;
    column.cells.resize(set_.rows);
    return column;
  }

  Result<void> read_list(const array& rows) {
    for (const element row : rows) {
      array values;
      object record;
      Result<void> added;
      const bool is_record = row.get(record) == simdjson::SUCCESS;
      if (set_.rows == 0) set_.has_names = is_record;
      if (set_.rows > 0 && is_record != set_.has_names)
        return bad(fmt::format("row {}: rows are of two forms", set_.rows + 1));
      if (is_record) {
        added = add_record(record);
      } else if (row.get(values) == simdjson::SUCCESS) {
        added = add_values(values, false);
      } else {
        added = add_single(row);
      }
      if (!added) return added;
      ++set_.rows;
    }
    return {};
  }

  Result<void> add_values(const array& values, bool width_is_known) {
    std::size_t i = 0;
    for (const element value : values) {
      if (i == set_.columns.size()) {
        if (set_.rows > 0 || width_is_known) break;
        add_column("");
      }
      const auto cell = cell_of(value);
      if (!cell) return std::unexpected(cell.error());
      set_.columns[i++].cells.push_back(*cell);
    }
    if (i == set_.columns.size() && i == values.size()) return {};
    return bad(fmt::format("row {}: it has {} values, and there are {} columns", set_.rows + 1, values.size(),
                           set_.columns.size()));
  }

  // A text or label on its own.
  Result<void> add_single(const element& value) {
    if (wanted_.takes == Takes::kRows || wanted_.takes == Takes::kRecords) {
      return bad(fmt::format("row {}: it is no list and no object", set_.rows + 1));
    }
    if (set_.rows == 0) add_column("");
    if (set_.columns.size() != 1) return bad(fmt::format("row {}: rows are of two forms", set_.rows + 1));
    const auto cell = cell_of(value);
    if (!cell) return std::unexpected(cell.error());
    set_.columns[0].cells.push_back(*cell);
    return {};
  }

  Result<void> add_record(const object& record) {
    for (const auto field : record) {
      const auto [found, is_new] = places_.try_emplace(std::string(field.key), set_.columns.size());
      RowColumn& column = is_new ? add_column(field.key) : set_.columns[found->second];
      if (column.cells.size() > set_.rows)
        return bad(fmt::format("row {}: {} stands there twice", set_.rows + 1, quote(field.key)));
      const auto cell = cell_of(field.value);
      if (!cell) return std::unexpected(cell.error());
      column.cells.push_back(*cell);
      // What is missing is written down for each row: many rows with names of their own would be a table without end.
      if (set_.columns.size() * (set_.rows + 1) > most_cells_) return bad("records with too many different names");
    }
    for (RowColumn& column : set_.columns) column.cells.resize(set_.rows + 1);
    return {};
  }

  Result<void> read_split(const object& whole) {
    array names, rows;
    if (whole["data"].get(rows) != simdjson::SUCCESS || whole["columns"].get(names) != simdjson::SUCCESS) {
      return bad("an object of rows has lists \"columns\" and \"data\"");
    }
    set_.has_names = true;
    for (const element name : names) {
      std::string_view text;
      if (name.get(text) != simdjson::SUCCESS) return bad("a name in \"columns\" is no text");
      add_column(text);
    }
    for (const element row : rows) {
      array values;
      if (row.get(values) != simdjson::SUCCESS) return bad(fmt::format("row {}: it is no list", set_.rows + 1));
      if (const auto added = add_values(values, true); !added) return added;
      ++set_.rows;
    }
    return {};
  }

  Result<void> choose_columns() {
    if (!set_.has_names || wanted_.takes == Takes::kRecords || set_.columns.empty()) return {};
    std::vector<std::string> names;
    for (const RowColumn& column : set_.columns) names.push_back(column.name);
    const auto order = match_columns(names, wanted_);
    if (!order) return std::unexpected(order.error());
    std::vector<RowColumn> chosen;
    for (const std::size_t i : *order) chosen.push_back(std::move(set_.columns[i]));
    set_.columns = std::move(chosen);
    return {};
  }

  RowsWanted wanted_;
  std::size_t most_cells_;
  RowSet set_;
  std::size_t done_ = 0;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

Result<std::unique_ptr<RowReader>> json_rows(std::string_view text, const RowsWanted& wanted) {
  simdjson::dom::parser parser;
  element top;
  const simdjson::padded_string padded(text);
  if (const auto error = parser.parse(padded).get(top); error != simdjson::SUCCESS) {
    return bad(fmt::format("no JSON: {}", simdjson::error_message(error)));
  }
  auto reader = std::make_unique<JsonRows>(wanted, text.size());
  if (const auto read = reader->read(top); !read) return std::unexpected(read.error());
  return reader;
}

}  // namespace cppickle::predict
