#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "base/quote.h"
#include "io/zip.h"
#include "io_sample.h"

namespace cppickle {
namespace {

using testing::fixtures;
using testing::python;
using testing::read_whole;
using testing::sample_text;

using Kind = ArchiveProblemKind;

// One entry as a hostile writer may make it: every field of both headers can be set.
struct Entry {
  std::string name = "data.pkl";
  std::string data = "contents";
  std::uint16_t method = 0, flags = 0;
  std::uint32_t crc = 0, compressed_size = 0, size = 0;
  std::string extra = {};       // of the directory's entry
  std::string local_name = {};  // empty: as `name`
  std::string before = {};      // bytes between the member before and this one
  std::string after = {};       // behind the data: a descriptor
  std::function<void(std::string& local)> change_local = {};
  std::int64_t offset = -1;  // in the directory; -1: where it is

  Entry() { set_numbers(); }
  Entry(std::string its_name, std::string its_data) : name(std::move(its_name)), data(std::move(its_data)) {
    set_numbers();
  }
  void set_numbers() {
    compressed_size = size = static_cast<std::uint32_t>(data.size());
    crc = static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()));
  }
};

void put16(std::string& out, std::uint64_t value) {
  out += static_cast<char>(value & 255);
  out += static_cast<char>(value >> 8 & 255);
}

void put32(std::string& out, std::uint64_t value) {
  put16(out, value & 65535);
  put16(out, value >> 16 & 65535);
}

std::string numbers(const Entry& entry) {
  std::string out;
  put32(out, entry.crc);
  put32(out, entry.compressed_size);
  put32(out, entry.size);
  return out;
}

struct End {
  std::string before = {};  // in front of the archive
  std::string comment = {};
  std::string after = {};
  int more = 0;        // added to the count
  bool shift = false;  // offsets count from the beginning of the file
};

std::string zip_of(const std::vector<Entry>& entries, const End& end = {}) {
  std::string out = end.before;
  std::string directory;
  for (const Entry& entry : entries) {
    out += entry.before;
    const std::size_t offset = out.size() - (end.shift ? 0 : end.before.size());
    std::string local("PK\3\4\x14\0", 6);
    put16(local, entry.flags);
    put16(local, entry.method);
    local += std::string(4, '\0') + numbers(entry);
    const std::string& local_name = entry.local_name.empty() ? entry.name : entry.local_name;
    put16(local, local_name.size());
    put16(local, 0);
    local += local_name;
    if (entry.change_local) entry.change_local(local);
    out += local + entry.data + entry.after;
    directory += std::string("PK\1\2\x14\0\x14\0", 8);
    put16(directory, entry.flags);
    put16(directory, entry.method);
    directory += std::string(4, '\0') + numbers(entry);
    put16(directory, entry.name.size());
    put16(directory, entry.extra.size());
    directory += std::string(10, '\0');
    put32(directory, entry.offset < 0 ? offset : static_cast<std::uint64_t>(entry.offset));
    directory += entry.name + entry.extra;
  }
  const std::size_t begin = out.size() - (end.shift ? 0 : end.before.size());
  out += directory + std::string("PK\5\6\0\0\0\0", 8);
  put16(out, entries.size() + static_cast<std::size_t>(end.more));
  put16(out, entries.size() + static_cast<std::size_t>(end.more));
  put32(out, directory.size());
  put32(out, begin);
  put16(out, end.comment.size());
  return out + end.comment + end.after;
}

Result<ZipArchive> open(const std::string& zip, const Limits& limits = {}) {
  return ZipArchive::open(Bytes::copy_of(zip), limits);
}

std::vector<Kind> kinds_of(const ZipArchive& archive) {
  std::vector<Kind> kinds;
  for (const ArchiveProblem& problem : archive.problems().list()) kinds.push_back(problem.kind);
  return kinds;
}

// The archive opens and has exactly this problem.
void expect_problem(const std::string& zip, Kind kind, bool is_error = true) {
  const Result<ZipArchive> archive = open(zip);
  ASSERT_TRUE(archive) << archive.error().to_string();
  ASSERT_EQ(kinds_of(*archive), std::vector{kind}) << archive->problems().list().size();
  EXPECT_EQ(archive->problems().first_error() != nullptr, is_error);
  EXPECT_FALSE(archive->problems().list()[0].error.message.empty());
}

