#include <algorithm>
#include <numeric>
#include <string>

#include "base/quote.h"
#include "io/little_endian.h"
#include "io/zip_layout.h"

namespace cppickle {
namespace {

constexpr std::string_view kLocalMagic("PK\3\4", 4);
constexpr std::string_view kDescriptorMagic("PK\7\x08", 4);
constexpr std::size_t kLocalSize = 30;

// General purpose bits (APPNOTE 4.4.4).
constexpr std::uint16_t kHasDescriptor = 1 << 3;
constexpr std::uint16_t kPatched = 1 << 5;
constexpr std::uint16_t kEncryption = 1 << 0 | 1 << 6 | 1 << 13;

bool is_unsafe(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.front() == '\\') return true;
  if (name.size() >= 2 && name[1] == ':') return true;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find_first_of("/\\", begin), name.size());
    if (name.substr(begin, end - begin) == "..") return true;
    begin = end + 1;
  }
  return false;
}

// The size of the data descriptor at `at` that says what the directory says, 0 if there is none. Its
// signature is optional, and its sizes have 4 or 8 bytes (APPNOTE 4.3.9).
std::uint64_t descriptor_size(ByteSpan bytes, std::uint64_t at, const ZipMember& member) {
  for (const std::size_t signature : {4u, 0u}) {
    if (signature == 4 && (!fits(at, 4, bytes.size()) || as_view(bytes).substr(at, 4) != kDescriptorMagic))
      continue;
    const std::uint64_t crc = at + signature;
    if (fits(crc, 20, bytes.size()) && le32(bytes, crc) == member.crc &&
        le64(bytes, crc + 4) == member.compressed_size && le64(bytes, crc + 12) == member.size) {
      return signature + 20;
    }
    if (fits(crc, 12, bytes.size()) && le32(bytes, crc) == member.crc &&
        le32(bytes, crc + 4) == member.compressed_size && le32(bytes, crc + 8) == member.size) {
      return signature + 12;
    }
  }
  return 0;
}

struct LocalHeader {
  std::uint16_t flags;
  std::uint16_t method;
  std::uint64_t crc, compressed_size, size;
  std::string_view name;
};

// What the two headers contradict each other in, or nothing. With a descriptor the local header may leave out
// checksum and sizes: they are 0, or all ones where the zip64 field is announced.
std::string_view disagreement(const ZipMember& member, const LocalHeader& local) {
  if (local.name != member.name) return "name";
  if (local.method != static_cast<std::uint16_t>(member.method)) return "compression method";
  if (local.flags != member.flags) return "flags";
  const bool may_leave_out = (member.flags & kHasDescriptor) != 0;
  const auto differs = [&](std::uint64_t there, std::uint64_t here) {
    return there != here && !(may_leave_out && (there == 0 || there == 0xFFFFFFFF));
  };
  if (differs(local.crc, member.crc)) return "checksum";
  if (differs(local.compressed_size, member.compressed_size)) return "compressed size";
  if (differs(local.size, member.size)) return "size";
  return {};
}

// Reads the local header and sets where the data lies.
void check_local_header(ByteSpan bytes, const ZipDirectory& directory, ZipMember& member,
                        ArchiveProblems& problems) {
  const std::uint64_t at = member.local_offset;
  member.end = at;
  if (!fits(at, kLocalSize, directory.begin)) {
    return blame(problems, ArchiveProblemKind::kBadMember, at, "its header lies outside the file", member);
  }
  if (as_view(bytes).substr(at, 4) != kLocalMagic) {
    return blame(problems, ArchiveProblemKind::kBadMember, at, "there is no header where it should be",
                 member);
  }
  const std::uint64_t name_size = le16(bytes, at + 26);
  const std::uint64_t extra_size = le16(bytes, at + 28);
  const std::uint64_t data = at + kLocalSize + name_size + extra_size;
  member.end = std::min(data, directory.begin);
  if (!fits(data, member.compressed_size, directory.begin)) {
    return blame(problems, ArchiveProblemKind::kBadMember, at, "its data runs into the directory", member);
  }
  LocalHeader local = {.flags = le16(bytes, at + 6),
                       .method = le16(bytes, at + 8),
                       .crc = le32(bytes, at + 14),
                       .compressed_size = le32(bytes, at + 18),
                       .size = le32(bytes, at + 22),
                       .name = as_view(bytes).substr(at + kLocalSize, name_size)};
  member.data_offset = data;
  member.end = data + member.compressed_size;
  const ByteSpan extra = bytes.subspan(at + kLocalSize + name_size, extra_size);
  if (!read_zip64_extra(extra, {&local.size, &local.compressed_size, nullptr})) {
    return blame(problems, ArchiveProblemKind::kBadMember, at, "its zip64 field is cut", member);
  }
  if (const std::string_view what = disagreement(member, local); !what.empty()) {
    return blame(problems, ArchiveProblemKind::kHeadersDisagree, at,
                 "its header and the directory give different values for the " + std::string(what), member);
  }
  if ((member.flags & kHasDescriptor) == 0) return;
  const std::uint64_t size = descriptor_size(bytes.first(directory.begin), member.end, member);
  member.end += size;
  if (size == 0 && local.size != member.size) {
    blame(problems, ArchiveProblemKind::kHeadersDisagree, member.end,
          "no data descriptor that agrees with the directory follows its data", member);
  }
}

