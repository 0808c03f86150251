// xz and the older .lzma, by liblzma.
#include <lzma.h>

#include <new>

#include "io/decoder.h"

namespace cppickle {
namespace {

class LzmaStream {
 public:
  LzmaStream() = default;
  LzmaStream(const LzmaStream&) = delete;
  LzmaStream& operator=(const LzmaStream&) = delete;
  ~LzmaStream() { lzma_end(&stream_); }
  lzma_stream* get() { return &stream_; }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

Error refusal(std::string_view format, lzma_ret status, std::uint64_t offset, std::uint64_t most) {
  switch (status) {
    case LZMA_MEM_ERROR: throw std::bad_alloc();
    case LZMA_MEMLIMIT_ERROR: return memory_limit(format, offset, most);
    case LZMA_BUF_ERROR: return truncated_stream(format, offset);
    case LZMA_OPTIONS_ERROR:
      return {ErrorCode::kUnsupported, "the xz data uses options that liblzma does not know", offset};
    case LZMA_FORMAT_ERROR: return corrupt_stream(format, offset, "no stream header");
    default: return corrupt_stream(format, offset, "liblzma finds a wrong structure or checksum");
  }
}

// One stream from `begin` on, which is moved past it.
Damage run(std::string_view format, lzma_stream* stream, ByteSpan input, DecoderOutput& output,
           std::uint64_t& begin) {
  stream->next_in = input.data() + begin;
  stream->avail_in = input.size() - begin;
  for (;;) {
    const std::span<std::uint8_t> room = output.room();
    stream->next_out = room.data();
    stream->avail_out = room.size();
    const lzma_ret status = lzma_code(stream, LZMA_FINISH);
    begin = input.size() - stream->avail_in;
    if (!output.wrote(room.size() - stream->avail_out, begin)) return output.error();
    if (status == LZMA_STREAM_END) return std::nullopt;
    if (status != LZMA_OK) return refusal(format, status, begin, output.most_memory());
  }
}

bool is_xz(ByteSpan input) {
  return as_view(input).starts_with(
      std::string_view("\xFD"
                       "7zXZ\0",
                       6));
}

}  // namespace

// Stream padding is zero bytes, four at a time (xz file format 1.1.0, section 2.2).
Damage decode_xz(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed) {
  for (;;) {
    LzmaStream stream;
    const lzma_ret status =
        lzma_stream_decoder(stream.get(), output.most_memory(), LZMA_TELL_UNSUPPORTED_CHECK);
    if (status != LZMA_OK) throw std::bad_alloc();
    if (Damage damage = run("xz", stream.get(), input, output, consumed)) return damage;
    std::size_t next = consumed;
    while (input.size() - next >= 4 && as_view(input.subspan(next, 4)) == std::string_view("\0\0\0\0", 4))
      next += 4;
    if (next == input.size() || is_xz(input.subspan(next))) consumed = next;
    if (next == input.size() || !is_xz(input.subspan(next))) return std::nullopt;
  }
}

Damage decode_lzma(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed) {
  LzmaStream stream;
  if (lzma_alone_decoder(stream.get(), output.most_memory()) != LZMA_OK) throw std::bad_alloc();
  return run("lzma", stream.get(), input, output, consumed);
}

}  // namespace cppickle
