#include "io/tar.h"

#include <algorithm>
#include <utility>

#include "base/quote.h"
#include "io/little_endian.h"

namespace cppickle {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kMostName = 65535;  // Linux itself takes paths of up to 4096 bytes

std::string_view field(ByteSpan block, std::size_t at, std::size_t size) {
  const std::string_view text = as_view(block.subspan(at, size));
  return text.substr(0, text.find('\0'));
}

// Octal text; or, with the highest bit set, a big-endian number (GNU), of which negative ones are refused.
std::optional<std::uint64_t> number(ByteSpan block, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  if (block[at] >= 0x80) {
    if (block[at] != 0x80) return std::nullopt;
    for (std::size_t i = 1; i < size; ++i) {
      if (value >> 56 != 0) return std::nullopt;
      value = value << 8 | block[at + i];
    }
    return value;
  }
  std::string_view text = field(block, at, size);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');  // 12 digits at most
  }
  return value;
}

bool is_zero(ByteSpan block) {
  return std::all_of(block.begin(), block.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::uint64_t padded(std::uint64_t size) { return (size + kBlock - 1) / kBlock * kBlock; }

// What extended headers say about the member after them.
struct Extension {
  std::optional<std::string_view> name;
  std::optional<std::uint64_t> size;
  bool is_sparse = false;
};

std::optional<std::uint64_t> decimal(std::string_view text) {
  if (text.empty() || text.size() > 19) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

// The records of a pax header, "LENGTH KEYWORD=VALUE\n" each, LENGTH counting all of it. False if damaged.
bool read_pax(std::string_view records, Extension& extension) {
  while (!records.empty() && records.front() != '\0') {
    const std::size_t space = records.find(' ');
    if (space > 19) return false;  // not found, or no number
    const std::optional<std::uint64_t> length = decimal(records.substr(0, space));
    if (!length || *length < space + 3 || *length > records.size() || records[*length - 1] != '\n')
      return false;
    const std::string_view record = records.substr(space + 1, *length - space - 2);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view keyword = record.substr(0, equals);
    const std::string_view value = record.substr(equals + 1);
    if (keyword == "path") extension.name = value;
    if (keyword == "size") {
      extension.size = decimal(value);
      if (!extension.size) return false;
    }
    if (keyword.starts_with("GNU.sparse.")) extension.is_sparse = true;
    records.remove_prefix(*length);
  }
  return true;
}

// Goes from header to header.
class TarReader {
 public:
  TarReader(ByteSpan bytes, const Limits& limits, ArchiveProblems& problems)
      : bytes_(bytes), limits_(limits), problems_(problems) {}

  // False when the end, a limit or damage was met.
  bool next();

  std::vector<TarMember> members;
  std::optional<Error> limit;
  std::uint64_t at = 0;

 private:
  bool stop(ArchiveProblemKind kind, ErrorCode code, std::string message, std::string_view name = {}) {
    problems_.add({kind, true, {code, std::move(message), at, {}, name.empty() ? "" : quote(name)}});
    return false;
  }
  void blame(TarMember& member, ArchiveProblemKind kind, ErrorCode code, std::string message) {
    problems_.add({kind, true, {code, std::move(message), member.header_offset, {}, quote(member.name)}});
    if (!member.problem) member.problem = kind;
  }
  bool read_extension(char type, std::uint64_t size);
  bool read_member(ByteSpan header, char type, std::uint64_t size);
  void skip_end();

  ByteSpan bytes_;
  const Limits& limits_;
  ArchiveProblems& problems_;
  Extension extension_;
};

bool TarReader::next() {
  if (at == bytes_.size()) {
    problems_.add({ArchiveProblemKind::kBytesAfter, false, {ErrorCode::kTruncated, "no end mark", at}});
    return false;
  }
  if (!fits(at, kBlock, bytes_.size())) {
    return stop(ArchiveProblemKind::kBadMember, ErrorCode::kTruncated,
                "the archive was cut in a header; get it again");
  }
  const ByteSpan header = bytes_.subspan(at, kBlock);
  if (is_zero(header)) {
    skip_end();
    return false;
  }
  const std::optional<std::uint64_t> size = number(header, 124, 12);
  if (!is_tar_header(header) || !size) {
    return stop(ArchiveProblemKind::kBadChecksum, ErrorCode::kCorrupt,
                "something that is no member's header");
  }
  const char type = static_cast<char>(header[156]);
  if (type == 'x' || type == 'X' || type == 'g' || type == 'L' || type == 'K')
    return read_extension(type, *size);
  return read_member(header, type, *size);
}

bool TarReader::read_extension(char type, std::uint64_t size) {
  const std::uint64_t data = at + kBlock;
  if (!fits(data, size, bytes_.size())) {
    return stop(ArchiveProblemKind::kBadMember, ErrorCode::kTruncated, "the archive was cut; get it again");
  }
  const std::string_view text = as_view(bytes_.subspan(data, size));
  if (type == 'L') extension_.name = text.substr(0, text.find('\0'));
  if (type == 'x' || type == 'X') {
    if (!read_pax(text, extension_)) {
      return stop(ArchiveProblemKind::kBadMember, ErrorCode::kCorrupt, "a damaged pax header");
    }
  }
  if (type == 'g') {
    // A name or size for all members is legal and senseless; not taken, so that it cannot multiply.
    Extension global;
    if (!read_pax(text, global) || global.name || global.size || global.is_sparse) {
      return stop(ArchiveProblemKind::kBadMember, ErrorCode::kCorrupt,
                  "a pax header that renames all members");
    }
  }
  at = std::min<std::uint64_t>(data + padded(size), bytes_.size());
  return true;
}

bool TarReader::read_member(ByteSpan header, char type, std::uint64_t size) {
  if (members.size() >= limits_.members) {
    limit = Error{ErrorCode::kLimit,
                  "more than " + std::to_string(limits_.members) +
                      " members (limit 'members'); raise it with --limit members=N",
                  at};
    return false;
  }
  TarMember member;
  // Before ustar, a folder was a file whose name ends in a slash.
  member.type = type == '\0' && field(header, 0, 100).ends_with('/') ? '5' : type;
  member.header_offset = at;
  member.size = extension_.size.value_or(size);
  // The prefix is ustar's; GNU's header has times there.
  const std::string_view prefix = field(header, 345, 155);
  if (extension_.name) {
    member.name = extension_.name->substr(0, kMostName);
  } else {
    if (as_view(header).substr(257, 6) == std::string_view("ustar\0", 6) && !prefix.empty()) {
      member.name.append(prefix).append("/");
    }
    member.name += field(header, 0, 100);
  }
  if (extension_.name && extension_.name->size() > kMostName) {
    blame(member, ArchiveProblemKind::kBadMember, ErrorCode::kCorrupt, "its name is longer than 65535 bytes");
  }
  std::uint64_t data = at + kBlock;
  if (type == 'S' || extension_.is_sparse) {
    blame(member, ArchiveProblemKind::kUnsupportedMember, ErrorCode::kUnsupported,
          "a sparse file, which is not read");
    // GNU's old form: more blocks of the map follow while byte 482, then 504, says so.
    bool more = type == 'S' && header[482] != 0;
    while (more && fits(data, kBlock, bytes_.size())) {
      more = bytes_[data + 504] != 0;
      data += kBlock;
    }
  }
  extension_ = {};
  member.data_offset = data;
  if (member.type >= '1' && member.type <= '6') {
    // Links, devices and folders have no data, but some readers skip as much as their size says.
    if (member.size != 0) {
      blame(member, ArchiveProblemKind::kHeadersDisagree, ErrorCode::kCorrupt,
            "a link, device or folder with a size");
    }
    member.size = 0;
  }
  if (!fits(data, member.size, bytes_.size())) {
    blame(member, ArchiveProblemKind::kBadMember, ErrorCode::kTruncated,
          "the archive ends inside it; get it again");
    members.push_back(std::move(member));
    at = bytes_.size();
    return false;
  }
  at = std::min<std::uint64_t>(data + padded(member.size), bytes_.size());
  members.push_back(std::move(member));
  return true;
}

// Readers stop at the first zero block, or at the second, or (tar --ignore-zeros) go on to the end.
void TarReader::skip_end() {
  while (at < bytes_.size() && is_zero(bytes_.subspan(at, std::min(kBlock, bytes_.size() - at)))) {
    at = std::min<std::uint64_t>(at + kBlock, bytes_.size());
  }
  if (at == bytes_.size()) return;
  if (is_tar_header(bytes_.subspan(at))) {
    stop(ArchiveProblemKind::kHiddenMember, ErrorCode::kCorrupt, "a member after the archive's end mark");
    return;
  }
  problems_.add({ArchiveProblemKind::kBytesAfter,
                 false,
                 {ErrorCode::kCorrupt, std::to_string(bytes_.size() - at) + " bytes after the archive", at}});
}

}  // namespace

// The sum of all bytes with the checksum taken as spaces; some old writers added them up as signed.
bool is_tar_header(ByteSpan block) {
  if (block.size() < kBlock || block[148] >= 0x80) return false;
  const std::optional<std::uint64_t> expected = number(block, 148, 8);
  if (!expected || *expected == 0) return false;
  std::uint64_t sum = 8 * ' ';
  std::int64_t signed_sum = 8 * ' ';
  for (std::size_t i = 0; i < kBlock; ++i) {
    if (i >= 148 && i < 156) continue;
    sum += block[i];
    signed_sum += static_cast<std::int8_t>(block[i]);
  }
  return sum == *expected || signed_sum == static_cast<std::int64_t>(*expected);
}

Result<TarArchive> TarArchive::open(Bytes bytes, const Limits& limits) {
  TarArchive archive;
  TarReader reader(bytes.span(), limits, archive.problems_);
  while (reader.next()) {}
  if (reader.limit) return std::unexpected(*reader.limit);
  if (reader.members.empty() && archive.problems_.first_error() != nullptr) {
    return std::unexpected(*archive.problems_.first_error());
  }
  archive.members_ = std::move(reader.members);
  archive.end_ = reader.at;
  archive.bytes_ = std::move(bytes);
  return archive;
}

Result<Bytes> TarArchive::extract(const TarMember& member) const {
  if (!member.problem) return bytes_.part(member.data_offset, member.size);
  for (const ArchiveProblem& problem : problems_.list()) {
    if (problem.is_error && problem.error.offset == member.header_offset)
      return std::unexpected(problem.error);
  }
  return std::unexpected(
      Error{ErrorCode::kCorrupt, "a damaged member", member.header_offset, {}, quote(member.name)});
}

}  // namespace cppickle
