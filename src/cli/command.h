// What the sub-commands share: how they are declared, what they return, how they read their input.
//
// Each sub-command is one file with one function that declares its options and says what to run.
#ifndef CPPICKLE_CLI_COMMAND_H_
#define CPPICKLE_CLI_COMMAND_H_

#include <functional>
#include <string>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/error.h"
#include "cppickle/source.h"

namespace CLI {
class App;
}

namespace cppickle::cli {

// Documented in docs/command.md.
enum ExitCode : int {
  kGood = 0,
  kBadInput = 1,      // no pickle, damaged, or over a limit
  kUsage = 2,         // wrong options
  kCannotExpress = 3, // well-formed input that the wanted output cannot hold
  kSystem = 4,        // a file cannot be read or written
};

// Options that every sub-command takes.
struct CommonOptions {
  std::string file = "-";
  std::vector<std::string> limits;  // NAME=N
  std::string memo = "automatic";
  std::string member;               // which stream of a container
};

// A sub-command as main() runs it once the command line is parsed.
using Run = std::function<int()>;

void declare_show(CLI::App& app, Run& run);
void declare_dis(CLI::App& app, Run& run);
void declare_stat(CLI::App& app, Run& run);
void declare_convert(CLI::App& app, Run& run);
void declare_optimize(CLI::App& app, Run& run);
void declare_scan(CLI::App& app, Run& run);
void declare_explain(CLI::App& app, Run& run);
void declare_predict(CLI::App& app, Run& run);
void declare_inspect(CLI::App& app, Run& run);
void declare_check(CLI::App& app, Run& run);
void declare_completion(CLI::App& app, Run& run);

// FILE, --limit, --memo and --member.
void add_common_options(CLI::App& command, CommonOptions& options);

// The options as the library takes them; an error message for standard error where they make no sense.
Result<OpenOptions> open_options(const CommonOptions& options);
Result<ReadOptions> read_options(const CommonOptions& options);

// Opens the file. A file that holds neither pickles nor arrays is an error that says what it is. Without `verify_blobs`
// the checksums of arrays and tensors are not computed: a look at a large file takes no time of its size.
Result<Source> open_input(const CommonOptions& options, bool verify_blobs = true);

// The stream that --member names, or the only one; an error that lists them where there are several.
Result<std::size_t> one_stream(const Source& source, const CommonOptions& options);

// "cppickle: model.pkl: offset 3 (REDUCE):..." on standard error, in red on a terminal. Returns the exit code.
int report(const Error& error, const CommonOptions& options);

// The same of the file that is written.
int report_output(const Error& error, const std::string& path);

// To a file, safely, or to standard output for "-".
Result<void> write_output(const std::string& path, std::string_view bytes);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_COMMAND_H_
