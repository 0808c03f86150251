// decode<T>(): what each type is read from, what it is not, and where errors say they are.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cppickle/decode.h"
#include "cppickle/describe.h"
#include "cppickle/encode.h"
#include "cppickle/types/bytes.h"
#include "cppickle/types/chrono.h"
#include "cppickle/types/map.h"
#include "cppickle/types/numpy.h"
#include "cppickle/types/optional.h"
#include "cppickle/types/sequence.h"
#include "cppickle/types/set.h"
#include "cppickle/types/tuple.h"
#include "cppickle/types/variant.h"

using namespace std::literals;

namespace typed {

struct Record {
  std::string name;
  double loss = 0;
  std::optional<int> epochs;
  friend bool operator==(const Record&, const Record&) = default;
};
BOOST_DESCRIBE_STRUCT(Record, (), (name, loss, epochs))

struct Study {
  std::vector<Record> runs;
};
BOOST_DESCRIBE_STRUCT(Study, (), (runs))

struct Timed : Record {
  std::map<std::string, double> times;
};
BOOST_DESCRIBE_STRUCT(Timed, (Record), (times))

struct Tree {
  std::vector<Tree> children;
};
BOOST_DESCRIBE_STRUCT(Tree, (), (children))

struct Nested {
  std::vector<Nested> inner;
};

struct Opaque {
  int value;
};

}  // namespace typed

template <>
struct cppickle::Codec<typed::Nested> {
  static constexpr std::string_view kName = "list";
  static constexpr Kinds kExact = kinds(Kind::kList), kOther = 0;
  static bool read(Decoder& decoder, const Value& value, typed::Nested& out) { return decoder.read(value, out.inner); }
};

template <>
struct cppickle::Codec<typed::Opaque> : cppickle::Codec<int> {
  static bool read(Decoder& decoder, const Value& value, typed::Opaque& out) { return decoder.read(value, out.value); }
};

