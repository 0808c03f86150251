// Whether a file is still what it was: a verdict on bytes that changed in between is worth nothing.
#ifndef CPPICKLE_IO_FILE_STATE_H_
#define CPPICKLE_IO_FILE_STATE_H_

#include <cstdint>
#include <string>

namespace cppickle {

// The file that a path leads to, its size, and when it was last written or otherwise changed. Equal states mean the same
// contents as far as the kernel's clock tells (some milliseconds).
struct FileState {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  std::uint64_t size = 0;
  std::int64_t written = 0;  // nanoseconds
  std::int64_t changed = 0;

  friend bool operator==(const FileState&, const FileState&) = default;
};

// All zeros where there is no such file.
FileState file_state(const std::string& path);

}  // namespace cppickle

#endif  // CPPICKLE_IO_FILE_STATE_H_
