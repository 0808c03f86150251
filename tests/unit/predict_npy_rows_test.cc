#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "predict/npy_rows.h"
#include "rows_sample.h"

namespace cppickle::predict {
namespace {

std::string npy_of(const std::string& descr, const std::string& shape, const std::string& data,
                   bool is_fortran = false) {
  const std::string header = "{'descr': " + descr + ", 'fortran_order': " + (is_fortran ? "True" : "False") +
                             ", 'shape': " + shape + ", }";
  std::string npy = std::string("\x93NUMPY\1\0", 8);
  npy += static_cast<char>(header.size() & 255);
  npy += static_cast<char>(header.size() >> 8);
  return npy + header + data;
}

template <class T>
std::string bytes_of(std::initializer_list<T> values, bool is_swapped = false) {
  std::string bytes;
  for (const T value : values) {
    std::string one(sizeof(T), '\0');
    std::memcpy(one.data(), &value, sizeof(T));
    bytes += is_swapped ? std::string(one.rbegin(), one.rend()) : one;
  }
  return bytes;
}

std::string rows_of(const std::string& npy, Takes takes = Takes::kRows, std::size_t block = 1000) {
  return testing::read_rows(npy_rows(Bytes::copy_of(npy), {.takes = takes}), block);
}

TEST(NpyRows, NumbersOfAllTypes) {
  EXPECT_EQ(rows_of(npy_of("'<f8'", "(2, 2)", bytes_of({1.5, -2.0, 3.0, 4.0}))), "|1.5,-2.0|3.0,4.0");
  EXPECT_EQ(rows_of(npy_of("'>f8'", "(1, 2)", bytes_of({1.5, -2.0}, true))), "|1.5,-2.0");
  EXPECT_EQ(rows_of(npy_of("'<f4'", "(1, 2)", bytes_of({1.5F, -2.0F}))), "|1.5,-2.0");
  EXPECT_EQ(rows_of(npy_of("'<f2'", "(1, 2)", bytes_of<std::uint16_t>({0x3C00, 0xC100}))), "|1.0,-2.5");
  EXPECT_EQ(rows_of(npy_of("'>f2'", "(1, 1)", bytes_of<std::uint16_t>({0x3C00}, true))), "|1.0");
  EXPECT_EQ(rows_of(npy_of("'|b1'", "(1, 2)", bytes_of<std::uint8_t>({0, 1}))), "|0.0,1.0");
  EXPECT_EQ(rows_of(npy_of("'|i1'", "(1, 2)", bytes_of<std::int8_t>({-1, 1}))), "|-1.0,1.0");
  EXPECT_EQ(rows_of(npy_of("'|u1'", "(1, 2)", bytes_of<std::uint8_t>({255, 1}))), "|255.0,1.0");
  EXPECT_EQ(rows_of(npy_of("'>i2'", "(1, 2)", bytes_of<std::int16_t>({-300, 1}, true))), "|-300.0,1.0");
  EXPECT_EQ(rows_of(npy_of("'<u4'", "(1, 1)", bytes_of<std::uint32_t>({4000000000U}))), "|4000000000.0");
  EXPECT_EQ(rows_of(npy_of("'<i8'", "(1, 1)", bytes_of<std::int64_t>({-5}))), "|-5.0");
}

TEST(NpyRows, OrdersAndBlocks) {
  const std::string numbers = bytes_of({1.0, 2.0, 3.0, 4.0, 5.0, 6.0});
  EXPECT_EQ(rows_of(npy_of("'<f8'", "(3, 2)", numbers)), "|1.0,2.0|3.0,4.0|5.0,6.0");
  EXPECT_EQ(rows_of(npy_of("'<f8'", "(3, 2)", numbers, true)), "|1.0,4.0|2.0,5.0|3.0,6.0");
  EXPECT_EQ(rows_of(npy_of("'<f8'", "(3, 2)", numbers, true), Takes::kRows, 2), "|1.0,4.0|2.0,5.0\n|3.0,6.0");
  EXPECT_EQ(rows_of(npy_of("'<f8'", "(0, 2)", "")), "");
}

TEST(NpyRows, Texts) {
  EXPECT_EQ(
      rows_of(npy_of("'<U3'", "(2,)", bytes_of<std::uint32_t>({'a', 'b', 'c', 0x20AC, 0, 0})), Takes::kTexts),
      "|abc|\xE2\x82\xAC");
  EXPECT_EQ(rows_of(npy_of("'>U1'", "(1, 2)", bytes_of<std::uint32_t>({'a', 0x1F600}, true))),
            ":object :object |a,\xF0\x9F\x98\x80");
  // No code point, which numpy would not read either: it must not come out as something else than text.
  EXPECT_EQ(rows_of(npy_of("'<U1'", "(1,)", bytes_of<std::uint32_t>({0xFFFFFFFFU})), Takes::kTexts),
            "|\xF4\x8F\xBF\xBF");
}

TEST(NpyRows, LabelsKeepWholeNumbers) {
  const auto most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(
      rows_of(npy_of("'<i8'", "(2,)", bytes_of<std::int64_t>({most, 9007199254740993})), Takes::kLabels),
      "|9223372036854775807|9007199254740993");
  EXPECT_EQ(
      rows_of(npy_of("'>i8'", "(1,)", bytes_of<std::int64_t>({-9007199254740993}, true)), Takes::kLabels),
      "|-9007199254740993");
  EXPECT_EQ(rows_of(npy_of("'<u8'", "(2,)", bytes_of<std::uint64_t>({~std::uint64_t{0}, 7})), Takes::kLabels),
            "|1.8446744073709552e+19|7");
  EXPECT_EQ(rows_of(npy_of("'|b1'", "(2,)", bytes_of<std::uint8_t>({0, 1})), Takes::kLabels), "|False|True");
  EXPECT_EQ(rows_of(npy_of("'<f8'", "(1,)", bytes_of({0.5})), Takes::kLabels), "|0.5");
}

TEST(NpyRows, WhatTheModelDoesNotTake) {
  EXPECT_EQ(rows_of(npy_of("'<f8'", "(2,)", bytes_of({1.0, 2.0}))),
            "an array of one dimension: rows and columns are needed, also for a single row");
  EXPECT_EQ(rows_of(npy_of("'<f8'", "(1, 1)", bytes_of({1.0})), Takes::kRecords),
            "the model takes records: give them as JSON");
  EXPECT_EQ(rows_of(npy_of("'<U1'", "(1, 2)", std::string(8, 'x')), Takes::kTexts).substr(0, 37),
            "the model takes one text for each row");
}

TEST(NpyRows, HostileInput) {
  const std::string eight(8, 'x');
  EXPECT_EQ(rows_of(npy_of("'<f8'", "()", eight)), "an array of 0 dimensions: rows and columns are needed");
  EXPECT_EQ(rows_of(npy_of("'<f8'", "(1, 1, 1)", eight)),
            "an array of 3 dimensions: rows and columns are needed");
  EXPECT_EQ(rows_of(npy_of("'<f8'", "(1, 0)", "")), "an array without columns");
  EXPECT_EQ(rows_of(npy_of("'<U0'", "(5,)", ""), Takes::kTexts), "an array without columns");
  for (const char* other :
       {"'|O'", "'<c16'", "'|S4'", "'<M8[ns]'", "'<f16'", "'|V8'", "[('a', '<f8')]", "'f'"}) {
    const auto array = npy_rows(Bytes::copy_of(npy_of(other, "(1, 1)", std::string(16, 'x'))), {});
    EXPECT_FALSE(array.has_value()) << other;
  }
  for (const char* shape :
       {"(2, 1)", "(1, 2)", "(4294967296, 4294967296)", "(1152921504606846977, 16)", "(-1, 1)"}) {
    EXPECT_FALSE(npy_rows(Bytes::copy_of(npy_of("'<f8'", shape, eight)), {}).has_value()) << shape;
  }
  EXPECT_FALSE(npy_rows(Bytes::copy_of("no array"), {}).has_value());
  EXPECT_FALSE(npy_rows(Bytes::copy_of(""), {}).has_value());
}

// No rows of columns without end: nothing may be made for each column.
TEST(NpyRows, ManyColumnsOfNoRows) {
  for (const char* descr : {"'<U1'", "'<f8'", "'>f8'"}) {
    for (const Takes takes : {Takes::kRows, Takes::kTexts}) {
      const auto reader = npy_rows(Bytes::copy_of(npy_of(descr, "(0, 1000000000000)", "")), {.takes = takes});
      if (reader) (void)(*reader)->next(10);
    }
  }
}

}  // namespace
}  // namespace cppickle::predict
