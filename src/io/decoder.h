// What the decoders of the compressed formats share: a bounded output, and one function per format.
// Private to compressed.cc and the *_decoder.cc files.
#ifndef CPPICKLE_IO_DECODER_H_
#define CPPICKLE_IO_DECODER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cppickle/error.h"
#include "cppickle/limits.h"
#include "io/bytes.h"

namespace cppickle {

// The output of one decompression. It may grow to one byte over Limits::decompressed, so that a stream of
// exactly that length is not refused.
class DecoderOutput {
 public:
  DecoderOutput(const Limits& limits, std::size_t input_size);

  // Where to write next: never empty, and at most 4 MiB, so that the limits are looked at often.
  std::span<std::uint8_t> room();

  // `count` bytes were written after `consumed` bytes of input, in all, had been read. False ends the work.
  [[nodiscard]] bool wrote(std::size_t count, std::uint64_t consumed);

  // Memory that a stream may ask for before it gave anything: dictionaries and windows.
  std::uint64_t most_memory() const;

  std::uint64_t size() const { return buffer_.size(); }
  const std::optional<Error>& error() const { return error_; }
  Bytes release() { return buffer_.release(); }

 private:
  Limits limits_;
  ByteBuffer buffer_;
  std::optional<Error> error_;
};

// Each decodes from the beginning of `input`, which may hold more than the stream, and leaves in `consumed`
// the bytes that were read. Nothing returned means that the stream ended well.
using Damage = std::optional<Error>;
Damage decode_gzip(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed);
Damage decode_zlib(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed);
Damage decode_deflate(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed);
Damage decode_bz2(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed);
Damage decode_xz(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed);
Damage decode_lzma(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed);
Damage decode_lz4(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed);
Damage decode_zstd(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed);

Error truncated_stream(std::string_view format, std::uint64_t offset);
Error corrupt_stream(std::string_view format, std::uint64_t offset, std::string_view what);
Error memory_limit(std::string_view format, std::uint64_t offset, std::uint64_t most);

}  // namespace cppickle

#endif  // CPPICKLE_IO_DECODER_H_
