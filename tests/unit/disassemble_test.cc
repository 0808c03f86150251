#include "cppickle/disassemble.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pickletools_golden.h"

namespace cppickle {
namespace {

using testing::read_seed;
using testing::read_test_file;

struct Listing {
  std::string text;
  Result<Disassembly> end;
};

Listing list(std::string_view stream, const DisassembleOptions& options = {}) {
  Listing listing{{}, Disassembly{}};
  listing.end = disassemble(stream, options, [&listing](std::string_view text) {
    listing.text += text;
    return true;
  });
  return listing;
}

// "==> name end\n", then the text and an empty line.
struct Golden {
  std::string name;
  std::string end;
  std::string text;
};

std::vector<Golden> read_golden() {
  std::vector<Golden> found;
  const std::string all = read_test_file("golden/pickletools_dis.txt");
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t line = all.find('\n', at);
    const std::size_t next = std::min(all.find("==> ", line), all.size());
    const std::string head = all.substr(at + 4, line - at - 4);
    const std::size_t blank = head.find(' ');
    found.push_back({head.substr(0, blank), head.substr(blank + 1), all.substr(line + 1, next - line - 2)});
    at = next;
  }
  return found;
}

TEST(Disassemble, EqualsPickletools) {
  const std::vector<Golden> golden = read_golden();
  ASSERT_GT(golden.size(), 100U);
  for (const Golden& expected : golden) {
    SCOPED_TRACE(expected.name);
    const Listing ours = list(read_seed(expected.name));
    if (expected.end == "whole") {
      EXPECT_EQ(ours.text, expected.text);
      EXPECT_TRUE(ours.end.has_value());
    } else {
      EXPECT_EQ(ours.text.substr(0, expected.text.size()), expected.text);
    }
  }
}

TEST(Disassemble, GoesOnWherePickletoolsCannotShow) {
  EXPECT_EQ(list("S'caf\\xe9'\n.").text,
            "    0: S    STRING     b'caf\\xe9'\n   11: .    STOP\nhighest protocol among opcodes = 0\n");
  EXPECT_EQ(list("cm\xC3\xA9\nn\n.").text.substr(0, 31), "    0: c    GLOBAL     'm\xC3\xA9 n'\n");
  const Listing left = list("NN.");
  ASSERT_TRUE(left.end);
  EXPECT_EQ(left.end->leftover, 1U);
}

TEST(Disassemble, IntegersOfAnySize) {
  // 10^5000 does not fit into the digits that Python prints by default.
  const std::string digits = "1" + std::string(5000, '0');
  EXPECT_NE(list("L" + digits + "L\n.").text.find("LONG       " + digits + "\n"), std::string::npos);
  std::string bytes(40, '\0');
  bytes += "\x01";
  EXPECT_NE(list("\x8a\x29" + bytes + ".").text.find(
                "2135987035920910082395021706169552114602704522356652769947041607822219725780640550022962086936576\n"),
            std::string::npos);  // 2^320
  // Beyond the budget: hexadecimal. 60 numbers of 60,000 bytes.
  std::string stream = "(";
  for (int n = 0; n < 60; ++n) stream += std::string("\x8b\x60\xea\0\0", 5) + std::string(60000, '\x7f');
  const Listing many = list(stream + "l.");
  ASSERT_TRUE(many.end);
  EXPECT_NE(many.text.find("LONG4      0x7f7f"), std::string::npos);
}

TEST(Disassemble, ReturnsWhatIsWrong) {
  const auto code = [](std::string_view stream) { return list(stream).end.error().code; };
  EXPECT_EQ(code("N"), ErrorCode::kTruncated);
  EXPECT_EQ(code(""), ErrorCode::kTruncated);
  EXPECT_EQ(code("N\xff."), ErrorCode::kUnknownOpcode);
  EXPECT_EQ(code("I1e5\n."), ErrorCode::kBadArgument);
  EXPECT_EQ(code("T\xff\xff\xff\xff."), ErrorCode::kBadArgument);
  EXPECT_EQ(code("\x8c\x02\xc3(."), ErrorCode::kBadText);
  EXPECT_EQ(code("Nt."), ErrorCode::kNoMark);
  EXPECT_EQ(code("N\x86."), ErrorCode::kStackUnderflow);
  EXPECT_EQ(code("h\x05."), ErrorCode::kBadMemo);
}

TEST(Disassemble, KeepsGoing) {
  DisassembleOptions options;
  options.keep_going = true;
  const Listing listing = list("h\x05t\x87.", options);
  ASSERT_TRUE(listing.end);
  EXPECT_EQ(listing.end->faults, 3U);
  EXPECT_NE(listing.text.find("# memo key 5 has never been stored into\n"), std::string::npos);
  EXPECT_NE(listing.text.find("# no MARK exists on stack\n"), std::string::npos);
}

TEST(Disassemble, Annotates) {
  DisassembleOptions options;
  options.annotate = true;
  EXPECT_EQ(list("](NNe.", options).text,
            "    0: ]    EMPTY_LIST                Push a new list.\n"
            "    1: (    MARK                      Set a mark on the stack, where a slice of items begins.\n"
            "    2: N        NONE                  Push None.\n"
            "    3: N        NONE                  Push None.\n"
            "    4: e        APPENDS    (MARK at 1) Append the items above the last mark to the list below it.\n"
            "    5: .    STOP                       End of the pickle; the top of the stack is its value.\n"
            "highest protocol among opcodes = 1\n");
}

TEST(Disassemble, OffsetsAndRawExtents) {
  const RawExtent raw[] = {{2, 5}};
  DisassembleOptions options;
  options.offset = 100000;
  options.raw = raw;
  const std::string text =
      "100000: N    NONE\n100001: 0    POP\n100007: N    NONE\n100008: .    STOP\nhighest protocol among opcodes = 0\n";
  EXPECT_EQ(list("N0.....N.", options).text, text);
  options.annotate = true;
  EXPECT_NE(list("N0.....N.", options).text.find("# 5 raw bytes\n100007"), std::string::npos);
  EXPECT_EQ(list("N0..", options).end.error().code, ErrorCode::kTruncated);
}

TEST(Disassemble, SharedMemo) {
  const std::string stream("\x80\x02]q\x00.\x80\x02h\x00.", 11);
  DisassemblyMemo memo;
  DisassembleOptions options;
  options.memo = &memo;
  const Listing first = list(stream, options);
  ASSERT_TRUE(first.end);
  EXPECT_EQ(first.end->size, 6U);
  EXPECT_TRUE(list(std::string_view(stream).substr(6), options).end);
  EXPECT_EQ(list(std::string_view(stream).substr(6)).end.error().code, ErrorCode::kBadMemo);
}

TEST(Disassemble, LimitsAndCancelling) {
  DisassembleOptions options;
  options.limits.depth = 3;
  EXPECT_EQ(list("((((tttt.", options).end.error().code, ErrorCode::kLimit);
  options.limits.depth = 4;
  options.limits.memo = 1;
  EXPECT_EQ(list(std::string_view("]q\x00q\x01.", 6), options).end.error().code, ErrorCode::kLimit);
  const auto refused = disassemble("N.", {}, [](std::string_view) { return false; });
  EXPECT_EQ(refused.error().code, ErrorCode::kCancelled);
}

TEST(Disassemble, DeepMarksTakeLinearTime) {
  const std::string stream(1'000'000, '(');
  std::uint64_t bytes = 0;
  const auto end = disassemble(stream, {}, [&bytes](std::string_view text) {
    bytes += text.size();
    return true;
  });
  EXPECT_EQ(end.error().code, ErrorCode::kTruncated);
  EXPECT_LT(bytes, std::uint64_t{1} << 30);
}

TEST(Disassemble, LongTextInPieces) {
  std::string text;
  std::string repr;
  for (int n = 0; n < 50000; ++n) {
    text += n % 7 == 0 ? "\xE4\xB8\xAD" : n % 5 == 0 ? "\x01" : n % 3 == 0 ? "'" : "abcdefghi";
    repr += n % 7 == 0 ? "\xE4\xB8\xAD" : n % 5 == 0 ? "\\x01" : n % 3 == 0 ? "'" : "abcdefghi";
  }
  std::string stream = "X";
  for (int shift = 0; shift < 32; shift += 8) stream += static_cast<char>(text.size() >> shift);
  EXPECT_NE(list(stream + text + ".").text.find("BINUNICODE \"" + repr + "\"\n"), std::string::npos);
}

}  // namespace
}  // namespace cppickle