// As above, and its only member, or the last one, is blamed.
void expect_bad_member(const std::vector<Entry>& entries, Kind kind) {
  const std::string zip = zip_of(entries);
  expect_problem(zip, kind);
  const Result<ZipArchive> archive = open(zip);
  const ZipMember& member = archive->members().back();
  EXPECT_EQ(member.problem, kind);
  const Result<Bytes> data = archive->extract(member, {});
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().where, quote(member.name));
  EXPECT_TRUE(archive->extract_partly(member, {}).damage);
}

TEST(Zip, PlainMembers) {
  const Result<ZipArchive> archive = open(zip_of({{"a", "first"}, {"folder/b", "second"}, {"folder/", ""}}));
  ASSERT_TRUE(archive);
  EXPECT_TRUE(archive->problems().list().empty());
  ASSERT_EQ(archive->members().size(), 3u);
  EXPECT_EQ(archive->extract(*archive->find("a"), {})->view(), "first");
  EXPECT_EQ(archive->extract(*archive->find("folder/b"), {})->view(), "second");
  EXPECT_TRUE(archive->find("folder/")->is_folder());
  EXPECT_EQ(archive->find("b"), nullptr);
  EXPECT_EQ(archive->find(""), nullptr);
  EXPECT_EQ(archive->begin(), 0u);
}

TEST(Zip, EmptyArchive) {
  const Result<ZipArchive> archive = open(zip_of({}));
  ASSERT_TRUE(archive);
  EXPECT_TRUE(archive->members().empty());
  EXPECT_EQ(archive->find("a"), nullptr);
}

TEST(Zip, StoredMembersAreNotCopied) {
  const Bytes bytes = Bytes::copy_of(zip_of({{"a", "first"}}));
  const Result<ZipArchive> archive = ZipArchive::open(bytes, {});
  const Result<Bytes> data = archive->extract(archive->members()[0], {}, ZipArchive::Checksum::kIgnore);
  EXPECT_EQ(data->data(), bytes.data() + archive->members()[0].data_offset);
}

const char* const kPythonZip =
    "import zipfile\n"
    "b = io.BytesIO(); z = zipfile.ZipFile(b, \"w\", zipfile.ZIP_DEFLATED)\n"
    "z.writestr(\"one\", b\"hello \" * 1000); z.writestr(zipfile.ZipInfo(\"two\"), b\"stored\")\n"
    "f = z.open(zipfile.ZipInfo(\"three\"), \"w\", force_zip64=True); f.write(b\"large\"); f.close()\n"
    "z.close(); out.write(b.getvalue())";

// What Python writes to something that it cannot seek in has data descriptors.
const char* const kPythonStreamedZip =
    "import zipfile\n"
    "class Pipe(io.RawIOBase):\n"
    "    def writable(self): return True\n"
    "    def write(self, data): return out.write(data)\n"
    "z = zipfile.ZipFile(Pipe(), \"w\", zipfile.ZIP_DEFLATED)\n"
    "z.writestr(\"one\", b\"hello \" * 1000); z.writestr(zipfile.ZipInfo(\"two\"), b\"stored\"); z.close()";

TEST(Zip, PythonsZips) {
  for (const char* script : {kPythonZip, kPythonStreamedZip}) {
    const std::string zip = python(script);
    if (zip.empty()) GTEST_SKIP() << "python3 is needed";
    const Result<ZipArchive> archive = open(zip);
    ASSERT_TRUE(archive) << archive.error().to_string();
    EXPECT_TRUE(archive->problems().list().empty());
    EXPECT_EQ(archive->extract(*archive->find("one"), {})->size(), 6000u);
    EXPECT_EQ(archive->extract(*archive->find("two"), {})->view(), "stored");
  }
}

