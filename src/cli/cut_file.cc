#include "cli/cut_file.h"

#include <unistd.h>

#include <csignal>
#include <string_view>

namespace cppickle::cli {
namespace {

constexpr int kUndecided = 2;

// Calls only what a signal handler may.
void handle(int) {
  constexpr std::string_view kText = "cppickle: a file was cut while it was read\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(kUndecided);
}

}  // namespace

void end_where_a_file_is_cut() {
  struct sigaction action = {};
  action.sa_handler = handle;
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace cppickle::cli
