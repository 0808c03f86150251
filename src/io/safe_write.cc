#include "io/safe_write.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

namespace cppickle {
namespace {

constexpr int kTries = 100;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;  // Linux writes at most 2 GiB - 4 KiB in a call
constexpr mode_t kPermissions = 0777;                      // never set-user-id and the like

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Where the path leads when it is a symbolic link; empty, with errno, when that can't be found.
std::string follow(const std::string& path) {
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return path;
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real ? std::string(real.get()) : std::string();
}

// Process number and counter make it unique enough that a second try is rare; O_EXCL makes it safe.
std::string temporary_name(const std::string& folder) {
  static std::atomic<unsigned> counter = 0;
  return folder + "/.cppickle-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp";
}

int open_retrying(const char* path, int flags, mode_t mode) {
  int descriptor;
  do { descriptor = ::open(path, flags | O_CLOEXEC, mode); } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

}  // namespace

SafeFile::SafeFile(SafeFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      functions_(std::move(other.functions_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

SafeFile::~SafeFile() { abandon(); }

void SafeFile::abandon() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

std::unexpected<Error> SafeFile::fail(std::string_view doing, int number) {
  abandon();
  return std::unexpected(
      Error{.code = ErrorCode::kIo,
            .message = "cannot " + std::string(doing) + ": " + std::generic_category().message(number),
            .where = path_});
}

Result<SafeFile> SafeFile::create(const std::string& path, WriteFunctions functions) {
  SafeFile file(path, std::move(functions));
  file.target_ = follow(path);
  if (file.target_.empty()) return file.fail("follow the symbolic link", errno);
  struct stat status;
  if (::stat(file.target_.c_str(), &status) != 0) {
    if (errno != ENOENT) return file.fail("write", errno);
    status.st_mode = 0;
  }
  if (S_ISDIR(status.st_mode)) return file.fail("write", EISDIR);
  if (status.st_mode != 0 && !S_ISREG(status.st_mode)) {
    file.descriptor_ = open_retrying(file.target_.c_str(), O_WRONLY | O_NOCTTY, 0);
    if (file.descriptor_ < 0) return file.fail("write", errno);
    return file;
  }
  if (Result<void> opened = file.open_temporary(status.st_mode); !opened)
    return std::unexpected(opened.error());
  return file;
}

Result<void> SafeFile::open_temporary(mode_t existing_mode) {
  // A file that may not be written must not be replaced either, though the folder would allow it.
  if (existing_mode != 0 && ::access(target_.c_str(), W_OK) != 0) return fail("write", errno);
  const std::string folder = folder_of(target_);
  for (int i = 0; i < kTries && descriptor_ < 0; ++i) {
    temporary_ = temporary_name(folder);
    // Until it has the existing file's permissions, nobody else may read it.
    descriptor_ = open_retrying(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                                existing_mode != 0 ? 0600 : 0666);
    if (descriptor_ < 0 && errno != EEXIST) break;
  }
  if (descriptor_ < 0) {
    const int number = errno;
    temporary_.clear();  // not ours
    return fail("create a file in " + folder, number);
  }
  if (existing_mode != 0 && ::fchmod(descriptor_, existing_mode & kPermissions) != 0) {
    return fail("set permissions", errno);
  }
  return {};
}

Result<void> SafeFile::write(ByteSpan bytes) {
  if (descriptor_ < 0) return fail("write", EBADF);
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kMostAtOnce);
    const ssize_t count = functions_.write ? functions_.write(descriptor_, bytes.data(), size)
                                           : ::write(descriptor_, bytes.data(), size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail("write", errno);
    if (count == 0) return fail("write", EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

// Some file systems cannot sync and say so with EINVAL: that is no reason to refuse.
int SafeFile::sync(int descriptor) {
  int status;
  do {
    status = functions_.sync ? functions_.sync(descriptor) : ::fsync(descriptor);
  } while (status != 0 && errno == EINTR);
  return status != 0 && (errno == EINVAL || errno == EROFS) ? 0 : status;
}

Result<void> SafeFile::commit() {
  if (descriptor_ < 0) return fail("write", EBADF);
  const bool is_direct = temporary_.empty();
  if (!is_direct && sync(descriptor_) != 0) return fail("sync", errno);
  // Network file systems report here that the disk is full. After EINTR the descriptor is gone all the same.
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) return fail("write", errno);
  if (is_direct) return {};
  const int renamed = functions_.rename ? functions_.rename(temporary_.c_str(), target_.c_str())
                                        : std::rename(temporary_.c_str(), target_.c_str());
  if (renamed != 0) return fail("rename the finished file", errno);
  temporary_.clear();
  // Without this a crash may bring the old file back. The new one is in place, and an error says only that.
  descriptor_ = open_retrying(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY, 0);
  const int status = descriptor_ < 0 ? 0 : sync(descriptor_);  // a folder may be writable and not readable
  const int number = errno;
  abandon();
  if (status != 0) return fail("sync the folder of the finished file", number);
  return {};
}

Result<void> write_file(const std::string& path, ByteSpan bytes, WriteFunctions functions) {
  Result<SafeFile> file = SafeFile::create(path, std::move(functions));
  if (!file) return std::unexpected(file.error());
  if (Result<void> written = file->write(bytes); !written) return written;
  return file->commit();
}

}  // namespace cppickle
