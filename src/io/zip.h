// ZIP archives (PKWARE APPNOTE 6.3.10), zip64 included; members that are stored or deflated.
//
// A member is described twice, in the central directory and before its data, and readers differ in which they
// believe. So the archive is read by the directory, as Python and PyTorch do, and everything that another way
// of reading would see differently is a problem of the archive (`problems`) and of the member (`problem`).
#ifndef CPPICKLE_IO_ZIP_H_
#define CPPICKLE_IO_ZIP_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cppickle/error.h"
#include "cppickle/limits.h"
#include "io/archive_problem.h"
#include "io/bytes.h"
#include "io/compressed.h"

namespace cppickle {

enum class ZipMethod : std::uint16_t { kStored = 0, kDeflated = 8 };  // others occur, and are not read

struct ZipMember {
  std::string_view name;  // the directory's bytes, in whatever encoding; lives as long as the archive's bytes
  ZipMethod method = ZipMethod::kStored;
  std::uint16_t flags = 0;
  std::uint32_t crc = 0;
  std::uint64_t compressed_size = 0;
  std::uint64_t size = 0;
  std::uint64_t local_offset = 0;  // of the local header, from the beginning of the archive's bytes
  std::uint64_t data_offset = 0;   // 0: there is no readable local header, and so no data
  std::uint64_t end = 0;           // past the data and its descriptor
  // The first error among the archive's problems that concerns this member.
  std::optional<ArchiveProblemKind> problem = std::nullopt;

  bool is_folder() const { return name.ends_with('/'); }
};

class ZipArchive {
 public:
  enum class Checksum : bool { kIgnore, kVerify };

  // Fails when there is no readable directory (kTruncated, kCorrupt), when it is spread over several disks
  // (kUnsupported), or at Limits::members. Anything less is one of the `problems`.
  static Result<ZipArchive> open(Bytes bytes, const Limits& limits);

  const std::vector<ZipMember>& members() const { return members_; }
  const ArchiveProblems& problems() const { return problems_; }
  std::uint64_t begin() const { return begin_; }  // bytes before it belong to no member
  std::uint64_t end() const { return end_; }      // so do bytes after it

  // The member of that name, nullptr if there is none; of several the last, which is the one Python takes.
  const ZipMember* find(std::string_view name) const;

  // The plain bytes of a member without a problem: kCorrupt (checksum, length), kLimit, kUnsupported.
  // A stored member is a part of the archive's bytes; without its checksum it costs nothing.
  Result<Bytes> extract(const ZipMember& member, const Limits& limits,
                        Checksum checksum = Checksum::kVerify) const;

  // What can be had of a member in spite of its problems, which are its `damage`: encrypted members are read
  // as if they were not, as PyTorch does.
  PartlyDecompressed extract_partly(const ZipMember& member, const Limits& limits) const;

 private:
  ZipArchive() = default;

  Bytes bytes_;
  std::vector<ZipMember> members_;  // in the directory's order
  std::vector<std::uint32_t> by_name_;
  ArchiveProblems problems_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace cppickle

#endif  // CPPICKLE_IO_ZIP_H_
