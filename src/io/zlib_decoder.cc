// gzip (RFC 1952), zlib (RFC 1950) and bare deflate (RFC 1951), by zlib.
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "io/decoder.h"

namespace cppickle {
namespace {

constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;
constexpr int kDeflateWindow = -15;

class Inflater {
 public:
  explicit Inflater(int window) : status_(inflateInit2(&stream_, window)) {}
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  // One stream from `begin` on, which is moved past it.
  Damage run(std::string_view format, ByteSpan input, DecoderOutput& output, std::uint64_t& begin) {
    if (status_ != Z_OK) throw std::bad_alloc();
    while (status_ != Z_STREAM_END) {
      const std::span<std::uint8_t> room = output.room();
      const auto count = std::min<std::uint64_t>(input.size() - begin, std::numeric_limits<uInt>::max());
      stream_.next_in = const_cast<Bytef*>(input.data() + begin);  // zlib's own type is not const
      stream_.avail_in = static_cast<uInt>(count);
      stream_.next_out = room.data();
      stream_.avail_out = static_cast<uInt>(room.size());
      status_ = inflate(&stream_, Z_NO_FLUSH);
      begin += count - stream_.avail_in;
      if (!output.wrote(room.size() - stream_.avail_out, begin)) return output.error();
      if (status_ == Z_MEM_ERROR) throw std::bad_alloc();
      if (status_ == Z_BUF_ERROR || (status_ == Z_OK && begin == input.size() && stream_.avail_out != 0)) {
        return truncated_stream(format, begin);
      }
      if (status_ == Z_NEED_DICT)
        return corrupt_stream(format, begin, "it needs a dictionary that is not in it");
      if (status_ != Z_OK && status_ != Z_STREAM_END) {
        return corrupt_stream(format, begin, stream_.msg != nullptr ? stream_.msg : "zlib refuses it");
      }
    }
    return std::nullopt;
  }

 private:
  z_stream stream_ = {};
  int status_;
};

}  // namespace

Damage decode_zlib(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed) {
  return Inflater(kZlibWindow).run("zlib", input, output, consumed);
}

Damage decode_deflate(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed) {
  return Inflater(kDeflateWindow).run("deflate", input, output, consumed);
}

// After a member come more members or zero bytes, which Python's gzip module skips; anything else is left.
Damage decode_gzip(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed) {
  for (;;) {
    if (Damage damage = Inflater(kGzipWindow).run("gzip", input, output, consumed)) return damage;
    while (consumed < input.size() && input[consumed] == 0) ++consumed;
    if (input.size() - consumed < 2 || input[consumed] != 0x1F || input[consumed + 1] != 0x8B)
      return std::nullopt;
  }
}

}  // namespace cppickle
