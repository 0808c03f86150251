// TAR archives: ustar (POSIX.1-1988), pax (POSIX.1-2001) and GNU's long names and large numbers. Members are
// read as Python's tarfile reads them; whatever another reader would see differently is a problem.
#ifndef CPPICKLE_IO_TAR_H_
#define CPPICKLE_IO_TAR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/error.h"
#include "cppickle/limits.h"
#include "io/archive_problem.h"
#include "io/bytes.h"

namespace cppickle {

struct TarMember {
  std::string name;
  char type = '0';  // '0' a file, '1' and '2' links, '5' a folder, others as in the header
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
  std::uint64_t size = 0;
  std::optional<ArchiveProblemKind> problem = std::nullopt;

  bool is_file() const { return type == '0' || type == '\0' || type == '7'; }
};

// True if `block` begins with a header whose checksum is right.
bool is_tar_header(ByteSpan block);

class TarArchive {
 public:
  // Fails when the first header is none, or at Limits::members. A later bad header ends the list of members
  // and is one of the `problems`, as is a cut file.
  static Result<TarArchive> open(Bytes bytes, const Limits& limits);

  const std::vector<TarMember>& members() const { return members_; }
  const ArchiveProblems& problems() const { return problems_; }
  std::uint64_t end() const { return end_; }  // past the last member and the zero blocks after it

  // The bytes of a file without a problem, as a part of the archive's: kCorrupt, kTruncated, kUnsupported.
  Result<Bytes> extract(const TarMember& member) const;

 private:
  TarArchive() = default;

  Bytes bytes_;
  std::vector<TarMember> members_;
  ArchiveProblems problems_;
  std::uint64_t end_ = 0;
};

}  // namespace cppickle

#endif  // CPPICKLE_IO_TAR_H_
