// The scanner's tables, patterns and verdicts on single instructions; tests/python/test_scan.py has the corpus.
#include "cppickle/scan.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "scan/allow_table.h"
#include "scan/base64_pickles.h"
#include "scan/danger_table.h"
#include "scan/packs.h"
#include "scan/pattern.h"

namespace cppickle {
namespace {

using namespace scanning;
using namespace std::string_literals;

TEST(Packs, EveryLineParses) {
  AllowTable all;
  for (const std::string_view pack : kPacks) {
    const auto added = all.add(pack, false, true);
    EXPECT_TRUE(added.has_value()) << pack.substr(0, pack.find('\n')) << ": " << added.error().message;
  }
  for (const Entry* entry : all.all()) {
    ASSERT_NE(entry, nullptr);
    EXPECT_FALSE(entry->pack.empty()) << entry->key;
    if (entry->makes.empty() || entry->makes == "plain" || entry->makes == "arg0") continue;
    EXPECT_NE(all.find(entry->makes), nullptr) << entry->key << " makes " << entry->makes << ", which has no line";
  }
}

TEST(Packs, NoNameMayBeCalledThatIsDangerous) {
  // But those with a model of their own.
  for (const Entry* entry : AllowTable::built_in().all()) {
    const std::size_t colon = entry->key.find(':');
    if (DangerTable::built_in().find(entry->key.substr(0, colon), entry->key.substr(colon + 1)) == nullptr) continue;
    for (const Rule& rule : entry->rules) EXPECT_FALSE(rule.model.empty()) << entry->key;
  }
}

TEST(Dangers, EveryLineParses) {
  DangerTable dangers;
  const auto added = dangers.add(kDangers);
  EXPECT_TRUE(added.has_value()) << added.error().message;
}

TEST(Dangers, NamesThatLeadOutOfTheirModule) {
  const DangerTable& dangers = DangerTable::built_in();
  EXPECT_NE(dangers.find("os", "system"), nullptr);
  EXPECT_NE(dangers.find("pathlib", "os.system"), nullptr);
  EXPECT_NE(dangers.find("a.b", "C.method.__globals__"), nullptr);
  EXPECT_NE(dangers.find("idlelib.run", "main"), nullptr);
  EXPECT_EQ(dangers.find("collections", "OrderedDict"), nullptr);
  EXPECT_EQ(dangers.find("acme", "Model.Inner"), nullptr);
}

TEST(Patterns, WhatIsWrongIsSaid) {
  EXPECT_TRUE(parse_patterns("int, str?, plain...").has_value());
  EXPECT_TRUE(parse_patterns("dict(str: int | tuple(float, none)), =numpy:ndarray, object(a.b:C)").has_value());
  EXPECT_TRUE(parse_patterns("").has_value());
  for (const char* bad : {"in", "int,", "tuple(int", "int..., str", "=nocolon", "dict(str)", "'open", "int int", "float()"}) {
    EXPECT_FALSE(parse_patterns(bad).has_value()) << bad;
  }
  EXPECT_FALSE(parse_pattern(std::string(100, '(')).has_value());
}

ScanReport with(std::string_view policy, std::string_view pickle) {
  const auto parsed = ScanPolicy::parse(policy);
  EXPECT_TRUE(parsed.has_value());
  ScanOptions options;
  options.policy = &*parsed;
  return scan_bytes(pickle, options);
}

Verdict judged(std::string_view roles, std::string_view pickle) {
  return with("acme:F " + std::string(roles), pickle).verdict;
}

TEST(Patterns, WhatFits) {
  constexpr auto kSafe = Verdict::kSafeByPolicy;
  const auto call = [](const std::string& arguments) { return "\x80\x04\x8c\x04""acme\x8c\x01""F\x93" + arguments + "R."; };
  EXPECT_EQ(judged("call(int)", call("K\1\x85")), kSafe);
  EXPECT_EQ(judged("call(int)", call("N\x85")), Verdict::kUnknown);
  EXPECT_EQ(judged("call(int)", call(")")), Verdict::kUnknown);
  EXPECT_EQ(judged("call(int?)", call(")")), kSafe);
  EXPECT_EQ(judged("call(int...)", call("K\1K\2K\3\x87")), kSafe);
  EXPECT_EQ(judged("call('a' | 7)", call("\x8c\1a\x85")), kSafe);
  EXPECT_EQ(judged("call('a' | 7)", call("K\x07\x85")), kSafe);
  EXPECT_EQ(judged("call('a' | 7)", call("K\x08\x85")), Verdict::kUnknown);
  EXPECT_EQ(judged("call(list(int))", call("](K\1K\2e\x85")), kSafe);
  EXPECT_EQ(judged("call(list(int))", call("](K\1Ne\x85")), Verdict::kUnknown);
  EXPECT_EQ(judged("call(dict(str: tuple(int, int)))", call("}\x8c\1aK\1K\2\x86s\x85")), kSafe);
  EXPECT_EQ(judged("call(plain)", call("](]N\x86""e\x85")), kSafe);
  // A name as an argument is a use of it.
  EXPECT_EQ(judged("call(safe)", call("ccollections\nOrderedDict\n\x85")), kSafe);
  EXPECT_EQ(judged("call(plain)", call("ccollections\nOrderedDict\n\x85")), Verdict::kUnknown);
  EXPECT_EQ(judged("call(safe)", call("cos\nsystem\n\x85")), Verdict::kDangerous);
  EXPECT_EQ(judged("value", call(")")), Verdict::kUnknown);
}

TEST(Patterns, ManyLiteralsAreJudgedByTheirKinds) {
  std::string numbers = "\x80\x04\x8c\x04""acme\x8c\x01""F\x93](";
  for (int i = 0; i < 1000; ++i) numbers += "K\1";
  EXPECT_EQ(judged("call(list(int))", numbers + "e\x85R."), Verdict::kSafeByPolicy);
  EXPECT_EQ(judged("call(list(int))", numbers + "Ne\x85R."), Verdict::kUnknown);
}

TEST(Scan, WhatAModelReliedOnMustNotChange) {
  // A list is passed to a call, and appended to afterwards.
  const std::string changed = "\x80\x04]\x94\x8c\x04""acme\x8c\x01""F\x93h\0""K\1a\x85R0h\0K\2a."s;
  const ScanReport report = with("acme:F call(list)", changed);
  EXPECT_EQ(report.verdict, Verdict::kUnknown);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].rule, "late-change");
}

