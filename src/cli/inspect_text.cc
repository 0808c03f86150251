// A model for people: facts, then its parts as a tree.
#include <algorithm>
#include <cstdio>

#include "base/quote.h"
#include "base/utf8.h"
#include "cli/inspect_forms.h"
#include "cli/scan_files.h"
#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

using predict::Layout;
using predict::ModelInspection;
using predict::ModelPart;
using predict::NamedText;
using predict::Takes;

constexpr std::string_view kBranch = "\u251c\u2500 ";
constexpr std::string_view kLast = "\u2514\u2500 ";
constexpr std::string_view kTrunk = "\u2502  ";
constexpr std::string_view kNothing = "   ";
constexpr std::size_t kMostNames = 12;

// Columns that a text takes: its characters.
std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

class TreeForm {
 public:
  TreeForm(bool colours, unsigned width) : colours_(colours), width_(std::max(width, 40U)) {}

  void fact(std::string_view label, std::string_view text) {
    if (text.empty()) return;
    std::string padded(label);
    padded.resize(kLabel, ' ');
    out_ += "  " + painted(padded, "\033[36m") + std::string(text) + "\n";
  }

  void heading(std::string_view text, std::string_view rest) {
    out_ += painted(text, "\033[1m") + std::string(rest) + "\n";
  }

  void gap() { out_ += '\n'; }

  // `before` stands in front of the part's first line, `under` in front of the others.
  void part(const ModelPart& part, const std::string& before, const std::string& under) {
    out_ += painted(before, kFaint) + painted(title_of(part), part.runs ? "\033[1m" : "\033[1;33m");
    const std::string sizes = sizes_text(part);
    if (!part.columns.empty()) out_ += " on " + part.columns;
    if (!sizes.empty()) out_ += painted("  (" + sizes + ")", kFaint);
    out_ += '\n';
    const std::string inner = under + std::string(part.parts.empty() ? kNothing : kTrunk);
    if (!part.problem.empty()) {
      out_ += painted(inner, kFaint) + painted("does not run natively: " + part.problem, "\033[33m") + "\n";
    }
    pairs(part.parameters, "=", inner);
    pairs(part.fitted, " ", inner);
    for (std::size_t i = 0; i < part.parts.size(); ++i) {
      const bool is_last = i + 1 == part.parts.size();
      this->part(part.parts[i], under + std::string(is_last ? kLast : kBranch),
                 under + std::string(is_last ? kNothing : kTrunk));
    }
  }

  std::string take() { return std::move(out_); }

 private:
  static constexpr const char* kFaint = "\033[2m";
  static constexpr std::size_t kLabel = 15;

  std::string painted(std::string_view text, const char* colour) const {
    return colours_ && !text.empty() ? colour + std::string(text) + "\033[0m" : std::string(text);
  }

  // name=value, name=value: as many on a line as fit.
  void pairs(const std::vector<NamedText>& all, const char* between, const std::string& before) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string text = printable(all[i].name) + between + all[i].text + (i + 1 < all.size() ? "," : "");
      const std::size_t size = columns_of(text);
      if (used != 0 && used + 1 + size > width_) {
        out_ += '\n';
        used = 0;
      }
      if (used == 0) {
        out_ += painted(before, kFaint);
        used = columns_of(before);
      } else {
        out_ += ' ';
        ++used;
      }
      out_ += text;
      used += size;
    }
    if (!all.empty()) out_ += '\n';
  }

  bool colours_;
  std::size_t width_;
  std::string out_;
};

}  // namespace

std::string_view short_name(std::string_view class_name) { return class_name.substr(class_name.rfind('.') + 1); }

std::string title_of(const ModelPart& part) {
  std::string title = part.name.empty() ? "" : printable(part.name) + ": ";
  if (part.count > 1) title += std::to_string(part.count) + " x ";
  return title + (part.class_name.empty() ? part.text : printable(short_name(part.class_name)));
}

std::string sizes_text(const ModelPart& part) {
  std::string text;
  for (const auto& [name, count] : part.sizes) {
    text +=
        (text.empty() ? "" : ", ") + (name == "depth" ? "depth " + std::to_string(count) : std::to_string(count) + " ");
    if (name == "depth") continue;
    text += count == 1 && name.ends_with('s') ? name.substr(0, name.size() - 1) : name;
  }
  return text;
}

std::string listed(const std::vector<std::string>& texts, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(texts.size(), most); ++i) text += (i == 0 ? "" : ", ") + printable(texts[i]);
  return texts.size() > most ? text + " and " + std::to_string(texts.size() - most) + " more" : text;
}

std::string takes_text(const ModelInspection& model) {
  if (model.takes == Takes::kTexts) return "a text for each row";
  if (model.takes == Takes::kLabels) return "a label for each row";
  if (model.takes == Takes::kRecords) return "a dict for each row";
  if (!model.features_in) return "rows";
  std::string text = std::to_string(*model.features_in) + (*model.features_in == 1 ? " column" : " columns");
  return model.feature_names_in.empty() ? text : text + ": " + listed(model.feature_names_in, kMostNames);
}

std::string gives_text(const ModelInspection& model) {
  if (!model.feature_names_out.empty()) {
    const std::size_t count = model.feature_names_out.size();
    return std::to_string(count) + (count == 1 ? " column: " : " columns: ") +
           listed(model.feature_names_out, kMostNames);
  }
  std::string text;
  for (const std::vector<std::string>& labels : model.classes) {
    text += (text.empty() ? "one of " : "; one of ") + listed(labels, kMostNames);
  }
  return text;
}

std::string methods_text(const ModelInspection& model) {
  std::string text;
  for (const predict::Method method : model.methods) text += (text.empty() ? "" : ", ") + std::string(name_of(method));
  return text;
}

std::string inspect_text(const InspectedModel& inspected, bool colours, unsigned width) {
  const ModelInspection& model = inspected.model;
  TreeForm form(colours, width);
  form.heading(inspected.file == "-" ? "standard input" : printable(inspected.file),
               ": " + printable(model.root.class_name));
  form.fact("file", size_text(inspected.bytes) + ", " + inspected.container + ", protocol " +
                        std::to_string(inspected.protocol));
  const std::string version =
      model.library_version.empty() ? " of an unknown version" : " " + printable(model.library_version);
  form.fact("written by", printable(model.library) + version);
  form.fact("takes", takes_text(model));
  form.fact("gives", gives_text(model));
  form.fact("runs natively", model.problem.empty() ? methods_text(model) : "no: " + model.problem);
  form.gap();
  form.part(model.root, "", "");
  return form.take();
}

}  // namespace cppickle::cli
