// What the scanner says about what it meets.
#include <algorithm>
#include <bit>
#include <utility>

#include "scan/describe.h"
#include "scan/scan_builder.h"

namespace cppickle::scanning {
namespace {

constexpr std::uint32_t bit_of(Use use) { return 1U << static_cast<unsigned>(use); }

// What storing, hashing or naming a listed name needs; a call or a state needs a rule.
bool is_listed(const Entry& entry, Use use) {
  switch (use) {
    case Use::kImport:
    case Use::kKey: return true;
    case Use::kValue: return entry.is_value;
    default: return entry.has(use);
  }
}

std::string_view verb_of(Use use) {
  switch (use) {
    case Use::kValue: return "stored as a value";
    case Use::kNew: return "made an instance of";
    case Use::kCall: return "called";
    case Use::kBuild: return "given a state";
    case Use::kItems: return "given items";
    case Use::kKey: return "a key";
    default: return "imported";
  }
}

}  // namespace

void ScanBuilder::note(Use use, Symbol subject, const Instruction& in) {
  ++stream_.event_count;
  if (use != Use::kImport && use != Use::kPersistent) ++stream_.act_count;
  if (stream_.events == nullptr) [[likely]] return;
  std::string text = "?";
  if (subject.kind() == Kind::kGlobal) {
    const Name& name = stream_.names[subject.name()];
    text = std::string(name.module) + ' ' + std::string(name.qualname);
  } else if (use == Use::kExtension) {
    text = std::to_string(extension_code(in));
  }
  stream_.events->push_back({use, std::move(text), reader_.offset(in.end)});
}

// Every use of a name comes through here: the first time that it is no listed one, it is reported.
void ScanBuilder::use_name(Symbol symbol, Use use, std::span<const Symbol> arguments, const Instruction& in) {
  Name& name = stream_.names[symbol.name()];
  name.uses |= bit_of(use);
  const bool good = name.entry != nullptr && is_listed(*name.entry, use);
  if (good) return;
  if ((name.accused & bit_of(use)) != 0 && arguments.empty()) return;  // one finding for each use; calls are counted
  accuse_name(symbol, use, arguments, in);
}

void ScanBuilder::accuse_name(Symbol symbol, Use use, std::span<const Symbol> arguments, const Instruction& in) {
  Name& name = stream_.names[symbol.name()];
  const StreamState::Accusation accusation(nullptr, use, symbol.name(), arguments.empty() ? nullptr : "arguments");
  if (const auto known = stream_.accusations.find(accusation); known != stream_.accusations.end()) {
    stream_.findings.count_again(known->second, use);
    return;
  }
  name.accused |= bit_of(use);
  Finding finding{.verdict = Verdict::kUnknown, .rule = "unlisted-name", .use = use, .name = printed(name)};
  if (name.danger != nullptr) {
    finding.verdict = Verdict::kDangerous;
    finding.rule = "dangerous-name";
    finding.reason = std::string(name.danger->meaning);
  } else if (name.entry == nullptr) {
    finding.reason = "no pack lists this name";
  } else {
    finding.rule = "role";
    finding.reason = "its pack (" + std::string(name.entry->pack) + ") does not list it as " + std::string(verb_of(use));
  }
  finding.where = stream_.where;
  finding.offset = reader_.offset(in.begin);
  stream_.accusations[accusation] = stream_.findings.add(std::move(finding), [&] {
    return arguments.empty() && use != Use::kCall && use != Use::kNew
               ? std::string()
               : describe_call(arguments, stream_.names, stream_.judge.end());
  });
}

void ScanBuilder::refuse(std::string_view rule, Use use, Symbol subject, std::span<const Symbol> arguments,
                         std::string_view reason, const Instruction& in) {
  std::uint64_t who = 0;
  if (subject.kind() == Kind::kGlobal) who = subject.name() + std::uint64_t{1};
  if (subject.kind() == Kind::kObject) who = std::bit_cast<std::uint64_t>(subject.object()->entry);
  const StreamState::Accusation accusation(rule.data(), use, who, reason.data());
  if (const auto known = stream_.accusations.find(accusation); known != stream_.accusations.end()) {
    stream_.findings.count_again(known->second, use);
    return;
  }
  Finding finding{.verdict = Verdict::kUnknown, .rule = rule, .use = use};
  if (rule == "computed-name" || rule == "name-state") finding.verdict = Verdict::kDangerous;
  if (rule == "limit" || rule == "out-of-band") finding.verdict = Verdict::kIncomplete;
  if (subject.kind() == Kind::kGlobal) {
    const Name& name = stream_.names[subject.name()];
    finding.name = printed(name);
    if (name.danger != nullptr) finding.verdict = Verdict::kDangerous;
  } else if (subject.kind() == Kind::kObject) {
    finding.name = std::string(subject.object()->entry->key);
    std::ranges::replace(finding.name, ':', '.');
  }
  finding.reason = reason;
  finding.where = stream_.where;
  finding.offset = reader_.offset(in.begin);
  stream_.accusations[accusation] = stream_.findings.add(std::move(finding), [&] {
    return arguments.empty() ? std::string() : describe_call(arguments, stream_.names, stream_.judge.end());
  });
}

bool ScanBuilder::bad_operand(const Instruction& in, std::string_view what, Symbol value) {
  return reader_.fail(ErrorCode::kBadOperand, in,
                      std::string(what) + " " + describe(value, stream_.names, stream_.judge.end()));
}

bool ScanBuilder::too_many(const Instruction& in) {
  return reader_.fail(ErrorCode::kLimit, in, "more than 4294967294 values or memo entries");
}

bool ScanBuilder::never_put(const Instruction& in, std::uint64_t key) {
  return reader_.fail(ErrorCode::kBadMemo, in, "memo key " + std::to_string(key) + " was never put");
}

}  // namespace cppickle::scanning