TEST(Zip, PrefixAndSuffixAreNoted) {
  for (const bool shift : {false, true}) {
    const std::string zip = zip_of({{"a", "first"}}, {.before = "in front", .shift = shift});
    expect_problem(zip, Kind::kBytesBefore, false);
    const Result<ZipArchive> archive = open(zip);
    EXPECT_EQ(archive->begin(), 8u);
    EXPECT_EQ(archive->extract(archive->members()[0], {})->view(), "first");
  }
  const std::string zip = zip_of({{"a", "first"}}, {.after = "behind"});
  expect_problem(zip, Kind::kBytesAfter, false);
  EXPECT_EQ(open(zip)->end(), zip.size() - 6);
  EXPECT_TRUE(open(zip_of({{"a", "first"}}, {.comment = "a comment"}))->problems().list().empty());
}

TEST(Zip, BytesBetween) {
  Entry second("b", "second");
  second.before = "between";
  expect_problem(zip_of({{"a", "first"}, second}), Kind::kBytesBetween, false);
}

TEST(Zip, HiddenMember) {
  const std::string hidden = zip_of({{"hidden", "payload"}});
  Entry second("b", "second");
  second.before = hidden.substr(0, 30 + 6 + 7);
  expect_problem(zip_of({{"a", "first"}, second}), Kind::kHiddenMember);
}

TEST(Zip, HeadersDisagree) {
  Entry other_name;
  other_name.local_name = "data.txt";
  expect_bad_member({other_name}, Kind::kHeadersDisagree);
  for (const std::size_t field : {6u, 8u, 14u, 18u, 22u}) {  // flags, method, checksum, both sizes
    Entry entry;
    entry.change_local = [field](std::string& local) { local[field] = static_cast<char>(local[field] ^ 4); };
    expect_bad_member({entry}, Kind::kHeadersDisagree);
  }
  Entry sizes;
  sizes.size = 7;
  expect_bad_member({sizes}, Kind::kHeadersDisagree);
  Entry second_name;
  second_name.extra = std::string("\x75\x70\x0A\0\1\0\0\0\0", 9) + "other";
  expect_bad_member({second_name}, Kind::kHeadersDisagree);
  Entry zero_in_name(std::string("a.pkl\0.txt", 10), "contents");
  expect_bad_member({zero_in_name}, Kind::kUnsafeName);
}

TEST(Zip, Descriptors) {
  for (const bool has_signature : {true, false}) {
    for (const bool is_wide : {true, false}) {
      Entry entry;
      entry.flags = 8;
      entry.change_local = [](std::string& local) { local.replace(14, 12, 12, '\0'); };
      if (has_signature) entry.after = "PK\7\10";
      put32(entry.after, entry.crc);
      for (int i = 0; i < 2; ++i) {
        put32(entry.after, entry.size);
        if (is_wide) put32(entry.after, 0);
      }
      const Result<ZipArchive> archive = open(zip_of({entry, {"b", "second"}}));
      EXPECT_TRUE(archive->problems().list().empty());
      EXPECT_EQ(archive->extract(archive->members()[0], {})->view(), "contents");
      entry.after[5] = static_cast<char>(entry.after[5] ^ 1);
      const Result<ZipArchive> wrong = open(zip_of({entry}));
      EXPECT_EQ(wrong->members()[0].problem, Kind::kHeadersDisagree);
    }
  }
}

TEST(Zip, FlagTricks) {
  for (const int bit : {0, 5, 6, 13}) {
    Entry entry;
    entry.flags = static_cast<std::uint16_t>(1 << bit);
    expect_bad_member({entry}, Kind::kEncrypted);
    // PyTorch ignores the flag, so the bytes must be seen all the same.
    const Result<ZipArchive> archive = open(zip_of({entry}));
    EXPECT_EQ(archive->extract_partly(archive->members()[0], {}).data.view(), "contents");
  }
}

TEST(Zip, Methods) {
  Entry entry;
  entry.method = 12;
  expect_bad_member({entry}, Kind::kUnsupportedMethod);
  const Result<ZipArchive> archive = open(zip_of({entry}));
  EXPECT_EQ(archive->extract(archive->members()[0], {}).error().code, ErrorCode::kUnsupported);
}

TEST(Zip, DuplicateNames) { expect_bad_member({{"a", "first"}, {"a", "second"}}, Kind::kDuplicateName); }

TEST(Zip, UnsafeNames) {
  for (const char* name : {"/etc/passwd", "../x", "a/../../x", "a\\..\\x", "C:x", "a\nb", ".."}) {
    expect_problem(zip_of({{name, "x"}}), Kind::kUnsafeName, false);
  }
  for (const char* name : {"a..b", "...", "a/b.c", "..a/b"}) {
    EXPECT_TRUE(open(zip_of({{name, "x"}}))->problems().list().empty()) << name;
  }
}

