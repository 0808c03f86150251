// bzip2, by libbz2.
#include <bzlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "io/decoder.h"

namespace cppickle {
namespace {

class Bz2Stream {
 public:
  Bz2Stream() {
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
  }
  Bz2Stream(const Bz2Stream&) = delete;
  Bz2Stream& operator=(const Bz2Stream&) = delete;
  ~Bz2Stream() { BZ2_bzDecompressEnd(&stream_); }

  // One stream from `begin` on, which is moved past it.
  Damage run(ByteSpan input, DecoderOutput& output, std::uint64_t& begin) {
    for (;;) {
      const std::span<std::uint8_t> room = output.room();
      const auto count = std::min<std::uint64_t>(input.size() - begin, std::numeric_limits<unsigned>::max());
      // libbz2's own type is not const.
      stream_.next_in = const_cast<char*>(as_view(input.subspan(begin)).data());
      stream_.avail_in = static_cast<unsigned>(count);
      stream_.next_out = reinterpret_cast<char*>(room.data());
      stream_.avail_out = static_cast<unsigned>(room.size());
      const int status = BZ2_bzDecompress(&stream_);
      begin += count - stream_.avail_in;
      if (!output.wrote(room.size() - stream_.avail_out, begin)) return output.error();
      if (status == BZ_STREAM_END) return std::nullopt;
      if (status == BZ_MEM_ERROR) throw std::bad_alloc();
      if (status == BZ_DATA_ERROR_MAGIC) return corrupt_stream("bz2", begin, "no stream header");
      if (status != BZ_OK) return corrupt_stream("bz2", begin, "libbz2 finds a wrong structure or checksum");
      if (begin == input.size() && stream_.avail_out != 0) return truncated_stream("bz2", begin);
    }
  }

 private:
  bz_stream stream_ = {};
};

}  // namespace

Damage decode_bz2(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed) {
  do {
    if (Damage damage = Bz2Stream().run(input, output, consumed)) return damage;
  } while (as_view(input.subspan(consumed)).starts_with("BZh"));
  return std::nullopt;
}

}  // namespace cppickle
