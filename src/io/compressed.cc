#include "io/compressed.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "io/decoder.h"

namespace cppickle {
namespace {

constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;
constexpr std::size_t kStep = std::size_t{4} << 20;
constexpr std::uint64_t kRatioFrom = 64 * kMebibyte;

// joblib 0.9.3, numpy_pickle_compat.read_zfile: "ZF", then hex(length) padded with spaces to the width of
// hex(2**64), which is 19; Python 2 with joblib <= 0.8.4 padded to 20, because its hex() ends in "L".
constexpr std::size_t kZfileLengthAt = 2;
constexpr std::size_t kZfileLengthSize = 19;
constexpr std::size_t kZfileHeader = kZfileLengthAt + kZfileLengthSize;

bool starts_with(ByteSpan input, std::string_view magic) { return as_view(input).starts_with(magic); }

std::optional<std::uint64_t> zfile_length(ByteSpan input) {
  if (input.size() < kZfileHeader || !starts_with(input, "ZF0x")) return std::nullopt;
  std::string_view text = as_view(input.subspan(kZfileLengthAt + 2, kZfileLengthSize - 2));
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (!text.empty() && text.back() == 'L') text.remove_suffix(1);
  if (text.empty() || text.size() > 16) return std::nullopt;
  std::uint64_t length = 0;
  for (const char c : text) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    length = length << 4 | digit;
  }
  return length;
}

Damage decode_zfile(ByteSpan input, DecoderOutput& output, std::uint64_t& consumed) {
  const std::optional<std::uint64_t> length = zfile_length(input);
  if (!length) {
    if (input.size() < kZfileHeader) return truncated_stream("joblib Z-file", input.size());
    return corrupt_stream("joblib Z-file", 2, "no length after 'ZF'");
  }
  std::size_t begin = kZfileHeader;
  if (begin < input.size() && input[begin] == ' ') ++begin;
  Damage damage = decode_zlib(input.subspan(begin), output, consumed);
  consumed += begin;
  if (damage) {
    damage->offset += begin;
    return damage;
  }
  if (output.size() == *length) return std::nullopt;
  return corrupt_stream("joblib Z-file", 2,
                        "the header says " + std::to_string(*length) + " bytes, the stream holds " +
                            std::to_string(output.size()));
}

Damage decode(ByteSpan input, Compression compression, DecoderOutput& output, std::uint64_t& consumed) {
  switch (compression) {
    case Compression::kNone: break;
    case Compression::kGzip: return decode_gzip(input, output, consumed);
    case Compression::kZlib: return decode_zlib(input, output, consumed);
    case Compression::kDeflate: return decode_deflate(input, output, consumed);
    case Compression::kBz2: return decode_bz2(input, output, consumed);
    case Compression::kXz: return decode_xz(input, output, consumed);
    case Compression::kLzma: return decode_lzma(input, output, consumed);
    case Compression::kLz4: return decode_lz4(input, output, consumed);
    case Compression::kZstd: return decode_zstd(input, output, consumed);
    case Compression::kZfile: return decode_zfile(input, output, consumed);
  }
  return std::nullopt;
}

// RFC 1950, 2.2: method 8, window at most 32 KiB, no preset dictionary, and the two bytes are a multiple of
// 31. Of those only the window of 32 KiB is taken, as every Python writer makes it.
bool is_zlib(ByteSpan input) {
  return input.size() >= 2 && input[0] == 0x78 && (input[0] * 256u + input[1]) % 31 == 0 &&
         (input[1] & 0x20) == 0;
}

// The .lzma header has no magic: properties (lc 3, lp 0, pb 2 from every known writer), dictionary size of
// the form 2^n or 2^n + 2^(n-1), and the size, which is -1 or plausible (liblzma's alone_decoder.c asks the
// same).
bool is_lzma(ByteSpan input) {
  if (input.size() < 13 || input[0] != 0x5D) return false;
  std::uint64_t dictionary = 0;
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) dictionary |= std::uint64_t{input[1 + i]} << (8 * i);
  for (std::size_t i = 0; i < 8; ++i) size |= std::uint64_t{input[5 + i]} << (8 * i);
  if (dictionary != 0xFFFFFFFF) {
    if (dictionary < 4096) return false;
    const std::uint64_t odd = dictionary >> __builtin_ctzll(dictionary);
    if (odd != 1 && odd != 3) return false;
  }
  return size == ~std::uint64_t{0} || size < std::uint64_t{1} << 38;
}

}  // namespace

DecoderOutput::DecoderOutput(const Limits& limits, std::size_t input_size) : limits_(limits) {
  // A guess; a small file that says nothing about its size costs little.
  const std::uint64_t guess = std::clamp<std::uint64_t>(std::uint64_t{input_size} * 4, 4096, 64 * kMebibyte);
  buffer_.reserve(static_cast<std::size_t>(std::min(guess, std::max<std::uint64_t>(limits.decompressed, 1))));
}

