#include "scan/stream_scan.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/quote.h"
#include "pickle/name_scan.h"
#include "pickle/opcode_reader.h"
#include "scan/base64_pickles.h"
#include "scan/scan_builder.h"

namespace cppickle::scanning {
namespace {

constexpr std::uint64_t kDeepest = 8;             // pickles in bytes of pickles
constexpr std::uint64_t kStepsFree = 1'000'000;   // comparisons, and so many for each byte
constexpr std::uint64_t kStepsPerByte = 16;
constexpr std::size_t kMostNamesAfterFault = 1000;

struct Part {
  std::string_view bytes;
  std::string where;
  std::uint64_t depth;
  std::shared_ptr<const std::string> decoded = {};  // which `bytes` lie in, where they stood in base64
};

const std::uint8_t* begin_of(std::string_view bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }

class StreamScan {
 public:
  // `shares_memo`: later pickles go on with the memo of those before them, as where one Unpickler reads them all.
  StreamScan(const Part& part, const StreamOptions& options, bool shares_memo, Names& names, Findings& findings,
             ScanReport& report)
      : part_(part),
        options_(options),
        shares_memo_(shares_memo),
        findings_(findings),
        report_(report),
        begin_(begin_of(part.bytes)),
        end_(begin_ + part.bytes.size()),
        state_(names, findings, end_, kStepsFree + kStepsPerByte * part.bytes.size()) {
    state_.where = part.where;
    state_.storages = options.storages;
    state_.events = options.events;
  }

  // False if a later pickle lacks an entry of its memo: then all may share one.
  bool run() {
    const std::uint8_t* position = begin_;
    for (std::uint64_t number = 0; number < options_.most_pickles && position != end_; ++number) {
      if (!shares_memo_) state_.memo_keys = {};
      const std::optional<Error> fault = read(position);
      if (fault) {
        if (fault->code == ErrorCode::kBadMemo && number > 0 && !shares_memo_) return false;
        // What follows a pickle may be anything; it counts as a pickle where it does something, or begins as one.
        const bool is_pickle = number == 0 || did_something_;
        if (is_pickle) {
          report_fault(*fault, position);
          report_.coverage.pickles += static_cast<std::uint64_t>(end_ - position);
        } else {
          report_unexplained(position);
        }
        break;
      }
      position = skip_padding(position_);
    }
    if (begin_ == end_) {
      findings_.add({.verdict = Verdict::kMalformed, .rule = "malformed", .reason = "a pickle is missing here",
                     .where = part_.where});
    }
    report_.coverage.arrays += state_.array_bytes;
    report_.coverage.pickles -= state_.array_bytes;
    if (state_.judge.is_out_of_budget()) {
      findings_.add({.verdict = Verdict::kIncomplete, .rule = "limit",
                     .reason = "comparing its arguments takes more steps than are allowed", .where = part_.where});
    }
    return true;
  }

  std::vector<std::string_view>& candidates() { return state_.candidates; }

 private:
  std::string_view rest(const std::uint8_t* position) const {
    return part_.bytes.substr(static_cast<std::size_t>(position - begin_));
  }

  // One pickle from `position`; position_ is where it ends.
  std::optional<Error> read(const std::uint8_t* position) {
    const std::uint64_t events = state_.event_count;
    OpcodeReader reader(begin_, position, end_);
    const bool good = scan_pickle(state_, reader, options_.limits, 0);
    did_something_ = state_.event_count != events;
    position_ = reader.position();
    if (!good) return reader.error();
    ++report_.pickles;
    report_.instructions += reader.count();
    report_.coverage.pickles += static_cast<std::uint64_t>(position_ - position);
    return std::nullopt;
  }

  const std::uint8_t* skip_padding(const std::uint8_t* position) {
    const std::uint8_t* begin = position;
    while (position != end_ && *position == 0) ++position;
    report_.coverage.padding += static_cast<std::uint64_t>(position - begin);
    return position;
  }

  // A loader stops before them. Another program, or a second load from the same file, may not.
  void report_unexplained(const std::uint8_t* position) {
    const auto size = static_cast<std::uint64_t>(end_ - position);
    report_.coverage.unexplained += size;
    findings_.add({.verdict = Verdict::kIncomplete, .rule = "unexplained-bytes",
                   .reason = std::to_string(size) + " bytes after the pickle are nothing that is known", .where = part_.where,
                   .offset = static_cast<std::uint64_t>(position - begin_)});
  }

