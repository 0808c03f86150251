#include "cppickle/scan.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "io/file_state.h"
#include "scan/findings.h"
#include "scan/latent.h"
#include "scan/names.h"
#include "scan/policy.h"
#include "scan/stream_scan.h"

namespace cppickle {
namespace {

using scanning::Findings;
using scanning::Name;
using scanning::Names;

void add_error(Findings& findings, const Error& error) {
  findings.add({.verdict = scanning::verdict_of(error), .rule = error.code == ErrorCode::kIo      ? "unreadable"
                                                      : error.code == ErrorCode::kLimit ? "limit"
                                                                                        : "malformed", .reason = error.message, .where = error.where,
                .offset = error.offset == Error::kNoOffset ? 0 : error.offset});
}

NameUse use_of(const Name& name) {
  NameUse use{.name = printed(name), .uses = name.uses, .count = name.count};
  if (name.entry != nullptr) use.pack = std::string(name.entry->pack);
  if (name.accused != 0) {
    use.verdict = name.danger != nullptr ? Verdict::kDangerous : Verdict::kUnknown;
  } else if (name.entry != nullptr && name.entry->is_policy) {
    use.verdict = Verdict::kSafeByPolicy;
  }
  return use;
}

// What is no pickle by its looks, such as one whose names no program has, and is one all the same.
void scan_if_pickle(std::string_view bytes, const std::string& where, const ScanOptions& options, Names& names,
                    Findings& findings, ScanReport& report) {
  if (!scanning::acts_as_pickle(bytes, options.limits)) return;
  scan_stream(bytes, where, scanning::StreamOptions{options.limits}, names, findings, report);
}

// Everything but the file's own opening.
void scan_contents(const Source& source, const ScanOptions& options, Names& names, Findings& findings, ScanReport& report) {
  report.container = source.container();
  report.coverage.file += source.file_size();
  const scanning::TorchStorages storages(source);
  for (const PickleStream& stream : source.streams()) {
    const scanning::StreamOptions how{options.limits, stream.most_pickles, storages.of(stream)};
    scan_stream(stream.bytes, stream.where, how, names, findings, report);
  }
  for (const Blob& blob : source.blobs()) {
    report.coverage.data += blob.bytes.size();
    if (!blob.key.empty()) continue;  // a tensor's
    scan_if_pickle(blob.bytes, blob.where, options, names, findings, report);
    scan_text(blob.bytes, blob.where, scanning::StreamOptions{options.limits}, names, findings, report);
  }
  for (const Error& problem : source.problems()) add_error(findings, problem);
  for (const SideFile& side : source.side_files()) {
    const bool leads_out = side.state == SideFile::State::kRefused;
    if (side.state == SideFile::State::kPresent) continue;  // whoever has the folder scans it
    findings.add({.verdict = leads_out ? Verdict::kDangerous : Verdict::kIncomplete,
                  .rule = "side-file", .name = side.name,
                  .reason = leads_out ? "reads a file outside its own folder" : "reads a file beside it that is not here",
                  .where = source.streams()[side.stream].where});
  }
  if (source.streams().empty() && source.problems().empty()) {
    if (source.blobs().empty()) scan_if_pickle(source.raw(), {}, options, names, findings, report);
    if (const auto held = source.require_contents(); !held && report.pickles == 0) {
      const bool is_packed = source.what().ends_with("unpack it first");
      findings.add({.verdict = Verdict::kIncomplete, .rule = is_packed ? "unreadable" : "no-pickle",
                    .reason = held.error().message});
    }
  }
  scanning::note_latent(source, names, options.limits, report);
}

void finish(Names& names, Findings& findings, ScanReport& report) {
  report.verdict = findings.worst();
  report.findings_dropped = findings.dropped();
  report.findings = std::move(findings.list());
  std::ranges::stable_sort(report.findings, [](const Finding& a, const Finding& b) {
    return std::tuple(b.verdict, std::string_view(a.where), a.offset) < std::tuple(a.verdict, std::string_view(b.where), b.offset);
  });
  for (std::uint32_t i = 0; i < names.size(); ++i) report.names.push_back(use_of(names[i]));
  std::ranges::sort(report.names, {}, &NameUse::name);
  const bool by_policy = std::ranges::any_of(report.names, [](const NameUse& use) { return use.verdict == Verdict::kSafeByPolicy; });
  if (report.verdict == Verdict::kSafe && by_policy) report.verdict = Verdict::kSafeByPolicy;
}

Names names_for(const ScanOptions& options) {
  const scanning::AllowTable* policy = options.policy != nullptr ? &options.policy->table()->allowed : nullptr;
  return Names(scanning::AllowTable::built_in(), policy, scanning::DangerTable::built_in());
}

// Checksums of tensors decide nothing.
OpenOptions open_options(const ScanOptions& options) {
  return {.limits = options.limits, .map = options.map, .verify_blobs = false};
}

// The arrays of joblib's oldest files lie beside them.
void scan_side_files(const Source& source, const std::string& path, const ScanOptions& options, Names& names,
                     Findings& findings, ScanReport& report) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == path.npos ? std::string() : path.substr(0, slash + 1);
  const std::string container = report.container;
  for (const SideFile& side : source.side_files()) {
    if (side.state != SideFile::State::kPresent) continue;
    const auto opened = Source::open(folder + side.name, open_options(options));
    if (options.on_open) options.on_open(opened);
    if (opened) {
      scan_contents(*opened, options, names, findings, report);
    } else {
      add_error(findings, opened.error());
    }
  }
  report.container = container;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSafe: return "safe";
    case Verdict::kSafeByPolicy: return "safe-by-policy";
    case Verdict::kUnknown: return "unknown";
    case Verdict::kIncomplete: return "incomplete";
    case Verdict::kMalformed: return "malformed";
    case Verdict::kDangerous: return "dangerous";
  }
  return {};
}