namespace cppickle {
namespace {

using typed::Record;

// The source has to outlive the document: tests keep it in a static place by giving literals.
template <class T>
Result<T> from(std::string_view pickle, const DecodeOptions& options = {}) {
  auto document = Document::read(pickle);
  if (!document) return std::unexpected(document.error());
  return decode<T>(*document, options);
}

template <class T>
std::string error_of(std::string_view pickle, const DecodeOptions& options = {}) {
  const auto result = from<T>(pickle, options);
  return result ? "no error" : std::string(name_of(result.error().code)) + " " + result.error().to_string();
}

TEST(Decode, Booleans) {
  EXPECT_EQ(from<bool>("I01\n."), true);
  EXPECT_EQ(from<bool>("\x80\x02\x89."), false);
  EXPECT_EQ(error_of<bool>("I1\n."), "type-mismatch $: expected bool, found int");
}

TEST(Decode, IntegersAreRangeChecked) {
  EXPECT_EQ(from<int>("I-7\n."), -7);
  EXPECT_EQ(from<std::uint8_t>("I255\n."), 255);
  EXPECT_EQ(from<std::int64_t>("L-9223372036854775808L\n."), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(from<std::uint64_t>("L18446744073709551615L\n."), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(from<std::uint64_t>("\x80\x02\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x00."sv), ~std::uint64_t{0});
  EXPECT_EQ(error_of<std::uint8_t>("I256\n."), "type-mismatch $: expected int from 0 to 255, found 256");
  EXPECT_EQ(error_of<std::uint8_t>("I-1\n."), "type-mismatch $: expected int from 0 to 255, found -1");
  EXPECT_EQ(error_of<std::int8_t>("I-129\n."), "type-mismatch $: expected int from -128 to 127, found -129");
  EXPECT_FALSE(from<std::uint64_t>("L18446744073709551616L\n."));
  EXPECT_FALSE(from<std::uint64_t>("L-1L\n."));
  EXPECT_FALSE(from<std::int64_t>("L9223372036854775808L\n."));
  EXPECT_FALSE(from<int>("I01\n.")) << "True is no int";
  EXPECT_FALSE(from<int>("F1.0\n."));
  EXPECT_FALSE(from<std::uint64_t>("\x80\x02\x8b\x00\x10\x00\x00"s + std::string(4096, '\x7f') + "."));
}

TEST(Decode, FloatsTakeExactIntegers) {
  EXPECT_EQ(from<double>("F0.1\n."), 0.1);
  EXPECT_EQ(from<float>("F0.1\n."), 0.1F);
  EXPECT_EQ(from<double>("I3\n."), 3.0);
  EXPECT_EQ(from<double>("L9007199254740992L\n."), 0x1p53);
  EXPECT_EQ(from<long double>("F0.5\n."), 0.5L);
  EXPECT_FALSE(from<double>("L9007199254740993L\n."));
  EXPECT_FALSE(from<double>("L9223372036854775807L\n."));
  EXPECT_FALSE(from<double>("L36893488147419103232L\n."));
  EXPECT_FALSE(from<float>("I16777217\n."));
  EXPECT_FALSE(from<float>("F1e300\n."));
  EXPECT_TRUE(std::isinf(from<float>("Finf\n.").value()));
  EXPECT_TRUE(std::isnan(from<double>("Fnan\n.").value()));
}

TEST(Decode, Text) {
  EXPECT_EQ(from<std::string>("Vh\\u00e9\n."), "h\xc3\xa9");
  EXPECT_EQ(from<std::string>("S'abc'\n."), "abc");
  EXPECT_EQ(error_of<std::string>("S'\\xff'\n."), "type-mismatch $: expected str, found a byte string that is not UTF-8");
  EXPECT_EQ(error_of<std::string>("\x80\x03"
                                  "C\x01"
                                  "a."),
            "type-mismatch $: expected str, found bytes");
  const std::string pickle = "\x80\x04\x8c\x03" "abc.";
  const auto document = Document::read(pickle);
  const auto view = decode<std::string_view>(document->root());
  EXPECT_EQ(view, "abc");
  EXPECT_GE(view->data(), pickle.data()) << "a view of the source";
  EXPECT_LT(view->data(), pickle.data() + pickle.size());
}

TEST(Decode, Bytes) {
  using Bytes = std::vector<std::byte>;
  const Bytes expected = {std::byte{'a'}, std::byte{0xe9}};
  EXPECT_EQ(from<Bytes>("\x80\x03" "C\x02" "a\xe9."), expected);
  EXPECT_EQ(from<Bytes>("\x80\x02" "U\x02" "a\xe9."), expected);
  EXPECT_EQ(from<Bytes>("c_codecs\nencode\n(Va\xe9\nVlatin1\ntR."), expected);
  EXPECT_EQ(from<Bytes>("c__builtin__\nbytes\n(tR."), Bytes());
  EXPECT_EQ(from<std::span<const std::byte>>("\x80\x03" "C\x02" "a\xe9.")->size(), 2U);
  EXPECT_FALSE(from<std::span<const std::byte>>("c_codecs\nencode\n(Va\xe9\nVlatin1\ntR.")) << "has to be decoded";
  EXPECT_FALSE(from<Bytes>("Vab\n."));
}

TEST(Decode, Sequences) {
  EXPECT_EQ(from<std::vector<int>>("(lp0\nI1\naI2\na."), (std::vector{1, 2}));
  EXPECT_EQ(from<std::vector<int>>("(I1\nI2\ntp0\n."), (std::vector{1, 2}));
  EXPECT_EQ(from<std::vector<int>>("\x80\x02)."), std::vector<int>());
  EXPECT_EQ(from<std::vector<bool>>("(I01\nI00\nl."), (std::vector{true, false}));
  EXPECT_EQ(from<std::vector<std::vector<int>>>("((I1\nl(ll."), (std::vector<std::vector<int>>{{1}, {}}));
  EXPECT_EQ(from<std::vector<int>>("ccollections\ndeque\n((I1\nI2\nltR."), (std::vector{1, 2})) << "Python 2's deque";
  EXPECT_EQ(from<std::vector<int>>("ccollections\ndeque\n((lI7\ntRI1\naI2\na."), (std::vector{1, 2}));
  EXPECT_EQ(from<std::vector<int>>("ccollections\ndeque\n((lI7\ntR."), std::vector<int>());
  EXPECT_EQ((from<std::array<int, 2>>("(I1\nI2\nl.")), (std::array{1, 2}));
  EXPECT_EQ((error_of<std::array<int, 3>>("(I1\nI2\nl.")), "type-mismatch $: expected list of 3 items, found 2");
  EXPECT_EQ(error_of<std::vector<int>>("(I1\nF2\nl."), "type-mismatch $[1]: expected int, found float");
  EXPECT_EQ(error_of<std::vector<int>>("(I1\nI2\nd."), "type-mismatch $: expected list, found dict");
  EXPECT_EQ(error_of<std::vector<int>>("cmodule\nThing\n(tR."), "type-mismatch $: expected list, found 'module.Thing' object");
}

TEST(Decode, Maps) {
  using Map = std::map<std::string, std::vector<int>>;
  EXPECT_EQ(from<Map>("(Va\n(I1\nlVb\n(ld."), (Map{{"a", {1}}, {"b", {}}}));
  EXPECT_EQ(from<Map>("(Va\n(I1\nI2\nld(Va\n(I3\nlu."), (Map{{"a", {3}}})) << "the later of two";
  EXPECT_EQ((from<std::unordered_map<int, bool>>("(I1\nI01\nd.")), (std::unordered_map<int, bool>{{1, true}}));
  EXPECT_EQ((from<std::map<int, int>>("ccollections\nOrderedDict\n(tRI1\nI2\ns.")), (std::map<int, int>{{1, 2}}));
  EXPECT_EQ((from<std::map<int, int>>("ccollections\nOrderedDict\n(tR.")), (std::map<int, int>()));
  EXPECT_EQ((from<std::map<int, int>>("ccollections\nOrderedDict\n(((I1\nI2\nlltR.")), (std::map<int, int>{{1, 2}}));
  EXPECT_EQ((from<std::map<int, int>>("ccollections\nCounter\n((I1\nI2\ndtR.")), (std::map<int, int>{{1, 2}}));
  EXPECT_EQ(error_of<Map>("(Va\n(Vx\nld."), "type-mismatch $.a[0]: expected int, found str");
  EXPECT_EQ(error_of<Map>("(Va b\n(Vx\nld."), "type-mismatch $['a b'][0]: expected int, found str");
  EXPECT_EQ(error_of<Map>("(I1\n(ld."), "type-mismatch $: key: expected str, found int");
  EXPECT_EQ((error_of<std::map<int, int>>("(I5\nVx\nd.")), "type-mismatch $[5]: expected int, found str");
  EXPECT_EQ((error_of<std::map<int, int>>("(l.")), "type-mismatch $: expected dict, found list");
}

TEST(Decode, Sets) {
  using Set = std::set<int>;
  EXPECT_EQ(from<Set>("\x80\x04\x8f(K\x01K\x02\x90."), (Set{1, 2}));
  EXPECT_EQ(from<Set>("\x80\x04(K\x01K\x02\x91."), (Set{1, 2}));
  EXPECT_EQ(from<Set>("c__builtin__\nset\n((I1\nI2\nltR."), (Set{1, 2}));
  EXPECT_EQ(from<Set>("cbuiltins\nfrozenset\n((ltR."), Set());
  EXPECT_EQ(from<std::unordered_set<std::string>>("\x80\x04\x8f(\x8c\x01" "a\x90."), (std::unordered_set<std::string>{"a"}));
  EXPECT_EQ(error_of<Set>("(I1\nl."), "type-mismatch $: expected set, found list");
}

TEST(Decode, Optional) {
  EXPECT_EQ(from<std::optional<int>>("N.").value(), std::optional<int>());
  EXPECT_EQ(from<std::optional<int>>("I1\n.").value(), std::optional<int>(1));
  EXPECT_FALSE(from<std::optional<int>>("Vx\n."));
}

TEST(Decode, Tuples) {
  using Tuple = std::tuple<int, std::string, double>;
  EXPECT_EQ(from<Tuple>("(I1\nVa\nI2\nt."), Tuple(1, "a", 2.0));
  EXPECT_EQ(from<Tuple>("(I1\nVa\nI2\nl."), Tuple(1, "a", 2.0));
  EXPECT_EQ(from<Tuple>("\x80\x02" "cm\nPoint\n(I1\nVa\nI2\nt\x81."), Tuple(1, "a", 2.0)) << "a namedtuple";
  EXPECT_EQ(error_of<Tuple>("(I1\nVa\nVb\nt."), "type-mismatch $[2]: expected float, found str");
  EXPECT_EQ(error_of<Tuple>("(t."), "type-mismatch $: expected tuple of 3 items, found 0");
  EXPECT_EQ((from<std::pair<int, bool>>("(I1\nI01\nt.")), std::pair(1, true));
}

TEST(Decode, VariantsTakeTheExactKindFirst) {
  using Number = std::variant<double, int>;
  EXPECT_EQ(from<Number>("I1\n."), Number(1));
  EXPECT_EQ(from<Number>("F1\n."), Number(1.0));
  EXPECT_EQ(from<Number>("L9007199254740992L\n."), Number(0x1p53)) << "no int, but a float";
  using Lists = std::variant<std::vector<int>, std::vector<std::string>, std::monostate>;
  EXPECT_EQ(from<Lists>("(Va\nl."), Lists(std::vector<std::string>{"a"}));
  EXPECT_EQ(from<Lists>("N.")->index(), 2U);
  EXPECT_EQ(error_of<Lists>("(Va\nI1\nl."), "type-mismatch $: expected list, list or None, found list");
  EXPECT_EQ(error_of<Number>("Va\n."), "type-mismatch $: expected float or int, found str");
  using Either = std::variant<int, std::vector<int>>;
  EXPECT_EQ(error_of<Either>("(Va\nl."), "type-mismatch $[0]: expected int, found str") << "only one can be meant";
  using Timed = std::variant<std::chrono::sys_days, Record>;
  EXPECT_EQ(from<Timed>("(Vname\nVa\nVloss\nF1\nd.")->index(), 1U);
}

TEST(Decode, StructsFromDictsAndObjects) {
  const Record run{"a", 0.5, 3};
  EXPECT_EQ(from<Record>("(Vname\nVa\nVloss\nF0.5\nVepochs\nI3\nd."), run);
  EXPECT_EQ(from<Record>("(Vepochs\nI3\nVextra\nNVloss\nF0.5\nS'name'\nVa\nI1\nI2\nd."), run) << "any order, extra keys";
  EXPECT_EQ(from<Record>("(im\nRun\n(Vname\nVa\nVloss\nF0.5\nVepochs\nI3\ndb."), run) << "an old-style instance";
  EXPECT_EQ(from<Record>("ccopy_reg\n_reconstructor\n(cm\nRun\nc__builtin__\nobject\nNtR(Vname\nVa\nVloss\nF0.5\nVepochs\nI3\ndb."), run);
  EXPECT_EQ(from<Record>("\x80\x02" "cm\nRun\n)\x81N}(Vname\nVa\nVloss\nF0.5\nVepochs\nI3\nu\x86" "b."), run) << "slots";
  EXPECT_EQ(from<Record>("\x80\x02" "cm\nRun\n)\x81}Vname\nVa\ns}(Vloss\nF0.5\nVepochs\nI3\nu\x86" "b."), run);
  EXPECT_EQ(from<Record>("\x80\x02" "cm\nRun\n)\x81(Va\nF0.5\nI3\nlb."), run) << "a frozen dataclass with slots";
  EXPECT_EQ(from<Record>("\x80\x02" "cm\nRun\n(Va\nF0.5\nI3\nt\x81."), run) << "a namedtuple";
  EXPECT_EQ(from<Record>("ccopy_reg\n_reconstructor\n(cm\nRun\nc__builtin__\ntuple\n(Va\nF0.5\nI3\nttR."), run);
  EXPECT_EQ(from<Record>("ccollections\nOrderedDict\n(tR(Vname\nVa\nVloss\nF0.5\nVepochs\nI3\nu."), run);
  EXPECT_EQ(from<Record>("(Vname\nVa\nVloss\nF0.5\nd."), (Record{"a", 0.5, {}})) << "an optional may be missing";
  EXPECT_EQ(error_of<Record>("(Vname\nVa\nd."), "type-mismatch $: missing 'loss'");
  EXPECT_EQ(error_of<Record>("(Va\nF0.5\nt."), "type-mismatch $: expected dict or object with attributes, found tuple");
  EXPECT_FALSE(from<Record>("\x80\x02" "cm\nRun\n(Va\nt\x81."));
  DecodeOptions strict;
  strict.extra_keys = false;
  EXPECT_EQ(error_of<Record>("(Vname\nVa\nVlos\nF1\nd.", strict), "type-mismatch $: unexpected key 'los'");
  const auto timed = from<typed::Timed>("(Vname\nVa\nVloss\nF1\nVtimes\n(Vx\nF2\ndd.");
  ASSERT_TRUE(timed) << timed.error().to_string();
  EXPECT_EQ(timed->times.at("x"), 2);
  EXPECT_EQ(timed->name, "a");
}

TEST(Decode, ErrorsNameThePath) {
  EXPECT_EQ(error_of<typed::Study>("(Vruns\n((Vname\nVa\nVloss\nF1\nd(Vname\nVa\nVloss\nVx\ndld."),
            "type-mismatch $.runs[1].loss: expected float, found str");
  const auto error = from<typed::Study>("(Vruns\n((Vname\nVa\ndld.").error();
  EXPECT_EQ(error.where, "$.runs[0]");
  EXPECT_EQ(error.message, "missing 'loss'");
}

TEST(Decode, KeysAreRecognisedInAnyForm) {
  // The key's text in each record, then by reference: both ways round, and in another order.
  const auto runs = from<std::vector<Record>>(
      "((Vname\np1\nVa\nVloss\np2\nF1\nd(g1\nVb\ng2\nF2\nd(g2\nF3\ng1\nVc\nd(Vloss\nF4\nVname\nVd\ndl.");
  ASSERT_TRUE(runs) << runs.error().to_string();
  EXPECT_EQ(*runs, (std::vector<Record>{{"a", 1, {}}, {"b", 2, {}}, {"c", 3, {}}, {"d", 4, {}}}));
}

TEST(Decode, CyclesAndDepth) {
  EXPECT_EQ(from<typed::Nested>("(lp0\ng0\na.").error().code, ErrorCode::kLimit);
  EXPECT_EQ(from<typed::Tree>("(dp0\nVchildren\n(g0\nls.").error().code, ErrorCode::kLimit);
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += '(';
  for (int i = 0; i < 100000; ++i) deep += 'l';
  deep += '.';
  EXPECT_EQ(from<typed::Nested>(deep).error().code, ErrorCode::kLimit);
  const std::string fits = std::string(1000, '(') + std::string(1000, 'l') + '.';
  EXPECT_TRUE(from<typed::Nested>(fits));
  EXPECT_LT(from<typed::Nested>("(lp0\ng0\na.").error().where.size(), 200U);
}

TEST(Decode, SharingIsBounded) {
  // Each list holds the one before it twice: 2^60 lists.
  std::string bomb = "(lp0\n0";
  for (int i = 1; i <= 60; ++i) {
    const std::string before = "g" + std::to_string(i - 1) + "\n";
    bomb += "(" + before + before + "lp" + std::to_string(i) + "\n0";
  }
  bomb += "g60\n.";
  DecodeOptions options;
  options.limits.output_nodes = 1'000'000;
  EXPECT_EQ(from<typed::Nested>(bomb, options).error().code, ErrorCode::kLimit);
  using Alternatives = std::variant<std::vector<std::variant<typed::Nested, std::vector<int>>>, typed::Opaque>;
  EXPECT_EQ(from<Alternatives>(bomb, options).error().code, ErrorCode::kLimit);
  options.limits.allocation = 10;
  EXPECT_EQ(from<std::vector<std::string>>("(Vabcdef\np0\ng0\nl.", options).error().code, ErrorCode::kLimit);
}

TEST(Decode, CollidingKeysAreAnError) {
  // libstdc++ hashes an int to itself; its table has one of these sizes.
  std::string pickle = "(d";
  for (int i = 0; i < 2000; ++i) pickle += "L" + std::to_string(std::int64_t{i} * 541 * 1109 * 2357) + "L\nI1\ns";
  pickle += ".";
  EXPECT_EQ((from<std::unordered_map<std::int64_t, int>>(pickle).error().code), ErrorCode::kLimit);
  EXPECT_TRUE((from<std::map<std::int64_t, int>>(pickle)));
}

TEST(Decode, Times) {
  using namespace std::chrono;
  using Micro = sys_time<microseconds>;
  const std::string_view naive = "\x80\x03" "cdatetime\ndatetime\nC\x0a\x07\xe8\x05\x01\x0c\x1e\x0f\x00\x00\x07\x85R."sv;
  const Micro expected = sys_days(2024y / May / 1) + 12h + 30min + 15s + 7us;
  EXPECT_EQ(from<Micro>(naive), expected);
  EXPECT_EQ(from<sys_time<nanoseconds>>(naive), sys_time<nanoseconds>(expected));
  EXPECT_EQ(error_of<sys_seconds>(naive), "type-mismatch $: the time has a part below the type's unit");
  EXPECT_EQ(from<Micro>("\x80\x02" "cdatetime\ndatetime\nU\x0a\x07\xe8\x05\x01\x0c\x1e\x0f\x00\x00\x07\x85R."sv), expected);
  EXPECT_EQ(from<Micro>("\x80\x03" "cdatetime\ndatetime\nC\x0a\x07\xe8\x85\x01\x0c\x1e\x0f\x00\x00\x07"
                        "cdatetime\ntimezone\ncdatetime\ntimedelta\nK\x00M\x10\x0eK\x00\x87R\x85R\x86R."sv),
            expected - 1h)
      << "fold, and an hour east";
  EXPECT_EQ(from<sys_days>("\x80\x03" "cdatetime\ndate\nC\x04\x07\xe8\x05\x01\x85R."sv), sys_days(2024y / May / 1));
  EXPECT_FALSE(from<sys_days>("\x80\x03" "cdatetime\ndate\nC\x04\x07\xe8\x02\x1f\x85R."sv)) << "the 31st of February";
  EXPECT_FALSE(from<Micro>("\x80\x03" "cdatetime\ndatetime\nC\x03\x07\xe8\x05\x85R."sv));
  EXPECT_FALSE(from<Micro>("cm\nthing\n(tR."));
  EXPECT_EQ(from<seconds>("cdatetime\ntimedelta\n(I-1\nI86399\nI0\ntR."), -1s);
  EXPECT_EQ((from<duration<double>>("cdatetime\ntimedelta\n(I0\nI1\nI500000\ntR.")), duration<double>(1.5));
  EXPECT_FALSE(from<nanoseconds>("cdatetime\ntimedelta\n(I999999999\nI0\nI0\ntR.")) << "does not fit";
  EXPECT_FALSE((from<duration<std::int8_t>>("cdatetime\ntimedelta\n(I0\nI200\nI0\ntR.")));
  EXPECT_FALSE(from<seconds>("cdatetime\ntimedelta\n(Va\ntR."));
}

TEST(Decode, Arrays) {
  const std::vector<double> values = {1, 2.5, -3};
  const std::string pickle = encode(as_numpy(values)).value();
  const auto document = Document::read(pickle);
  EXPECT_EQ(decode<std::vector<double>>(*document), values);
  EXPECT_EQ(decode<std::vector<float>>(*document).error().message, "expected array of 'f4', found one of float64");
  const auto view = decode<std::span<const double>>(*document);
  const bool aligned = (reinterpret_cast<std::uintptr_t>(pickle.data()) + pickle.find(std::string_view(
                            reinterpret_cast<const char*>(values.data()), 24))) % alignof(double) == 0;
  EXPECT_EQ(view.has_value(), aligned);
  const std::vector<std::uint8_t> bytes = {1, 2, 3, 4};
  const std::string matrix = encode(as_numpy(bytes, {2, 2})).value();
  const auto matrix_document = Document::read(matrix);
  const auto flat = decode<std::span<const std::uint8_t>>(*matrix_document);
  ASSERT_TRUE(flat) << flat.error().to_string();
  EXPECT_TRUE(std::ranges::equal(*flat, bytes));
  EXPECT_FALSE(decode<std::vector<std::uint8_t>>(*matrix_document)) << "two dimensions";
  EXPECT_FALSE(decode<std::vector<std::string>>(*matrix_document));
}

// Every prefix of a pickle, and every byte of it changed, gives a value or an error.
TEST(Decode, DamagedPickles) {
  std::map<std::string, Record> runs = {{"x", {"a", 0.5, 3}}, {"y", {"b", 1.5, {}}}};
  const std::string good = encode(runs).value();
  for (std::size_t i = 0; i < good.size(); ++i) {
    (void)from<std::map<std::string, Record>>(std::string_view(good).substr(0, i));
    std::string bad = good;
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      bad[i] = static_cast<char>(good[i] ^ flip);
      (void)from<std::map<std::string, Record>>(bad);
    }
  }
}

}  // namespace
}  // namespace cppickle
