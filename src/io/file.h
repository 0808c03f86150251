// Reading whole files: small ones into memory, large ones mapped.
#ifndef CPPICKLE_IO_FILE_H_
#define CPPICKLE_IO_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "cppickle/error.h"
#include "cppickle/limits.h"
#include "io/bytes.h"

namespace cppickle {

// What read(2) does; tests put one in its place that fails or reads less.
using ReadFunction = std::function<ssize_t(int, void*, std::size_t)>;

struct FileOptions {
  // Regular files from this size on are mapped. A mapped file that somebody cuts is a SIGBUS, and one that
  // somebody changes while it is read is a lie: whatever gives a verdict sets kNeverMap, or asks file_state() afterwards.
  std::uint64_t map_from = std::uint64_t{16} << 20;
  ReadFunction read = {};  // empty: read(2)

  static constexpr std::uint64_t kNeverMap = ~std::uint64_t{0};
};

// The file's bytes; Limits::bytes bounds them. Errors are kIo or kLimit, with the path in `where`.
Result<Bytes> read_file(const std::string& path, const Limits& limits, const FileOptions& options = {});

// Reads to the end of a file, pipe or socket that is already open; `name` is for messages. It is not closed.
Result<Bytes> read_descriptor(int descriptor, const std::string& name, const Limits& limits,
                              const FileOptions& options = {});

Result<Bytes> read_standard_input(const Limits& limits, const FileOptions& options = {});

}  // namespace cppickle

#endif  // CPPICKLE_IO_FILE_H_
