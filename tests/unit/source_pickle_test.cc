// Raw files: what is a pickle, what is none, and what it then is.
#include <gtest/gtest.h>

#include <fstream>

#include "source_sample.h"

namespace cppickle {
namespace {

using namespace testing;

TEST(SourcePickle, Raw) {
  for (const std::string& bytes : {kPickle, kTextPickle}) {
    const auto source = Source::from_bytes(bytes);
    ASSERT_TRUE(source.has_value());
    EXPECT_EQ(source->container(), "raw pickle");
    EXPECT_EQ(source->file_size(), bytes.size());
    ASSERT_EQ(source->streams().size(), 1u);
    EXPECT_EQ(source->streams()[0].bytes, bytes);
    EXPECT_TRUE(source->blobs().empty());
    const auto document = source->read(0);
    ASSERT_TRUE(document.has_value());
    EXPECT_EQ(document->root().size(), 3u);
  }
}

TEST(SourcePickle, TheDocumentOutlivesTheSource) {
  auto source = Source::from_bytes("\x80\x03X\5\0\0\0hello."s);
  auto read = source->read(0);
  source = Source::from_bytes("");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->root().text(), "hello");
}

TEST(SourcePickle, NoPickles) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "empty"},
      {"abc", "not a pickle"},
      {"N.B. this is a text about something else\n", "not a pickle"},
      {"NNNNNNNNNNNNNN", "not a pickle"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "not a pickle"},
      {"\x89HDF\r\n\x1A\n" + std::string(100, '\0'), "hdf5"},
      {"<!DOCTYPE html><html></html>", "not a pickle"},
      {std::string(1000, '\0'), "not a pickle"},
  };
  for (const auto& [bytes, container] : cases) {
    const auto source = Source::from_bytes(bytes);
    ASSERT_TRUE(source.has_value()) << bytes;
    EXPECT_EQ(source->container(), container) << bytes;
    EXPECT_TRUE(source->streams().empty()) << bytes;
    EXPECT_FALSE(source->what().empty()) << bytes;
    EXPECT_TRUE(source->blobs().empty()) << bytes;
  }
}

// The reader's error is what the user wants to see.
TEST(SourcePickle, BrokenPicklesAreKept) {
  const std::string cases[] = {
      kPickle.substr(0, 15),
      kTextPickle.substr(0, 10),
      "\x80\x04\xFF",
      "cos\nsystem\n(S'echo'\ntR\xFF",
  };
  for (const std::string& bytes : cases) {
    const auto source = Source::from_bytes(bytes);
    ASSERT_TRUE(source.has_value());
    EXPECT_EQ(source->container(), "raw pickle") << bytes;
    ASSERT_EQ(source->streams().size(), 1u);
    EXPECT_FALSE(source->read(0).has_value());
  }
}

TEST(SourcePickle, TranslatedLineEndsAreNamed) {
  const auto source = Source::from_bytes("(dp0\r\nS'a'\r\np1\r\nI1\r\ns.");
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->container(), "raw pickle");
  EXPECT_TRUE(has_problem(*source, ErrorCode::kCorrupt, "line ends"));
}

TEST(SourcePickle, Files) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("a.pkl"), std::ios::binary) << kPickle;
  for (const bool map : {true, false}) {
    OpenOptions options;
    options.map = map;
    const auto source = Source::open(folder.file("a.pkl"), options);
    ASSERT_TRUE(source.has_value());
    EXPECT_EQ(source->streams()[0].where, "");
  }
  const auto missing = Source::open(folder.file("b.pkl"));
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::kIo);
  EXPECT_NE(missing.error().to_string().find("b.pkl"), std::string::npos);
}

TEST(SourcePickle, SizeIsBounded) {
  OpenOptions options;
  options.limits.bytes = 10;
  const auto source = Source::from_bytes(kPickle, options);
  ASSERT_FALSE(source.has_value());
  EXPECT_EQ(source.error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace cppickle