std::span<std::uint8_t> DecoderOutput::room() {
  if (buffer_.spare().empty()) {
    const std::uint64_t most = std::min(limits_.decompressed, ~std::uint64_t{0} - 1) + 1;
    buffer_.reserve(
        static_cast<std::size_t>(std::min<std::uint64_t>(std::uint64_t{buffer_.capacity()} * 2, most)));
  }
  const std::span<std::uint8_t> spare = buffer_.spare();
  return spare.first(std::min(spare.size(), kStep));
}

bool DecoderOutput::wrote(std::size_t count, std::uint64_t consumed) {
  buffer_.grow(count);
  const std::uint64_t size = buffer_.size();
  if (size > limits_.decompressed) {
    error_ = Error{.code = ErrorCode::kLimit,
                   .message = "grows to more than " + std::to_string(limits_.decompressed) +
                              " bytes (limit 'decompressed'); raise it with --limit decompressed=N",
                   .offset = consumed};
  } else if (size > kRatioFrom && size / std::max<std::uint64_t>(limits_.ratio, 1) > consumed) {
    error_ =
        Error{.code = ErrorCode::kLimit,
              .message = "grows more than " + std::to_string(limits_.ratio) +
                         "-fold, as decompression bombs do (limit 'ratio'); raise it with --limit ratio=N",
              .offset = consumed};
  }
  return !error_;
}

// The largest window that common tools make by default is 64 MiB (xz -9) or 128 MiB (zstd --ultra -22), so
// that much is always granted; a larger one is of no use for less output than itself.
std::uint64_t DecoderOutput::most_memory() const {
  return std::clamp(limits_.decompressed, 144 * kMebibyte, 1088 * kMebibyte);
}

Error truncated_stream(std::string_view format, std::uint64_t offset) {
  return {.code = ErrorCode::kTruncated,
          .message =
              "the " + std::string(format) + " data ends before its end mark: the file was cut; get it again",
          .offset = offset};
}

Error corrupt_stream(std::string_view format, std::uint64_t offset, std::string_view what) {
  return {.code = ErrorCode::kCorrupt,
          .message = "damaged " + std::string(format) + " data: " + std::string(what),
          .offset = offset};
}

Error memory_limit(std::string_view format, std::uint64_t offset, std::uint64_t most) {
  return {.code = ErrorCode::kLimit,
          .message = "the " + std::string(format) + " data asks for a window of more than " +
                     std::to_string(most >> 20) + " MiB (limit 'decompressed')",
          .offset = offset};
}

std::string_view name_of(Compression compression) {
  switch (compression) {
    case Compression::kNone: return "none";
    case Compression::kGzip: return "gzip";
    case Compression::kZlib: return "zlib";
    case Compression::kDeflate: return "deflate";
    case Compression::kBz2: return "bz2";
    case Compression::kXz: return "xz";
    case Compression::kLzma: return "lzma";
    case Compression::kLz4: return "lz4";
    case Compression::kZstd: return "zstd";
    case Compression::kZfile: return "zfile";
  }
  return "none";
}

Compression detect_compression(ByteSpan input) {
  if (starts_with(input, "\x1F\x8B\x08")) return Compression::kGzip;
  if (starts_with(input, std::string_view("\xFD"
                                          "7zXZ\0",
                                          6)))
    return Compression::kXz;
  // The fourth byte is the block size, then a block's or the end's magic; "BZh" alone could begin a text.
  if (starts_with(input, "BZh") && input.size() >= 10 && input[3] >= '1' && input[3] <= '9') {
    const std::string_view magic = as_view(input.subspan(4, 6));
    if (magic == "1AY&SY" || magic == "\x17\x72\x45\x38\x50\x90") return Compression::kBz2;
  }
  if (starts_with(input, "\x04\x22\x4D\x18")) return Compression::kLz4;
  if (starts_with(input, "\x28\xB5\x2F\xFD")) return Compression::kZstd;
  if (zfile_length(input)) return Compression::kZfile;
  if (is_zlib(input)) return Compression::kZlib;
  if (is_lzma(input)) return Compression::kLzma;
  return Compression::kNone;
}

PartlyDecompressed decompress_partly(ByteSpan input, Compression compression, const Limits& limits) {
  PartlyDecompressed result;
  if (compression == Compression::kNone) {
    result.data = Bytes::copy_of(input);
    result.consumed = input.size();
    return result;
  }
  DecoderOutput output(limits, input.size());
  result.damage = decode(input, compression, output, result.consumed);
  result.data = output.release();
  return result;
}

Result<Decompressed> decompress(ByteSpan input, Compression compression, const Limits& limits) {
  PartlyDecompressed result = decompress_partly(input, compression, limits);
  if (result.damage) return std::unexpected(*std::move(result.damage));
  return Decompressed{std::move(result.data), result.consumed};
}

}  // namespace cppickle
