#include "cppickle/plain_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace cppickle {
namespace {

using namespace std::string_literals;

Document read(const std::string& pickle) {
  auto document = Document::read(std::string_view(pickle));
  EXPECT_TRUE(document) << document.error().to_string();
  return document ? std::move(*document) : Document();
}

// On one line, without the newline at its end. The pickle must outlive what is read from it.
PlainJson plain(const std::string& pickle, int indent = 0) {
  const Document document = read(pickle);
  auto json = to_plain_json(document.root(), {.limits = {}, .indent = indent});
  EXPECT_TRUE(json) << json.error().to_string();
  if (!json) return {};
  EXPECT_TRUE(json->text.ends_with('\n'));
  json->text.pop_back();
  return std::move(*json);
}

bool tells(const PlainJson& json, std::string_view loss) { return std::ranges::find(json.losses, loss) != json.losses.end(); }

TEST(PlainJson, WhatJsonHasLosesNothing) {
  // {'a': [1, 2.5, None, True, 'x"y'], 'b': {}}
  const PlainJson json = plain("(dVa\n(lI1\naF2.5\naNaI01\naVx\"y\nasVb\n(ds.");
  EXPECT_EQ(json.text, R"({"a": [1, 2.5, null, true, "x\"y"], "b": {}})");
  EXPECT_TRUE(json.losses.empty());
}

TEST(PlainJson, NumbersStandOnOneLine) {
  EXPECT_EQ(plain("(lI1\naI2\na.", 2).text, "[1, 2]");
  EXPECT_EQ(plain("(l(lI1\naa(laVx\na.", 2).text, "[\n  [1],\n  [],\n  \"x\"\n]");
}

TEST(PlainJson, FloatsThatAreNoNumbers) {
  // {'runs': [0, {'loss': nan}], 'x y': inf}
  const PlainJson json = plain("(dVruns\n(lI0\na(dVloss\nFnan\nsasVx y\nFinf\ns.");
  EXPECT_EQ(json.text, R"({"runs": [0, {"loss": null}], "x y": null})");
  EXPECT_TRUE(tells(json, "$.runs[1].loss: NaN became null"));
  EXPECT_TRUE(tells(json, "$['x y']: inf became null"));
}

TEST(PlainJson, TypesAreToldOnce) {
  const PlainJson json = plain("(l(I1\nta(I2\nta(ta.");
  EXPECT_EQ(json.text, "[[1], [2], []]");
  ASSERT_EQ(json.losses.size(), 1u);
  EXPECT_EQ(json.losses[0], "$[0]: a tuple became an array (and at 2 more places)");
}

TEST(PlainJson, Keys) {
  // {1: 'a', '1': 'b', None: 0, (): 0}
  const PlainJson json = plain("(dI1\nVa\nsV1\nVb\nsNI0\ns.");
  EXPECT_EQ(json.text, R"({"1": "a", "1": "b", "null": 0})");
  EXPECT_TRUE(tells(json, "$[1]: a key that is no text became text: '1' (and at 1 more place)"));
  EXPECT_TRUE(tells(json, "$['1']: the key '1' stands there more than once; most JSON readers keep the last"));
}

TEST(PlainJson, Integers) {
  const PlainJson json = plain("(lI7\naL9007199254740993L\naL-123456789012345678901234567890L\na.");
  EXPECT_EQ(json.text, "[7, 9007199254740993, -123456789012345678901234567890]");
  EXPECT_TRUE(tells(json, "$[1]: an integer beyond 2^53: not every JSON reader keeps its digits"));
  EXPECT_TRUE(tells(json, "$[2]: an integer beyond 2^53: not every JSON reader keeps its digits"));
}

TEST(PlainJson, IntegersTooLongForDecimal) {
  std::string pickle = "\x80\x02\x8b\xd0\x07\0\0"s;  // LONG4 of 2000 bytes
  pickle += std::string(1999, '\1') + "\1.";
  const PlainJson json = plain(pickle);
  EXPECT_TRUE(json.text.starts_with("\"0x10101"));
  EXPECT_TRUE(tells(json, "$: an integer of more than 4300 digits became hexadecimal text"));
}

