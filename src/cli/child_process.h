// Another program, run to its end.
#ifndef CPPICKLE_CLI_CHILD_PROCESS_H_
#define CPPICKLE_CLI_CHILD_PROCESS_H_

#include <chrono>
#include <string>
#include <vector>

#include "cppickle/error.h"

namespace cppickle::cli {

struct ChildResult {
  int exit_code = 0;       // 128 + the signal's number where one ended it
  bool timed_out = false;  // and was killed, with all that it had started
};

// Without a shell: words[0] is looked for on the PATH. It reads nothing, what it prints goes to `error_file`. Where
// this process is told to end (SIGINT, SIGTERM, SIGHUP) the child is killed and the error is kCancelled.
Result<ChildResult> run_child(const std::vector<std::string>& words, const std::string& error_file,
                              std::chrono::seconds timeout);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_CHILD_PROCESS_H_
