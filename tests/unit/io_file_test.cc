#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "io/file.h"
#include "io_sample.h"

namespace cppickle {
namespace {

using testing::sample_text;
using testing::TemporaryFolder;

void put(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

TEST(Bytes, PartKeepsTheOwnerAlive) {
  Bytes part;
  {
    const Bytes whole = Bytes::copy_of("hello world");
    part = whole.part(6, 5);
  }
  EXPECT_EQ(part.view(), "world");
}

TEST(Bytes, PartStaysInside) {
  const Bytes whole = Bytes::copy_of("hello");
  EXPECT_EQ(whole.part(3).view(), "lo");
  EXPECT_EQ(whole.part(3, ~std::uint64_t{0}).view(), "lo");
  EXPECT_TRUE(whole.part(~std::uint64_t{0}, 1).empty());
  EXPECT_TRUE(Bytes().part(1, 1).empty());
}

TEST(ReadFile, SmallAndEmpty) {
  const TemporaryFolder folder;
  put(folder.file("small"), "abc");
  put(folder.file("empty"), "");
  EXPECT_EQ(read_file(folder.file("small"), {})->view(), "abc");
  EXPECT_FALSE(read_file(folder.file("small"), {})->is_mapped());
  EXPECT_TRUE(read_file(folder.file("empty"), {})->empty());
}

TEST(ReadFile, MapsLargeFilesUnlessToldNotTo) {
  const TemporaryFolder folder;
  const std::string text = sample_text(300'000);
  put(folder.file("large"), text);
  FileOptions options;
  options.map_from = 200'000;
  const Result<Bytes> mapped = read_file(folder.file("large"), {}, options);
  EXPECT_TRUE(mapped->is_mapped());
  EXPECT_EQ(mapped->view(), text);
  options.map_from = FileOptions::kNeverMap;
  const Result<Bytes> read = read_file(folder.file("large"), {}, options);
  EXPECT_FALSE(read->is_mapped());
  EXPECT_EQ(read->view(), text);
}

TEST(ReadFile, SizeUnknownToTheFileSystem) {
  EXPECT_NE(read_file("/proc/self/status", {})->view().find("Pid:"), std::string_view::npos);
}

TEST(ReadFile, NamesWhatCannotBeRead) {
  const TemporaryFolder folder;
  const Result<Bytes> absent = read_file(folder.file("absent"), {});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::kIo);
  EXPECT_EQ(absent.error().where, folder.file("absent"));
  const Result<Bytes> is_folder = read_file(folder.path().string(), {});
  ASSERT_FALSE(is_folder);
  EXPECT_EQ(is_folder.error().code, ErrorCode::kIo);
}

TEST(ReadFile, LimitOfBytes) {
  const TemporaryFolder folder;
  put(folder.file("ten"), "0123456789");
  Limits limits;
  limits.bytes = 10;
  EXPECT_TRUE(read_file(folder.file("ten"), limits));
  limits.bytes = 9;
  EXPECT_EQ(read_file(folder.file("ten"), limits).error().code, ErrorCode::kLimit);
  EXPECT_EQ(read_file("/proc/self/status", limits).error().code, ErrorCode::kLimit);
}

TEST(ReadFile, ShortReadsAndInterruptions) {
  const TemporaryFolder folder;
  const std::string text = sample_text(5000);
  put(folder.file("text"), text);
  int calls = 0;
  FileOptions options;
  options.read = [&calls](int descriptor, void* to, std::size_t size) -> ssize_t {
    if (++calls % 3 == 0) {
      errno = EINTR;
      return -1;
    }
    return ::read(descriptor, to, std::min<std::size_t>(size, 7));
  };
  EXPECT_EQ(read_file(folder.file("text"), {}, options)->view(), text);
  EXPECT_GT(calls, 700);
}

TEST(ReadFile, EveryReadFailsOnce) {
  const TemporaryFolder folder;
  const std::string text = sample_text(1000);
  put(folder.file("text"), text);
  for (int failing = 1;; ++failing) {
    int calls = 0;
    FileOptions options;
    options.read = [&calls, failing](int descriptor, void* to, std::size_t size) -> ssize_t {
      if (++calls == failing) {
        errno = EIO;
        return -1;
      }
      return ::read(descriptor, to, std::min<std::size_t>(size, 100));
    };
    const Result<Bytes> read = read_file(folder.file("text"), {}, options);
    if (read) {
      EXPECT_EQ(read->view(), text);
      EXPECT_EQ(failing, 12);
      break;
    }
    EXPECT_EQ(read.error().code, ErrorCode::kIo);
  }
}

TEST(ReadDescriptor, Pipe) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::string text = sample_text(10'000);
  ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::close(ends[1]);
  EXPECT_EQ(read_descriptor(ends[0], "pipe", {})->view(), text);
  ::close(ends[0]);
  EXPECT_EQ(read_descriptor(-1, "pipe", {}).error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace cppickle
