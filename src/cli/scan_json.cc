// The report of `cppickle scan` as JSON: docs/scan-ci.md names the members.
#include "cli/json_form.h"
#include "cli/scan_files.h"

namespace cppickle::cli {
namespace {

constexpr std::size_t kLineDepth = 4;  // a finding and a name stand on a line each

void add_finding(JsonForm& json, const Finding& finding) {
  json.object([&] {
    json.field("verdict", name_of(finding.verdict));
    json.field("rule", finding.rule);
    if (finding.use != Use::kNone) json.field("use", name_of(finding.use));
    if (!finding.name.empty()) json.field("name", finding.name);
    if (!finding.arguments.empty()) json.field("arguments", finding.arguments);
    json.field("reason", finding.reason);
    json.field("where", finding.where);
    json.field("offset", finding.offset);
    json.field("count", finding.count);
  });
}

void add_name(JsonForm& json, const NameUse& use) {
  json.object([&] {
    json.field("name", use.name);
    json.list("uses", [&] {
      for (const Use one : uses_in(use.uses)) json.value(name_of(one));
    });
    json.field("count", use.count);
    json.field("pack", use.pack);
    json.field("verdict", name_of(use.verdict));
  });
}

void add_privacy(JsonForm& json, const PrivacyNote& note) {
  json.object([&] {
    json.field("category", name_of(note.category));
    json.field("what", note.what);
    json.field("detail", note.detail);
    json.field("where", note.where);
    json.field("pickle", note.pickle);
    json.field("path", note.path);
    json.field("count", note.count);
  });
}

void add_file(JsonForm& json, const ScannedFile& file) {
  const ScanReport& report = file.report;
  json.object([&] {
    json.field("path", file.path);
    json.field("verdict", name_of(report.verdict));
    json.field("suppressed", file.is_suppressed);
    if (file.is_suppressed) json.field("suppressed_because", file.suppressed_because);
    json.field("sha256", file.sha256);
    if (!file.side_sha256.empty()) {
      json.list("side_sha256", [&] {
        for (const std::string& digest : file.side_sha256) json.value(digest);
      });
    }
    json.field("container", report.container);
    json.field("pickles", report.pickles);
    json.field("instructions", report.instructions);
    json.object("coverage", [&] {
      const Coverage& coverage = report.coverage;
      json.field("file", coverage.file);
      json.field("pickles", coverage.pickles);
      json.field("arrays", coverage.arrays);
      json.field("data", coverage.data);
      json.field("padding", coverage.padding);
      json.field("unexplained", coverage.unexplained);
    });
    json.list("findings", [&] {
      for (const Finding& finding : report.findings) add_finding(json, finding);
    });
    json.field("findings_dropped", report.findings_dropped);
    json.list("names", [&] {
      for (const NameUse& use : report.names) add_name(json, use);
    });
    json.list("latent", [&] {
      for (const std::string& note : report.latent) json.value(note);
    });
    if (!file.has_privacy) return;
    json.list("privacy", [&] {
      for (const PrivacyNote& note : file.privacy) add_privacy(json, note);
    });
  });
}

}  // namespace

std::string scan_json(std::span<const ScannedFile> files) {
  JsonForm json(kLineDepth);
  json.object([&] {
    json.field("version", CPPICKLE_VERSION);
    json.list("files", [&] {
      for (const ScannedFile& file : files) {
        if (!file.is_skipped) add_file(json, file);
      }
    });
    json.object("summary", [&] {
      const ScanSummary summary = summary_of(files);
      json.field("scanned", summary.scanned);
      for (std::size_t i = 0; i < kVerdicts; ++i) json.field(name_of(static_cast<Verdict>(i)), summary.counts[i]);
      json.field("suppressed", summary.suppressed);
      json.field("skipped", summary.skipped);
    });
  });
  return json.take();
}

}  // namespace cppickle::cli
