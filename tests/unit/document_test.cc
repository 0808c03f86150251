// Reading: what each opcode makes, sharing, changes, errors.
#include "cppickle/document.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cppickle/json.h"

namespace cppickle {
namespace {

using namespace std::string_literals;

ErrorCode error_of(std::string_view pickle) {
  const auto document = Document::read(pickle);
  EXPECT_FALSE(document.has_value());
  return document ? ErrorCode::kUnsupported : document.error().code;
}

TEST(Document, ReadsEveryKindOfNumber) {
  const std::string pickle = "(I5\nJ\xff\xff\xff\xffK\x07M\x00\x01L-12L\n\x8a\x02\x00\x80I01\nI00\nF1.5\nG\x3f\xe0\0\0\0\0\0\0t."s;
  const auto document = Document::read(pickle);
  ASSERT_TRUE(document.has_value()) << document.error().to_string();
  std::vector<std::string> seen;
  for (const Value value : document->root().items()) {
    if (value.kind() == Kind::kInt) seen.push_back(value.as_decimal());
    if (value.kind() == Kind::kBool) seen.push_back(value.as_bool() ? "True" : "False");
    if (value.kind() == Kind::kFloat) seen.push_back(std::to_string(value.as_double()));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"5", "-1", "7", "256", "-12", "-32768", "True", "False", "1.500000",
                                            "0.500000"}));
}

TEST(Document, ReadsTextOfAllProtocols) {
  const std::string whole = "(V\\u20ac\xe9\nS'a\\x00\\'b'\nX\x02\0\0\0\xc3\xa9U\x01z\x8c\x01yC\x01\xfft."s;
  const auto document = Document::read(whole);
  ASSERT_TRUE(document.has_value()) << document.error().to_string();
  std::vector<std::string> seen;
  for (const Value value : document->root().items()) seen.emplace_back(value.text());
  EXPECT_EQ(seen, (std::vector<std::string>{"\xe2\x82\xac\xc3\xa9", "a\0'b"s, "\xc3\xa9", "z", "y", "\xff"}));
}

TEST(Document, SharedValuesAreOneObject) {
  const std::string pickle = "\x80\x04](]\x94h\0e."s;
  const auto document = Document::read(pickle);
  ASSERT_TRUE(document.has_value()) << document.error().to_string();
  std::vector<Value> items;
  for (const Value value : document->root().items()) items.push_back(value);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_TRUE(items[0].same_object(items[1]));
  EXPECT_FALSE(items[0].is_reference());
  EXPECT_TRUE(items[1].is_reference());
}

TEST(Document, CyclesAreRead) {
  const std::string pickle = "\x80\x04]\x94h\0a."s;
  const auto document = Document::read(pickle);
  ASSERT_TRUE(document.has_value());
  const Values items = document->root().items();
  EXPECT_TRUE((*items.begin()).same_object(document->root()));
}

// A recursive reducer is built on after it was fetched from the memo: the object shows what was done to the reference.
TEST(Document, ChangesThroughAReferenceShowAtTheObject) {
  const std::string pickle = "\x80\x04](]\x94h\0K\x05" "ae."s;
  const auto document = Document::read(pickle);
  ASSERT_TRUE(document.has_value()) << document.error().to_string();
  const Value first = *document->root().items().begin();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ((*first.items().begin()).as_int(), 5);
}

TEST(Document, ObjectsKeepClassArgumentsAndState) {
  const std::string pickle = "\x80\x02" "cmod\nName\n)\x81}X\x01\0\0\0aK\x01sb."s;
  const auto document = Document::read(pickle);
  ASSERT_TRUE(document.has_value()) << document.error().to_string();
  const Value root = document->root();
  EXPECT_EQ(root.kind(), Kind::kObject);
  EXPECT_EQ(root.opcode(), "NEWOBJ");
  EXPECT_EQ(root.callable()->global()->to_string(), "mod.Name");
  EXPECT_EQ(root.args()->size(), 0u);
  const auto value = find(root, "a");
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->as_int(), 1);
}

TEST(Document, ReadsPicklesOneAfterTheOther) {
  const std::string pickles = "I1\n.I2\n.\0\0"s;
  const auto document = Document::read(pickles);
  ASSERT_TRUE(document.has_value());
  ASSERT_EQ(document->pickles(), 2u);
  EXPECT_EQ(document->root(1).as_int(), 2);
  ASSERT_EQ(document->notes().size(), 1u);
  EXPECT_EQ(document->notes()[0].kind, Note::Kind::kPadding);
}

TEST(Document, JunkAfterAPickleIsANote) {
  const auto document = Document::read("I1\n.junk");
  ASSERT_TRUE(document.has_value());
  ASSERT_EQ(document->notes().size(), 1u);
  EXPECT_EQ(document->notes()[0].kind, Note::Kind::kTrailingBytes);
  EXPECT_EQ(document->notes()[0].offset, 4u);
  EXPECT_EQ(document->notes()[0].size, 4u);
}

