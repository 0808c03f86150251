// Zstandard frames (RFC 8878), by libzstd.
#include <zstd.h>
#include <zstd_errors.h>

#include <bit>
#include <memory>
#include <new>

#include "io/decoder.h"

namespace cppickle {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// RFC 8878, 3.1.1 and 3.1.2.
bool is_frame(ByteSpan input) {
  const std::string_view text = as_view(input);
  if (text.starts_with("\x28\xB5\x2F\xFD")) return true;
  return text.size() >= 4 && (input[0] & 0xF0) == 0x50 && text.substr(1, 3) == "\x2A\x4D\x18";
}

Error refusal(std::size_t status, std::uint64_t offset, std::uint64_t most) {
  const ZSTD_ErrorCode code = ZSTD_getErrorCode(status);
  if (code == ZSTD_error_memory_allocation) throw std::bad_alloc();
  if (code == ZSTD_error_frameParameter_windowTooLarge) return memory_limit("zstd", offset, most);
  if (code == ZSTD_error_dictionary_wrong)
    return corrupt_stream("zstd", offset, "it needs a dictionary that is not in it");
  return corrupt_stream("zstd", offset, ZSTD_getErrorName(status));
}

}  // namespace

Damage decode_zstd(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed) {
  const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  const std::uint64_t most = output.most_memory();
  const int window_log =
      static_cast<int>(std::bit_width(most)) - 1;  // 27 to 30: libzstd itself takes 10 to 31
  if (ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log)))
    throw std::bad_alloc();
  for (;;) {
    const std::span<std::uint8_t> room = output.room();
    ZSTD_outBuffer out = {room.data(), room.size(), 0};
    ZSTD_inBuffer in = {input.data() + consumed, input.size() - consumed, 0};
    const std::size_t status = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(status)) return refusal(status, consumed, most);
    consumed += in.pos;
    if (!output.wrote(out.pos, consumed)) return output.error();
    // A frame ended: the status is 0 only once, so what follows decides.
    if (status == 0 && !is_frame(input.subspan(consumed))) return std::nullopt;
    if (status != 0 && in.pos == 0 && out.pos == 0) return truncated_stream("zstd", consumed);
  }
}

}  // namespace cppickle
