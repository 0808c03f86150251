// The findings of `cppickle scan` as SARIF 2.1.0 (OASIS), for code scanning services.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>

#include "cli/json_form.h"
#include "cli/scan_files.h"
#include "cli/sha256.h"

namespace cppickle::cli {
namespace {

constexpr std::size_t kLineDepth = 4;  // a result stands on a line

constexpr std::string_view kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

struct Rule {
  std::string_view id;
  bool is_error;  // as the level of its own; a finding's is that of its verdict
  std::string_view help;
};

// Every rule of src/scan/, and those of the command.
constexpr Rule kRules[] = {
    {"arguments", false, "A listed name is called, or given a state, with values that its pack does not list."},
    {"computed-name", true, "The name to import is computed while loading, which no pickler writes."},
    {"dangerous-name", true, "It names something that reaches processes, files, the network, code or other loaders."},
    {"endless-hash", false, "Hashing a key would take time without bound, or never end."},
    {"extension-code", false, "An extension code stands for a name that only the loading program knows."},
    {"late-change", false, "An object is changed after something else relied on what it was."},
    {"limit", false, "A limit for hostile input was reached, so not everything was looked at."},
    {"malformed", false, "No reader would load it, or readers disagree on what it means."},
    {"name-state", true, "It sets attributes of a class, a module or another global object."},
    {"no-pickle", false, "The file holds neither pickles nor arrays."},
    {"out-of-band", false, "Bytes that lie outside of the file, which only the loading program has."},
    {"persistent-id", false, "A persistent id stands for an object that only the loading program knows."},
    {"role", false, "A listed name is used in a way that its pack does not list."},
    {"side-file", false, "It reads a file beside it that is missing, or that lies outside its own folder."},
    {"sparse-memo", false, "A memo key makes the loader take far more memory than the file has bytes."},
    {"unexplained-bytes", false, "Bytes after a pickle are nothing that is known."},
    {"unlisted-name", false, "No pack lists this name, so nothing is known about what it does."},
    {"unreadable", false, "The file cannot be read, or is none."},
};

std::string_view level(bool is_error) { return is_error ? "error" : "warning"; }

// Relative to the working folder where it can be; every byte that a URI cannot hold is percent-encoded.
std::string uri_of(const std::string& path) {
  const std::string plain = std::filesystem::path(path).lexically_normal().string();
  std::string uri = plain.starts_with('/') ? "file://" : "";
  for (const char c : plain) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_letter = (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
    if (is_letter || std::string_view("-._~/").find(c) != std::string_view::npos) {
      uri += c;
    } else {
      ((uri += '%') += "0123456789ABCDEF"[byte >> 4]) += "0123456789ABCDEF"[byte & 15];
    }
  }
  return uri;
}

// A "](" would be a link.
std::string message_of(const Finding& finding) {
  std::string text = finding_text(finding);
  for (std::size_t at = text.find("]("); at != text.npos; at = text.find("](", at)) text.insert(at + 1, " ");
  return text;
}

// The same finding in the next version of a file is known by it: offsets and counts are left out.
std::string fingerprint(const std::string& uri, const Finding& finding) {
  std::string text = uri;
  for (const std::string_view part : {finding.rule, std::string_view(finding.where), std::string_view(finding.name),
                                      std::string_view(finding.reason)}) {
    text.append(1, '\0').append(part);
  }
  return sha256(text).substr(0, 32);
}

class SarifForm {
 public:
  std::string of(std::span<const ScannedFile> files) {
    json_.object([&] {
      json_.field("$schema", kSchema);
      json_.field("version", "2.1.0");
      json_.list("runs", [&] { json_.object([&] { run(files); }); });
    });
    return json_.take();
  }