  void report_fault(const Error& fault, const std::uint8_t* position) {
    findings_.add({.verdict = verdict_of(fault), .rule = fault.code == ErrorCode::kLimit ? "limit" : "malformed", .reason = fault.to_string(), .where = part_.where,
                   .offset = fault.offset == Error::kNoOffset ? 0 : fault.offset});
    // Readers that are laxer than ours may go on: what they would import is said too.
    std::size_t count = 0;
    for (const auto& [name, times] : scan_names(rest(position)).globals) {
      if (++count > kMostNamesAfterFault) break;
      const std::size_t dot = name.rfind('.');
      if (dot == name.npos) continue;
      const std::uint32_t number = state_.names.number_of(name.substr(0, dot), name.substr(dot + 1), true);
      if (number == Names::kMost) break;
      Name& known = state_.names[number];
      if (known.danger == nullptr || known.accused != 0) continue;
      known.accused = 1;
      known.uses |= 1;
      findings_.add({.verdict = Verdict::kDangerous, .rule = "dangerous-name", .use = Use::kImport,
                     .name = printed(known), .reason = std::string(known.danger->meaning),
                     .where = part_.where, .offset = static_cast<std::uint64_t>(position - begin_), .count = times});
    }
  }

  const Part& part_;
  const StreamOptions& options_;
  bool shares_memo_;
  Findings& findings_;
  ScanReport& report_;
  const std::uint8_t* begin_;
  const std::uint8_t* end_;
  StreamState state_;
  const std::uint8_t* position_ = nullptr;
  bool did_something_ = false;
};

// Bytes in a pickle that are a pickle with names; others can do nothing.
bool is_pickle(std::string_view bytes) {
  const NameScan found = scan_names(bytes);
  if (found.globals.empty()) return false;
  if (bytes[0] == '\x80') return true;
  OpcodeReader reader(begin_of(bytes), begin_of(bytes), begin_of(bytes) + bytes.size());
  Instruction in;
  while (reader.next(in)) {
    if (in.opcode == Opcode::STOP) return in.end == reader.end();
  }
  return false;
}

void add_part(std::string_view bytes, std::string_view what, std::uint64_t offset, const Part& around, Findings& findings,
              std::vector<Part>& parts, std::shared_ptr<const std::string> decoded = {}) {
  if (!is_pickle(bytes)) return;
  std::string where = around.where + (around.where.empty() ? "" : "!") + std::string(what) + " at " + std::to_string(offset);
  if (around.depth + 1 > kDeepest) {
    findings.add({.verdict = Verdict::kIncomplete, .rule = "limit",
                  .reason = "pickles in values of pickles, more than 8 deep", .where = std::move(where)});
    return;
  }
  if (decoded == nullptr) decoded = around.decoded;
  parts.push_back({bytes, std::move(where), around.depth + 1, std::move(decoded)});
}

void add_decoded(std::string_view text, const Part& around, Findings& findings, std::vector<Part>& parts) {
  const auto before = static_cast<std::uint64_t>(text.data() - around.bytes.data());
  for (Base64Pickle& found : base64_pickles(text)) {
    auto decoded = std::make_shared<const std::string>(std::move(found.bytes));
    const std::string_view bytes = *decoded;
    add_part(bytes, "base64", before + found.offset, around, findings, parts, std::move(decoded));
  }
}

void add_inner(std::string_view candidate, const Part& around, Findings& findings, std::vector<Part>& parts) {
  if (candidate.starts_with("gA")) return add_decoded(candidate, around, findings, parts);
  add_part(candidate, "bytes", static_cast<std::uint64_t>(candidate.data() - around.bytes.data()), around, findings, parts);
}

}  // namespace

void scan_stream(std::string_view bytes, const std::string& where, const StreamOptions& options, Names& names,
                 Findings& findings, ScanReport& report) {
  std::vector<Part> parts{{bytes, where, 0}};
  while (!parts.empty()) {
    const Part part = std::move(parts.back());
    parts.pop_back();
    const ScanReport before = report;
    std::optional<StreamScan> scan;
    for (const bool shares_memo : {false, true}) {
      scan.emplace(part, options, shares_memo, names, findings, report);
      if (scan->run()) break;
      report = before;
    }
    if (part.depth > 0) report.coverage = before.coverage;  // its bytes are those of the pickle around it
    for (const std::string_view candidate : scan->candidates()) add_inner(candidate, part, findings, parts);
  }
}

bool acts_as_pickle(std::string_view bytes, const Limits& limits) {
  const AllowTable packs;
  const DangerTable dangers;
  Names names(packs, nullptr, dangers);
  Findings findings;
  StreamState state(names, findings, begin_of(bytes) + bytes.size(), kStepsFree + kStepsPerByte * bytes.size());
  OpcodeReader reader(begin_of(bytes), begin_of(bytes), begin_of(bytes) + bytes.size());
  const bool good = scan_pickle(state, reader, limits, 0);
  return state.act_count != 0 || (good && state.event_count != 0);
}

void scan_text(std::string_view text, const std::string& where, const StreamOptions& options, Names& names,
               Findings& findings, ScanReport& report) {
  const Part whole{text, where, 0};
  std::vector<Part> parts;
  add_decoded(text, whole, findings, parts);
  for (const Part& part : parts) {
    const Coverage coverage = report.coverage;
    scan_stream(part.bytes, part.where, options, names, findings, report);
    report.coverage = coverage;  // its bytes are those of the text
  }
}

}  // namespace cppickle::scanning
