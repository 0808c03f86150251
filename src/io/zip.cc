#include "io/zip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "base/quote.h"
#include "base/utf8.h"
#include "io/little_endian.h"
#include "io/zip_layout.h"

namespace cppickle {
namespace {

constexpr std::string_view kDirectoryMagic("PK\1\2", 4);
constexpr std::size_t kEntrySize = 46;

// Info-ZIP's second name in UTF-8 (APPNOTE 4.6.9), which Python takes from 3.12 on. Beside a name in ASCII it
// can only be there to deceive.
bool has_other_name(ByteSpan extra, std::string_view name) {
  if (extra.empty() || !is_ascii(name)) return false;
  for (std::size_t at = 0; fits(at, 4, extra.size());) {
    const std::size_t size = le16(extra, at + 2);
    if (!fits(at + 4, size, extra.size())) return false;
    if (le16(extra, at) == 0x7075 && size > 5 && as_view(extra.subspan(at + 9, size - 5)) != name)
      return true;
    at += 4 + size;
  }
  return false;
}

// Reads the central directory (APPNOTE 4.3.12).
Result<std::vector<ZipMember>> read_directory(ByteSpan bytes, const ZipDirectory& directory,
                                              ArchiveProblems& problems, const Limits& limits) {
  std::vector<ZipMember> members;
  members.reserve(static_cast<std::size_t>(std::min(directory.count, limits.members)));
  std::uint64_t at = directory.begin;
  while (at < directory.end) {
    if (members.size() ==
        std::min<std::uint64_t>(limits.members, std::numeric_limits<std::uint32_t>::max())) {
      return std::unexpected(Error{ErrorCode::kLimit,
                                   "more than " + std::to_string(limits.members) +
                                       " members (limit 'members'); raise it with --limit members=N",
                                   at});
    }
    if (!fits(at, kEntrySize, directory.end) || as_view(bytes).substr(at, 4) != kDirectoryMagic) {
      return std::unexpected(
          Error{ErrorCode::kCorrupt, "the directory holds something that is no entry", at});
    }
    const std::uint64_t name_size = le16(bytes, at + 28);
    const std::uint64_t extra_size = le16(bytes, at + 30);
    const std::uint64_t all = kEntrySize + name_size + extra_size + le16(bytes, at + 32);
    if (!fits(at, all, directory.end)) {
      return std::unexpected(Error{ErrorCode::kCorrupt, "an entry runs over the end of the directory", at});
    }
    ZipMember member = {.name = as_view(bytes).substr(at + kEntrySize, name_size),
                        .method = ZipMethod{le16(bytes, at + 10)},
                        .flags = le16(bytes, at + 8),
                        .crc = le32(bytes, at + 16),
                        .compressed_size = le32(bytes, at + 20),
                        .size = le32(bytes, at + 24),
                        .local_offset = le32(bytes, at + 42)};
    const ByteSpan extra = bytes.subspan(at + kEntrySize + name_size, extra_size);
    if (!read_zip64_extra(extra, {&member.size, &member.compressed_size, &member.local_offset})) {
      blame(problems, ArchiveProblemKind::kBadMember, at, "its zip64 field is cut", member);
    }
    if (has_other_name(extra, member.name)) {
      blame(problems, ArchiveProblemKind::kHeadersDisagree, at,
            "it has a second name: readers disagree on which they take", member);
    }
    // What overflows lies outside the file, and is found there.
    if (fits(directory.prefix, member.local_offset, ~std::uint64_t{0}))
      member.local_offset += directory.prefix;
    members.push_back(member);
    at += all;
  }
  if (members.size() != directory.count) {
    problems.add({ArchiveProblemKind::kEndRecord,
                  true,
                  {ErrorCode::kCorrupt,
                   "the directory lists " + std::to_string(members.size()) +
                       " members, the end record says " + std::to_string(directory.count),
                   directory.end}});
  }
  return members;
}

std::uint32_t crc_of(ByteSpan bytes) {
  return static_cast<std::uint32_t>(crc32_z(crc32_z(0, nullptr, 0), bytes.data(), bytes.size()));
}

Error in_member(Error error, const ZipMember& member) {
  error.where = quote(member.name);
  return error;
}

Error problem_of(const ZipMember& member, const ArchiveProblems& problems) {
  const std::string where = quote(member.name);
  for (const ArchiveProblem& problem : problems.list()) {
    if (problem.is_error && problem.kind == *member.problem && problem.error.where == where)
      return problem.error;
  }
  return {ErrorCode::kCorrupt, "a damaged or ambiguous member", member.local_offset, {}, where};
}

}  // namespace

Result<ZipArchive> ZipArchive::open(Bytes bytes, const Limits& limits) {
  ZipArchive archive;
  const Result<ZipDirectory> directory = find_zip_directory(bytes.span(), archive.problems_);
  if (!directory) return std::unexpected(directory.error());
  Result<std::vector<ZipMember>> members =
      read_directory(bytes.span(), *directory, archive.problems_, limits);
  if (!members) return std::unexpected(members.error());
  archive.members_ = *std::move(members);
  archive.by_name_.resize(archive.members_.size());
  std::iota(archive.by_name_.begin(), archive.by_name_.end(), 0u);
  std::sort(archive.by_name_.begin(), archive.by_name_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int order = archive.members_[a].name.compare(archive.members_[b].name);
    return order != 0 ? order < 0 : a < b;
  });
  check_zip_members(bytes.span(), *directory, archive.by_name_, archive.members_, archive.problems_);
  archive.begin_ = directory->begin;
  for (const ZipMember& member : archive.members_) {
    if (member.data_offset != 0) archive.begin_ = std::min(archive.begin_, member.local_offset);
  }
  archive.end_ = directory->archive_end;
  archive.bytes_ = std::move(bytes);
  return archive;
}

