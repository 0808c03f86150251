// What `cppickle explain` tells: the verdict, what speaks against it in the order of the file, what is known to be
// harmless, where the bytes went, and what to do.
#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "cli/scan_files.h"

namespace cppickle::cli {
namespace {

std::string_view sentence_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSafe: return "Loading it does only what is known to be harmless.";
    case Verdict::kSafeByPolicy:
      return "Loading it does only what is known to be harmless, or what your own table allows.";
    case Verdict::kUnknown: return "Loading it does something that nothing is known about.";
    case Verdict::kIncomplete: return "Not all of it could be looked at, so nothing is known about the rest.";
    case Verdict::kMalformed: return "No reader would load it, or readers disagree on what it means.";
    case Verdict::kDangerous: return "Loading it reaches processes, files, the network, code or other loaders.";
  }
  return {};
}

std::string_view advice_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSafe:
      return "It may be loaded; where libraries are named above, with genuine ones of those versions.";
    case Verdict::kSafeByPolicy: return "It may be loaded as far as your table is right.";
    case Verdict::kUnknown:
      return "Ask where it comes from. If you know the names above to be harmless, list them in a table for --allow;\n"
             "  to accept this one file as it is: cppickle scan --write-baseline BASELINE --reason TEXT FILE";
    case Verdict::kIncomplete:
      return "Make it readable and try again: get what is missing, fix permissions, or raise a limit with --limit.";
    case Verdict::kMalformed:
      return "Do not load it. Get it again from where it was made: it is damaged, or made to deceive.";
    case Verdict::kDangerous:
      return "Do not load it. cppickle show and cppickle dis look at what it holds without running it;\n"
             "  tell whoever gave it to you.";
  }
  return {};
}

// "calls os.system('echo hi')".
std::string deed_of(const Finding& finding) {
  const std::string subject = finding.name.empty() ? "something" : finding.name;
  const std::string values = finding.arguments.empty() ? "" : ": " + finding.arguments;
  switch (finding.use) {
    case Use::kImport: return "imports " + subject + finding.arguments;
    case Use::kValue: return "stores " + subject;
    case Use::kNew: return "makes an instance, " + subject + finding.arguments;
    case Use::kCall: return "calls " + subject + finding.arguments;
    case Use::kBuild: return "gives a state to " + subject + values;
    case Use::kItems: return "gives items to " + subject + values;
    case Use::kKey: return "hashes " + subject + " as a key";
    case Use::kArgument: return "passes " + subject + " to a call";
    case Use::kPersistent: return "asks the loading program for " + finding.arguments;
    case Use::kExtension: return "imports by an extension code";
    case Use::kNone: return finding.name;
  }
  return {};
}

std::string_view participle_of(Use use) {
  switch (use) {
    case Use::kValue: return "stored";
    case Use::kNew: return "made";
    case Use::kCall: return "called";
    case Use::kBuild: return "given a state";
    case Use::kItems: return "given items";
    case Use::kKey: return "hashed as a key";
    case Use::kArgument: return "passed to a call";
    default: return {};
  }
}

// "made, given a state".
std::string deeds_of(std::uint32_t uses) {
  std::string text;
  for (const Use use : uses_in(uses)) {
    const std::string_view deed = participle_of(use);
    if (!deed.empty()) text.append(text.empty() ? "" : ", ").append(deed);
  }
  return text.empty() ? "imported" : text;
}

class Story {
 public:
  explicit Story(bool colours) : colours_(colours) {}

  std::string of(const ScannedFile& file) {
    const ScanReport& report = file.report;
    out_ = printable(file.path) + ": " + verdict_text(report.verdict, colours_) + "\n";
    line(sentence_of(report.verdict));
    heading("The file");
    if (!report.container.empty()) line(report.container + ", " + counted(report.coverage.file, "byte"));
    if (report.pickles != 0) {
      line(counted(report.pickles, "pickle") + ", " + counted(report.instructions, "instruction"));
    }
    if (!file.sha256.empty()) line("SHA-256 " + file.sha256);
    if (report.container.empty() && file.sha256.empty()) line("It cannot be read.");
    findings(report);
    names(report);
    coverage(report.coverage);
    if (!report.latent.empty()) heading("Harmless to load, and maybe not to use");
    for (const std::string& note : report.latent) line(note);
    heading("What to do");
    line(advice_for(report.verdict));
    return std::move(out_);
  }