void check_member(ZipMember& member, ArchiveProblems& problems) {
  const std::uint64_t at = member.local_offset;
  if (member.name.find('\0') != std::string_view::npos) {
    blame(problems, ArchiveProblemKind::kUnsafeName, at,
          "a zero byte in its name: Python ends the name there, other readers don't", member);
  } else if (is_unsafe(member.name)) {
    note(problems, ArchiveProblemKind::kUnsafeName, at,
         "a name that is absolute, leaves the folder or holds a control character", member.name);
  }
  if ((member.flags & (kEncryption | kPatched)) != 0) {
    blame(problems, ArchiveProblemKind::kEncrypted, at,
          "marked as encrypted or patched: some readers obey that and others ignore it", member);
  }
  if (member.method == ZipMethod::kStored) {
    if (member.compressed_size != member.size) {
      blame(problems, ArchiveProblemKind::kHeadersDisagree, at, "stored, but its two sizes differ", member);
    }
  } else if (member.method != ZipMethod::kDeflated) {
    blame(problems, ArchiveProblemKind::kUnsupportedMethod, at,
          "compressed by method " + std::to_string(static_cast<int>(member.method)) +
              ", which is not read; only stored and deflated members are",
          member);
  }
}

void check_names(const std::vector<std::uint32_t>& by_name, std::vector<ZipMember>& members,
                 ArchiveProblems& problems) {
  for (std::size_t i = 1; i < by_name.size(); ++i) {
    ZipMember& second = members[by_name[i]];
    if (members[by_name[i - 1]].name != second.name) continue;
    blame(problems, ArchiveProblemKind::kDuplicateName, second.local_offset,
          "another member has the same name: readers disagree on which they take", second);
  }
}

// Bytes that belong to no member. A header among them is what a reader that goes from header to header sees.
void check_gap(ByteSpan bytes, std::uint64_t begin, std::uint64_t end, ArchiveProblems& problems) {
  const std::string_view gap = as_view(bytes).substr(begin, end - begin);
  if (const std::size_t hidden = gap.find(kLocalMagic); hidden != std::string_view::npos) {
    problems.add({ArchiveProblemKind::kHiddenMember,
                  true,
                  {ErrorCode::kCorrupt, "a member that the directory does not list", begin + hidden}});
    return;
  }
  note(problems, begin == 0 ? ArchiveProblemKind::kBytesBefore : ArchiveProblemKind::kBytesBetween, begin,
       std::to_string(gap.size()) +
           (begin == 0 ? " bytes before the first member" : " bytes between members that belong to none"));
}

// One pass over the members in the order of the file.
void check_extents(ByteSpan bytes, const ZipDirectory& directory, std::vector<ZipMember>& members,
                   ArchiveProblems& problems) {
  std::vector<std::uint32_t> by_offset(members.size());
  std::iota(by_offset.begin(), by_offset.end(), 0u);
  std::sort(by_offset.begin(), by_offset.end(), [&](std::uint32_t a, std::uint32_t b) {
    return members[a].local_offset < members[b].local_offset;
  });
  std::uint64_t reached = 0;
  ZipMember* last = nullptr;
  for (const std::uint32_t index : by_offset) {
    ZipMember& member = members[index];
    if (member.end == member.local_offset) continue;  // there is no header
    if (member.local_offset < reached) {
      const std::string message = "it shares bytes with " + quote(last->name);
      blame(problems, ArchiveProblemKind::kOverlap, member.local_offset, message, member);
      if (!last->problem) last->problem = ArchiveProblemKind::kOverlap;
    } else if (member.local_offset > reached) {
      check_gap(bytes, reached, member.local_offset, problems);
    }
    if (member.end >= reached) {
      reached = member.end;
      last = &member;
    }
  }
  if (reached < directory.begin) check_gap(bytes, reached, directory.begin, problems);
}

}  // namespace

void note(ArchiveProblems& problems, ArchiveProblemKind kind, std::uint64_t offset, std::string message,
          std::string_view member) {
  Error error{.code = ErrorCode::kCorrupt, .message = std::move(message), .offset = offset};
  if (!member.empty()) error.where = quote(member);
  problems.add({kind, false, std::move(error)});
}

void blame(ArchiveProblems& problems, ArchiveProblemKind kind, std::uint64_t offset, std::string message,
           ZipMember& member) {
  const bool is_unread = kind == ArchiveProblemKind::kUnsupportedMethod;
  problems.add({kind,
                true,
                {.code = is_unread ? ErrorCode::kUnsupported : ErrorCode::kCorrupt,
                 .message = std::move(message),
                 .offset = offset,
                 .where = quote(member.name)}});
  if (!member.problem) member.problem = kind;
}

void check_zip_members(ByteSpan bytes, const ZipDirectory& directory,
                       const std::vector<std::uint32_t>& by_name, std::vector<ZipMember>& members,
                       ArchiveProblems& problems) {
  for (ZipMember& member : members) {
    check_local_header(bytes, directory, member, problems);
    check_member(member, problems);
  }
  check_names(by_name, members, problems);
  check_extents(bytes, directory, members, problems);
}

}  // namespace cppickle
