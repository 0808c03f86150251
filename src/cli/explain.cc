// cppickle explain: the story of one file, what loading it would do and what is known of that.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/judging.h"
#include "cli/scan_files.h"
#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

struct ExplainCommand {
  std::string file;
  JudgingOptions judging;
};

int run_explain(const ExplainCommand& command) {
  const auto judging = judging_of(command.judging);
  if (!judging) return scan_usage(judging.error());
  const ScanHow how{.options = judging->options(),
                    .hashes = true};
  const Candidate file{command.file, true};
  const std::vector<ScannedFile> scanned = scan_all({&file, 1}, how);
  Pager pager;
  pager.write(explain_text(scanned.front(), has_colours(stdout)));
  return scan_exit_code(scanned, "unknown");
}

}  // namespace

void declare_explain(CLI::App& app, Run& run) {
  const auto options = std::make_shared<ExplainCommand>();
  CLI::App* command = app.add_subcommand("explain", "tell what loading one file would do, and what to do about it");
  command->add_option("file", options->file, "the file, or - for standard input")->required()->option_text("FILE");
  add_judging_options(*command, options->judging);
  command->callback([options, &run] { run = [options] { return run_explain(*options); }; });
}

}  // namespace cppickle::cli