 private:
  void run(std::span<const ScannedFile> files) {
    json_.object("tool", [&] { json_.object("driver", [&] { driver(); }); });
    json_.list("invocations", [&] { json_.object([&] { json_.field("executionSuccessful", true); }); });
    json_.list("artifacts", [&] {
      for (const ScannedFile& file : files) {
        if (!file.is_skipped) artifact(file);
      }
    });
    json_.list("results", [&] {
      std::size_t index = 0;
      for (const ScannedFile& file : files) {
        if (file.is_skipped) continue;
        for (const Finding& finding : file.report.findings) result(file, finding, index);
        ++index;
      }
    });
  }

  void driver() {
    json_.field("name", "cppickle");
    json_.field("version", CPPICKLE_VERSION);
    json_.list("rules", [&] {
      for (const Rule& rule : kRules) {
        json_.object([&] {
          json_.field("id", rule.id);
          for (const std::string_view text : {"shortDescription", "fullDescription", "help"}) {
            json_.object(text, [&] { json_.field("text", rule.help); });
          }
          json_.object("defaultConfiguration", [&] { json_.field("level", level(rule.is_error)); });
          json_.object("properties", [&] {
            json_.list("tags", [&] { json_.value("security"); });
            json_.field("security-severity", rule.is_error ? "9.0" : "5.0");
          });
        });
      }
    });
  }

  void location(const std::string& path, std::size_t index) {
    const std::string uri = uri_of(path);
    json_.field("uri", uri);
    if (!uri.starts_with("file:")) json_.field("uriBaseId", "%SRCROOT%");
    if (index != kNoIndex) json_.field("index", index);
  }

  void artifact(const ScannedFile& file) {
    json_.object([&] {
      json_.object("location", [&] { location(file.path, kNoIndex); });
      json_.list("roles", [&] { json_.value("analysisTarget"); });
      if (!file.sha256.empty()) json_.object("hashes", [&] { json_.field("sha-256", file.sha256); });
    });
  }

  void result(const ScannedFile& file, const Finding& finding, std::size_t index) {
    json_.object([&] {
      json_.field("ruleId", finding.rule);
      const auto rule = std::ranges::find(kRules, finding.rule, &Rule::id);
      if (rule != std::end(kRules)) json_.field("ruleIndex", rule - std::begin(kRules));
      json_.field("level", level(finding.verdict == Verdict::kDangerous));
      json_.object("message", [&] { json_.field("text", message_of(finding)); });
      json_.list("locations", [&] { json_.object([&] { place(file, finding, index); }); });
      json_.object("partialFingerprints", [&] { json_.field("cppickle/v1", fingerprint(uri_of(file.path), finding)); });
      json_.list("suppressions", [&] {
        if (file.is_suppressed) suppression(file);
      });
      json_.object("properties", [&] {
        json_.field("verdict", name_of(finding.verdict));
        json_.field("offset", finding.offset);
        json_.field("count", finding.count);
      });
    });
  }

  void place(const ScannedFile& file, const Finding& finding, std::size_t index) {
    json_.object("physicalLocation", [&] {
      json_.object("artifactLocation", [&] { location(file.path, index); });
      // Offsets are those of streams: the file's own only where the stream is the file.
      if (finding.where.empty() && file.report.container.starts_with("raw ")) {
        json_.object("region", [&] { json_.field("byteOffset", finding.offset); });
      }
    });
    if (finding.where.empty()) return;
    json_.list("logicalLocations", [&] {
      json_.object([&] {
        json_.field("fullyQualifiedName", finding.where);
        json_.field("kind", "member");
      });
    });
  }

  void suppression(const ScannedFile& file) {
    json_.object([&] {
      json_.field("kind", "external");
      json_.field("status", "accepted");
      json_.field("justification", file.suppressed_because);
    });
  }

  static constexpr std::size_t kNoIndex = ~std::size_t{0};
  JsonForm json_{kLineDepth};
};

}  // namespace

std::string scan_sarif(std::span<const ScannedFile> files) { return SarifForm().of(files); }

}  // namespace cppickle::cli