TEST(Zip, OverlappingMembers) {
  // The second entry lies in the data of the first: the way of 42-fold bombs.
  const std::string inner = zip_of({{"b", "second"}});
  Entry first("a", inner.substr(0, 30 + 1 + 6));
  Entry second("b", "second");
  const std::string whole = zip_of({first, second});
  second.offset = 31;
  const std::string overlapping = zip_of({first, second});
  EXPECT_TRUE(open(whole)->problems().list().empty());
  const Result<ZipArchive> archive = open(overlapping);
  EXPECT_EQ(archive->members()[0].problem, Kind::kOverlap);
  EXPECT_EQ(archive->members()[1].problem, Kind::kOverlap);
  EXPECT_FALSE(archive->extract(archive->members()[0], {}));
  EXPECT_FALSE(archive->extract(archive->members()[1], {}));
  Entry again("c", "first");
  Entry same("d", "first");
  same.offset = 0;
  same.local_name = "c";
  EXPECT_EQ(open(zip_of({again, same}))->members()[0].problem, Kind::kOverlap);
}

TEST(Zip, OffsetsOutside) {
  for (const std::int64_t offset : {1000ll, 0xFFFFFFFEll, 0xFFFFFFFFll}) {
    Entry entry;
    entry.offset = offset;
    const Result<ZipArchive> archive = open(zip_of({entry}));
    ASSERT_TRUE(archive);
    EXPECT_EQ(archive->members()[0].problem, Kind::kBadMember);
    EXPECT_FALSE(archive->extract(archive->members()[0], {}));
  }
  Entry large;
  large.compressed_size = large.size = 0x7FFFFFFF;
  EXPECT_EQ(kinds_of(*open(zip_of({large}))), (std::vector{Kind::kBadMember, Kind::kBytesBetween}));
  Entry wide;
  wide.compressed_size = wide.size = 0xFFFFFFFF;
  wide.extra = std::string("\1\0\x10\0", 4) + std::string(16, '\xFF');
  EXPECT_EQ(open(zip_of({wide}))->members()[0].problem, Kind::kBadMember);
  wide.extra = std::string("\1\0\4\0", 4) + std::string(4, '\xFF');
  EXPECT_EQ(open(zip_of({wide}))->members()[0].problem, Kind::kBadMember);
}

TEST(Zip, EndRecords) {
  EXPECT_EQ(open("").error().code, ErrorCode::kTruncated);
  EXPECT_EQ(open(zip_of({{"a", "first"}}, {.more = 1000})).error().code, ErrorCode::kCorrupt);
  // One entry fewer than counted leaves room for none; one more is noticed.
  const std::string fewer = zip_of({{"a", "first"}, {"b", "second"}}, {.more = -1});
  expect_problem(fewer, Kind::kEndRecord);
  expect_problem(zip_of({{"a", "x"}}, {.comment = "PK\5\6 too short"}), Kind::kEndRecord);
  // The comment holds a whole other archive, which readers that search from the end take.
  const std::string inner = zip_of({{"b", "second"}});
  const Result<ZipArchive> nested = open(zip_of({{"a", "first"}}, {.comment = inner}));
  ASSERT_TRUE(nested);
  EXPECT_EQ(nested->members()[0].name, "b");
  EXPECT_NE(nested->problems().first_error(), nullptr);
}

TEST(Zip, WrongChecksum) {
  Entry entry;
  entry.crc ^= 1;
  const Result<ZipArchive> archive = open(zip_of({entry}));
  EXPECT_TRUE(archive->problems().list().empty());
  EXPECT_EQ(archive->extract(archive->members()[0], {}).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(archive->extract_partly(archive->members()[0], {}).data.view(), "contents");
  EXPECT_TRUE(archive->extract(archive->members()[0], {}, ZipArchive::Checksum::kIgnore));
}

TEST(Zip, DeflatedSizesThatLie) {
  const std::string deflated = python("import zlib; out.write(zlib.compress(bytes(1000))[2:-4])");
  if (deflated.empty()) GTEST_SKIP() << "python3 is needed";
  for (const std::uint32_t size : {0u, 1u, 999u, 1000u, 1001u, 0x7FFFFFFFu}) {
    Entry entry("a", deflated);
    entry.method = 8;
    entry.size = size;
    entry.crc = static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(std::string(1000, '\0').data()), 1000));
    const Result<ZipArchive> archive = open(zip_of({entry}));
    const Result<Bytes> data = archive->extract(archive->members()[0], {});
    EXPECT_EQ(data.has_value(), size == 1000) << size;
    if (!data) { EXPECT_EQ(data.error().code, ErrorCode::kCorrupt) << size; }
  }
}

