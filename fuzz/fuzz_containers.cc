// Any bytes as a file: taken apart, and every stream in it read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "cppickle/source.h"

namespace {

using namespace cppickle;

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  OpenOptions options;
  options.limits.decompressed = 1 << 20;
  options.limits.allocation = 1 << 24;
  options.limits.members = 200;
  options.limits.nesting = 4;
  options.limits.depth = 10'000;
  const auto source = Source::from_bytes(std::string(reinterpret_cast<const char*>(data), size), options);
  if (!source) {
    check(!source.error().message.empty());
    return 0;
  }
  check(!source->container().empty() && source->file_size() == size);
  // What is not compressed is there once; a polyglot is there twice.
  std::uint64_t all = 0;
  for (const Blob& blob : source->blobs()) all += blob.bytes.size();
  ReadOptions how;
  how.limits = options.limits;
  for (std::size_t i = 0; i < source->streams().size(); ++i) {
    all += source->streams()[i].bytes.size();
    const auto document = source->read(i, how);
    if (document)
      check(document->pickles() > 0 && document->end_offset() <= source->streams()[i].bytes.size());
  }
  check(all <= 2 * options.limits.nesting * (size + options.limits.decompressed));
  for (const SideFile& file : source->side_files()) check(file.stream < source->streams().size());
  return 0;
}
