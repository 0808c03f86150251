// Compressed streams made plain, within limits. Only a stream that ends well is a success: a cut or damaged
// one is an error, though what came out before the damage can be had for whoever must look at it.
#ifndef CPPICKLE_IO_COMPRESSED_H_
#define CPPICKLE_IO_COMPRESSED_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "cppickle/error.h"
#include "cppickle/limits.h"
#include "io/bytes.h"

namespace cppickle {

enum class Compression : std::uint8_t {
  kNone,
  kGzip,     // RFC 1952, any number of members, zero padding after them
  kZlib,     // RFC 1950
  kDeflate,  // RFC 1951, bare, as in zip members; never detected
  kBz2,      // any number of streams
  kXz,       // any number of streams, with padding between them
  kLzma,     // the .lzma format that came before xz
  kLz4,      // frames, skippable ones too
  kZstd,     // frames, skippable ones too
  kZfile,    // joblib before 0.10: "ZF", the length in hexadecimal text, a zlib stream
};

// "gzip", "zlib" and so on.
std::string_view name_of(Compression compression);

// By the first bytes only; kNone when they are of no known format.
Compression detect_compression(ByteSpan input);

struct Decompressed {
  Bytes data;
  std::uint64_t consumed = 0;  // bytes of the input; less than all of it means that something else follows
};

// As far as it went: with `damage`, `data` is what came out before it and is not to be trusted.
struct PartlyDecompressed {
  Bytes data;
  std::uint64_t consumed = 0;
  std::optional<Error> damage;
};

// Error codes: kTruncated (the input ends first), kCorrupt (structure or checksum), kLimit
// (Limits::decompressed, Limits::ratio or the memory that the stream asks for), kUnsupported. Offsets are in
// the compressed input. kNone copies the input.
Result<Decompressed> decompress(ByteSpan input, Compression compression, const Limits& limits);

PartlyDecompressed decompress_partly(ByteSpan input, Compression compression, const Limits& limits);

}  // namespace cppickle

#endif  // CPPICKLE_IO_COMPRESSED_H_
