// The model that predict, inspect and check are given, and rows on their way into it.
#ifndef CPPICKLE_CLI_MODEL_FILE_H_
#define CPPICKLE_CLI_MODEL_FILE_H_

#include <cstddef>
#include <string>

#include "cli/command.h"
#include "cppickle/model.h"
#include "predict/row_reader.h"

namespace cppickle::cli {

struct ModelOptions {
  CommonOptions common;
  std::string at;
};

// MODEL, --at, and what all commands take.
void add_model_options(CLI::App& command, ModelOptions& options);

struct ModelFile {
  std::string path;  // of the pickle: in the folder, where MODEL is one; - for standard input
  Source source;
  std::size_t stream;  // of the source: the one that was read
  Document document;
  predict::LoadOptions loading;

  Result<predict::Model> load() const { return predict::Model::load(document, loading); }
  // What its rows are and how their columns are called.
  Result<predict::RowsWanted> rows_wanted(const predict::Model& model) const;
};
Result<ModelFile> open_model(const ModelOptions& options);

// report(), where a model that is fine and does not run is no bad input.
int report_model(const Error& error, const ModelOptions& options);

// Model::run(). An error says the row, counted from `rows_before` + 1, where one row of several is to blame.
Result<void> run_rows(const predict::Model& model, predict::Method method, const predict::Input& rows,
                      std::uint64_t rows_before, predict::Output& output);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_MODEL_FILE_H_
