// Pickles in archives and compressed files, by their contents and whatever their names.
#include <gtest/gtest.h>

#include <map>

#include "source_sample.h"

namespace cppickle {
namespace {

using namespace testing;
using Names = std::vector<std::string>;

TEST(SourceArchive, CompressedOfEveryKind) {
  const std::map<std::string, std::string> makers = {
      {"gzip > pickle", "import gzip; out.write(gzip.compress(data))"},
      {"zlib > pickle", "import zlib; out.write(zlib.compress(data))"},
      {"bz2 > pickle", "import bz2; out.write(bz2.compress(data))"},
      {"xz > pickle", "import lzma; out.write(lzma.compress(data))"},
      {"lzma > pickle", "import lzma; out.write(lzma.compress(data, format=lzma.FORMAT_ALONE))"},
      {"gzip > bz2 > pickle", "import gzip, bz2; out.write(gzip.compress(bz2.compress(data)))"},
      {"joblib<0.10 Z-file > pickle",
       "import zlib; out.write(b\"ZF\" + hex(len(data)).encode().ljust(19) + zlib.compress(data))"},
  };
  for (const auto& [container, maker] : makers) {
    const auto source =
        Source::from_bytes(python("import pickle\ndata = pickle.dumps([1, 2, 3], 4)\n" + maker));
    ASSERT_TRUE(source.has_value()) << container;
    EXPECT_EQ(source->container(), container);
    ASSERT_EQ(streams_of(*source), Names{""}) << container;
    const auto document = source->read(0);
    ASSERT_TRUE(document.has_value()) << container;
    EXPECT_EQ(document->root().size(), 3u);
    EXPECT_TRUE(source->problems().empty());
  }
}

TEST(SourceArchive, BytesAfterCompressedDataAreAProblem) {
  const auto source = Source::from_bytes(
      python("import zlib; out.write(zlib.compress(b\"]q\\x00(K\\x01K\\x02e.\") + b\"abc\")"));
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->streams().size(), 1u);
  EXPECT_TRUE(has_problem(*source, ErrorCode::kCorrupt, "3 bytes follow the zlib data"));
}

TEST(SourceArchive, CutOutermostIsAnError) {
  std::string bytes =
      python("import gzip, pickle; out.write(gzip.compress(pickle.dumps(list(range(5000)))))");
  const auto source = Source::from_bytes(bytes.substr(0, bytes.size() / 2));
  ASSERT_FALSE(source.has_value());
  EXPECT_EQ(source.error().code, ErrorCode::kTruncated);
}

TEST(SourceArchive, MembersAreToldByTheirContents) {
  const auto source = Source::from_bytes(python(R"(
import pickle, zipfile, gzip, tarfile
data = pickle.dumps({"a": 1}, 4)
inner = io.BytesIO()
with tarfile.open(fileobj=inner, mode="w") as tar:
  for name, value in (("model.png", data), ("readme.pkl", b"hello world\n")):
    info = tarfile.TarInfo(name); info.size = len(value); tar.addfile(info, io.BytesIO(value))
file = io.BytesIO()
with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zip:
  zip.writestr("notes.txt", data)
  zip.writestr("folder/", b"")
  zip.writestr("folder/packed", gzip.compress(data))
  zip.writestr("inner.tar", inner.getvalue())
  zip.writestr("readme.pickle", b"just a text\n")
out.write(file.getvalue()))"));
  ASSERT_TRUE(source.has_value()) << source.error().to_string();
  EXPECT_EQ(source->container(), "other zip");
  EXPECT_EQ(streams_of(*source), (Names{"notes.txt", "folder/packed", "inner.tar!model.png"}));
  EXPECT_EQ(blobs_of(*source), (Names{"inner.tar!readme.pkl", "readme.pickle"}));
  EXPECT_EQ(source->blobs()[0].what, "a text file");
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(source->read(i).has_value());
  EXPECT_TRUE(source->problems().empty());
}

TEST(SourceArchive, TarInGzip) {
  const auto source = Source::from_bytes(python(R"(
import pickle, tarfile
with tarfile.open(fileobj=out, mode="w|gz") as tar:
  data = pickle.dumps([1], 2)
  info = tarfile.TarInfo("weights.th"); info.size = len(data); tar.addfile(info, io.BytesIO(data)))"));
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->container(), "gzip > tar/other");
  EXPECT_EQ(streams_of(*source), Names{"weights.th"});
}

TEST(SourceArchive, ABadMemberLeavesTheRest) {
  std::string zip = python(R"(
import pickle, zipfile
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as zip:
  zip.writestr("first", pickle.dumps("x" * 100, 4))
  zip.writestr("second", pickle.dumps("y" * 100, 4))
out.write(file.getvalue()))");
  zip[zip.find("xxxx")] = 'z';
  const auto source = Source::from_bytes(zip);
  ASSERT_TRUE(source.has_value());
  ASSERT_EQ(streams_of(*source), (Names{"first", "second"}));
  EXPECT_TRUE(source->streams()[0].is_damaged);
  EXPECT_FALSE(source->streams()[1].is_damaged);
  EXPECT_TRUE(has_problem(*source, ErrorCode::kCorrupt, "checksum"));
}

TEST(SourceArchive, EncryptionFlagIsAProblemAndThePickleIsSeen) {
  std::string zip = python(R"(
import pickle, zipfile
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as zip: zip.writestr("data.txt", pickle.dumps([1], 4))
out.write(file.getvalue()))");
  zip[6] |= 1;
  zip[zip.find("PK\1\2") + 8] |= 1;
  const auto source = Source::from_bytes(zip);
  ASSERT_TRUE(source.has_value());
  ASSERT_EQ(streams_of(*source), Names{"data.txt"});
  EXPECT_TRUE(source->streams()[0].is_damaged);
  EXPECT_FALSE(source->problems().empty());
}

TEST(SourceArchive, NestingIsBounded) {
  const std::string bytes = python(R"(
import gzip
data = b"]q\x00(K\x01K\x02e."
for _ in range(8): data = gzip.compress(data)
out.write(data))");
  OpenOptions options;
  EXPECT_EQ(Source::from_bytes(bytes, options)->streams().size(), 1u);
  options.limits.nesting = 7;
  const auto source = Source::from_bytes(bytes, options);
  ASSERT_FALSE(source.has_value());
  EXPECT_EQ(source.error().code, ErrorCode::kLimit);
}

TEST(SourceArchive, AllDecompressionTogetherIsBounded) {
  const std::string zip = python(R"(
import zipfile
file = io.BytesIO()
with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zip:
  for i in range(10): zip.writestr(str(i), bytes(1000000))
out.write(file.getvalue()))");
  OpenOptions options;
  options.limits.decompressed = 3'500'000;
  const auto source = Source::from_bytes(zip, options);
  ASSERT_TRUE(source.has_value());
  std::uint64_t all = 0;
  for (const Blob& blob : source->blobs()) all += blob.bytes.size();
  EXPECT_EQ(all, 3'000'000u);
  EXPECT_EQ(source->problems().size(), 7u);
  EXPECT_TRUE(has_problem(*source, ErrorCode::kLimit, "'decompressed'"));
}

TEST(SourceArchive, MembersAreBounded) {
  const std::string zip = python(R"(
import zipfile
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as zip:
  for i in range(10): zip.writestr(str(i), b"text")
outer = io.BytesIO()
with zipfile.ZipFile(outer, "w") as zip:
  for i in range(5): zip.writestr(str(i), file.getvalue())
out.write(outer.getvalue()))");
  OpenOptions options;
  options.limits.members = 20;
  const auto source = Source::from_bytes(zip, options);
  ASSERT_TRUE(source.has_value());
  EXPECT_LE(source->blobs().size(), 20u);
  EXPECT_TRUE(has_problem(*source, ErrorCode::kLimit, "'members'"));
}

// Fifield's bomb: every entry of the directory points to the same data.
TEST(SourceArchive, MembersThatShareBytesAreReadOnce) {
  const std::string zip = python(R"(
import struct, zlib
data = b"]q\x00(K\x01K\x02e." * 1000
name = b"a"
head = struct.pack("<IHHHHHIIIHH", 0x04034b50, 20, 0, 0, 0, 0, zlib.crc32(data), len(data), len(data), 1, 0) + name + data
entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 20, 20, 0, 0, 0, 0, zlib.crc32(data), len(data), len(data), 1, 0, 0, 0, 0, 0, 0) + name
count = 2000
end = struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, count, count, len(entry) * count, len(head), 0)
out.write(head + entry * count + end))");
  const auto source = Source::from_bytes(zip);
  ASSERT_TRUE(source.has_value());
  std::uint64_t all = 0;
  for (const PickleStream& stream : source->streams()) all += stream.bytes.size();
  EXPECT_LE(all, zip.size());
  EXPECT_FALSE(source->problems().empty());
}

