// .npy files: an array, or for dtypes that hold objects a pickle after the header (numpy/lib/format.py,
// read_array).
#include "io/npy.h"
#include "source/opening.h"

namespace cppickle {

Result<std::string> open_npy(const Part& part, Opening& opening) {
  const Result<NpyHeader> header = read_npy_header(part.bytes.span());
  if (!header) return std::unexpected(header.error());
  const std::uint64_t rest = part.bytes.size() - header->data_offset;
  if (header->is_object) {
    opening.add_stream(part, header->data_offset, rest);
    return "npy";
  }
  opening.add_blob(part, 0, part.bytes.size(), "a numpy array file (.npy)");
  if (header->data_size && *header->data_size < rest) {
    const std::uint64_t end = header->data_offset + *header->data_size;
    opening.add_problem(
        {ErrorCode::kCorrupt, std::to_string(part.bytes.size() - end) + " bytes follow the array", end},
        part.where);
  }
  return "npy";
}

}  // namespace cppickle
