// encode(): what comes back from decode<T>() at every protocol, and how compact it is. Python's view: tests/python/test_encode.py.
#include "cppickle/encode.h"

#include <gtest/gtest.h>

#include <limits>

#include "cppickle/decode.h"
#include "cppickle/describe.h"
#include "cppickle/types/bytes.h"
#include "cppickle/types/chrono.h"
#include "cppickle/types/map.h"
#include "cppickle/types/numpy.h"
#include "cppickle/types/optional.h"
#include "cppickle/types/sequence.h"
#include "cppickle/types/set.h"
#include "cppickle/types/tuple.h"
#include "cppickle/types/variant.h"

namespace typed {

struct Point {
  int horizontal = 0;
  int vertical = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
BOOST_DESCRIBE_STRUCT(Point, (), (horizontal, vertical))

struct Chain {
  std::vector<Chain> links;
};
BOOST_DESCRIBE_STRUCT(Chain, (), (links))

}  // namespace typed

namespace cppickle {
namespace {

using typed::Point;

template <class T>
void expect_round_trip(const T& value) {
  for (int protocol = 0; protocol <= 5; ++protocol) {
    const auto pickle = encode(value, protocol);
    ASSERT_TRUE(pickle) << pickle.error().to_string();
    const auto document = Document::read(*pickle);
    ASSERT_TRUE(document) << document.error().to_string();
    EXPECT_EQ(document->end_offset(), pickle->size());
    const auto back = decode<T>(*document);
    ASSERT_TRUE(back) << "protocol " << protocol << ": " << back.error().to_string();
    EXPECT_TRUE(*back == value) << "protocol " << protocol;
  }
}

TEST(Encode, RoundTrips) {
  expect_round_trip(true);
  for (const std::int64_t value : {0L, 1L, -1L, 255L, 256L, 65536L, 1L << 31, -(1L << 31) - 1, INT64_MAX, INT64_MIN}) {
    expect_round_trip(value);
  }
  expect_round_trip(std::numeric_limits<std::uint64_t>::max());
  for (const double value : {0.0, -0.0, 0.1, 1e300, 5e-324}) expect_round_trip(value);
  expect_round_trip(std::string("h\xc3\xa9\n\\ \xf0\x9f\x98\x80"));
  expect_round_trip(std::string(70000, 'x'));
  expect_round_trip(std::vector<std::byte>{std::byte{0}, std::byte{0xFF}, std::byte{'\n'}});
  expect_round_trip(std::vector<std::byte>());
  expect_round_trip(std::vector<int>());
  expect_round_trip(std::vector<bool>{true, false});
  expect_round_trip(std::array<std::string, 2>{"a", "b"});
  expect_round_trip(std::map<std::string, std::vector<int>>{{"a", {1}}, {"b", {}}});
  expect_round_trip(std::unordered_map<int, std::string>{{1, "a"}, {2, "b"}});
  expect_round_trip(std::set<int>{1, 2, 3});
  expect_round_trip(std::unordered_set<std::string>{"a", "b"});
  expect_round_trip(std::set<int>());
  expect_round_trip(std::optional<int>());
  expect_round_trip(std::tuple<>());
  expect_round_trip(std::tuple(1));
  expect_round_trip(std::tuple(1, std::string("b"), 0.5, true));
  expect_round_trip(std::pair(1, std::pair(2, 3)));
  expect_round_trip(std::variant<int, std::string, std::monostate>("a"));
  expect_round_trip(std::variant<int, std::string, std::monostate>(std::monostate()));
  expect_round_trip(Point{1, 2});
  expect_round_trip(std::vector<std::map<std::string, Point>>{{{"a", {1, 2}}}, {}});
}

TEST(Encode, Batches) {
  for (const std::size_t count : {1U, 999U, 1000U, 1001U, 2000U, 2001U}) {
    std::vector<int> list(count, 7);
    expect_round_trip(list);
    std::map<std::uint32_t, int> map;
    std::set<std::uint32_t> set;
    for (std::uint32_t i = 0; i < count; ++i) {
      map[i] = 1;
      set.insert(i);
    }
    expect_round_trip(map);
    expect_round_trip(set);
  }
}

TEST(Encode, Times) {
  using namespace std::chrono;
  expect_round_trip(sys_time<microseconds>(microseconds(1'714'566'615'000'007)));
  expect_round_trip(sys_time<microseconds>(microseconds(-1)));
  expect_round_trip(sys_days(year(1) / 1 / 1));
  expect_round_trip(sys_days(year(9999) / 12 / 31));
  expect_round_trip(microseconds(-1));
  expect_round_trip(hours(1000));
  expect_round_trip(microseconds(INT64_MIN));
  EXPECT_EQ(encode(sys_days(year(10000) / 1 / 1)).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(encode(sys_days(days(INT32_MAX))).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(encode(sys_seconds(seconds(INT64_MAX))).error().code, ErrorCode::kUnsupported);
  const std::string below = encode(nanoseconds(-1)).value();
  const auto document = Document::read(below);
  EXPECT_EQ(decode<microseconds>(*document), microseconds(-1)) << "rounded down";
}

TEST(Encode, NamesAreWrittenOnce) {
  const std::string one = encode(std::vector<Point>(1)).value();
  const std::string many = encode(std::vector<Point>(101)).value();
  EXPECT_EQ(many.find("horizontal", many.find("horizontal") + 1), std::string::npos);
  EXPECT_LE(many.size() - one.size(), 100U * 11);
}

TEST(Encode, Errors) {
  EXPECT_EQ(encode(1, 6).error().code, ErrorCode::kBadProtocol);
  EXPECT_EQ(encode(1, -1).error().code, ErrorCode::kBadProtocol);
  const auto bad = encode(std::map<std::string, std::vector<std::string>>{{"a", {"b", "\xff"}}});
  EXPECT_EQ(bad.error().code, ErrorCode::kBadText);
  EXPECT_EQ(bad.error().where, "$[0][1]");
  typed::Chain chain;
  for (int i = 0; i < 2000; ++i) chain = typed::Chain{{std::move(chain)}};
  EXPECT_EQ(encode(chain).error().code, ErrorCode::kLimit);
  const std::vector<double> values(6);
  EXPECT_TRUE(encode(as_numpy(values, {2, 3})));
  EXPECT_EQ(encode(as_numpy(values, {4})).error().code, ErrorCode::kUnsupported);
}

TEST(Encode, WriterNoticesMisuse) {
  Writer nothing(4);
  EXPECT_FALSE(nothing.finish());
  Writer twice(4);
  twice.none();
  twice.none();
  EXPECT_FALSE(twice.finish());
  Writer open(4);
  ASSERT_TRUE(open.begin_list());
  EXPECT_FALSE(open.finish());
  Writer odd(4);
  ASSERT_TRUE(odd.begin_dict());
  odd.none();
  odd.end();
  EXPECT_FALSE(odd.finish());
  Writer few(4);
  ASSERT_TRUE(few.begin_tuple(2));
  few.none();
  few.end();
  EXPECT_FALSE(few.finish());
}

}  // namespace
}  // namespace cppickle