TEST(Scan, AnInstanceIsNotGivenItsOwnSetstate) {
  const std::string stated = "\x80\x04\x8c\x04""acme\x8c\x01""F\x93)\x81}\x8c\x0c__setstate__Nsb.";
  EXPECT_EQ(judged("inert", stated), Verdict::kUnknown);
}

TEST(Scan, HashingThatNeverEnds) {
  std::string shared = "\x80\x04}N\x85";
  for (int i = 0; i < 60; ++i) shared += "2\x86";
  const ScanReport report = scan_bytes(shared + "Ns.");
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings[0].rule, "endless-hash");
}

TEST(Scan, PicklesInValues) {
  const std::string inner = "\x80\x04\x8c\x02os\x8c\x06system\x93.";
  const ScanReport in_bytes = scan_bytes("\x80\x04""C" + std::string(1, static_cast<char>(inner.size())) + inner + ".");
  EXPECT_EQ(in_bytes.verdict, Verdict::kDangerous);
  EXPECT_EQ(in_bytes.findings[0].where, "bytes at 4");
  const auto found = base64_pickles("{\"a\": \"gASMAm9zjAZzeXN0ZW2TLg==\"} gAbc gASV");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].offset, 7U);
  EXPECT_EQ(found[0].bytes, inner);
}

TEST(Scan, AFileThatChangesMeanwhile) {
  const std::string path = ::testing::TempDir() + "cppickle_changing.pkl";
  std::ofstream(path, std::ios::binary) << "\x80\x04N.";
  ScanOptions options;
  EXPECT_EQ(scan_file(path, options).verdict, Verdict::kSafe);
  options.on_open = [&](const Result<Source>&) { std::ofstream(path, std::ios::binary | std::ios::app) << "x"; };
  const ScanReport report = scan_file(path, options);
  EXPECT_EQ(report.verdict, Verdict::kIncomplete);
  EXPECT_EQ(report.findings[0].rule, "unreadable");
  std::filesystem::remove(path);
}

TEST(Scan, EveryByteIsCounted) {
  const ScanReport report = scan_bytes("\x80\x04N.\0\0\0N.??"s);
  EXPECT_EQ(report.coverage.pickles, 6U);
  EXPECT_EQ(report.coverage.padding, 3U);
  EXPECT_EQ(report.coverage.unexplained, 2U);
  EXPECT_EQ(report.pickles, 2U);
  EXPECT_EQ(report.verdict, Verdict::kIncomplete);
}

}  // namespace
}  // namespace cppickle
