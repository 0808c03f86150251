// The findings of `cppickle scan` for people.
#include <algorithm>
#include <array>
#include <string_view>

#include "base/quote.h"
#include "cli/scan_files.h"

namespace cppickle::cli {
namespace {

constexpr std::size_t kMostFindings = 20;  // of one file
constexpr std::size_t kVerdicts = 6;

std::string_view colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSafe:
    case Verdict::kSafeByPolicy: return "\033[32m";
    case Verdict::kDangerous: return "\033[1;31m";
    default: return "\033[33m";
  }
}

std::string clean(std::string_view text) {
  std::string quoted = quote(text, 1000);
  return quoted.size() == text.size() + 2 ? std::string(text) : quoted;
}

class TextForm {
 public:
  explicit TextForm(bool colours) : colours_(colours) {}

  void file(const ScannedFile& file) {
    out_ += clean(file.path) + ": ";
    verdict(file.report.verdict);
    if (file.is_suppressed) out_ += " (in the baseline)";
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

  void details(const ScannedFile& file) {
    for (const NameUse& use : file.report.names) {
      if (use.verdict > Verdict::kSafeByPolicy) continue;
      out_ += "  " + use.name + "  " + uses_text(use.uses) + "  (" + use.pack + ")\n";
    }
  }

  void verdict(Verdict verdict) {
    if (colours_) out_ += colour_of(verdict);
    out_ += name_of(verdict);
    if (colours_) out_ += "\033[0m";
  }

  std::string& text() { return out_; }

 private:
  void finding(const Finding& finding) {
    out_ += "  ";
    const std::size_t begin = out_.size();
    verdict(finding.verdict);
    const std::size_t width = colours_ ? out_.size() - begin : 0;
    pad(begin, colours_ ? width + 11 - name_of(finding.verdict).size() : 11);
    if (!finding.name.empty()) out_ += finding.name + finding.arguments + ": ";
    out_ += finding.reason;
    if (finding.name.empty() && !finding.arguments.empty()) out_ += " " + finding.arguments;
    out_ += "  [";
    if (!finding.where.empty()) out_ += clean(finding.where) + ", ";
    out_ += "offset " + std::to_string(finding.offset);
    if (finding.count > 1) out_ += ", " + std::to_string(finding.count) + " times";
    out_ += "]\n";
  }

  void pad(std::size_t begin, std::size_t width) {
    while (out_.size() - begin < width) out_ += ' ';
  }

  static std::string uses_text(std::uint32_t uses) {
    std::string text;
    for (unsigned i = 0; i < static_cast<unsigned>(Use::kNone); ++i) {
      if ((uses >> i & 1) == 0 || static_cast<Use>(i) == Use::kImport) continue;
      text += (text.empty() ? "" : ", ") + std::string(name_of(static_cast<Use>(i)));
    }
    return text.empty() ? "import" : text;
  }

  bool colours_;
  std::string out_;
};

}  // namespace

std::string scan_text(std::span<const ScannedFile> files, bool details, bool colours) {
  TextForm form(colours);
  std::array<std::size_t, kVerdicts> counts{};
  std::size_t skipped = 0;
  for (const ScannedFile& file : files) {
    if (file.is_skipped) {
      ++skipped;
      continue;
    }
    ++counts[static_cast<std::size_t>(file.report.verdict)];
    const bool is_safe = file.report.verdict <= Verdict::kSafeByPolicy;
    if (!is_safe || details || files.size() == 1) form.file(file);
    if (details) form.details(file);
  }
  if (files.size() == 1) return std::move(form.text());
  const std::size_t scanned = files.size() - skipped;
  form.text() += std::to_string(scanned) + (scanned == 1 ? " file: " : " files: ");
  bool first = true;
  for (std::size_t i = kVerdicts; i-- > 0;) {
    if (counts[i] == 0) continue;
    form.text() += (first ? "" : ", ") + std::to_string(counts[i]) + " ";
    form.verdict(static_cast<Verdict>(i));
    first = false;
  }
  if (first) form.text() += "none";
  if (skipped != 0) form.text() += "; " + std::to_string(skipped) + " are no pickles";
  form.text() += '\n';
  return std::move(form.text());
}

}  // namespace cppickle::cli
