// The findings of `cppickle scan` for people.
#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/quote.h"
#include "cli/scan_files.h"

namespace cppickle::cli {
namespace {

constexpr std::size_t kMostFindings = 20;  // of one file

std::string_view colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSafe:
    case Verdict::kSafeByPolicy: return "\033[32m";
    case Verdict::kDangerous: return "\033[1;31m";
    default: return "\033[33m";
  }
}

// "new, build": without its import where there are others.
std::string uses_text(std::uint32_t uses) {
  std::string text;
  for (const Use use : uses_in(uses)) {
    if (use == Use::kImport) continue;
    text += (text.empty() ? "" : ", ") + std::string(name_of(use));
  }
  return text.empty() ? "import" : text;
}

class TextForm {
 public:
  explicit TextForm(bool colours) : colours_(colours) {}

  void file(const ScannedFile& file) {
    out_ += printable(file.path) + ": ";
    verdict(file.report.verdict);
    if (file.is_suppressed) out_ += " (in the baseline: " + printable(file.suppressed_because) + ")";
    out_ += '\n';
    std::size_t count = 0;
    for (const Finding& finding : file.report.findings) {
      if (++count > kMostFindings) {
        out_ += "  ... and " + std::to_string(file.report.findings.size() - kMostFindings) + " more\n";
        break;
      }
      this->finding(finding);
    }
  }

  void privacy(const ScannedFile& file) { out_ += privacy_text(file.privacy); }

  void details(const ScannedFile& file) {
    for (const NameUse& use : file.report.names) {
      if (use.verdict > Verdict::kSafeByPolicy) continue;
      out_ += "  " + use.name + "  " + uses_text(use.uses) + "  (" + use.pack + ")\n";
    }
    for (const std::string& sentence : file.report.latent) out_ += "  on use: " + sentence + "\n";
  }

  void verdict(Verdict verdict) { out_ += verdict_text(verdict, colours_); }

  std::string& text() { return out_; }

 private:
  void finding(const Finding& finding) {
    out_ += "  ";
    verdict(finding.verdict);
    out_.append(11 - std::min<std::size_t>(name_of(finding.verdict).size(), 11), ' ');
    out_ += finding_text(finding) + "  [" + place_text(finding) + "]\n";
  }

  bool colours_;
  std::string out_;
};

}  // namespace

std::string printable(std::string_view text) {
  std::string quoted = quote(text, 1000);
  return quoted.size() == text.size() + 2 ? std::string(text) : quoted;
}

std::string finding_text(const Finding& finding) {
  if (!finding.name.empty()) return finding.name + finding.arguments + ": " + finding.reason;
  return finding.reason + (finding.arguments.empty() ? "" : " " + finding.arguments);
}

std::string place_text(const Finding& finding) {
  std::string text = finding.where.empty() ? "" : printable(finding.where) + ", ";
  text += "offset " + std::to_string(finding.offset);
  if (finding.count > 1) text += ", " + std::to_string(finding.count) + " times";
  return text;
}

std::string verdict_text(Verdict verdict, bool colours) {
  if (!colours) return std::string(name_of(verdict));
  return std::string(colour_of(verdict)).append(name_of(verdict)) + "\033[0m";
}

std::string scan_text(std::span<const ScannedFile> files, bool details, bool colours) {
  TextForm form(colours);
  const ScanSummary summary = summary_of(files);
  for (const ScannedFile& file : files) {
    if (file.is_skipped) continue;
    const bool is_safe = file.report.verdict <= Verdict::kSafeByPolicy;
    if (!is_safe || details || files.size() == 1 || file.has_privacy) form.file(file);
    if (details) form.details(file);
    if (file.has_privacy) form.privacy(file);
  }
  if (files.size() == 1 && summary.skipped == 0) return std::move(form.text());
  form.text() += std::to_string(summary.scanned) + (summary.scanned == 1 ? " file: " : " files: ");
  bool first = true;
  for (std::size_t i = kVerdicts; i-- > 0;) {
    if (summary.counts[i] == 0) continue;
    form.text() += (first ? "" : ", ") + std::to_string(summary.counts[i]) + " ";
    form.verdict(static_cast<Verdict>(i));
    first = false;
  }
  if (first) form.text() += "none";
  if (summary.suppressed != 0) form.text() += "; " + std::to_string(summary.suppressed) + " in the baseline";
  if (summary.skipped != 0) form.text() += "; " + std::to_string(summary.skipped) + " are no pickles";
  form.text() += '\n';
  return std::move(form.text());
}

}  // namespace cppickle::cli
