// Writing a file so that its name always holds either the old contents or all of the new ones: to a temporary
// name in the same folder, synced, then renamed.
#ifndef CPPICKLE_IO_SAFE_WRITE_H_
#define CPPICKLE_IO_SAFE_WRITE_H_

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>

#include "cppickle/error.h"
#include "io/bytes.h"

namespace cppickle {

// What the system calls do; tests put others in their place that fail.
struct WriteFunctions {
  std::function<ssize_t(int, const void*, std::size_t)> write = {};  // empty: write(2)
  std::function<int(int)> sync = {};                                 // empty: fsync(2)
  std::function<int(const char*, const char*)> rename = {};          // empty: rename(2)
};

// A file that exists only once it is committed. An existing file keeps its permissions, a symbolic link goes
// on pointing to the file that it points to, and something that is no regular file (a pipe, a device) is
// written directly. After an error nothing can be written any more; not committed means that nothing has
// happened.
class SafeFile {
 public:
  // Errors of all functions are kIo, with the path in `where`.
  static Result<SafeFile> create(const std::string& path, WriteFunctions functions = {});

  SafeFile(const SafeFile&) = delete;
  SafeFile& operator=(const SafeFile&) = delete;
  SafeFile(SafeFile&& other) noexcept;
  SafeFile& operator=(SafeFile&& other) = delete;
  ~SafeFile();  // removes the temporary file

  Result<void> write(ByteSpan bytes);
  Result<void> write(std::string_view text) { return write(as_span(text)); }

  // To be called once, after the last write.
  Result<void> commit();

 private:
  SafeFile(std::string path, WriteFunctions functions)
      : path_(std::move(path)), functions_(std::move(functions)) {}

  std::unexpected<Error> fail(std::string_view doing, int number);
  Result<void> open_temporary(mode_t existing_mode);
  int sync(int descriptor);
  void abandon() noexcept;

  std::string path_;       // as given, for messages
  std::string target_;     // with symbolic links followed
  std::string temporary_;  // empty: there is none, because the target is written directly or the work is over
  WriteFunctions functions_;
  int descriptor_ = -1;
};

// All of `bytes` at once.
Result<void> write_file(const std::string& path, ByteSpan bytes, WriteFunctions functions = {});

}  // namespace cppickle

#endif  // CPPICKLE_IO_SAFE_WRITE_H_
