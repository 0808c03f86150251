// Rows from the file that the command line names: which format, and the options that all commands with rows take.
#ifndef CPPICKLE_CLI_INPUT_ROWS_H_
#define CPPICKLE_CLI_INPUT_ROWS_H_

#include <memory>
#include <string>
#include <vector>

#include "cli/terminal.h"
#include "cppickle/limits.h"
#include "predict/csv_rows.h"
#include "predict/row_reader.h"

namespace CLI {
class App;
}

namespace cppickle::cli {

struct InputOptions {
  std::string file = "-";
  std::string format;     // empty: by the name's end, else by what it holds
  std::string delimiter;  // empty: a comma, in .tsv files a tab
  std::vector<std::string> missing;
  std::vector<std::string> text_columns;
  bool has_header = false;
  bool has_no_header = false;
  bool reorder = false;
};

void add_input_options(CLI::App& command, InputOptions& options);

// The reader with the file behind it.
struct InputRows {
  std::unique_ptr<predict::ReplayableBytes> file;
  std::unique_ptr<predict::RowReader> reader;
};
Result<InputRows> open_rows(const InputOptions& options, predict::RowsWanted wanted, const Limits& limits);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_INPUT_ROWS_H_
