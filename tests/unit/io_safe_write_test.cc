#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>

#include "io/safe_write.h"
#include "io_sample.h"

namespace cppickle {
namespace {

using testing::read_whole;
using testing::TemporaryFolder;

std::size_t files_in(const TemporaryFolder& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

mode_t mode_of(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

TEST(SafeFile, NothingBeforeTheCommit) {
  const TemporaryFolder folder;
  const std::string path = folder.file("out");
  {
    Result<SafeFile> file = SafeFile::create(path);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("one "));
    ASSERT_TRUE(file->write("two"));
    EXPECT_FALSE(std::filesystem::exists(path));
    ASSERT_TRUE(file->commit());
    EXPECT_FALSE(file->commit());
    EXPECT_FALSE(file->write("three"));
  }
  EXPECT_EQ(read_whole(path), "one two");
  EXPECT_EQ(files_in(folder), 1u);
}

TEST(SafeFile, LeavesNothingWhenGivenUp) {
  const TemporaryFolder folder;
  const std::string path = folder.file("out");
  ASSERT_TRUE(write_file(path, as_span("old")));
  {
    Result<SafeFile> file = SafeFile::create(path);
    const SafeFile moved = std::move(*file);
    EXPECT_EQ(files_in(folder), 2u);
  }
  EXPECT_EQ(read_whole(path), "old");
  EXPECT_EQ(files_in(folder), 1u);
}

TEST(SafeFile, Permissions) {
  const TemporaryFolder folder;
  const std::string path = folder.file("out");
  const mode_t before = ::umask(027);
  ASSERT_TRUE(write_file(path, as_span("new")));
  ::umask(before);
  EXPECT_EQ(mode_of(path), 0640u);
  ASSERT_EQ(::chmod(path.c_str(), 04604), 0);
  ASSERT_TRUE(write_file(path, as_span("newer")));
  EXPECT_EQ(mode_of(path), 0604u);
}

TEST(SafeFile, FollowsLinks) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.file("there"));
  std::filesystem::create_symlink("there/out", folder.file("link"));
  EXPECT_EQ(write_file(folder.file("link"), as_span("x")).error().code, ErrorCode::kIo);
  ASSERT_TRUE(write_file(folder.file("there/out"), as_span("old")));
  ASSERT_TRUE(write_file(folder.file("link"), as_span("new")));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link")));
  EXPECT_EQ(read_whole(folder.file("there/out")), "new");
}

TEST(SafeFile, DevicesAndFolders) {
  const TemporaryFolder folder;
  EXPECT_TRUE(write_file("/dev/null", as_span("x")));
  const Result<void> full = write_file("/dev/full", as_span("x"));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kIo);
  EXPECT_EQ(full.error().where, "/dev/full");
  EXPECT_FALSE(write_file(folder.path().string(), as_span("x")));
  EXPECT_FALSE(write_file(folder.file("absent/out"), as_span("x")));
  EXPECT_EQ(files_in(folder), 0u);
}

// Each system call of a write fails in turn: an error, the old contents and nothing beside them.
TEST(SafeFile, EveryCallFailsOnce) {
  const TemporaryFolder folder;
  const std::string path = folder.file("out");
  ASSERT_TRUE(write_file(path, as_span("old")));
  bool is_over = false;
  for (int failing = 1; !is_over; ++failing) {
    ASSERT_LT(failing, 20);
    int calls = 0;
    const auto fails = [&] {
      if (++calls != failing) return false;
      errno = ENOSPC;
      return true;
    };
    WriteFunctions functions;
    functions.write = [&](int descriptor, const void* bytes, std::size_t size) -> ssize_t {
      if (calls % 2 == 1) {
        ++calls;
        errno = EINTR;
        return -1;
      }
      return fails() ? -1 : ::write(descriptor, bytes, std::min<std::size_t>(size, 2));
    };
    functions.sync = [&](int descriptor) { return fails() ? -1 : ::fsync(descriptor); };
    functions.rename = [&](const char* from, const char* to) { return fails() ? -1 : std::rename(from, to); };
    const Result<void> written = write_file(path, as_span("123456789"), functions);
    EXPECT_EQ(files_in(folder), 1u);
    is_over = written.has_value() && calls < failing;
    // When only the folder's sync fails the new file is already in place.
    const std::string now = read_whole(path);
    EXPECT_TRUE(now == (written ? "123456789" : "old") || now == "123456789");
    if (!is_over) { ASSERT_TRUE(write_file(path, as_span("old"))); }
  }
}

}  // namespace
}  // namespace cppickle
