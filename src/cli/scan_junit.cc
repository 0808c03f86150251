// The verdicts of `cppickle scan` as JUnit's XML: a test for each file.
#include <cstdint>
#include <string_view>

#include "base/utf8.h"
#include "cli/scan_files.h"

namespace cppickle::cli {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

// What XML 1.0 can hold, even as a reference.
bool is_character(std::uint32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c < 0xD800 || (c >= 0xE000 && c < 0xFFFE) || (c >= 0x10000 && c < kInvalidByte);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::uint32_t c = next_code_point(text, i);
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\t':
      case '\n':
      case '\r': out += "&#" + std::to_string(c) + ";"; break;
      default: append_utf8(out, is_character(c) ? c : kReplacement); break;
    }
  }
  return out;
}

std::string_view element_of(Verdict verdict) {
  return verdict == Verdict::kIncomplete || verdict == Verdict::kMalformed ? "error" : "failure";
}

std::string test_case(const ScannedFile& file, bool fails) {
  std::string out = "  <testcase classname=\"cppickle.scan\" name=\"" + escaped(file.path) + "\"";
  if (file.is_suppressed) {
    return out + ">\n    <skipped message=\"" + escaped(file.suppressed_because) + "\"/>\n  </testcase>\n";
  }
  if (!fails) return out + "/>\n";
  const std::string element(element_of(file.report.verdict));
  const auto& findings = file.report.findings;
  out += ">\n    <" + element + " type=\"" + std::string(name_of(file.report.verdict)) + "\" message=\"";
  if (!findings.empty()) out += escaped(finding_text(findings.front()));
  out += "\">";
  for (const Finding& finding : findings) {
    out += std::string(name_of(finding.verdict)) + ": " + escaped(finding_text(finding)) + "  [" +
           escaped(place_text(finding)) + "]\n";
  }
  return out + "</" + element + ">\n  </testcase>\n";
}

}  // namespace

std::string scan_junit(std::span<const ScannedFile> files, std::string_view fail_on) {
  std::string cases;
  std::size_t failures = 0;
  std::size_t errors = 0;
  const ScanSummary summary = summary_of(files);
  for (const ScannedFile& file : files) {
    if (file.is_skipped) continue;
    const bool failed = fails(file, fail_on);
    if (failed) ++(element_of(file.report.verdict) == "error" ? errors : failures);
    cases += test_case(file, failed);
  }
  const auto attribute = [](const char* name, std::size_t count) {
    return " " + std::string(name) + "=\"" + std::to_string(count) + "\"";
  };
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"cppickle scan\"" +
         attribute("tests", summary.scanned) + attribute("failures", failures) + attribute("errors", errors) +
         attribute("skipped", summary.suppressed) + ">\n" + cases + "</testsuite>\n</testsuites>\n";
}

}  // namespace cppickle::cli
