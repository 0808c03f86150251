#include <algorithm>
#include <optional>
#include <string>

#include "io/little_endian.h"
#include "io/zip_layout.h"

namespace cppickle {
namespace {

constexpr std::string_view kEndMagic("PK\5\6", 4);
constexpr std::string_view kZip64EndMagic("PK\6\6", 4);
constexpr std::string_view kZip64LocatorMagic("PK\6\7", 4);
constexpr std::string_view kDirectoryMagic("PK\1\2", 4);
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kLocatorSize = 20;
constexpr std::size_t kZip64EndSize = 56;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kMostComment = 65535;

bool has_magic(ByteSpan bytes, std::uint64_t at, std::string_view magic) {
  return fits(at, magic.size(), bytes.size()) && as_view(bytes).substr(at, magic.size()) == magic;
}

void add_error(ArchiveProblems& problems, std::uint64_t offset, std::string message) {
  problems.add({ArchiveProblemKind::kEndRecord, true, {ErrorCode::kCorrupt, std::move(message), offset}});
}

std::unexpected<Error> corrupt(std::uint64_t offset, std::string message) {
  return std::unexpected(Error{ErrorCode::kCorrupt, std::move(message), offset});
}

// The last end record, which is the one that Python's zipfile and miniz take. Another one before it that also
// reaches to the end of the file would be found by readers that go by the comment's length.
std::optional<std::uint64_t> find_end_record(ByteSpan bytes, ArchiveProblems& problems) {
  const std::string_view text = as_view(bytes);
  if (text.size() < kEndSize) return std::nullopt;
  // A search that went on to the beginning of the file would read all of it.
  const std::size_t window = text.size() - std::min(text.size(), kEndSize + kMostComment);
  const std::string_view tail = text.substr(window);
  const std::size_t last_in_tail = tail.rfind(kEndMagic, tail.size() - kEndSize);
  if (last_in_tail == std::string_view::npos) return std::nullopt;
  const std::size_t last = window + last_in_tail;
  // Python also meets a signature with too few bytes after it, and gives up.
  if (const std::size_t stray = text.find(kEndMagic, text.size() - kEndSize + 1);
      stray != std::string_view::npos) {
    add_error(problems, stray, "the signature of an end record too near the end of the file");
  }
  for (std::size_t at = last; at > window;) {
    const std::size_t earlier = tail.rfind(kEndMagic, at - window - 1);
    if (earlier == std::string_view::npos) break;
    at = window + earlier;
    if (at + kEndSize + le16(bytes, at + 20) == text.size()) {
      add_error(problems, at, "a second end record: readers disagree on which directory is the archive's");
    }
  }
  return last;
}

struct EndRecord {
  std::uint64_t disk, directory_disk, count_here, count, size, offset;
};

// A field that doesn't fit is all ones and the zip64 record has it; any other value must be the same there.
void merge(std::uint64_t& field, std::uint64_t ones, std::uint64_t zip64, bool& agree) {
  if (field != ones && field != zip64) agree = false;
  field = zip64;
}

// Reads the zip64 end record, if the locator before the end record says that there is one. Returns where the
// directory must end.
Result<std::uint64_t> apply_zip64(ByteSpan bytes, std::uint64_t end_at, EndRecord& record,
                                  ArchiveProblems& problems) {
  if (end_at < kLocatorSize || !has_magic(bytes, end_at - kLocatorSize, kZip64LocatorMagic)) return end_at;
  const std::uint64_t locator = end_at - kLocatorSize;
  if (le32(bytes, locator + 4) != 0 || le32(bytes, locator + 16) > 1) {
    return std::unexpected(Error{ErrorCode::kUnsupported, "a zip archive on several disks", locator});
  }
  if (locator < kZip64EndSize) return corrupt(locator, "no room for the zip64 end record before its locator");
  // Python reads the record just before the locator, others where the locator points. It may be longer than
  // usual, so that only the locator leads to its beginning.
  std::uint64_t at = locator - kZip64EndSize;
  const std::uint64_t pointed = le64(bytes, locator + 8);
  if (!has_magic(bytes, at, kZip64EndMagic)) at = pointed;
  if (!has_magic(bytes, at, kZip64EndMagic) || !fits(at, kZip64EndSize, locator)) {
    return corrupt(locator, "the zip64 locator points to no end record");
  }
  if (le64(bytes, at + 4) != locator - at - 12) {
    add_error(problems, at, "the zip64 end record does not end at its locator");
  }
  bool agree = true;
  merge(record.disk, 0xFFFF, le32(bytes, at + 16), agree);
  merge(record.directory_disk, 0xFFFF, le32(bytes, at + 20), agree);
  merge(record.count_here, 0xFFFF, le64(bytes, at + 24), agree);
  merge(record.count, 0xFFFF, le64(bytes, at + 32), agree);
  merge(record.size, 0xFFFFFFFF, le64(bytes, at + 40), agree);
  merge(record.offset, 0xFFFFFFFF, le64(bytes, at + 48), agree);
  if (!agree) add_error(problems, at, "the end record and the zip64 end record disagree");
  // Both offsets shift by what was put before the archive.
  const std::uint64_t prefix = at - record.size - record.offset;
  if (fits(record.size, record.offset, at) && pointed + prefix != at) {
    add_error(problems, locator, "the zip64 locator points elsewhere than to the end record before it");
  }
  return at;
}

}  // namespace

Result<ZipDirectory> find_zip_directory(ByteSpan bytes, ArchiveProblems& problems) {
  const std::optional<std::uint64_t> found = find_end_record(bytes, problems);
  if (!found) {
    return std::unexpected(Error{ErrorCode::kTruncated,
                                 "no end of a zip archive: the file was cut; get it again", bytes.size()});
  }
  const std::uint64_t end_at = *found;
  EndRecord record = {le16(bytes, end_at + 4),  le16(bytes, end_at + 6),  le16(bytes, end_at + 8),
                      le16(bytes, end_at + 10), le32(bytes, end_at + 12), le32(bytes, end_at + 16)};
  const Result<std::uint64_t> directory_end = apply_zip64(bytes, end_at, record, problems);
  if (!directory_end) return std::unexpected(directory_end.error());
  if (record.disk != 0 || record.directory_disk != 0 || record.count_here != record.count) {
    return std::unexpected(Error{ErrorCode::kUnsupported, "a zip archive on several disks", end_at});
  }
  ZipDirectory directory;
  directory.end = *directory_end;
  directory.count = record.count;
  if (!fits(record.size, record.offset, directory.end)) {
    return corrupt(end_at, "the end record's directory lies outside the file");
  }
  directory.begin = directory.end - record.size;
  directory.prefix = directory.begin - record.offset;
  if (record.count > record.size / kEntrySize) {
    return corrupt(end_at, "the end record counts " + std::to_string(record.count) +
                               " members, more than its directory has room for");
  }
  // Readers that take offsets from the beginning of the file (miniz) would find this other directory.
  if (directory.prefix != 0 && has_magic(bytes, record.offset, kDirectoryMagic)) {
    add_error(problems, record.offset, "a second directory: readers disagree on which is the archive's");
  }
  const std::uint64_t comment = le16(bytes, end_at + 20);
  directory.archive_end = std::min<std::uint64_t>(end_at + kEndSize + comment, bytes.size());
  if (end_at + kEndSize + comment > bytes.size()) {
    add_error(problems, end_at, "the archive's comment is cut");
  } else if (directory.archive_end < bytes.size()) {
    note(problems, ArchiveProblemKind::kBytesAfter, directory.archive_end,
         std::to_string(bytes.size() - directory.archive_end) + " bytes after the archive");
  }
  return directory;
}

bool read_zip64_extra(ByteSpan extra, const Zip64Fields& fields) {
  const auto is_ones = [](const std::uint64_t* field) { return field != nullptr && *field == 0xFFFFFFFF; };
  if (!is_ones(fields.size) && !is_ones(fields.compressed_size) && !is_ones(fields.offset)) return true;
  for (std::size_t at = 0; fits(at, 4, extra.size());) {
    const std::size_t size = le16(extra, at + 2);
    if (!fits(at + 4, size, extra.size())) return false;
    if (le16(extra, at) == 1) {
      std::size_t value = at + 4;
      for (std::uint64_t* field : {fields.size, fields.compressed_size, fields.offset}) {
        if (!is_ones(field)) continue;
        if (!fits(value, 8, at + 4 + size)) return false;
        *field = le64(extra, value);
        value += 8;
      }
      return true;
    }
    at += 4 + size;
  }
  // Exactly 4 GiB - 1 without the extra field is legal and nothing else ever means it: Python takes it so.
  return true;
}

}  // namespace cppickle