 private:
  static std::string counted(std::uint64_t count, std::string_view what) {
    return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
  }

  void heading(std::string_view text) {
    ((out_ += colours_ ? "\n\033[1m" : "\n") += text) += colours_ ? "\033[0m\n" : "\n";
  }

  void line(std::string_view text) { ((out_ += "  ") += text) += '\n'; }

  void findings(const ScanReport& report) {
    if (report.findings.empty()) return;
    std::vector<const Finding*> in_order;
    for (const Finding& finding : report.findings) in_order.push_back(&finding);
    std::ranges::stable_sort(in_order, {}, [](const Finding* finding) {
      return std::tuple(std::string_view(finding->where), finding->offset);
    });
    heading("What speaks against it, in the order of the file");
    const std::string* where = nullptr;
    for (const Finding* finding : in_order) {
      const bool is_elsewhere = where == nullptr || *where != finding->where;
      if (is_elsewhere && !finding->where.empty()) line("in " + printable(finding->where));
      where = &finding->where;
      this->finding(*finding);
    }
    if (report.findings_dropped != 0) line("... and " + std::to_string(report.findings_dropped) + " more");
  }

  void finding(const Finding& finding) {
    const std::string deed = deed_of(finding);
    const std::string times = finding.count > 1 ? ", used " + std::to_string(finding.count) + " times" : "";
    std::string offset = std::to_string(finding.offset);
    offset.insert(0, offset.size() < kOffsetWidth ? kOffsetWidth - offset.size() : 0, ' ');
    const std::string verdict = verdict_text(finding.verdict, colours_);
    if (deed.empty()) {
      line(offset + "  " + verdict + ": " + finding.reason);
    } else {
      line(offset + "  " + deed + times);
      line(std::string(kOffsetWidth + 4, ' ') + verdict + ": " + finding.reason);
    }
  }

  // By pack.
  void names(const ScanReport& report) {
    std::map<std::string_view, std::vector<const NameUse*>> by_pack;
    for (const NameUse& use : report.names) {
      if (use.verdict <= Verdict::kSafeByPolicy) by_pack[use.pack].push_back(&use);
    }
    if (!by_pack.empty()) heading("What is listed as harmless, and used as it is listed");
    for (const auto& [pack, uses] : by_pack) {
      line(pack.empty() ? "no pack" : pack);
      for (const NameUse* use : uses) {
        const std::string times = use->count > 1 ? ", named " + std::to_string(use->count) + " times" : "";
        line("  " + use->name + ": " + deeds_of(use->uses) + times);
      }
    }
  }

  void coverage(const Coverage& coverage) {
    if (coverage.file == 0) return;
    heading("Its bytes, unpacked");
    const auto part = [&](std::uint64_t bytes, std::string_view what) {
      if (bytes == 0) return;
      std::string number = std::to_string(bytes);
      number.insert(0, number.size() < kBytesWidth ? kBytesWidth - number.size() : 0, ' ');
      line(number + "  " + std::string(what));
    };
    part(coverage.pickles, "instructions");
    part(coverage.arrays, "arrays between instructions");
    part(coverage.data, "arrays, tensors, texts: no instructions");
    part(coverage.padding, "zeros behind a pickle");
    part(coverage.unexplained, "behind a pickle and nothing that is known");
  }

  static constexpr std::size_t kOffsetWidth = 8;
  static constexpr std::size_t kBytesWidth = 12;
  bool colours_;
  std::string out_;
};

}  // namespace

std::string explain_text(const ScannedFile& file, bool colours) { return Story(colours).of(file); }

}  // namespace cppickle::cli
