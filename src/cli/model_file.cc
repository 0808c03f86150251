#include "cli/model_file.h"

#include <CLI/CLI.hpp>

#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

using predict::Column;
using predict::Input;

// One row of an input; `table` holds its columns.
Input row_of(const Input& input, std::size_t row, std::vector<Column>& table) {
  Input one = input;
  one.rows = 1;
  const auto step = static_cast<std::ptrdiff_t>(row);
  switch (input.form) {
    case Input::Form::kDense: one.data = static_cast<const char*>(input.data) + step * input.row_stride; break;
    case Input::Form::kTexts: one.data = static_cast<const predict::Cell*>(input.data) + row; break;
    case Input::Form::kSparse:
    case Input::Form::kRecords: one.row_starts = input.row_starts + row; break;
    case Input::Form::kTable:
      table.assign(input.table.begin(), input.table.end());
      for (Column& column : table) column.data = static_cast<const char*>(column.data) + step * column.stride;
      one.table = table;
      break;
  }
  return one;
}

}  // namespace

void add_model_options(CLI::App& command, ModelOptions& options) {
  add_common_options(command, options.common);
  command.get_option("file")
      ->description("the model: a pickle or joblib file, a folder of MLflow, or - for standard input")
      ->option_text("MODEL");
  command.add_option("--at", options.at, "where in the file the model is: model, \"['clf'][0]\"")->option_text("PATH");
}

Result<ModelFile> open_model(const ModelOptions& options) {
  auto reading = read_options(options.common);
  if (!reading) return std::unexpected(reading.error());
  CommonOptions common = options.common;
  const auto file = predict::model_file(common.file);
  if (!file) return std::unexpected(file.error());
  common.file = *file;
  auto source = open_input(common, false);
  if (!source) return std::unexpected(source.error());
  const auto stream = one_stream(*source, options.common);
  if (!stream) return std::unexpected(stream.error());
  Progress progress("reading", source->file_size());
  reading->progress = [&progress](std::uint64_t bytes) {
    progress.update(bytes);
    return true;
  };
  auto document = source->read(*stream, *reading);
  if (!document) return std::unexpected(document.error());
  return ModelFile{common.file, *std::move(source), *stream, *std::move(document), {.at = options.at, .limits = reading->limits}};
}

Result<predict::RowsWanted> ModelFile::rows_wanted(const predict::Model& model) const {
  predict::RowsWanted wanted;
  const auto value = find(document.root(), loading.at);
  if (!value) return std::unexpected(value.error());
  wanted.takes = predict::takes_of(*value);
  wanted.names.assign(model.feature_names_in().begin(), model.feature_names_in().end());
  return wanted;
}

int report_model(const Error& error, const ModelOptions& options) {
  const int code = report(error, options.common);
  return error.code == ErrorCode::kUnsupported ? static_cast<int>(kCannotExpress) : code;
}

Result<void> run_rows(const predict::Model& model, predict::Method method, const Input& rows, std::uint64_t rows_before,
                      predict::Output& output) {
  auto done = model.run(method, rows, output);
  if (done || rows.rows < 2) return done;
  std::vector<Column> table;
  std::optional<std::size_t> refused;
  bool some_are_fine = rows_before > 0;
  for (std::size_t row = 0; row < rows.rows && !(refused && some_are_fine); ++row) {
    const bool is_fine = model.run(method, row_of(rows, row, table), output).has_value();
    if (!is_fine && !refused) refused = row;
    some_are_fine = some_are_fine || is_fine;
  }
  if (refused && some_are_fine)
    done.error().message.insert(0, "row " + std::to_string(rows_before + *refused + 1) + ": ");
  return done;
}

}  // namespace cppickle::cli
