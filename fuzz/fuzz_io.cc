// Any bytes through everything that reads files: what they are, and then as what they may be.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "io/compressed.h"
#include "io/detect.h"
#include "io/npy.h"
#include "io/tar.h"
#include "io/zip.h"

namespace {

using namespace cppickle;

void check(bool holds) {
  if (!holds) std::abort();
}

void read_zip(const Bytes& bytes, const Limits& limits) {
  const Result<ZipArchive> archive = ZipArchive::open(bytes, limits);
  if (!archive) return;
  check(archive->begin() <= archive->end() && archive->end() <= bytes.size());
  std::uint64_t stored = 0;
  for (const ZipMember& member : archive->members()) {
    const Result<Bytes> data = archive->extract(member, limits);
    const PartlyDecompressed partly = archive->extract_partly(member, limits);
    check(data.has_value() == !partly.damage);
    if (data) check(data->size() == member.size && archive->find(member.name) != nullptr);
    if (data) stored += member.compressed_size;
  }
  // Members that share bytes are never both extracted.
  check(stored <= bytes.size());
}

void read_tar(const Bytes& bytes, const Limits& limits) {
  const Result<TarArchive> archive = TarArchive::open(bytes, limits);
  if (!archive) return;
  check(archive->end() <= bytes.size());
  std::uint64_t stored = 0;
  for (const TarMember& member : archive->members()) {
    const Result<Bytes> data = archive->extract(member);
    if (data) stored += data->size();
  }
  check(stored <= bytes.size());
}

void read_npy(const Bytes& bytes) {
  const Result<NpyHeader> header = read_npy_header(bytes.span());
  if (!header) return;
  check(header->data_offset <= bytes.size());
  check(!header->data_size || *header->data_size <= bytes.size() - header->data_offset);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Limits limits;
  limits.decompressed = 1 << 20;
  limits.members = 1000;
  const ByteSpan span(data, size);
  const Bytes bytes = Bytes::borrow(span);
  const Detection found = detect(span);
  check(!found.phrase.empty());
  for (int i = 1; i <= static_cast<int>(Compression::kZfile); ++i) {
    const auto compression = static_cast<Compression>(i);
    // Most inputs are of one format only; the others would refuse them at once.
    if (compression != found.compression && compression != Compression::kDeflate) continue;
    const PartlyDecompressed plain = decompress_partly(span, compression, limits);
    check(plain.consumed <= size && plain.data.size() <= limits.decompressed + 1);
    if (!plain.damage) detect(plain.data.span());
    if (!plain.damage && plain.data.size() >= 512) read_tar(plain.data, limits);
  }
  read_zip(bytes, limits);
  read_tar(bytes, limits);
  read_npy(bytes);
  return 0;
}