std::string_view name_of(Use use) {
  switch (use) {
    case Use::kImport: return "import";
    case Use::kValue: return "value";
    case Use::kNew: return "new";
    case Use::kCall: return "call";
    case Use::kBuild: return "build";
    case Use::kItems: return "items";
    case Use::kKey: return "key";
    case Use::kArgument: return "argument";
    case Use::kPersistent: return "persistent-id";
    case Use::kExtension: return "extension";
    case Use::kNone: return "";
  }
  return {};
}

std::vector<Use> uses_in(std::uint32_t bits) {
  std::vector<Use> uses;
  for (unsigned i = 0; i < static_cast<unsigned>(Use::kNone); ++i) {
    if ((bits >> i & 1) != 0) uses.push_back(static_cast<Use>(i));
  }
  return uses;
}

Result<ScanPolicy> ScanPolicy::parse(std::string_view text) {
  auto table = std::make_shared<Table>();
  table->text = text;
  if (const auto added = table->allowed.add(table->text, true, true); !added) return std::unexpected(added.error());
  ScanPolicy policy;
  policy.table_ = std::move(table);
  return policy;
}

ScanReport scan_source(const Source& source, const ScanOptions& options) {
  ScanReport report;
  Names names = names_for(options);
  Findings findings;
  scan_contents(source, options, names, findings, report);
  finish(names, findings, report);
  return report;
}

ScanReport scan_bytes(std::string_view bytes, const ScanOptions& options) {
  const auto source = Source::borrow_bytes(bytes, {.limits = options.limits});
  if (source) return scan_source(*source, options);
  ScanReport report;
  Names names = names_for(options);
  Findings findings;
  add_error(findings, source.error());
  finish(names, findings, report);
  return report;
}

ScanReport scan_file(const std::string& path, const ScanOptions& options) {
  ScanReport report;
  Names names = names_for(options);
  Findings findings;
  const FileState before = file_state(path);
  const auto source = Source::open(path, open_options(options));
  if (options.on_open) options.on_open(source);
  if (source) {
    scan_contents(*source, options, names, findings, report);
    scan_side_files(*source, path, options, names, findings, report);
  } else {
    Error error = source.error();
    error.where.clear();
    add_error(findings, error);
  }
  if (path != "-" && file_state(path) != before) {
    findings.add({.verdict = Verdict::kIncomplete, .rule = "unreadable", .reason = "the file was changed while it was scanned"});
  }
  finish(names, findings, report);
  return report;
}

}  // namespace cppickle
