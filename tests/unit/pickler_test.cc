// Writing, editing and paths.
#include "cppickle/pickler.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "cppickle/document.h"
#include "cppickle/json.h"

namespace cppickle {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string rewritten(std::string_view pickle) {
  const auto document = Document::read(pickle);
  if (!document) return "error: " + document.error().to_string();
  const auto bytes = write(*document);
  return bytes ? *bytes : "error: " + bytes.error().to_string();
}

std::string through_json(std::string_view pickle) {
  const auto document = Document::read(pickle);
  if (!document) return "error: " + document.error().to_string();
  const auto back = from_json(*to_json(*document));
  return back ? *write(*back) : "error: " + back.error().to_string();
}

// Streams that no pickler writes, each with something that a walk could get wrong.
const std::string kOddStreams[] = {
    "N0N."s,                                       // discarded before the root
    "(N00N."s,                                     // POP takes a MARK, with effects above it
    "(N0" "1N."s,
    "(1N."s,                                       // POP_MARK of nothing
    "N2\x86."s,                                    // DUP
    "](]2" "e."s,
    "]\x94\x94h\0h\1\x87."s,                       // one value put twice
    "N\x94h\0\x94h\1\x86."s,                       // a reference put again
    "]\x94h\0N" "ah\0Na\x86."s,                    // changes through references
    "cm\nn\n\x94}b0h\0."s,                         // BUILD on a class
    "NN."s,                                        // left over at STOP
    "]q\1(]q\2h\2]q\3h\2h\3\x86q\4" "a00h\4ah\3" "00h\4h\4."s,  // with an open MARK and what was discarded above it
    "((N0N."s,
    "N2."s,
    "\x80\x02N\x80\x04\x85."s,                     // PROTO in the middle
    "Nr\x05\0\0\0j\x05\0\0\0\x86."s,               // long forms of small keys
    "Np7\nNp3\ng7\ng3\n\x87\x85."s,                // keys out of order
    "Nq\0Nq\0h\0\x87."s,                           // a key put twice
    "K\x01q\0h\0J\x05\0\0\0\x8a\x01\x05\x8b\x01\0\0\0\x05(t0\x87."s,
    "(cos\nsystem\nS'ls'\no."s,
    "(S'ls'\nios\nsystem\n."s,
    "Pid\n(I1\nQl."s,
    "\x82\x01\x83\x01\x01\x84\x01\x01\x01\x01\x87."s,
    "\x80\x05\x97\x97\x98\x86."s,
    "U\1\xff" "2\x93."s,                           // a name that is no text
    "cm\n\xed\xa0\x80\n."s,                         // and one with a surrogate
    "\x80\x02\x8a\x0a\0\0\0\0\0\0\0\0\1\0."s,    // a long number with a byte too many
    "(N\x91Na."s,                                  // a frozenset that is changed
    "(N\x91(N\x90."s,
    "\x8f(N\x90Na}b(N\x90."s,                      // a set that is changed by other means too
    "\x8f\x94(N\x90h\0(K\1\x90\x86."s,            // and through a reference
};

TEST(Pickler, OddStreamsComeOutAsTheyWere) {
  for (const std::string& pickle : kOddStreams) {
    EXPECT_EQ(rewritten(pickle), pickle);
    EXPECT_EQ(through_json(pickle), pickle);
  }
}

// JSON has the outer value first, whose memo entry is the last.
TEST(Pickler, ManyEntriesOfOneValue) {
  const std::string pickle = "\x80\x04N" + std::string(5000, '\x94') + "\x85\x94.";
  EXPECT_EQ(through_json(pickle), pickle);
}

// What was discarded in a frame that stays empty moves under its MARK: no pickler writes that, and it means the same.
TEST(Pickler, EffectsOfAnEmptyFrameComeFirst) {
  EXPECT_EQ(rewritten("(N0N0t."), "N0N0(t.");
  EXPECT_EQ(rewritten("((N0N0tt."), "(N0N0(tt.");
}

TEST(Pickler, EveryProtocolReadsAgain) {
  for (const std::string& pickle : kOddStreams) {
    const auto document = Document::read(pickle);
    ASSERT_TRUE(document.has_value()) << document.error().to_string();
    for (int protocol = 0; protocol <= 5; ++protocol) {
      const auto bytes = write(*document, {.protocol = protocol});
      if (!bytes) {
        EXPECT_EQ(bytes.error().code, ErrorCode::kBadProtocol) << bytes.error().message;
        continue;
      }
      const auto again = Document::read(*bytes);
      ASSERT_TRUE(again.has_value()) << again.error().to_string();
      EXPECT_EQ(again->info().protocol >= 2, protocol >= 2);
    }
  }
}

TEST(Pickler, AnEditChangesItsInstructionOnly) {
  const std::string pickle = "\x80\x04\x95\x15\0\0\0\0\0\0\0}\x94(\x8c\x01" "a\x94K\x05\x8c\x01" "b\x94\x8c\x03old\x94u."s;
  auto document = Document::read(pickle);
  ASSERT_TRUE(document.has_value()) << document.error().to_string();
  ASSERT_TRUE(document->replace("a", document->integer(300)).has_value());
  ASSERT_TRUE(document->replace("['b']", document->string("newer")).has_value());
  EXPECT_EQ(*write(*document),
            "\x80\x04\x95\x18\0\0\0\0\0\0\0}\x94(\x8c\x01" "a\x94M\x2c\x01\x8c\x01" "b\x94\x8c\x05newer\x94u."s);
}

TEST(Pickler, ReplacingASharedValueKeepsTheOthers) {
  const std::string pickle = "\x80\x04](\x8c\x01x\x94h\0e."s;
  auto document = Document::read(pickle);
  ASSERT_TRUE(document->replace("[0]", document->integer(1)).has_value());
  const auto bytes = write(*document);
  const auto again = Document::read(*bytes);
  ASSERT_TRUE(again.has_value()) << again.error().to_string();
  EXPECT_EQ(find(again->root(), "[0]")->as_int(), 1);
  EXPECT_EQ(find(again->root(), "[1]")->text(), "x");
}

TEST(Pickler, BuiltDocumentsAreWritten) {
  Document document(2);
  const std::array items{document.integer(1), document.string("two"), document.real(0.5), document.none()};
  const Value list = document.list(items);
  const std::array twice{list, list};
  document.set_root(document.tuple(twice));
  const auto bytes = write(document);
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(*bytes, "\x80\x02]q\0(K\x01X\x03\0\0\0twoG?\xe0\0\0\0\0\0\0Neh\0\x86q\1."s);
  ASSERT_TRUE(document.append(list, document.boolean(true)).has_value());
  const std::string longer = *write(document);
  const auto again = Document::read(longer);
  EXPECT_EQ((*again->root().items().begin()).size(), 5u);
}

// What is no set's own becomes what follows the call that makes the set.
TEST(Pickler, ChangedSetsAtOtherProtocols) {
  const auto changed = Document::read("\x8f(K\1\x90N\x61(K\2\x90."sv);
  EXPECT_EQ(*write(*changed, {.protocol = 3}), "\x80\x03" "cbuiltins\nset\n](K\1K\2e\x85RNa."s);
  const auto frozen = Document::read("(K\1\x91\x94(NNe."sv);
  EXPECT_EQ(*write(*frozen, {.protocol = 3}), "\x80\x03" "cbuiltins\nfrozenset\n]K\1a\x85Rq\0(NNe."s);
  const auto added = Document::read("(K\1\x91(N\x90."sv);
  EXPECT_EQ(write(*added, {.protocol = 3}).error().code, ErrorCode::kBadProtocol);
}

TEST(Pickler, LongNumbersOfTheFewestBytesAtOtherProtocols) {
  const auto document = Document::read("\x80\2\x8a\x0a\0\0\0\0\0\0\0\0\1\0."sv);
  EXPECT_EQ(*write(*document, {.protocol = 3}), "\x80\3\x8a\x09\0\0\0\0\0\0\0\0\1."s);
}

// A GLOBAL ends with its line, and readers refuse a carriage return before that; what follows a dot is text.
TEST(Pickler, NamesThatAreNoLine) {
  const auto at = [](std::string_view name, int protocol) {
    const std::string pickle =
        "\x80\4\x8c\1m\x8c" + std::string(1, static_cast<char>(name.size())) + std::string(name) + "\x93.";
    const auto document = Document::read(pickle);
    const auto bytes = write(*document, {.protocol = protocol});
    return bytes ? *bytes : bytes.error().message;
  };
  EXPECT_EQ(at("a\r", 4), "\x80\4\x95\x09\0\0\0\0\0\0\0\x8c\1m\x8c\2a\r\x93."s);
  EXPECT_EQ(at("a\r", 3), "the name 'm.a\\r' cannot be written at protocol 3");
  EXPECT_EQ(at("a\rb", 3), "\x80\3cm\na\rb\n.");
  EXPECT_EQ(at("a\n", 3), "the name 'm.a\\n' cannot be written at protocol 3");
  EXPECT_EQ(at("a\r.b", 3), "the name 'm.a\\r' cannot be written at protocol 3");
  EXPECT_EQ(at("a.b\r", 3), "\x80\3cbuiltins\ngetattr\ncm\na\nX\2\0\0\0b\r\x86R."s);
}

// Each pickle has a memo of its own: what stands in two of them is written in both.
TEST(Pickler, AValueOfAnotherPickle) {
  auto document = Document::read("](K\1K\2e.]q\1(K\3]q\2h\2h\1e."sv);
  ASSERT_EQ(document->pickles(), 2u);
  ASSERT_TRUE(document->replace("[0]", document->root(0), 1).has_value());
  const auto bytes = write(*document);
  ASSERT_TRUE(bytes.has_value()) << bytes.error().message;
  const auto again = Document::read(*bytes);
  ASSERT_TRUE(again.has_value()) << again.error().to_string();
  ASSERT_EQ(again->pickles(), 2u) << testing::PrintToString(*bytes);
  EXPECT_EQ(again->root(0).size(), 2u);
  EXPECT_EQ(find(again->root(1), "[0][1]")->as_int(), 2);
  EXPECT_EQ(find(again->root(1), "[1]")->size(), 0u);
  EXPECT_TRUE(find(again->root(1), "[2]")->same_object(*find(again->root(1), "[1]")));
  EXPECT_TRUE(find(again->root(1), "[3]")->same_object(again->root(1)));
}

// It needs a memo entry where it stood before, and that pickle's frame grows.
TEST(Pickler, AFrameWithANewEntry) {
  auto document = Document::read("\x80\4\x95\x0e\0\0\0\0\0\0\0]\x94(]K\1aK\2\x94h\1e.]Na."sv);
  ASSERT_EQ(document->pickles(), 2u);
  ASSERT_TRUE(document->replace("[0]", *find(document->root(0), "[0]"), 1).has_value());
  EXPECT_TRUE(write(*document)->starts_with("\x80\4\x95\x0f\0\0\0\0\0\0\0]\x94(]\x94K\1aK\2\x94h\2e."sv));
}

TEST(Pickler, AListCanHoldItself) {
  Document document(4);
  const Value list = document.list({});
  ASSERT_TRUE(document.append(list, list).has_value());
  document.set_root(list);
  const auto bytes = write(document);
  ASSERT_TRUE(bytes.has_value()) << bytes.error().message;
  const auto again = Document::read(*bytes);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE((*again->root().items().begin()).same_object(again->root()));
}

TEST(Path, SaysWhereItLost) {
  const auto document = Document::read("(S'a'\n(lp0\nd.");
  ASSERT_TRUE(document.has_value()) << document.error().to_string();
  EXPECT_TRUE(find(document->root(), "").has_value());
  EXPECT_TRUE(find(document->root(), "a").has_value());
  EXPECT_EQ(find(document->root(), "a[0]").error().message, "$.a is a list without [0]");
  EXPECT_EQ(find(document->root(), "b").error().message, "$ is a dict without .b");
  for (const char* bad : {"a..b", "a[", "a[x]", "['a", "a]"}) {
    EXPECT_EQ(find(document->root(), bad).error().code, ErrorCode::kNoSuchPath) << bad;
  }
}

}  // namespace
}  // namespace cppickle
