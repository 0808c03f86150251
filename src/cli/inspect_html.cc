// A model as a page: boxes in boxes, as scikit-learn draws its pipelines.
#include <string>

#include "base/utf8.h"
#include "cli/inspect_forms.h"
#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

using predict::Layout;
using predict::ModelInspection;
using predict::ModelPart;
using predict::NamedText;

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --line: #7fa6c9; --box: #f0f7fd; --text: #1a2733; --page: #fff; --faint: #5c6b78;
  --bad: #b3541e; --bad-box: #fdf1e7; }
@media (prefers-color-scheme: dark) { :root { --line: #41647f; --box: #1c2934; --text: #e3ebf2; --page: #12181d;
  --faint: #93a3b1; --bad: #f0a36b; --bad-box: #33251a; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--text); background: var(--page); margin: 2rem auto;
  padding: 0 1rem; max-width: 75rem; }
h1 { font-size: 1.4rem; margin: 0 0 .2rem; overflow-wrap: anywhere; }
.class { color: var(--faint); margin: 0 0 1rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 0 0 1.5rem; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
.part { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .7rem; background: var(--page);
  min-width: 9rem; box-sizing: border-box; }
.leaf { background: var(--box); }
.stopped { border-color: var(--bad); }
.stopped.leaf { background: var(--bad-box); }
.problem, .no { color: var(--bad); overflow-wrap: anywhere; }
.problem { margin: .2rem 0; font-size: .85rem; }
.inside { display: flex; gap: .6rem; margin-top: .5rem; }
.sequence, .one { flex-direction: column; }
.sequence > .part + .part { position: relative; margin-top: .5rem; }
.sequence > .part + .part::before { content: "\2193"; position: absolute; top: -1.35rem; left: 50%;
  color: var(--faint); }
.parallel { flex-wrap: wrap; align-items: flex-start; }
.parallel > .part { flex: 1 1 12rem; }
summary { cursor: pointer; }
summary b { overflow-wrap: anywhere; }
.name, .sizes, .columns { color: var(--faint); font-size: .85rem; }
table { border-collapse: collapse; margin: .4rem 0 .2rem; font: .8rem/1.4 ui-monospace, monospace; width: 100%; }
td { padding: .05rem .8rem .05rem 0; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { color: var(--faint); white-space: nowrap; width: 1%; }
.fitted td { border-top: 1px dotted var(--line); }
)css";

// Text that stays text in HTML, whatever the file holds.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::uint32_t c = next_code_point(text, i);
    const bool is_control = (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0);
    const bool is_bad = c >= kInvalidByte || (c >= 0xD800 && c < 0xE000) || is_control;
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: append_utf8(out, is_bad ? 0xFFFD : c);
    }
  }
  return out;
}

class Page {
 public:
  void fact(std::string_view label, std::string_view text, const char* kind = "") {
    if (text.empty()) return;
    out_ += "<dt>" + escaped(label) + "</dt><dd" + kind + ">" + escaped(text) + "</dd>\n";
  }

  // Nested at most as deep as parts are.
  void part(const ModelPart& part) {
    const std::string kinds = std::string(part.parts.empty() ? " leaf" : "") + (part.runs ? "" : " stopped");
    out_ += "<div class=\"part" + kinds + "\">\n<details><summary><b>";
    if (part.count > 1) out_ += std::to_string(part.count) + " &times; ";
    out_ += escaped(part.class_name.empty() ? part.text : short_name(part.class_name)) + "</b>";
    if (!part.name.empty()) out_ += " <span class=\"name\">" + escaped(part.name) + "</span>";
    if (!part.columns.empty()) out_ += "<br><span class=\"columns\">" + escaped(part.columns) + "</span>";
    if (!part.sizes.empty()) out_ += "<br><span class=\"sizes\">" + escaped(sizes_text(part)) + "</span>";
    out_ += "</summary>\n";
    if (!part.class_name.empty()) out_ += "<span class=\"name\">" + escaped(part.class_name) + "</span>\n";
    pairs(part.parameters, "");
    pairs(part.fitted, " class=\"fitted\"");
    out_ += "</details>\n";
    if (!part.problem.empty())
      out_ += "<p class=\"problem\">does not run natively: " + escaped(part.problem) + "</p>\n";
    if (!part.parts.empty()) {
      out_ += "<div class=\"inside " + std::string(name_of(part.layout)) + "\">\n";
      for (const ModelPart& inner : part.parts) this->part(inner);
      out_ += "</div>\n";
    }
    out_ += "</div>\n";
  }

  std::string& text() { return out_; }

 private:
  void pairs(const std::vector<NamedText>& all, const char* kind) {
    if (all.empty()) return;
    out_ += "<table" + std::string(kind) + ">\n";
    for (const NamedText& pair : all) {
      out_ += "<tr><td>" + escaped(pair.name) + "</td><td>" + escaped(pair.text) + "</td></tr>\n";
    }
    out_ += "</table>\n";
  }

  std::string out_;
};

}  // namespace

std::string inspect_html(const InspectedModel& inspected) {
  const ModelInspection& model = inspected.model;
  const std::string name = inspected.file == "-" ? "standard input" : inspected.file;
  Page page;
  page.text() +=
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<title>" +
      escaped(name) + "</title>\n<style>" + std::string(kStyle) +
      "</style>\n</head>\n<body>\n"
      "<h1>" +
      escaped(name) + "</h1>\n<p class=\"class\">" + escaped(model.root.class_name) + "</p>\n<dl>\n";
  page.fact("file", size_text(inspected.bytes) + ", " + inspected.container + ", protocol " +
                        std::to_string(inspected.protocol));
  page.fact("written by",
            model.library + " " + (model.library_version.empty() ? "of an unknown version" : model.library_version));
  page.fact("takes", takes_text(model));
  page.fact("gives", gives_text(model));
  const bool runs = model.problem.empty();
  page.fact("runs natively", runs ? methods_text(model) : "no: " + model.problem, runs ? "" : " class=\"no\"");
  page.text() += "</dl>\n";
  page.part(model.root);
  page.text() += "</body>\n</html>\n";
  return std::move(page.text());
}

}  // namespace cppickle::cli
