#include <gtest/gtest.h>

#include "io/npy.h"
#include "io_sample.h"

namespace cppickle {
namespace {

using testing::fixtures;
using testing::read_whole;

std::string npy_of(const std::string& header, std::size_t data_size, char version = 1) {
  std::string npy = std::string("\x93NUMPY") + version + '\0';
  const std::size_t length_size = version == 1 ? 2 : 4;
  for (std::size_t i = 0; i < length_size; ++i) npy += static_cast<char>(header.size() >> (8 * i) & 255);
  return npy + header + std::string(data_size, 'x');
}

std::string dict_of(const std::string& descr, const std::string& shape) {
  return "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }";
}

Result<NpyHeader> read(const std::string& npy) { return read_npy_header(as_span(npy)); }

TEST(Npy, Versions) {
  for (const char version : {'\1', '\2', '\3'}) {
    const std::string npy = npy_of(dict_of("'<f8'", "(2, 3)") + "   \n", 48, version);
    const Result<NpyHeader> header = read(npy);
    ASSERT_TRUE(header) << header.error().to_string();
    EXPECT_EQ(header->shape, (std::vector<std::uint64_t>{2, 3}));
    EXPECT_EQ(header->count, 6u);
    EXPECT_EQ(header->data_size, 48u);
    EXPECT_EQ(header->data_offset, npy.size() - 48);
    EXPECT_EQ(header->descr_source(), "'<f8'");
    EXPECT_FALSE(header->is_fortran_order);
    EXPECT_FALSE(header->is_object);
  }
  EXPECT_EQ(read(npy_of(dict_of("'<f8'", "()"), 8, 4)).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(read("hello").error().code, ErrorCode::kNotAPickle);
}

TEST(Npy, Shapes) {
  EXPECT_EQ(read(npy_of(dict_of("'<f8'", "()"), 8))->data_size, 8u);
  EXPECT_EQ(read(npy_of(dict_of("'<f8'", "(3L,)"), 24))->data_size, 24u);
  EXPECT_EQ(read(npy_of(dict_of("'<f8'", "(9223372036854775807, 0)"), 0))->data_size, 0u);
  for (const char* shape :
       {"3", "(3)", "[3]", "(-1,)", "(3,,)", "(,)", "('3',)", "(True,)", "(4294967296, 4294967296)",
        "(9223372036854775808,)", "(99999999999999999999999,)", "(4611686018427387904,)", "None", "(1.5,)",
        "(3", "((3,),)", "(0x3,)"}) {
    EXPECT_EQ(read(npy_of(dict_of("'<f8'", shape), 100)).error().code, ErrorCode::kCorrupt) << shape;
  }
  std::string many = "(";
  for (int i = 0; i < 65; ++i) many += "1,";
  EXPECT_EQ(read(npy_of(dict_of("'<f8'", many + ")"), 100)).error().code, ErrorCode::kCorrupt);
}

TEST(Npy, ItemSizes) {
  const auto size_of = [](const std::string& descr) {
    const std::string npy = npy_of(dict_of(descr, "(1,)"), 10'000);
    const Result<NpyHeader> header = read(npy);
    return header ? header->item_size : std::nullopt;
  };
  EXPECT_EQ(size_of("'|b1'"), 1u);
  EXPECT_EQ(size_of("'<c16'"), 16u);
  EXPECT_EQ(size_of("'|S10'"), 10u);
  EXPECT_EQ(size_of("'<U5'"), 20u);
  EXPECT_EQ(size_of("'<M8[ns]'"), 8u);
  EXPECT_EQ(size_of("'<m8[25s]'"), 8u);
  EXPECT_EQ(size_of("'|V7'"), 7u);
  EXPECT_EQ(size_of("[('a', '<i4'), ('b', '<f8')]"), 12u);
  EXPECT_EQ(size_of("[('a', '<i4', (2, 3)), (('title', 'b'), '<f8')]"), 32u);
  EXPECT_EQ(size_of("[('a', [('x', '<i2'), ('y', '|S1', (4,))], (2,)), ('b', '|u1', 3)]"), 15u);
  EXPECT_EQ(size_of("('<f4', (2, 2))"), 16u);
  EXPECT_EQ(size_of("[]"), 0u);
  for (const char* unknown :
       {"'float'", "'<x8'", "'<f8junk'", "'<f'", "''", "'<S99999999999999999999'", "None", "[3]", "[('a',)]",
        "[('a', '<f8', (-1,))]", "[('a', '<f8', (9223372036854775807,))]", "{}"}) {
    EXPECT_EQ(size_of(unknown), std::nullopt) << unknown;
  }
}

TEST(Npy, Objects) {
  for (const char* descr : {"'|O'", "'O'", "'|O8'", "[('a', '<f8'), ('b', '|O')]"}) {
    const std::string npy = npy_of(dict_of(descr, "(1,)"), 0);
    const Result<NpyHeader> header = read(npy);
    ASSERT_TRUE(header);
    EXPECT_TRUE(header->is_object) << descr;
    EXPECT_FALSE(header->data_size);
  }
}

TEST(Npy, BadHeaders) {
  for (const char* dict :
       {"", "{}", "{'descr': '<f8'}", "[1]", "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f8', 'descr': '<f8', 'shape': (1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} junk",
        "{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,)}"}) {
    EXPECT_EQ(read(npy_of(dict, 100)).error().code, ErrorCode::kCorrupt) << dict;
  }
  EXPECT_EQ(read(npy_of(std::string(60'000, '['), 100)).error().code, ErrorCode::kCorrupt);
}

TEST(Npy, CutAndFlippedAtEveryByte) {
  const std::string npy = npy_of(dict_of("[('a', '<i4', (2, 3)), (('t', 'b'), '<f8')]", "(2, 3)"), 192);
  for (std::size_t size = 6; size < npy.size(); ++size) {
    EXPECT_EQ(read(npy.substr(0, size)).error().code, ErrorCode::kTruncated) << size;
  }
  for (std::size_t at = 0; at < npy.size() * 8; ++at) {
    std::string flipped = npy;
    flipped[at / 8] = static_cast<char>(flipped[at / 8] ^ (1 << at % 8));
    const Result<NpyHeader> header = read(flipped);
    if (header && header->data_size) { EXPECT_LE(header->data_offset + *header->data_size, npy.size()); }
  }
}

TEST(Npy, RealFiles) {
  const std::filesystem::path folder = fixtures();
  if (folder.empty()) GTEST_SKIP() << "no fixtures: set CPPICKLE_FIXTURES to the folder that holds wild/";
  int count = 0;
  for (const char* part : {"wild/files", "models"}) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder / part)) {
      if (!file.is_regular_file()) continue;
      const std::string npy = read_whole(file.path());
      if (!npy.starts_with("\x93NUMPY")) continue;
      ++count;
      const Result<NpyHeader> header = read(npy);
      ASSERT_TRUE(header) << file.path() << ": " << header.error().to_string();
      if (header->data_size) {
        EXPECT_EQ(header->data_offset + *header->data_size, npy.size()) << file.path();
      }
    }
  }
  EXPECT_GE(count, 12);
}

TEST(PythonLiteral, Text) {
  const auto text = [](const std::string& source) -> std::string {
    const Result<PythonLiteral> literal = parse_python_literal(source);
    return literal && (*literal)[0].kind == LiteralNode::Kind::kText ? text_of((*literal)[0]) : "error";
  };
  EXPECT_EQ(text("'abc'"), "abc");
  EXPECT_EQ(text("u\"it's\""), "it's");
  EXPECT_EQ(text("'a\\'b\\\\c\\n\\x41\\u00e9\\q'"), "a'b\\c\nA\xC3\xA9\\q");
  EXPECT_EQ(text("b'x'"), "x");
  EXPECT_EQ(text("'\\x4'"), "\\x4");
  for (const char* bad : {"'abc", "'abc\\'", "'", "u", "x'a'", "'a\nb'", "'a' 'b'", "'\\"})
    EXPECT_EQ(text(bad), "error") << bad;
}

TEST(PythonLiteral, Structure) {
  const Result<PythonLiteral> literal = parse_python_literal(" {'a': [1, (2,), []], 'b': None,} ");
  ASSERT_TRUE(literal);
  EXPECT_EQ((*literal)[0].child_count, 4u);
  EXPECT_EQ((*literal)[2].source, "[1, (2,), []]");
  EXPECT_EQ((*literal)[literal->next(2)].source, "'b'");
  for (const char* bad :
       {"", "{'a'}", "{'a':}", "{1:2,,}", "[1 2]", "]", "[)", "[1]]", "-", "nul", "1.5", "(1)"}) {
    EXPECT_FALSE(parse_python_literal(bad)) << bad;
  }
  EXPECT_TRUE(parse_python_literal(std::string(32, '[') + std::string(32, ']')));
  EXPECT_FALSE(parse_python_literal(std::string(33, '[') + std::string(33, ']')));
}

}  // namespace
}  // namespace cppickle
