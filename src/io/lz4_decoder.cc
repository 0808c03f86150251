// LZ4 frames, by liblz4 (lz4_Frame_format.md 1.6.2).
#include <lz4frame.h>

#include <new>

#include "io/decoder.h"

namespace cppickle {
namespace {

class Lz4Context {
 public:
  Lz4Context() {
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION))) throw std::bad_alloc();
  }
  Lz4Context(const Lz4Context&) = delete;
  Lz4Context& operator=(const Lz4Context&) = delete;
  ~Lz4Context() { LZ4F_freeDecompressionContext(context_); }
  LZ4F_dctx* get() { return context_; }

 private:
  LZ4F_dctx* context_ = nullptr;
};

// "184D2204" or a skippable frame, "184D2A50" to "184D2A5F", little-endian.
bool is_frame(ByteSpan input) {
  const std::string_view text = as_view(input);
  if (text.starts_with("\x04\x22\x4D\x18")) return true;
  return text.size() >= 4 && (input[0] & 0xF0) == 0x50 && text.substr(1, 3) == "\x2A\x4D\x18";
}

// One frame from `begin` on, which is moved past it. Context reuse after the end of a frame is liblz4's way.
Damage run(LZ4F_dctx* context, ByteSpan input, DecoderOutput& output, std::uint64_t& begin) {
  for (;;) {
    const std::span<std::uint8_t> room = output.room();
    std::size_t written = room.size();
    std::size_t read = input.size() - begin;
    const std::size_t status =
        LZ4F_decompress(context, room.data(), &written, input.data() + begin, &read, nullptr);
    if (LZ4F_isError(status)) return corrupt_stream("lz4", begin, LZ4F_getErrorName(status));
    begin += read;
    if (!output.wrote(written, begin)) return output.error();
    if (status == 0) return std::nullopt;
    if (read == 0 && written == 0) return truncated_stream("lz4", begin);
  }
}

}  // namespace

Damage decode_lz4(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed) {
  Lz4Context context;
  do {
    if (Damage damage = run(context.get(), input, output, consumed)) return damage;
  } while (is_frame(input.subspan(consumed)));
  return std::nullopt;
}

}  // namespace cppickle
