#include "cli/replayed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace cppickle::cli {

std::unexpected<Error> ReplayedFile::failed(const char* doing, int number) const {
  return std::unexpected(
      Error{.code = ErrorCode::kIo,
            .message = "cannot " + std::string(doing) + ": " + std::generic_category().message(number),
            .where = path_});
}

Result<std::unique_ptr<ReplayedFile>> ReplayedFile::open(const std::string& path) {
  std::unique_ptr<ReplayedFile> file(new ReplayedFile());
  file->path_ = path == "-" ? "" : path;
  file->descriptor_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file->descriptor_ < 0) return file->failed("open", errno);
  struct stat status = {};
  if (::fstat(file->descriptor_, &status) != 0) return file->failed("open", errno);
  if (S_ISDIR(status.st_mode)) return file->failed("read", EISDIR);
  file->begin_ = ::lseek(file->descriptor_, 0, SEEK_CUR);
  file->is_pipe_ = file->begin_ < 0 || !S_ISREG(status.st_mode);
  if (!file->is_pipe_) file->size_ = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
  return file;
}

ReplayedFile::~ReplayedFile() {
  if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
  if (copy_ != nullptr) std::fclose(copy_);
}

Result<std::size_t> ReplayedFile::read(char* to, std::size_t most) {
  if (is_replay_ && is_pipe_) {
    const std::size_t count = std::fread(to, 1, most, copy_);
    if (count == 0 && std::ferror(copy_) != 0) return failed("read its temporary copy", errno);
    return count;
  }
  ssize_t count;
  do { count = ::read(descriptor_, to, most); } while (count < 0 && errno == EINTR);
  if (count < 0) return failed("read", errno);
  if (is_pipe_ && count > 0) {
    if (copy_ == nullptr) copy_ = std::tmpfile();
    const auto size = static_cast<std::size_t>(count);
    if (copy_ == nullptr || std::fwrite(to, 1, size, copy_) != size)
      return failed("copy it to a temporary file", errno);
  }
  return static_cast<std::size_t>(count);
}

Result<void> ReplayedFile::rewind() {
  if (!is_pipe_) {
    if (::lseek(descriptor_, begin_, SEEK_SET) < 0) return failed("read it again", errno);
    return {};
  }
  // What was not read yet would be missing in the copy.
  std::string rest(1 << 16, '\0');
  while (!is_replay_) {
    const auto count = read(rest.data(), rest.size());
    if (!count) return std::unexpected(count.error());
    if (*count == 0) break;
  }
  if (copy_ == nullptr) copy_ = std::tmpfile();
  if (copy_ == nullptr || std::fflush(copy_) != 0 || std::fseek(copy_, 0, SEEK_SET) != 0) {
    return failed("read its temporary copy", errno);
  }
  is_replay_ = true;
  return {};
}

}  // namespace cppickle::cli
