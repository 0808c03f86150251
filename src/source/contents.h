// What a Source holds, and one part of it on its way in.
#ifndef CPPICKLE_SOURCE_CONTENTS_H_
#define CPPICKLE_SOURCE_CONTENTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/source.h"
#include "io/bytes.h"

namespace cppickle {

struct SourceContents {
  std::string container;
  std::string what;
  std::vector<PickleStream> streams;
  std::vector<Bytes> stream_bytes;  // one for each stream: a handle that keeps its bytes
  std::vector<Blob> blobs;
  std::vector<Bytes> blob_bytes;  // likewise
  std::vector<SideFile> side_files;
  std::vector<Error> problems;
  std::uint64_t file_size = 0;
  Bytes file = {};
};

// Bytes of which nothing is known yet but where they come from.
struct Part {
  Bytes bytes;
  std::string where;        // as in PickleStream
  std::uint64_t depth = 0;  // of containers around it
  std::string key = {};     // of a member that is one of torch's storages by its name
  bool is_damaged = false;
};

}  // namespace cppickle

#endif  // CPPICKLE_SOURCE_CONTENTS_H_
