// cppickle explain: the story of one file, what loading it would do and what is known of that.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/scan_files.h"
#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

struct ExplainCommand {
  std::string file;
  std::vector<std::string> limits;
  std::vector<std::string> policies;
};

int run_explain(const ExplainCommand& command) {
  CommonOptions common;
  common.limits = command.limits;
  const auto limits = open_options(common);
  if (!limits) return scan_usage(limits.error());
  const auto policy = read_policies(command.policies);
  if (!policy) return scan_usage(policy.error());
  const ScanHow how{.options = {.limits = limits->limits, .policy = command.policies.empty() ? nullptr : &*policy},
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
  command->add_option("--allow", options->policies, "a table of names that are allowed here (docs/scan.md)")
      ->allow_extra_args(false)
      ->option_text("FILE");
  command->add_option("--limit", options->limits, "a limit for hostile input (docs/security.md)")
      ->allow_extra_args(false)
      ->option_text("NAME=N");
  command->footer("Exit codes: 0 safe, 1 dangerous, 2 could not decide, 3 wrong usage.");
  command->callback([options, &run] { run = [options] { return run_explain(*options); }; });
}

}  // namespace cppickle::cli