const ZipMember* ZipArchive::find(std::string_view name) const {
  const auto after =
      std::upper_bound(by_name_.begin(), by_name_.end(), name,
                       [&](std::string_view key, std::uint32_t i) { return key < members_[i].name; });
  if (after == by_name_.begin()) return nullptr;
  const ZipMember& member = members_[*(after - 1)];
  return member.name == name ? &member : nullptr;
}

Result<Bytes> ZipArchive::extract(const ZipMember& member, const Limits& limits, Checksum checksum) const {
  if (member.problem) return std::unexpected(problem_of(member, problems_));
  if (member.method == ZipMethod::kStored && checksum == Checksum::kIgnore) {
    return bytes_.part(member.data_offset, member.size);
  }
  PartlyDecompressed read = extract_partly(member, limits);
  if (read.damage) return std::unexpected(*std::move(read.damage));
  return std::move(read.data);
}

PartlyDecompressed ZipArchive::extract_partly(const ZipMember& member, const Limits& limits) const {
  PartlyDecompressed result;
  if (member.data_offset == 0) {
    result.damage = problem_of(member, problems_);
    return result;
  }
  const Bytes stored = bytes_.part(member.data_offset, member.compressed_size);
  if (member.method == ZipMethod::kStored) {
    result.data = stored;
    result.consumed = stored.size();
  } else if (member.method == ZipMethod::kDeflated) {
    if (member.size > limits.decompressed) {
      result.damage = in_member(
          {ErrorCode::kLimit, "says that it grows to " + std::to_string(member.size) + " bytes, more than " +
                                  std::to_string(limits.decompressed) + " (limit 'decompressed')"},
          member);
      return result;
    }
    Limits of_member = limits;
    of_member.decompressed = member.size;
    result = decompress_partly(stored.span(), Compression::kDeflate, of_member);
  } else {
    result.damage = problem_of(member, problems_);
    return result;
  }
  if (result.damage && result.data.size() > member.size) {
    result.damage->code = ErrorCode::kCorrupt;
    result.damage->message =
        "holds more than the " + std::to_string(member.size) + " bytes that its header says";
  }
  if (result.damage) {
    result.damage = in_member(*std::move(result.damage), member);
    result.damage->offset += member.data_offset;
  } else if (result.data.size() != member.size || result.consumed != stored.size()) {
    result.damage = in_member(
        {ErrorCode::kCorrupt, "its data is shorter than its header says", member.data_offset}, member);
  } else if (crc_of(result.data.span()) != member.crc) {
    result.damage =
        in_member({ErrorCode::kCorrupt, "wrong checksum: the data is damaged", member.data_offset}, member);
  }
  if (!result.damage && member.problem) result.damage = problem_of(member, problems_);
  return result;
}

}  // namespace cppickle
