#include <gtest/gtest.h>

#include <cstdio>
#include <vector>

#include "io/compressed.h"
#include "io/tar.h"
#include "io_sample.h"

namespace cppickle {
namespace {

using testing::fixtures;
using testing::python;
using testing::read_whole;

using Kind = ArchiveProblemKind;

void set_checksum(std::string& header) {
  header.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : header.substr(0, 512)) sum += static_cast<unsigned char>(c);
  char text[8];
  std::snprintf(text, sizeof text, "%06o", sum);
  header.replace(148, 7, std::string(text, 7));
}

std::string member_of(std::string_view name, std::string_view data, char type = '0') {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  char size[12];
  std::snprintf(size, sizeof size, "%011zo", data.size());
  header.replace(124, 11, size);
  header[156] = type;
  header.replace(257, 8, std::string("ustar\00000", 8));
  set_checksum(header);
  return header + std::string(data) + std::string((512 - data.size() % 512) % 512, '\0');
}

const std::string kEnd(1024, '\0');

Result<TarArchive> open(const std::string& tar, const Limits& limits = {}) {
  return TarArchive::open(Bytes::copy_of(tar), limits);
}

std::vector<Kind> kinds_of(const Result<TarArchive>& archive) {
  std::vector<Kind> kinds;
  for (const ArchiveProblem& problem : archive->problems().list()) kinds.push_back(problem.kind);
  return kinds;
}

TEST(Tar, PythonsFormats) {
  for (const char* format : {"USTAR", "GNU", "PAX"}) {
    SCOPED_TRACE(format);
    const std::string tar = python(
        "import tarfile\n"
        "b = io.BytesIO(); t = tarfile.open(fileobj=b, mode=\"w\", format=tarfile." +
        std::string(format) +
        "_FORMAT)\n"
        "def add(name, data):\n"
        "    i = tarfile.TarInfo(name); i.size = len(data); t.addfile(i, io.BytesIO(data))\n"
        "add(\"a.pkl\", b\"first\"); add(\"d\" * 100 + \"/\" + \"f\" * 90, b\"second\" * 100)\n"
        "i = tarfile.TarInfo(\"folder\"); i.type = tarfile.DIRTYPE; t.addfile(i)\n"
        "i = tarfile.TarInfo(\"link\"); i.type = tarfile.SYMTYPE; i.linkname = \"x\" * 90; t.addfile(i)\n"
        "add(\"last\", b\"\"); t.close(); out.write(b.getvalue())");
    if (tar.empty()) GTEST_SKIP() << "python3 is needed";
    EXPECT_TRUE(is_tar_header(as_span(tar)));
    const Result<TarArchive> archive = open(tar);
    ASSERT_TRUE(archive) << archive.error().to_string();
    EXPECT_TRUE(archive->problems().list().empty());
    ASSERT_EQ(archive->members().size(), 5u);
    EXPECT_EQ(archive->members()[0].name, "a.pkl");
    EXPECT_EQ(archive->extract(archive->members()[0])->view(), "first");
    EXPECT_EQ(archive->members()[1].name, std::string(100, 'd') + "/" + std::string(90, 'f'));
    EXPECT_EQ(archive->extract(archive->members()[1])->size(), 600u);
    EXPECT_EQ(archive->members()[2].type, '5');
    EXPECT_EQ(archive->members()[3].type, '2');
    EXPECT_EQ(archive->members()[4].name, "last");
    EXPECT_EQ(archive->end(), tar.size());
  }
}

TEST(Tar, CutAtEveryByte) {
  const std::string tar = member_of("a", "first") + member_of("b", std::string(600, 'x')) + kEnd;
  const std::size_t contents = tar.size() - kEnd.size();
  for (std::size_t size = 0; size < tar.size(); ++size) {
    const Result<TarArchive> archive = open(tar.substr(0, size));
    const bool is_noticed = !archive || !archive->problems().list().empty();
    // Zero blocks are all the same: a cut among them is none.
    EXPECT_TRUE(is_noticed || size > contents) << size;
    // A cut in the padding costs nothing; between two members it leaves a shorter archive.
    const bool is_whole =
        size == 0 || size == 1024 || (size >= 512 + 5 && size <= 1024) || size >= contents - 424;
    const bool is_error = !archive || archive->problems().first_error() != nullptr;
    if (!is_whole) { EXPECT_TRUE(is_error) << size; }
  }
}

TEST(Tar, EveryByteFlipped) {
  const std::string tar = member_of("a", "first") + member_of("b", "second") + kEnd;
  for (std::size_t at = 0; at < tar.size(); ++at) {
    std::string flipped = tar;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
    const Result<TarArchive> archive = open(flipped);
    const std::size_t in_member = at % 1024;
    if (at >= 2048 || in_member >= 512) continue;        // data has no checksum
    if (in_member == 148 || in_member == 155) continue;  // a space in place of a zero
    EXPECT_TRUE(!archive || archive->problems().first_error() != nullptr) << at;
  }
}

TEST(Tar, Numbers) {
  std::string large = member_of("a", "first");
  large.replace(124, 12, std::string("\x80\0\0\0\0\0\0\0\0\0\0\5", 12));
  set_checksum(large);
  EXPECT_EQ(open(large + kEnd)->extract(open(large + kEnd)->members()[0])->view(), "first");
  for (const std::string& size :
       {std::string(12, '\xFF'), "\x80" + std::string(11, '\xFF'), std::string(11, '9') + '\0'}) {
    large.replace(124, 12, size);
    set_checksum(large);
    EXPECT_FALSE(open(large + kEnd));
  }
  // Larger than the file, and larger than any file.
  for (const std::string& size :
       {std::string("77777777777\0", 12), std::string("\x80\0\0\0\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12)}) {
    large.replace(124, 12, size);
    set_checksum(large);
    const Result<TarArchive> archive = open(large + kEnd);
    ASSERT_TRUE(archive);
    EXPECT_EQ(archive->members()[0].problem, Kind::kBadMember);
    EXPECT_EQ(archive->extract(archive->members()[0]).error().code, ErrorCode::kTruncated);
  }
}

TEST(Tar, ProblemsOfMembers) {
  EXPECT_EQ(kinds_of(open(member_of("a", "data", '5') + kEnd)),
            (std::vector{Kind::kHeadersDisagree, Kind::kBadChecksum}));
  const Result<TarArchive> sparse = open(member_of("a", "data", 'S') + member_of("b", "x") + kEnd);
  EXPECT_EQ(kinds_of(sparse), std::vector{Kind::kUnsupportedMember});
  EXPECT_EQ(sparse->extract(sparse->members()[0]).error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(sparse->extract(sparse->members()[1]));
  EXPECT_EQ(kinds_of(open(member_of("a", "x") + kEnd + member_of("b", "y") + kEnd)),
            std::vector{Kind::kHiddenMember});
  EXPECT_EQ(kinds_of(open(member_of("a", "x") + kEnd + "junk")), std::vector{Kind::kBytesAfter});
  EXPECT_EQ(open(member_of("a", "x") + kEnd + "junk")->problems().first_error(), nullptr);
  EXPECT_EQ(kinds_of(open(member_of("a", "x"))), std::vector{Kind::kBytesAfter});
  EXPECT_EQ(kinds_of(open(member_of("a", "x") + "junk")), std::vector{Kind::kBadMember});
  EXPECT_EQ(kinds_of(open(member_of("a", "x") + std::string(512, 'j'))), std::vector{Kind::kBadChecksum});
}

TEST(Tar, PaxHeaders) {
  const auto name_after = [](const std::string& records, char type = 'x') -> std::string {
    const Result<TarArchive> archive = open(member_of("pax", records, type) + member_of("plain", "x") + kEnd);
    return archive && !archive->members().empty() ? archive->members()[0].name : "error";
  };
  EXPECT_EQ(name_after("12 path=abc\n"), "abc");
  EXPECT_EQ(name_after("8 other=\n12 path=abc\n"), "error");
  EXPECT_EQ(name_after("9 other=\n12 path=abc\n"), "abc");
  EXPECT_EQ(name_after("30 mtime=1350244992.023960108\n"), "plain");
  for (const char* bad :
       {"99 path=abc\n", "0 path=abc\n", "-1 path=abc\n", "path=abc\n", "12path=abc\n", "12 path=abcd",
        "99999999999999999999 path=abc\n", "9 pathabc\n", "11 size=1x0\n"}) {
    EXPECT_EQ(name_after(bad), "error") << bad;
  }
  EXPECT_EQ(name_after("12 path=abc\n", 'g'), "error");
  EXPECT_EQ(name_after("9 other=\n", 'g'), "plain");
  EXPECT_EQ(name_after("long name", 'L'), "long name");
  EXPECT_EQ(name_after("long link", 'K'), "plain");
  EXPECT_EQ(name_after(std::string(70'000, 'n'), 'L').size(), 65535u);
}

TEST(Tar, LimitOfMembers) {
  std::string tar;
  for (int i = 0; i < 5; ++i) tar += member_of("a", "x");
  Limits limits;
  limits.members = 5;
  EXPECT_TRUE(open(tar + kEnd, limits));
  limits.members = 4;
  EXPECT_EQ(open(tar + kEnd, limits).error().code, ErrorCode::kLimit);
}

TEST(Tar, RealFiles) {
  const std::filesystem::path folder = fixtures();
  if (folder.empty()) GTEST_SKIP() << "no fixtures: set CPPICKLE_FIXTURES to the folder that holds wild/";
  for (const char* name : {"eea6c39b42f38347.gz", "8241779a2394efaa.gz"}) {
    const std::string gzip = read_whole(folder / "wild/files" / name);
    const Result<Decompressed> tar = decompress(as_span(gzip), Compression::kGzip, {});
    ASSERT_TRUE(tar) << tar.error().to_string();
    const Result<TarArchive> archive = TarArchive::open(tar->data, {});
    ASSERT_TRUE(archive);
    EXPECT_TRUE(archive->problems().list().empty());
    EXPECT_GE(archive->members().size(), 6u);
  }
}

}  // namespace
}  // namespace cppickle
