#include "cli/judging.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "cli/command.h"
#include "cli/scan_files.h"

namespace cppickle::cli {

void add_judging_options(CLI::App& command, JudgingOptions& options) {
  command.add_option("--allow", options.policies, "a table of names that are allowed here (docs/scan.md)")
      ->allow_extra_args(false)
      ->option_text("FILE");
  command.add_option("--limit", options.limits, "a limit for hostile input (docs/security.md)")
      ->allow_extra_args(false)
      ->option_text("NAME=N");
  command.footer("Exit codes: 0 safe, 1 dangerous, 2 could not decide, 3 wrong usage.");
}

Result<Judging> judging_of(const JudgingOptions& options) {
  CommonOptions common;
  common.limits = options.limits;
  const auto opening = open_options(common);
  if (!opening) return std::unexpected(opening.error());
  Judging judging{.limits = opening->limits, .policy = {}};
  if (options.policies.empty()) return judging;
  auto policy = read_policies(options.policies);
  if (!policy) return std::unexpected(policy.error());
  judging.policy = *std::move(policy);
  return judging;
}

}  // namespace cppickle::cli
