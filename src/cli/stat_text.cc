// The report of `cppickle stat` for people.
#include <algorithm>
#include <cstdio>

#include "base/quote.h"
#include "cli/stat_text.h"
#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

constexpr std::size_t kLabelWidth = 16;
constexpr std::size_t kNumberWidth = 6;

// 1234567 -> "1.2 MB (1234567 bytes)".
std::string exact_size_text(std::uint64_t bytes) {
  const std::string text = size_text(bytes);
  return bytes < 1000 ? text : text + " (" + std::to_string(bytes) + " bytes)";
}

// Names come from the file: what a terminal would act on is escaped.
std::string clean(std::string_view name) {
  const std::string quoted = quote(name, 200);
  const bool is_plain = quoted.size() == name.size() + 2;
  return is_plain ? std::string(name) : quoted;
}

class TextReport {
 public:
  TextReport(std::uint64_t rows, bool colours) : rows_(rows), colours_(colours) {}

  std::string of(const FileReport& report) {
    heading(report.file == "-" ? "standard input" : clean(report.file));
    line("size", exact_size_text(report.size));
    line("container", report.container + (report.what.empty() ? "" : ": " + report.what));
    for (const StreamReport& stream : report.streams) this->stream(stream, report.streams.size() > 1);
    return std::move(out_);
  }

 private:
  void heading(std::string_view text) {
    if (!out_.empty()) out_ += '\n';
    ((out_ += colours_ ? "\033[1m" : "") += text) += colours_ ? "\033[0m\n" : "\n";
  }

  void line(std::string_view label, std::string_view text) {
    std::string padded(label);
    padded.resize(std::max(kLabelWidth, label.size() + 1), ' ');
    ((out_ += colours_ ? "  \033[36m" : "  ") += padded) += colours_ ? "\033[0m" : "";
    (out_ += text) += '\n';
  }

  void stream(const StreamReport& stream, bool is_one_of_many) {
    if (is_one_of_many || !stream.where.empty()) {
      heading(stream.where.empty() ? "the stream at " + std::to_string(stream.offset) : clean(stream.where));
      line("offset", std::to_string(stream.offset));
      line("size", exact_size_text(stream.size));
    }
    if (stream.error) line("error", stream.error->to_string());
    pickles(stream.pickles);
    if (!stream.opcodes.empty()) line("opcodes", listed(stream.opcodes));
    if (!stream.payload.empty()) line("bytes", listed(stream.payload));
    const Counts values = stream.values();
    if (!values.empty()) line("values", listed(values));
    rows("globals", by_count(stream.contents.globals));
    rows("extensions", stream.extensions());
    rows("persistent ids", by_count(stream.contents.persistent_ids));
    std::string_view label = "largest";
    for (const LargeValue& value : stream.largest) {
      const std::string_view type = value.kind == Kind::kObject ? "array" : name_of(value.kind);
      line(std::exchange(label, ""), std::string(type) + ", " + exact_size_text(value.bytes) + ": " + clean(value.path));
    }
    for (const Note& note : stream.notes) line("note", note.message);
  }

  void pickles(const std::vector<PickleReport>& pickles) {
    for (std::size_t i = 0; i < pickles.size(); ++i) {
      if (i == rows_) return left_out(pickles.size());
      const PickleInfo& info = pickles[i].info;
      line(pickles.size() == 1 ? "pickle" : "pickle " + std::to_string(i),
           clean(pickles[i].root) + ", protocol " + std::to_string(info.protocol) + ", " +
               std::to_string(info.end - info.begin) + " bytes at " + std::to_string(info.begin));
      line("", std::to_string(info.instructions) + " instructions, " + std::to_string(info.memo_entries) +
                   " memo entries, " + std::to_string(info.frames) + (info.frames == 1 ? " frame" : " frames"));
    }
  }

  // "BINGET 12, MEMOIZE 4, ... 3 more".
  std::string listed(const Counts& counts) const {
    std::string text;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (i > 0) text += ", ";
      if (i == rows_) return text + "... " + std::to_string(counts.size() - rows_) + " more";
      text += counts[i].first + " " + std::to_string(counts[i].second);
    }
    return text;
  }

  void rows(std::string_view label, const Counts& counts) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (i == rows_) return left_out(counts.size());
      std::string number = std::to_string(counts[i].second);
      number.insert(0, number.size() < kNumberWidth ? kNumberWidth - number.size() : 0, ' ');
      line(std::exchange(label, ""), number + "  " + clean(counts[i].first));
    }
  }

  void left_out(std::size_t all) { line("", "... " + std::to_string(all - rows_) + " more (--rows 0 lists all)"); }

  const std::uint64_t rows_;
  const bool colours_;
  std::string out_;
};

}  // namespace

std::string stat_text(const FileReport& report, std::uint64_t rows, bool colours) {
  return TextReport(rows, colours).of(report);
}

}  // namespace cppickle::cli