TEST(SourceArchive, NamesAreFitToPrint) {
  const auto source = Source::from_bytes(python(R"(
import zipfile
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as zip:
  zip.writestr("\x1b[31mred\n", b"text")
  zip.writestr("a" * 5000, b"text")
out.write(file.getvalue()))"));
  ASSERT_TRUE(source.has_value());
  ASSERT_EQ(source->blobs().size(), 2u);
  EXPECT_EQ(source->blobs()[0].where, "'\\x1b[31mred\\n'");
  EXPECT_LT(source->blobs()[1].where.size(), 300u);
}

TEST(SourceArchive, AZipAfterAPickleIsTwoThings) {
  const std::string zip = python(R"(
import zipfile, pickle
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as zip: zip.writestr("hidden", pickle.dumps({1: 2}, 2))
out.write(file.getvalue()))");
  const auto source = Source::from_bytes(kPickle + zip);
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->container(), "raw pickle");
  EXPECT_EQ(streams_of(*source), (Names{"", "hidden"}));
  EXPECT_TRUE(has_problem(*source, ErrorCode::kReadersDisagree, "ZIP"));

  // As a value of a pickle it is nothing odd.
  const std::string holds = "\x80\x03U" + std::string(1, static_cast<char>(zip.size())) + zip + ".";
  const auto harmless = Source::from_bytes(holds);
  ASSERT_TRUE(harmless.has_value());
  EXPECT_EQ(streams_of(*harmless), Names{""});
  EXPECT_TRUE(harmless->problems().empty());
}

TEST(SourceArchive, AZipAfterSomethingElse) {
  const std::string zip = python(R"(
import zipfile, pickle
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as zip: zip.writestr("object", pickle.dumps({1: 2}, 2))
out.write(file.getvalue()))");
  const auto source = Source::from_bytes(
      "\x7F"
      "ELF\1\1\1" +
      std::string(200, '\0') + zip);
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->container(), "other zip");
  EXPECT_EQ(streams_of(*source), Names{"object"});
}

TEST(SourceArchive, ATarThatBeginsAsAPickle) {
  const auto source = Source::from_bytes(python(R"(
import tarfile
name = "cos\nsystem\n(S\"echo\"\ntR."
with tarfile.open(fileobj=out, mode="w|", format=tarfile.GNU_FORMAT) as tar:
  info = tarfile.TarInfo(name); info.size = 5; tar.addfile(info, io.BytesIO(b"hello")))"));
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->container(), "tar");
  ASSERT_EQ(source->streams().size(), 1u);
  EXPECT_TRUE(source->streams()[0].is_other_reading);
  EXPECT_TRUE(has_problem(*source, ErrorCode::kReadersDisagree, "TAR"));
}

}  // namespace
}  // namespace cppickle
