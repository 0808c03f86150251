#include "cli/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

#include "base/quote.h"

extern char** environ;

namespace cppickle::cli {
namespace {

constexpr std::array kEndings = {SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t was_told_to_end = 0;

void note_signal(int) { was_told_to_end = 1; }

// While it lives, signals that would end this process are only noted.
class SignalsNoted {
 public:
  SignalsNoted() {
    was_told_to_end = 0;
    struct sigaction action = {};
    action.sa_handler = note_signal;
    for (std::size_t i = 0; i < kEndings.size(); ++i) ::sigaction(kEndings[i], &action, &before_[i]);
  }
  ~SignalsNoted() {
    for (std::size_t i = 0; i < kEndings.size(); ++i) ::sigaction(kEndings[i], &before_[i], nullptr);
  }
  SignalsNoted(const SignalsNoted&) = delete;

 private:
  std::array<struct sigaction, kEndings.size()> before_ = {};
};

// What posix_spawn is told: files, a process group of its own, and signals as they are by default.
class Spawn {
 public:
  explicit Spawn(const std::string& error_file) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files_, STDERR_FILENO, error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&files_, STDERR_FILENO, STDOUT_FILENO);
    ::posix_spawnattr_init(&how_);
    sigset_t all;
    ::sigemptyset(&all);
    for (const int ending : kEndings) ::sigaddset(&all, ending);
    ::posix_spawnattr_setsigdefault(&how_, &all);
    ::posix_spawnattr_setpgroup(&how_, 0);
    ::posix_spawnattr_setflags(&how_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  }
  ~Spawn() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&how_);
  }
  Spawn(const Spawn&) = delete;

  int start(pid_t& child, const std::vector<std::string>& words) const {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    return ::posix_spawnp(&child, words[0].c_str(), &files_, &how_, arguments.data(), environ);
  }

 private:
  posix_spawn_file_actions_t files_ = {};
  posix_spawnattr_t how_ = {};
};

// The child's whole group: it may have started others.
int end_child(pid_t child) {
  int status = 0;
  ::kill(-child, SIGKILL);
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return status;
}

}  // namespace

Result<ChildResult> run_child(const std::vector<std::string>& words, const std::string& error_file,
                              std::chrono::seconds timeout) {
  const SignalsNoted noted;
  pid_t child = 0;
  if (const int problem = Spawn(error_file).start(child, words); problem != 0) {
    return std::unexpected(
        Error{ErrorCode::kIo, "cannot start " + quote(words[0]) + ": " + std::generic_category().message(problem)});
  }
  const auto end = std::chrono::steady_clock::now() + timeout;
  int status = 0;
  while (true) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) {
      return std::unexpected(Error{ErrorCode::kIo, "cannot wait for " + quote(words[0])});
    }
    if (was_told_to_end != 0) {
      end_child(child);
      return std::unexpected(Error{ErrorCode::kCancelled, "stopped"});
    }
    if (std::chrono::steady_clock::now() > end) {
      end_child(child);
      return ChildResult{.exit_code = 128 + SIGKILL, .timed_out = true};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return ChildResult{.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
}

}  // namespace cppickle::cli
