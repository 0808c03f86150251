#include "cppickle/optimize.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "pickletools_golden.h"

namespace cppickle {
namespace {

using testing::read_seed;
using testing::read_test_file;

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[c & 15];
  }
  return out;
}

TEST(Optimize, EqualsPickletools) {
  std::istringstream golden(read_test_file("golden/pickletools_optimize.txt"));
  int compared = 0;
  for (std::string line; std::getline(golden, line); ++compared) {
    const std::string name = line.substr(0, line.find(' '));
    const std::string expected = line.substr(name.size() + 1);
    SCOPED_TRACE(name);
    if (expected.starts_with("raises")) continue;
    // Streams whose frames lie, and keys that no unpickler takes, are refused.
    if (name == "frame_too_long" || name == "memo_negative" || name == "memo_huge") continue;
    const auto ours = optimize(read_seed(name));
    ASSERT_TRUE(ours) << ours.error().to_string();
    EXPECT_EQ(hex(*ours), expected);
  }
  EXPECT_GT(compared, 100);
}

TEST(Optimize, ReturnsWhatIsWrong) {
  const auto code = [](std::string_view stream) { return optimize(stream).error().code; };
  EXPECT_EQ(code(""), ErrorCode::kTruncated);
  EXPECT_EQ(code("N"), ErrorCode::kTruncated);
  EXPECT_EQ(code("N\xff."), ErrorCode::kUnknownOpcode);
  EXPECT_EQ(code("h\x05."), ErrorCode::kBadMemo);
  EXPECT_EQ(code("\x80\x06N."), ErrorCode::kBadProtocol);
  EXPECT_EQ(code(read_seed("frame_too_long")), ErrorCode::kTruncated);
  EXPECT_EQ(code(std::string_view("\x80\x04\x95\x01\0\0\0\0\0\0\0K\x01.", 14)), ErrorCode::kReadersDisagree);
}

TEST(Optimize, AppendsAndTellsTheSize) {
  const std::string two = std::string("]q\x00.", 4) + "N.";
  std::string out = "before";
  const auto size = optimize_into(two, out);
  ASSERT_TRUE(size);
  EXPECT_EQ(*size, 4U);
  EXPECT_EQ(out, "before].");
  EXPECT_FALSE(optimize_into("N", out));
  EXPECT_EQ(out, "before].");
}

TEST(Optimize, FramesOf64KiB) {
  // 40,000 instructions of 2 bytes and a text larger than a frame: frame, frame, text, frame.
  std::string body = "](";
  for (int n = 0; n < 40000; ++n) body += "K\x01";
  const std::string large(70000, 'x');
  body += std::string("X\x70\x11\x01\0", 5) + large + "e.";
  const auto ours = optimize("\x80\x04" + body);
  ASSERT_TRUE(ours);
  EXPECT_EQ(ours->size(), 2 + body.size() + 2 * 9);  // the last two instructions are too few for a frame
  EXPECT_EQ(static_cast<unsigned char>((*ours)[2]), 0x95);
  EXPECT_EQ((*ours)[4], 0);
  EXPECT_EQ((*ours)[5], 1);
  EXPECT_EQ(optimize(*ours).value(), *ours);
}

TEST(Optimize, MemoLimit) {
  Limits limits;
  limits.memo = 1;
  const std::string stream("]q\x00q\x01h\x00h\x01\x87.", 11);
  EXPECT_TRUE(optimize(stream));
  EXPECT_EQ(optimize(stream, limits).error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace cppickle
