#include <gtest/gtest.h>
#include <lz4frame.h>
#include <zstd.h>

#include <vector>

#include "io/compressed.h"
#include "io_sample.h"

namespace cppickle {
namespace {

using testing::python;
using testing::sample_text;

const char* const kPythonText =
    "s = 12345; t = \"\"\n"
    "while len(t) < 3000:\n"
    "    s = (s * 1664525 + 1013904223) & 0xffffffff\n"
    "    t += \"word%d%s\" % (s >> 22, \"\\n\" if s >> 28 == 0 else \" \")\n"
    "t = t[:3000].encode()\n";

std::string lz4_of(const std::string& text) {
  LZ4F_preferences_t preferences = LZ4F_INIT_PREFERENCES;
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  std::string out(LZ4F_compressFrameBound(text.size(), &preferences), '\0');
  out.resize(LZ4F_compressFrame(out.data(), out.size(), text.data(), text.size(), &preferences));
  return out;
}

std::string zstd_of(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

struct Sample {
  Compression compression;
  std::string bytes;  // of sample_text(3000)
  bool has_checksum;
};

// Made by Python's own modules, and by liblz4 and libzstd, once for all tests.
const std::vector<Sample>& samples() {
  static const std::vector<Sample> made = [] {
    const std::string text = kPythonText;
    std::vector<Sample> list;
    list.push_back({Compression::kGzip, python(text + "import gzip; out.write(gzip.compress(t))"), true});
    list.push_back({Compression::kZlib, python(text + "import zlib; out.write(zlib.compress(t))"), true});
    list.push_back({Compression::kBz2, python(text + "import bz2; out.write(bz2.compress(t))"), true});
    list.push_back({Compression::kXz, python(text + "import lzma; out.write(lzma.compress(t))"), true});
    list.push_back({Compression::kLzma,
                    python(text + "import lzma; out.write(lzma.compress(t, format=lzma.FORMAT_ALONE))"),
                    false});
    list.push_back({Compression::kZfile,
                    python(text + "import zlib; out.write(b\"ZF\" + hex(len(t)).ljust(19).encode())\n"
                                  "out.write(zlib.compress(t))"),
                    true});
    list.push_back({Compression::kLz4, lz4_of(sample_text(3000)), true});
    list.push_back({Compression::kZstd, zstd_of(sample_text(3000)), true});
    std::erase_if(list, [](const Sample& sample) { return sample.bytes.empty(); });
    return list;
  }();
  return made;
}

Limits small_limits() {
  Limits limits;
  limits.decompressed = 100'000;
  return limits;
}

TEST(Compressed, ReadsWhatOthersWrote) {
  EXPECT_EQ(samples().size(), 8u) << "python3 is needed";
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(name_of(sample.compression));
    EXPECT_EQ(detect_compression(as_span(sample.bytes)), sample.compression);
    const Result<Decompressed> result = decompress(as_span(sample.bytes), sample.compression, {});
    ASSERT_TRUE(result) << result.error().to_string();
    EXPECT_EQ(result->data.view(), sample_text(3000));
    EXPECT_EQ(result->consumed, sample.bytes.size());
  }
}

TEST(Compressed, CutAtEveryByte) {
  for (const Sample& sample : samples()) {
    for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
      const std::string cut = sample.bytes.substr(0, size);
      const Result<Decompressed> result = decompress(as_span(cut), sample.compression, small_limits());
      ASSERT_FALSE(result) << name_of(sample.compression) << " cut at " << size;
      ASSERT_EQ(result.error().code, ErrorCode::kTruncated)
          << name_of(sample.compression) << " cut at " << size << ": " << result.error().to_string();
    }
  }
}

TEST(Compressed, EveryByteFlipped) {
  for (const Sample& sample : samples()) {
    for (std::size_t at = 0; at < sample.bytes.size(); ++at) {
      std::string flipped = sample.bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
      const Result<Decompressed> result = decompress(as_span(flipped), sample.compression, small_limits());
      // A success is right only when nothing that matters was flipped (a name or time in a header, say).
      if (result && sample.has_checksum && result->consumed == flipped.size()) {
        EXPECT_EQ(result->data.view(), sample_text(3000)) << name_of(sample.compression) << " at " << at;
      }
    }
  }
}

TEST(Compressed, WhatCameOutBeforeTheCut) {
  for (const Sample& sample : samples()) {
    const std::string cut = sample.bytes.substr(0, sample.bytes.size() - 1);
    const PartlyDecompressed result = decompress_partly(as_span(cut), sample.compression, {});
    SCOPED_TRACE(name_of(sample.compression));
    ASSERT_TRUE(result.damage);
    EXPECT_TRUE(sample_text(3000).starts_with(result.data.view()));
  }
}

TEST(Compressed, StreamsOneAfterTheOther) {
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(name_of(sample.compression));
    const Result<Decompressed> result =
        decompress(as_span(sample.bytes + sample.bytes), sample.compression, {});
    ASSERT_TRUE(result) << result.error().to_string();
    const bool single = sample.compression == Compression::kZlib ||
                        sample.compression == Compression::kLzma || sample.compression == Compression::kZfile;
    EXPECT_EQ(result->data.size(), single ? 3000u : 6000u);
    EXPECT_EQ(result->consumed, sample.bytes.size() * (single ? 1 : 2));
  }
}

