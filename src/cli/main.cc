// The command `cppickle`: a face of the library, one file per sub-command.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <new>
#include <string_view>

#include "cli/command.h"
#include "cli/scan_files.h"

int main(int argc, char** argv) {
  using namespace cppickle::cli;
  CLI::App app("Reads, shows, converts and writes pickle files without running them.", "cppickle");
  app.set_version_flag("--version", "cppickle " CPPICKLE_VERSION);
  app.require_subcommand(1);
  app.footer("'cppickle COMMAND --help' tells more. Exit codes: 0 good, 1 bad input, 2 wrong usage, 3 cannot be\n"
             "expressed in the wanted output, 4 a file cannot be read or written.");
  Run run;
  declare_show(app, run);
  declare_dis(app, run);
  declare_stat(app, run);
  declare_convert(app, run);
  declare_optimize(app, run);
  declare_scan(app, run);
  declare_explain(app, run);
  declare_predict(app, run);
  declare_inspect(app, run);
  declare_check(app, run);
  declare_completion(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Exit codes of scan, explain and check are verdicts; wrong usage of them is 3.
    const std::string_view command = argc > 1 ? argv[1] : "";
    const bool gives_verdict = command == "scan" || command == "explain" || command == "check";
    if (app.exit(error) == 0) return kGood;
    if (gives_verdict) return kScanUsage;
    return kUsage;
  }
  try {
    return run();
  } catch (const std::bad_alloc&) {
    std::fputs("cppickle: out of memory\n", stderr);
    return kSystem;
  }
}
