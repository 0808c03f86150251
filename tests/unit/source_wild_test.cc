// Every real file: its container as the manifest has it, and all of it read or named.
#include <gtest/gtest.h>

#include <fstream>

#include "source_sample.h"

namespace cppickle {
namespace {

using namespace testing;

// The text of a field of one line of the manifest, which holds no escapes in the fields that are asked for.
std::string field(const std::string& line, const std::string& name) {
  const std::string start = "\"" + name + "\": \"";
  const std::size_t at = line.find(start);
  if (at == std::string::npos) return {};
  return line.substr(at + start.size(), line.find('"', at + start.size()) - at - start.size());
}

TEST(SourceWild, ContainersEqualTheManifest) {
  const std::filesystem::path folder = fixtures() / "wild";
  if (!std::filesystem::exists(folder / "manifest.jsonl")) GTEST_SKIP() << "the fixtures are not here";
  std::ifstream manifest(folder / "manifest.jsonl");
  std::size_t files = 0;
  std::size_t unread = 0;
  for (std::string line; std::getline(manifest, line); ++files) {
    const std::string name = field(line, "file");
    const auto source = Source::open((folder / "files" / name).string());
    ASSERT_TRUE(source.has_value()) << source.error().to_string();
    EXPECT_EQ(source->container(), field(line, "container")) << name;
    EXPECT_TRUE(source->problems().empty()) << name << ": " << source->problems()[0].to_string();
    const bool has_root = line.find("\"root\": \"") != std::string::npos;
    EXPECT_TRUE(!has_root || !source->streams().empty()) << name;
    EXPECT_TRUE(!source->streams().empty() || !source->blobs().empty() || !source->what().empty()) << name;
    for (std::size_t i = 0; i < source->streams().size(); ++i) unread += !source->read(i).has_value();
  }
  EXPECT_EQ(files, 451u);
  // 12962a5c breaks off in a frame and 9b090cf6 in a text, as they came.
  EXPECT_EQ(unread, 2u);
}

}  // namespace
}  // namespace cppickle
