// The parts of reading a zip archive. Private to zip*.cc.
#ifndef CPPICKLE_IO_ZIP_LAYOUT_H_
#define CPPICKLE_IO_ZIP_LAYOUT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/error.h"
#include "io/archive_problem.h"
#include "io/bytes.h"
#include "io/zip.h"

namespace cppickle {

// Where the central directory lies, as the records at the end of the archive say.
struct ZipDirectory {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;     // of the directory: the zip64 record or the end record begins here
  std::uint64_t count = 0;   // of its entries
  std::uint64_t prefix = 0;  // added to every offset: what was put before the archive
  std::uint64_t archive_end = 0;
};

// Reads the end records (APPNOTE 4.3.14 to 4.3.16).
Result<ZipDirectory> find_zip_directory(ByteSpan bytes, ArchiveProblems& problems);

// Reads each member's local header and marks what contradicts the directory; `by_name` holds the members'
// indexes in the order of their names.
void check_zip_members(ByteSpan bytes, const ZipDirectory& directory,
                       const std::vector<std::uint32_t>& by_name, std::vector<ZipMember>& members,
                       ArchiveProblems& problems);

// The values of the zip64 extra field (APPNOTE 4.5.3) in the order in which they are stored, for those of
// the header's own fields that are all ones. False if the field is needed and absent or too short.
struct Zip64Fields {
  std::uint64_t* size;
  std::uint64_t* compressed_size;
  std::uint64_t* offset;  // nullptr in a local header
};
bool read_zip64_extra(ByteSpan extra, const Zip64Fields& fields);

void note(ArchiveProblems& problems, ArchiveProblemKind kind, std::uint64_t offset, std::string message,
          std::string_view member = {});

// Adds the error, and makes it the member's problem unless it has one.
void blame(ArchiveProblems& problems, ArchiveProblemKind kind, std::uint64_t offset, std::string message,
           ZipMember& member);

}  // namespace cppickle

#endif  // CPPICKLE_IO_ZIP_LAYOUT_H_
