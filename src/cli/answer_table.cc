#include "cli/answer_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/quote.h"
#include "cli/answers.h"
#include "document/repr.h"
#include "io/file.h"
#include "predict/npy_rows.h"

namespace cppickle::cli {
namespace {

using predict::Cell;

// A missing value is a number, too: NaN.
bool is_number(const Cell& cell) { return cell.kind != Cell::Kind::kText && cell.kind != Cell::Kind::kBytes; }

double number_of(const Cell& cell) {
  if (cell.kind == Cell::Kind::kNone) return std::numeric_limits<double>::quiet_NaN();
  return cell.kind == Cell::Kind::kReal ? cell.real : static_cast<double>(cell.integer);
}

bool are_equal(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

double largest_finite(const AnswerTable& table, std::size_t first_column, std::size_t last_column) {
  double largest = 0;
  for (std::size_t row = 0; row < table.rows; ++row) {
    for (std::size_t c = first_column; c < last_column; ++c) {
      const double size = std::abs(table.numbers[row * table.columns + c]);
      if (std::isfinite(size)) largest = std::max(largest, size);
    }
  }
  return largest;
}

void compare_texts(const AnswerTable& got, const AnswerTable& expected, Comparison& result) {
  bool differs = false;
  for (std::size_t i = 0; i < expected.texts.size(); ++i) {
    const bool same = got.texts[i] == expected.texts[i];
    result.equal += same;
    if (same || differs) continue;
    differs = true;
    result.row = i / expected.columns;
    result.column = i % expected.columns;
    result.got = quote(got.texts[i]);
    result.expected = quote(expected.texts[i]);
  }
}

void compare_numbers(const AnswerTable& got, const AnswerTable& expected, bool halves, Comparison& result) {
  const std::size_t width = expected.columns, half = halves ? width / 2 : width;
  const double scale_left = largest_finite(expected, 0, half), scale_right = largest_finite(expected, half, width);
  bool differs = false;
  for (std::size_t i = 0; i < expected.numbers.size(); ++i) {
    const double a = got.numbers[i], b = expected.numbers[i];
    if (are_equal(a, b)) {
      ++result.equal;
      continue;
    }
    const double scale = i % width < half ? scale_left : scale_right;
    double difference = std::abs(a - b);
    if (std::isnan(difference)) difference = std::numeric_limits<double>::infinity();
    const double relative = scale > 0 ? difference / scale : difference;
    if (relative <= result.tolerance) ++result.close;
    if (differs && relative <= result.largest_relative) continue;
    differs = true;
    result.largest = difference;
    result.largest_relative = relative;
    result.row = i / width;
    result.column = i % width;
    result.got = float_repr(a);
    result.expected = float_repr(b);
  }
}

}  // namespace

std::string AnswerTable::shape() const {
  return "(" + std::to_string(rows) + "," + (is_vector ? "" : " " + std::to_string(columns)) + ")";
}

AnswerTable table_of(const predict::Output& output) {
  AnswerTable table{.rows = output.rows(), .columns = output.columns(), .is_vector = output.is_vector()};
  table.is_float32 = output.type() == predict::ElementType::kFloat32 || output.type() == predict::ElementType::kFloat16;
  std::vector<Cell> cells;
  for (std::size_t row = 0; row < output.rows() && !table.is_text; ++row) {
    answer_row(output, row, cells);
    table.is_text = !std::ranges::all_of(cells, is_number);
    for (const Cell& cell : cells) table.numbers.push_back(number_of(cell));
  }
  if (!table.is_text) return table;
  // One text among them makes all of them texts.
  table.numbers.clear();
  for (std::size_t row = 0; row < output.rows(); ++row) {
    answer_row(output, row, cells);
    for (const Cell& cell : cells) table.texts.push_back(text_of(cell, output.type()));
  }
  return table;
}

Result<AnswerTable> read_answers(const std::string& path) {
  const auto file = read_file(path, Limits());
  if (!file) return std::unexpected(file.error());
  const auto array = predict::npy_array(file->span());
  if (!array) return std::unexpected(array.error());
  AnswerTable table{.rows = array->rows, .columns = array->columns, .is_vector = array->is_vector};
  table.is_text = array->kind == 'U';
  table.is_float32 = array->kind == 'f' && array->item_size < 8;
  for (std::size_t row = 0; row < array->rows; ++row) {
    for (std::size_t c = 0; c < array->columns; ++c) {
      if (table.is_text) {
        table.texts.push_back(array->text(row, c));
      } else {
        table.numbers.push_back(array->number(row, c));
      }
    }
  }
  return table;
}

Comparison compare(const AnswerTable& got, const AnswerTable& expected, std::optional<double> tolerance, bool halves) {
  Comparison result;
  result.count = expected.rows * expected.columns;
  result.tolerance = tolerance.value_or(got.is_float32 || expected.is_float32 ? 1e-6 : 1e-12);
  if (got.rows != expected.rows || got.columns != expected.columns || got.is_vector != expected.is_vector) {
    result.problem = "shape " + got.shape() + " instead of " + expected.shape();
  } else if (got.is_text != expected.is_text) {
    result.problem = got.is_text ? "texts instead of numbers" : "numbers instead of texts";
  } else if (got.is_text) {
    compare_texts(got, expected, result);
  } else {
    compare_numbers(got, expected, halves, result);
  }
  return result;
}

}  // namespace cppickle::cli