TEST(Document, OnePicklersPicklesShareAMemo) {
  const std::string pickles = "\x80\x02]q\0.\x80\x02(h\0]q\1t."s;
  const auto document = Document::read(pickles);
  ASSERT_TRUE(document.has_value());
  ASSERT_EQ(document->pickles(), 2u);
  EXPECT_TRUE(document->shares_memo(1));
  EXPECT_TRUE((*document->root(1).items().begin()).same_object(document->root(0)));
  EXPECT_EQ(Document::read(pickles, {.limits = {}, .memo = MemoScope::kPerPickle})->pickles(), 1u);
}

TEST(Document, JunkChangesNoPickleBeforeIt) {
  const std::string pickles = "]q\1Na.h\1h\1K\2ah\1q\2K\3at"s;
  const auto document = Document::read(pickles, {.limits = {}, .memo = MemoScope::kPerStream});
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->pickles(), 1u);
  EXPECT_EQ(document->root().size(), 1u);
  EXPECT_TRUE(to_json(*document).has_value());
}

TEST(Document, DamageIsNamed) {
  EXPECT_EQ(error_of(""), ErrorCode::kTruncated);
  EXPECT_EQ(error_of("]"), ErrorCode::kTruncated);
  EXPECT_EQ(error_of("\x80\x09."), ErrorCode::kBadProtocol);
  EXPECT_EQ(error_of("\xf0."), ErrorCode::kUnknownOpcode);
  EXPECT_EQ(error_of("."), ErrorCode::kStackUnderflow);
  EXPECT_EQ(error_of("e."), ErrorCode::kNoMark);
  EXPECT_EQ(error_of("}(Nu."), ErrorCode::kOddItems);
  EXPECT_EQ(error_of("h\x05."), ErrorCode::kBadMemo);
  EXPECT_EQ(error_of("NN\x93."), ErrorCode::kBadOperand);
  EXPECT_EQ(error_of("S'a\n."), ErrorCode::kBadArgument);
  EXPECT_EQ(error_of("X\x01\0\0\0\xff."s), ErrorCode::kBadText);
  EXPECT_EQ(error_of("I1_0\n."), ErrorCode::kReadersDisagree);
  EXPECT_EQ(error_of("I010\n."), ErrorCode::kReadersDisagree);
  EXPECT_EQ(error_of("P\x95root\n."), ErrorCode::kReadersDisagree);
  EXPECT_EQ(error_of("T\xff\xff\xff\xff."), ErrorCode::kBadArgument);
  EXPECT_EQ(error_of("\x8e\0\0\0\0\0\0\0\x80."s), ErrorCode::kTruncated);
}

TEST(Document, FramesEndWhereInstructionsEnd) {
  const std::string good = "\x80\x04\x95\x02\0\0\0\0\0\0\0N."s;
  EXPECT_TRUE(Document::read(good).has_value());
  EXPECT_EQ(error_of("\x80\x04\x95\x02\0\0\0\0\0\0\0K\x05\x05."s), ErrorCode::kUnknownOpcode);
  EXPECT_EQ(error_of("\x80\x04\x95\x01\0\0\0\0\0\0\0K\x05."s), ErrorCode::kReadersDisagree);
  EXPECT_EQ(error_of("\x80\x04\x95\x0b\0\0\0\0\0\0\0\x95\x01\0\0\0\0\0\0\0N."s), ErrorCode::kReadersDisagree);
  EXPECT_EQ(error_of("\x80\x04\x95\xff\0\0\0\0\0\0\0N."s), ErrorCode::kTruncated);
}

TEST(Document, LimitsAreNamed) {
  ReadOptions options;
  options.limits.depth = 3;
  const auto deep = Document::read("((((.", options);
  ASSERT_FALSE(deep.has_value());
  EXPECT_EQ(deep.error().code, ErrorCode::kLimit);
  options = {};
  options.limits.memo = 2;
  const std::string many = "]\x94\x94\x94."s;
  EXPECT_EQ(Document::read(many, options).error().code, ErrorCode::kLimit);
  options = {};
  options.limits.allocation = 100'000;
  const std::string wide = "(" + std::string(100'000, ']') + "t.";
  EXPECT_EQ(Document::read(wide, options).error().code, ErrorCode::kLimit);
}

TEST(Document, AMillionNestedListsAreRead) {
  std::string pickle(1'000'000, ']');
  pickle += std::string(999'999, 'a') + ".";
  const auto document = Document::read(pickle);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->root().size(), 1u);
}

TEST(Document, ReadingCanBeCancelled) {
  ReadOptions options;
  options.progress = [](std::uint64_t) { return false; };
  const std::string wide = "(" + std::string(100'000, ']') + "t.";
  const auto document = Document::read(wide, options);
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().code, ErrorCode::kCancelled);
}

TEST(Document, ErrorsSayWhereAndWhat) {
  const auto document = Document::read("N0.");
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().to_string(), "offset 2 (STOP): the stack holds 0 values, and 1 are needed");
}

}  // namespace
}  // namespace cppickle
