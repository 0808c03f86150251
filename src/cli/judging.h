// What scan and explain take alike: tables of allowed names, and limits.
#ifndef CPPICKLE_CLI_JUDGING_H_
#define CPPICKLE_CLI_JUDGING_H_

#include <optional>
#include <string>
#include <vector>

#include "cppickle/scan.h"

namespace CLI {
class App;
}

namespace cppickle::cli {

struct JudgingOptions {
  std::vector<std::string> policies;  // --allow FILE
  std::vector<std::string> limits;    // --limit NAME=N
};

void add_judging_options(CLI::App& command, JudgingOptions& options);

// The options as the library takes them.
struct Judging {
  Limits limits;
  std::optional<ScanPolicy> policy;  // none without --allow

  // Refers to the policy, so it lives no longer than this.
  ScanOptions options() const { return {.limits = limits, .policy = policy ? &*policy : nullptr}; }
};

// An error is one of usage: a limit, or a table that cannot be read.
Result<Judging> judging_of(const JudgingOptions& options);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_JUDGING_H_