TEST(PlainJson, Bytes) {
  const PlainJson json = plain("\x80\x03]q\0(C\x02hiC\x02\0\xff" "e."s);
  EXPECT_EQ(json.text, R"(["hi", "AP8="])");
  EXPECT_TRUE(tells(json, "$[0]: bytes became text"));
  EXPECT_TRUE(tells(json, "$[1]: bytes became base64 text"));
}

TEST(PlainJson, StringsOfPython2) {
  const PlainJson json = plain("(lS'caf\\xc3\\xa9'\naS'\\xff'\na.");
  EXPECT_EQ(json.text, "[\"caf\xc3\xa9\", \"/w==\"]");
}

TEST(PlainJson, LoneSurrogates) {
  const PlainJson json = plain("(lV\\ud800x\na.");
  EXPECT_EQ(json.text, "[\"\xef\xbf\xbdx\"]");
  EXPECT_TRUE(tells(json, "$[0]: a lone surrogate became U+FFFD"));
}

TEST(PlainJson, Cycles) {
  const PlainJson json = plain("(lp0\n(dp1\nVself\ng0\nsag1\na.");
  EXPECT_EQ(json.text, R"([{"self": null}, {"self": null}])");
  EXPECT_TRUE(tells(json, "$[0].self: a reference to a value that holds this place became null"));
  EXPECT_TRUE(tells(json, "$[1]: a value that also stands elsewhere was copied"));
}

TEST(PlainJson, Objects) {
  // C.__new__(C) with {'x': 1}, and D(5) with a slot
  const PlainJson json = plain("\x80\x02(cm\nC\n)\x81}X\x01\0\0\0xK\x01sbcm\nD\nK\x05\x85RN}X\x01\0\0\0yK\x02s\x86" "bt."s);
  EXPECT_EQ(json.text, R"([{"__class__": "m.C", "x": 1}, {"__class__": "m.D", "__args__": [5], "y": 2}])");
}

TEST(PlainJson, ObjectsOfProtocol0) {
  const PlainJson json = plain("ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR(dVx\nI1\nsb.");
  EXPECT_EQ(json.text, R"({"__class__": "m.C", "x": 1})");
}

TEST(PlainJson, ObjectsThatEverybodyKnows) {
  // [datetime.timedelta(-1, 3), decimal.Decimal('1.50'), collections.OrderedDict(a=1), {1} as protocol 2 writes it]
  const PlainJson json = plain(
      "(lcdatetime\ntimedelta\n(I-1\nI3\nI0\ntRacdecimal\nDecimal\n(V1.50\ntRaccollections\nOrderedDict\n(tRVa\nI1\nsa"
      "c__builtin__\nset\n((lI1\natRa.");
  EXPECT_EQ(json.text, R"(["-PT86397S", "1.50", {"a": 1}, [1]])");
  EXPECT_TRUE(tells(json, "$[1]: decimal became text"));
}

TEST(PlainJson, WhatLiesOutside) {
  const PlainJson json = plain("(lPabc\na\x82\x07" "acm\nf\na.");
  EXPECT_EQ(json.text, R"([{"__persistent_id__": "abc"}, {"__extension__": 7}, "m.f"])");
  EXPECT_TRUE(tells(json, "$[0]: a value that lies outside the pickle became its persistent id"));
}

TEST(PlainJson, SharingIsBounded) {
  // Thirty lists, each holding the one before twice.
  std::string pickle = "]\x94";
  for (char i = 0; i < 30; ++i) pickle += "]\x94(h"s + i + "h"s + i + "e";
  const Document document = read("\x80\x04" + pickle + ".");
  PlainJsonOptions options;
  options.limits.output_nodes = 100'000;
  const auto json = to_plain_json(document.root(), options);
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, ErrorCode::kLimit);
  EXPECT_NE(json.error().message.find("output-nodes"), std::string::npos);
}

TEST(PlainJson, NestingHasALimitAndNoRecursion) {
  const std::string pickle = "\x80\x02" + std::string(200'000, ']') + std::string(199'999, 'a') + ".";
  const Document document = read(pickle);
  const auto json = to_plain_json(document.root());
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, ErrorCode::kLimit);
  const std::string shallow = "\x80\x02" + std::string(800, ']') + std::string(799, 'a') + ".";
  const Document flat = read(shallow);
  EXPECT_TRUE(to_plain_json(flat.root()));
}

}  // namespace
}  // namespace cppickle