TEST(Zip, LimitsOfMembersAndSize) {
  const std::string zip = python(kPythonZip);
  if (zip.empty()) GTEST_SKIP() << "python3 is needed";
  Limits limits;
  limits.members = 2;
  EXPECT_EQ(open(zip, limits).error().code, ErrorCode::kLimit);
  limits.members = 3;
  const Result<ZipArchive> archive = open(zip, limits);
  limits.decompressed = 5999;
  EXPECT_EQ(archive->extract(*archive->find("one"), limits).error().code, ErrorCode::kLimit);
  limits.decompressed = 6000;
  EXPECT_TRUE(archive->extract(*archive->find("one"), limits));
}

TEST(Zip, ManyProblemsAreCounted) {
  std::vector<Entry> entries;
  for (int i = 0; i < 3000; ++i) {
    Entry entry("../" + std::to_string(i), "x");
    if (i == 2500) entry.flags = 1;
    entries.push_back(entry);
  }
  const Result<ZipArchive> archive = open(zip_of(entries));
  EXPECT_GT(archive->problems().left_out(), 1000u);
  ASSERT_NE(archive->problems().first_error(), nullptr);
  EXPECT_EQ(archive->problems().first_error()->where, "'../2500'");
  EXPECT_EQ(archive->members()[2500].problem, Kind::kEncrypted);
}

TEST(Zip, CutAtEveryByte) {
  const std::string zip = python(kPythonZip);
  if (zip.empty()) GTEST_SKIP() << "python3 is needed";
  for (std::size_t size = 0; size < zip.size(); ++size) ASSERT_FALSE(open(zip.substr(0, size))) << size;
}

// Whatever is flipped: no crash, and what is extracted without complaint is what was stored.
TEST(Zip, EveryByteFlipped) {
  for (const char* script : {kPythonZip, kPythonStreamedZip}) {
    const std::string zip = python(script);
    if (zip.empty()) GTEST_SKIP() << "python3 is needed";
    const Result<ZipArchive> whole = open(zip);
    for (std::size_t at = 0; at < zip.size() * 8; ++at) {
      std::string flipped = zip;
      flipped[at / 8] = static_cast<char>(flipped[at / 8] ^ (1 << at % 8));
      const Result<ZipArchive> archive = open(flipped);
      if (!archive) continue;
      for (const ZipMember& member : archive->members()) {
        const Result<Bytes> data = archive->extract(member, {});
        if (!data) continue;
        ASSERT_NE(whole->find(member.name), nullptr) << at;
        EXPECT_EQ(data->view(), whole->extract(*whole->find(member.name), {})->view()) << at;
      }
    }
  }
}

TEST(Zip, RealFiles) {
  const std::filesystem::path folder = fixtures();
  if (folder.empty()) GTEST_SKIP() << "no fixtures: set CPPICKLE_FIXTURES to the folder that holds wild/";
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder / "wild/files")) {
    const std::string zip = read_whole(file.path());
    if (!zip.starts_with("PK\3\4")) continue;
    SCOPED_TRACE(file.path());
    ++count;
    const Result<ZipArchive> archive = open(zip);
    ASSERT_TRUE(archive) << archive.error().to_string();
    for (const ArchiveProblem& problem : archive->problems().list())
      ADD_FAILURE() << problem.error.to_string();
    for (const ZipMember& member : archive->members()) {
      const Result<Bytes> data = archive->extract(member, {});
      EXPECT_TRUE(data) << data.error().to_string();
    }
  }
  EXPECT_EQ(count, 93);
}

}  // namespace
}  // namespace cppickle
