// numpy's files and joblib's.
#include <gtest/gtest.h>

#include <fstream>

#include "source_sample.h"

namespace cppickle {
namespace {

using namespace testing;
using Names = std::vector<std::string>;

std::string npy(std::string_view descr, std::string_view shape, std::string_view data) {
  std::string header = "{'descr': '" + std::string(descr) +
                       "', 'fortran_order': False, 'shape': " + std::string(shape) + ", }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string bytes = "\x93NUMPY\x01";
  bytes += '\0';
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + std::string(data);
}

TEST(SourceNumpy, ArrayOfNumbers) {
  const std::string bytes = npy("<i4", "(2,)", "\1\0\0\0\2\0\0\0"sv);
  const auto source = Source::from_bytes(bytes);
  ASSERT_TRUE(source.has_value()) << source.error().to_string();
  EXPECT_EQ(source->container(), "npy");
  EXPECT_TRUE(source->streams().empty());
  ASSERT_EQ(source->blobs().size(), 1u);
  EXPECT_EQ(source->blobs()[0].bytes, bytes);

  const auto more = Source::from_bytes(bytes + "junk");
  ASSERT_TRUE(more.has_value());
  EXPECT_TRUE(has_problem(*more, ErrorCode::kCorrupt, "4 bytes follow the array"));
}

TEST(SourceNumpy, ArrayOfObjects) {
  const std::string head = npy("|O", "(3,)", "");
  const auto source = Source::from_bytes(head + kPickle);
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->container(), "npy");
  ASSERT_EQ(source->streams().size(), 1u);
  EXPECT_EQ(source->streams()[0].offset, head.size());
  EXPECT_EQ(source->streams()[0].bytes, kPickle);
}

TEST(SourceNumpy, CutArrayIsAnError) {
  const auto source = Source::from_bytes(npy("<f8", "(1000000000000,)", "12345678"));
  ASSERT_FALSE(source.has_value());
  EXPECT_EQ(source.error().code, ErrorCode::kTruncated);
}

TEST(SourceNumpy, ArchiveOfArrays) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("numbers"), std::ios::binary) << npy("<i4", "(2,)", "\1\0\0\0\2\0\0\0"sv);
  std::ofstream(folder.file("objects"), std::ios::binary) << npy("|O", "(3,)", "") << kPickle;
  const std::string script =
      "import zipfile\nfile = io.BytesIO()\nwith zipfile.ZipFile(file, \"w\", zipfile.ZIP_DEFLATED) as zip:\n"
      "  for name in (\"numbers\", \"objects\"): zip.write(\"" +
      folder.path().string() + "/\" + name, name + \".npy\")\nout.write(file.getvalue())";
  const auto source = Source::from_bytes(python(script));
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->container(), "npz");
  EXPECT_EQ(streams_of(*source), Names{"objects.npy"});
  EXPECT_EQ(blobs_of(*source), Names{"numbers.npy"});
}

// joblib.numpy_pickle.NDArrayWrapper(filename, subclass) as joblib 0.9 wrote it.
std::string side_file_pickle(std::string_view name) {
  return "ccopy_reg\n_reconstructor\n(cjoblib.numpy_pickle\nNDArrayWrapper\nc__builtin__\nobject\nNtR(dS'"
         "filename'\nS'" +
         std::string(name) + "'\nsb.";
}

TEST(SourceJoblib, SideFilesAreNamedAndNotFollowed) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("a.pkl_01.npy")) << "x";
  const auto state_of = [&](std::string_view name) {
    std::ofstream(folder.file("a.pkl"), std::ios::binary) << side_file_pickle(name);
    const auto source = Source::open(folder.file("a.pkl"));
    EXPECT_EQ(source->container(), "raw joblib pickle");
    EXPECT_EQ(source->side_files().size(), 1u);
    const bool refused = source->side_files().at(0).state == SideFile::State::kRefused;
    EXPECT_EQ(has_problem(*source, ErrorCode::kUnsupported, "leads out"), refused);
    return source->side_files().at(0).state;
  };
  EXPECT_EQ(state_of("a.pkl_01.npy"), SideFile::State::kPresent);
  EXPECT_EQ(state_of("a.pkl_02.npy"), SideFile::State::kMissing);
  for (const char* name : {"/etc/passwd", "../x.npy", "sub/x.npy", "..", "C:x.npy", "sub\\\\x.npy", ""}) {
    EXPECT_EQ(state_of(name), SideFile::State::kRefused) << name;
  }
  const auto bare = Source::from_bytes(side_file_pickle("a.pkl_01.npy"));
  EXPECT_EQ(bare->side_files().at(0).state, SideFile::State::kUnknown);
}

TEST(SourceJoblib, AWordInATextIsNoWrapper) {
  const auto source = Source::from_bytes("\x80\x03X\x14\0\0\0joblib.numpy_pickle!."s);
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->container(), "raw pickle");
}

}  // namespace
}  // namespace cppickle
