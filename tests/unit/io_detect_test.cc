#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <vector>

#include "io/detect.h"
#include "io/pickle_shape.h"
#include "io_sample.h"
#include "pickle/opcode.h"

namespace cppickle {
namespace {

using testing::fixtures;
using testing::python;
using testing::read_whole;

FileKind kind_of(std::string_view bytes) { return detect(as_span(bytes)).kind; }

using std::string_view_literals::operator""sv;

TEST(Detect, NotPickles) {
  EXPECT_EQ(kind_of(""), FileKind::kEmpty);
  EXPECT_EQ(kind_of("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"),
            FileKind::kGitLfsPointer);
  EXPECT_EQ(kind_of("<!DOCTYPE html>\n<html>"), FileKind::kHtml);
  EXPECT_EQ(kind_of("\xEF\xBB\xBF \n <HTML>"), FileKind::kHtml);
  EXPECT_EQ(kind_of("<?xml version='1.0'?><Error/>"), FileKind::kXml);
  EXPECT_EQ(kind_of("{\"a\": 1}"), FileKind::kJson);
  EXPECT_EQ(kind_of(" [\n1, 2]"), FileKind::kJson);
  EXPECT_EQ(kind_of("\x89HDF\r\n\x1A\n\0\0\0\0"sv), FileKind::kHdf5);
  EXPECT_EQ(kind_of("\x93NUMPY\1\0"sv), FileKind::kNpy);
  EXPECT_EQ(kind_of("PK\3\4\x14\0"sv), FileKind::kZip);
  EXPECT_EQ(kind_of("\x89PNG\r\n\x1A\n"), FileKind::kOther);
  EXPECT_EQ(kind_of("SQLite format 3\0"sv), FileKind::kOther);
  EXPECT_EQ(kind_of("\2\0\0\0\0\0\0\0{}"sv), FileKind::kUnknown);
  EXPECT_EQ(kind_of("\3\0\0\0\0\0\0\0{\"}"sv), FileKind::kOther);
  EXPECT_EQ(kind_of("\0\1\2\3"sv), FileKind::kUnknown);
}

TEST(Detect, TextsThatBeginLikePickles) {
  for (const std::string_view text : {"abc",
                                      "hello world.",
                                      "Nothing.",
                                      "I am a text\n",
                                      "Some text\n",
                                      "(c) 2024 Me\n",
                                      "(1, 2)",
                                      "Key: value\n",
                                      "This is a text",
                                      "2.5,3.5\n",
                                      "0.1\n",
                                      "cat\ndog\n",
                                      "Python is great\nNow\n",
                                      "Model: x",
                                      "User name",
                                      ".",
                                      "x^2 + y^2",
                                      "Z",
                                      "import os\n",
                                      "from a import b\nprint(1)\n",
                                      "l",
                                      "tuple",
                                      "Velo\nVolo\n",
                                      "Features\n",
                                      "Ganz gut",
                                      "]",
                                      "(",
                                      "N"}) {
    EXPECT_EQ(kind_of(text), FileKind::kText) << text;
    EXPECT_FALSE(detect(as_span(text)).may_be_pickle) << text;
  }
}

TEST(Detect, Pickles) {
  for (const std::string_view bytes :
       {"\x80\2."sv, "\x80\4\x95\0"sv, "\x80\5N."sv, "\x80\3"sv, "\x80\6N."sv}) {
    EXPECT_EQ(kind_of(bytes), FileKind::kPickle);
    EXPECT_TRUE(detect(as_span(bytes)).may_be_pickle);
  }
  for (const std::string_view bytes :
       {"N.", "I1\n.", "(lp0\n.", "cos\nsystem\n(S'x'\ntR\xFF", "(dp1\nS'a'\np2\nI1\ns.", "]q\1(K\1K\2e.",
        "cos\nsystem\n.", "(cos\nsystem\nS'x'\no.", "(S'x'\nios\nsystem\n.", "Vtext\n.", "Pid\n.",
        "]q\1(K\1K\2"}) {
    EXPECT_EQ(kind_of(bytes), FileKind::kTextPickle) << bytes;
  }
}

TEST(Detect, DamagedPickles) {
  EXPECT_EQ(kind_of("(lp0\r\nS'a'\r\np1\r\na."), FileKind::kCrlfPickle);
  EXPECT_EQ(kind_of("ccollections\r\nOrderedDict\r\n(tR."), FileKind::kCrlfPickle);
  EXPECT_EQ(kind_of("\x80\2ccollections\r\nOrderedDict\r\n(tR."), FileKind::kCrlfPickle);
  EXPECT_EQ(kind_of("\x80\4\x95\x0F\0\0\0\0\0\0\0C\3xy\r\n."sv), FileKind::kCrlfPickle);
  EXPECT_EQ(kind_of("\x80\4\x95\5\0\0\0\0\0\0\0C\2\r\n."sv), FileKind::kPickle);
  EXPECT_EQ(kind_of("\xEF\xBB\xBF\x80\4N."), FileKind::kBomPickle);
  EXPECT_EQ(kind_of("\xEF\xBB\xBF(lp0\n."), FileKind::kBomPickle);
  EXPECT_EQ(kind_of("\xEF\xBF\xBD\3}q\1."), FileKind::kReencodedPickle);
  EXPECT_EQ(kind_of("\xC2\x80\3}q\1."), FileKind::kReencodedPickle);
  EXPECT_EQ(kind_of("gASVDAAAAAAAAABdlCiMAWGUSwFlLg=="), FileKind::kPickleAsText);
  EXPECT_EQ(kind_of("b'\\x80\\x04\\x95\\x0c'"), FileKind::kPickleAsText);
}

TEST(Detect, TwoThingsAtOnce) {
  const std::string zip_end = std::string("PK\5\6", 4) + std::string(18, '\0');
  EXPECT_TRUE(detect(as_span("\x80\2N." + zip_end)).has_zip_end);
  EXPECT_FALSE(detect(as_span("\x80\2N.")).has_zip_end);
  // A member of a tar archive whose name is a pickle.
  std::string tar(512, '\0');
  tar.replace(0, 15, "cos\nsystem\n.aaa");
  tar.replace(124, 11, "00000000000");
  tar.replace(148, 8, 8, ' ');
  unsigned sum = 0;
  for (const char c : tar) sum += static_cast<unsigned char>(c);
  char text[8];
  std::snprintf(text, sizeof text, "%06o", sum);
  tar.replace(148, 7, std::string(text, 7));
  EXPECT_EQ(kind_of(tar), FileKind::kTar);
  EXPECT_TRUE(detect(as_span(tar)).may_be_pickle);
}

TEST(Detect, EveryNameAndPhrase) {
  for (int i = 0; i <= static_cast<int>(FileKind::kUnknown); ++i) {
    EXPECT_FALSE(name_of(static_cast<FileKind>(i)).empty());
    EXPECT_EQ(name_of(static_cast<FileKind>(i)) == "unknown", i == static_cast<int>(FileKind::kUnknown));
  }
  EXPECT_FALSE(detect({}).phrase.empty());
}

// The walk knows exactly the opcodes of pickle/opcodes.def, and what they take from the stack.
TEST(PickleShape, AgreesWithTheTableOfOpcodes) {
  for (int byte = 0; byte < 256; ++byte) {
    const OpcodeInfo& info = kOpcodes[static_cast<std::size_t>(byte)];
    const std::string opcode(1, static_cast<char>(byte));
    const bool has_lines =
        info.argument >= ArgumentKind::kDecimalLine && info.argument <= ArgumentKind::kLinePair;
    const std::string argument = byte == 'S' ? "''\n" : has_lines ? "0\n0\n" : std::string(9, '\0');
    const auto goes_on = [&](const std::string& before) {
      const PickleShape shape = walk_pickle_shape(as_span(before + opcode + argument));
      return shape.instructions > before.size();
    };
    EXPECT_EQ(goes_on("NN(NNN"), !info.name.empty()) << byte;
    if (info.name.empty() || byte == 'p' || byte == 'q' || byte == 'r') continue;
    if (info.mark) {
      EXPECT_FALSE(goes_on("NNN")) << info.name;
    } else if (info.takes > 0 && byte != '0') {
      EXPECT_FALSE(goes_on(std::string(info.takes - 1u, 'N'))) << info.name;
      EXPECT_TRUE(goes_on(std::string(info.takes, 'N'))) << info.name;
    }
  }
}

TEST(PickleShape, PythonsPickles) {
  for (int protocol = 0; protocol <= 5; ++protocol) {
    const std::string pickle = python(
        "import pickle, collections, datetime\n"
        "l = [1, -1, 2**40, 2**80, 1.5, None, True, \"text\\n\", b\"bytes\\n\", (1,), (1, 2), (1, 2, 3), "
        "tuple(range(4)),\n"
        "     {1: 2}, {1}, frozenset([1]), bytearray(b\"x\"), collections.OrderedDict(a=1), "
        "datetime.date(2020, 1, 2)]\n"
        "l.append(l); out.write(pickle.dumps([l, l, dict(a=l)], " +
        std::to_string(protocol) + "))");
    if (pickle.empty()) GTEST_SKIP() << "python3 is needed";
    EXPECT_EQ(walk_pickle_shape(as_span(pickle)).end, PickleShape::End::kStop) << protocol;
    EXPECT_EQ(kind_of(pickle), protocol < 2 ? FileKind::kTextPickle : FileKind::kPickle);
    std::string translated;
    for (const char c : pickle) translated += c == '\n' ? "\r\n" : std::string(1, c);
    EXPECT_EQ(kind_of(translated), FileKind::kCrlfPickle) << protocol;
  }
}

// The container that the manifest states, found again by the contents alone.
TEST(Detect, RealFiles) {
  const std::filesystem::path folder = fixtures();
  if (folder.empty()) GTEST_SKIP() << "no fixtures: set CPPICKLE_FIXTURES to the folder that holds wild/";
  const auto value_of = [](const std::string& line, const std::string& key) {
    const std::size_t begin = line.find("\"" + key + "\": \"");
    if (begin == std::string::npos) return std::string();
    const std::size_t at = begin + key.size() + 5;
    return line.substr(at, line.find('"', at) - at);
  };
  std::ifstream manifest(folder / "wild/manifest.jsonl");
  int count = 0;
  for (std::string line; std::getline(manifest, line);) {
    const std::string container = value_of(line, "container");
    const std::string bytes = read_whole(folder / "wild/files" / value_of(line, "file"));
    const Detection found = detect(as_span(bytes));
    SCOPED_TRACE(container + " in " + value_of(line, "file") + ": " + std::string(found.phrase));
    ++count;
    if (container.starts_with("raw") || container.starts_with("torch legacy")) {
      EXPECT_TRUE(found.kind == FileKind::kPickle || found.kind == FileKind::kTextPickle);
      EXPECT_EQ(found.kind == FileKind::kPickle, bytes[0] == '\x80');
    } else if (container.find(" > ") != std::string::npos) {
      ASSERT_EQ(found.kind, FileKind::kCompressed);
      const Result<Decompressed> plain = decompress(as_span(bytes), found.compression, {});
      ASSERT_TRUE(plain) << plain.error().to_string();
      EXPECT_EQ(plain->consumed, bytes.size());
      const FileKind inner = detect(plain->data.span()).kind;
      EXPECT_EQ(inner == FileKind::kTar, container.ends_with("tar/other"));
      EXPECT_EQ(inner == FileKind::kPickle || inner == FileKind::kTextPickle, container.ends_with("pickle"));
    } else {
      const std::map<std::string, std::vector<FileKind>> expected = {
          {"torch zip", {FileKind::kZip}},
          {"npz", {FileKind::kZip}},
          {"other zip", {FileKind::kZip}},
          {"npy", {FileKind::kNpy}},
          {"hdf5", {FileKind::kHdf5}},
          {"empty", {FileKind::kEmpty}},
          {"not a pickle", {FileKind::kText, FileKind::kOther}}};
      ASSERT_TRUE(expected.contains(container));
      EXPECT_NE(std::ranges::find(expected.at(container), found.kind), expected.at(container).end());
    }
  }
  EXPECT_EQ(count, 451);
}

}  // namespace
}  // namespace cppickle
