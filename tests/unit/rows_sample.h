// What the row readers give, as a text that a test can compare.
#ifndef CPPICKLE_TESTS_UNIT_ROWS_SAMPLE_H_
#define CPPICKLE_TESTS_UNIT_ROWS_SAMPLE_H_

#include <memory>
#include <string>

#include "predict/row_reader.h"
#include "predict/rows_of_input.h"

namespace cppickle::testing {

inline std::string text_of_rows(const predict::Input& input) {
  using predict::Input;
  std::string text;
  if (input.form == Input::Form::kTable) {
    for (const predict::Column& column : input.table) {
      text += std::string(column.name) + ":" + std::string(name_of(column.type)) + " ";
    }
  }
  if (input.form == Input::Form::kTexts) {
    const auto* const cells = static_cast<const predict::Cell*>(input.data);
    for (std::size_t i = 0; i < input.rows; ++i) text += "|" + text_of(cells[i]);
    return text;
  }
  if (input.form == Input::Form::kRecords) {
    const auto* const entries = static_cast<const predict::Entry*>(input.data);
    for (std::size_t row = 0; row < input.rows; ++row) {
      text += "|";
      for (std::int64_t i = input.row_starts[row]; i < input.row_starts[row + 1]; ++i) {
        text += std::string(entries[i].key) + "=" + text_of(entries[i].value) + ",";
      }
    }
    return text;
  }
  predict::Workspace memory;
  const auto batch = rows_of_input(input, 0, input.rows, memory);
  if (!batch) return batch.error().message;
  for (std::size_t row = 0; row < batch->rows; ++row) {
    text += "|";
    for (std::size_t c = 0; c < batch->columns; ++c) {
      text += (c == 0 ? "" : ",");
      text += batch->form == predict::Batch::Form::kColumns
                  ? text_of(predict::cell_of_column(batch->table[c], row))
                  : text_of(predict::Cell::of(batch->values[row * batch->columns + c]));
    }
  }
  return text;
}

// All rows, in blocks; or the error's message.
inline std::string read_rows(const Result<std::unique_ptr<predict::RowReader>>& reader,
                             std::size_t block = 1000) {
  if (!reader) return reader.error().message;
  std::string text;
  for (std::uint64_t left = (*reader)->rows(); left > 0;) {
    const auto input = (*reader)->next(block);
    if (!input) return input.error().message;
    if (input->rows == 0 || input->rows > left) return "the reader says another number of rows";
    left -= input->rows;
    text += text_of_rows(*input) + (left > 0 ? "\n" : "");
  }
  return text;
}

}  // namespace cppickle::testing

#endif  // CPPICKLE_TESTS_UNIT_ROWS_SAMPLE_H_
