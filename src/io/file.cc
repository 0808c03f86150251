#include "io/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace cppickle {
namespace {

constexpr std::size_t kFirstRead = std::size_t{64} << 10;
constexpr std::uint64_t kMostTrusted = std::uint64_t{256} << 20;  // of a size that the file system claims

std::unexpected<Error> system_error(const std::string& name, std::string_view doing, int number) {
  return std::unexpected(
      Error{.code = ErrorCode::kIo,
            .message = "cannot " + std::string(doing) + ": " + std::generic_category().message(number),
            .where = name});
}

std::unexpected<Error> too_large(const std::string& name, const Limits& limits) {
  return std::unexpected(Error{.code = ErrorCode::kLimit,
                               .message = "more than " + std::to_string(limits.bytes) +
                                          " bytes (limit 'bytes'); raise it with --limit bytes=N",
                               .where = name});
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

// Reads until the end. `expected` is a hint and may be wrong: files in /proc say 0, others still grow.
Result<Bytes> read_all(int descriptor, const std::string& name, std::uint64_t expected, const Limits& limits,
                       const ReadFunction& read) {
  ByteBuffer buffer;
  // One byte more than expected, so that the end is seen without growing.
  std::uint64_t room = std::min(expected, kMostTrusted) + 1;
  buffer.reserve(static_cast<std::size_t>(std::max<std::uint64_t>(room, kFirstRead)));
  for (;;) {
    if (buffer.spare().empty()) buffer.reserve(buffer.capacity() * 2);
    const std::span<std::uint8_t> spare = buffer.spare();
    const ssize_t count =
        read ? read(descriptor, spare.data(), spare.size())
             : ::read(descriptor, spare.data(), std::min<std::size_t>(spare.size(), 1u << 30));
    if (count < 0) {
      if (errno == EINTR) continue;
      return system_error(name, "read", errno);
    }
    if (count == 0) return buffer.release();
    buffer.grow(static_cast<std::size_t>(count));
    if (buffer.size() > limits.bytes) return too_large(name, limits);
  }
}

// Nothing where the file system cannot map: the caller reads instead.
Bytes map(int descriptor, std::size_t size) {
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (address == MAP_FAILED) return {};
  std::shared_ptr<const void> owner(address, [size](void* p) { ::munmap(p, size); });
  return Bytes::adopt(std::move(owner), {static_cast<const std::uint8_t*>(address), size}, true);
}

}  // namespace

Result<Bytes> read_file(const std::string& path, const Limits& limits, const FileOptions& options) {
  int number;
  do { number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY); } while (number < 0 && errno == EINTR);
  if (number < 0) return system_error(path, "open", errno);
  const Descriptor descriptor(number);
  struct stat status;
  if (::fstat(number, &status) != 0) return system_error(path, "read", errno);
  if (S_ISDIR(status.st_mode)) return system_error(path, "read", EISDIR);
  const bool is_regular = S_ISREG(status.st_mode);
  const std::uint64_t size = is_regular ? static_cast<std::uint64_t>(status.st_size) : 0;
  if (size > limits.bytes) return too_large(path, limits);
  if (size > 0 && size >= options.map_from) {
    if (Bytes mapped = map(number, static_cast<std::size_t>(size)); !mapped.empty()) return mapped;
  }
  return read_all(number, path, size, limits, options.read);
}

Result<Bytes> read_descriptor(int descriptor, const std::string& name, const Limits& limits,
                              const FileOptions& options) {
  return read_all(descriptor, name, 0, limits, options.read);
}

Result<Bytes> read_standard_input(const Limits& limits, const FileOptions& options) {
  return read_descriptor(STDIN_FILENO, "standard input", limits, options);
}

}  // namespace cppickle
