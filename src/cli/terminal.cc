#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>

namespace cppickle::cli {
namespace {

std::int64_t milliseconds() {
  using namespace std::chrono;
  return duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

bool has_colours(std::FILE* file) {
  const char* term = std::getenv("TERM");
  const char* no_colour = std::getenv("NO_COLOR");
  const bool dumb = term == nullptr || std::strcmp(term, "dumb") == 0;
  return isatty(fileno(file)) != 0 && !dumb && (no_colour == nullptr || *no_colour == '\0');
}

unsigned width_of(std::FILE* file, unsigned otherwise) {
  winsize size{};
  if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return otherwise;
  return size.ws_col;
}

Pager::Pager(bool wanted) : out_(stdout) {
  if (!wanted || isatty(STDOUT_FILENO) == 0) return;
  const char* pager = std::getenv("PAGER");
  if (pager != nullptr && *pager == '\0') return;
  std::FILE* pipe = popen(pager != nullptr ? pager : "less -FRX", "w");
  if (pipe == nullptr) return;
  out_ = pipe;
  piped_ = true;
}

Pager::~Pager() {
  if (piped_) {
    pclose(out_);
  } else {
    std::fflush(out_);
  }
}

bool Pager::write(std::string_view text) { return std::fwrite(text.data(), 1, text.size(), out_) == text.size(); }

Progress::Progress(std::string_view what, std::uint64_t total)
    : what_(what), total_(total), started_(milliseconds()), on_terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::update(std::uint64_t done) {
  if (!on_terminal_) return;
  const std::int64_t now = milliseconds();
  if (now - started_ < 500 || now - drawn_ < 100) return;
  drawn_ = now;
  shown_ = true;
  const auto percent = total_ == 0 ? 100 : static_cast<int>(static_cast<double>(done) * 100 / static_cast<double>(total_));
  std::string bar(static_cast<std::size_t>(percent * 30 / 100), '#');
  bar.resize(30, '.');
  std::fprintf(stderr, "\r%s [%s] %3d%%\033[K", what_.c_str(), bar.c_str(), percent);
  std::fflush(stderr);
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  constexpr const char* kUnits[] = {"", "kB", "MB", "GB", "TB", "PB", "EB"};
  auto scaled = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; scaled >= 999.95; ++unit) scaled /= 1000;
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", scaled, kUnits[unit]);
  return text;
}

}  // namespace cppickle::cli
