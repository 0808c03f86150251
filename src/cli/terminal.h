// What is different when a person is looking: colours, width, a pager, progress.
#ifndef CPPICKLE_CLI_TERMINAL_H_
#define CPPICKLE_CLI_TERMINAL_H_

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace cppickle::cli {

// True for a terminal, unless NO_COLOR is set or TERM is dumb (https://no-color.org).
bool has_colours(std::FILE* file);

// Columns of the terminal, or `otherwise`.
unsigned width_of(std::FILE* file, unsigned otherwise);

// 999 bytes, 1.2 MB: for people.
std::string size_text(std::uint64_t bytes);

// Standard output through $PAGER (default: less -FRX) while it lives, if standard output is a terminal.
class Pager {
 public:
  explicit Pager(bool wanted = true);
  ~Pager();
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;

  // False if nobody reads any more.
  bool write(std::string_view text);

 private:
  std::FILE* out_;
  bool piped_ = false;
};

// A line on standard error that is drawn over and over, from half a second on and only on a terminal.
class Progress {
 public:
  explicit Progress(std::string_view what, std::uint64_t total);
  ~Progress();
  void update(std::uint64_t done);

 private:
  std::string what_;
  std::uint64_t total_;
  std::int64_t started_;
  std::int64_t drawn_ = 0;
  bool shown_ = false;
  bool on_terminal_;
};

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_TERMINAL_H_