TEST(Compressed, WhatFollowsIsNotConsumed) {
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(name_of(sample.compression));
    const Result<Decompressed> result = decompress(as_span(sample.bytes + "junk"), sample.compression, {});
    ASSERT_TRUE(result) << result.error().to_string();
    EXPECT_EQ(result->consumed, sample.bytes.size());
    EXPECT_EQ(result->data.size(), 3000u);
  }
}

TEST(Compressed, Padding) {
  for (const Sample& sample : samples()) {
    if (sample.compression != Compression::kGzip && sample.compression != Compression::kXz) continue;
    const std::string padded = sample.bytes + std::string(8, '\0') + sample.bytes + std::string(4, '\0');
    const Result<Decompressed> result = decompress(as_span(padded), sample.compression, {});
    ASSERT_TRUE(result) << result.error().to_string();
    EXPECT_EQ(result->data.size(), 6000u);
    EXPECT_EQ(result->consumed, padded.size());
  }
}

TEST(Compressed, LimitOnTheOutput) {
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(name_of(sample.compression));
    Limits limits;
    limits.decompressed = 3000;
    EXPECT_TRUE(decompress(as_span(sample.bytes), sample.compression, limits));
    for (const std::uint64_t most : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2999}}) {
      limits.decompressed = most;
      const Result<Decompressed> result = decompress(as_span(sample.bytes), sample.compression, limits);
      ASSERT_FALSE(result) << most;
      EXPECT_EQ(result.error().code, ErrorCode::kLimit);
    }
  }
}

TEST(Compressed, LimitOnTheRatio) {
  const std::string bomb = python("import gzip; out.write(gzip.compress(bytes(100 << 20)))");
  ASSERT_FALSE(bomb.empty());
  Limits limits;
  limits.ratio = 2000;
  EXPECT_TRUE(decompress(as_span(bomb), Compression::kGzip, limits));
  limits = {};
  const PartlyDecompressed result = decompress_partly(as_span(bomb), Compression::kGzip, limits);
  ASSERT_TRUE(result.damage);
  EXPECT_EQ(result.damage->code, ErrorCode::kLimit);
  EXPECT_LT(result.data.size(), std::size_t{80} << 20);
}

// 13 bytes that ask for a dictionary of nearly 4 GiB.
TEST(Compressed, LimitOnTheWindow) {
  std::string lzma = "\x5D";
  lzma += std::string("\x00\x00\x00\xC0", 4) + std::string(8, '\xFF') + std::string(20, '\0');
  EXPECT_EQ(detect_compression(as_span(lzma)), Compression::kLzma);
  EXPECT_EQ(decompress(as_span(lzma), Compression::kLzma, {}).error().code, ErrorCode::kLimit);
  // RFC 8878, 3.1.1.1.2: window descriptor A8 is 2 GiB.
  const std::string zstd = std::string("\x28\xB5\x2F\xFD\x00\xA8\x01\x00\x00", 9);
  EXPECT_EQ(decompress(as_span(zstd), Compression::kZstd, {}).error().code, ErrorCode::kLimit);
}

TEST(Compressed, ZfileHeaders) {
  const std::string zlib = python("import zlib; out.write(zlib.compress(b\"hello\"))");
  ASSERT_FALSE(zlib.empty());
  const auto read = [&](const std::string& head) {
    return decompress(as_span(head + zlib), Compression::kZfile, {});
  };
  EXPECT_TRUE(read("ZF0x5                "));
  EXPECT_TRUE(read("ZF0x5                 "));  // joblib <= 0.8.4 on Python 2: one space more
  EXPECT_EQ(read("ZF0x6                ").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read("ZF0xg                ").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read("ZF5                  ").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(read("ZF0xfffffffffffffffff").error().code, ErrorCode::kCorrupt);
}

TEST(Compressed, DetectsNothingInOtherBytes) {
  for (const std::string_view text : {"", "x", "ZF", "BZh9 is a text",
                                      "]q\x01(K\x01K\x02K\x03"
                                      "e.......",
                                      "hello"}) {
    EXPECT_EQ(detect_compression(as_span(text)), Compression::kNone) << text;
  }
}

}  // namespace
}  // namespace cppickle
