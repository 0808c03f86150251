#include "io/file_state.h"

#include <sys/stat.h>

namespace cppickle {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + std::int64_t{time.tv_nsec};
}

}  // namespace

FileState file_state(const std::string& path) {
  struct stat facts;
  if (::stat(path.c_str(), &facts) != 0) return {};
  return {.device = static_cast<std::uint64_t>(facts.st_dev),
          .number = static_cast<std::uint64_t>(facts.st_ino),
          .size = static_cast<std::uint64_t>(facts.st_size),
          .written = nanoseconds(facts.st_mtim),
          .changed = nanoseconds(facts.st_ctim)};
}

}  // namespace cppickle
