// cppickle show: a pickle as a tree.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/terminal.h"
#include "base/json_text.h"
#include "document/tree_text.h"
#include "io/npy.h"

namespace cppickle::cli {
namespace {

struct ShowOptions {
  CommonOptions common;
  std::string path;
  std::uint32_t depth = 6;
  std::uint64_t items = 20;
  unsigned width = 0;  // 0: the terminal's
  bool json = false;
  bool no_pager = false;
};

TreePaint colours_of(bool wanted) {
  return [wanted](TreePart part, std::string_view text) {
    if (!wanted || part == TreePart::kPlain) return std::string(text);
    const char* const code = part == TreePart::kLabel  ? "\033[36m"
                             : part == TreePart::kType ? "\033[1m"
                             : part == TreePart::kMark ? "\033[33m"
                                                       : "\033[2m";
    return code + std::string(text) + "\033[0m";
  };
}

std::string text_line(const TreeLine& line, const TreePaint& colours) {
  return std::string(std::size_t{line.depth} * 2, ' ') + tree_line_text(line, colours) + "\n";
}

// The same lines as nested JSON objects; the depth is limited, and with it the nesting.
class JsonTree {
 public:
  std::string add(const TreeLine& line) {
    std::string out = begin(line.depth);
    if (line.left_out != 0) return out + "{\"left_out\":" + std::to_string(line.left_out) + "}";
    out += '{';
    if (!line.label.empty()) field(out, "label", line.label);
    field(out, "type", line.type);
    if (line.refers_to != 0) {
      out += ",\"refers_to\":" + std::to_string(line.refers_to);
      if (line.is_cycle) out += ",\"cycle\":true";
    } else if (line.is_container) {
      out += ",\"size\":" + std::to_string(line.size);
    } else {
      field(out, "text", line.text);
    }
    if (line.number != 0) out += ",\"number\":" + std::to_string(line.number);
    is_open_ = true;
    return out;
  }

  std::string finish() { return close_to(0) + "\n"; }

 private:
  static void field(std::string& out, std::string_view name, std::string_view text) {
    if (out.back() != '{') out += ',';
    append_json_string(out, name);
    out += ':';
    append_json_string(out, text);
  }

  // What stands between the last line and one of this depth.
  std::string begin(std::uint32_t depth) {
    std::string out;
    if (depth > depth_) {
      out = ",\"children\":[\n";
    } else if (depth > 0) {
      out = close_to(depth) + ",\n";
    }
    depth_ = depth;
    is_open_ = false;
    return out;
  }

  std::string close_to(std::uint32_t depth) {
    std::string out = is_open_ ? "}" : "";
    for (std::uint32_t d = depth_; d > depth; --d) out += "]}";
    return out;
  }

  bool is_open_ = false;  // the last line's object is not closed
  std::uint32_t depth_ = 0;
};

int show_document(const Document& document, const ShowOptions& options, Pager& pager) {
  const TreePaint colours = colours_of(!options.json && has_colours(stdout));
  TreeOptions tree;
  tree.depth = options.depth;
  tree.items = options.items == 0 ? ~std::uint64_t{0} : options.items;
  tree.width = options.width != 0 ? options.width : width_of(stdout, 100);
  const auto reading = read_options(options.common);
  tree.most_lines = reading->limits.output_nodes;
  const std::vector<bool> fetched = fetched_entries(document);
  for (std::size_t i = 0; i < document.pickles(); ++i) {
    const auto value = find(document.root(i), options.path);
    if (!value) return report(value.error(), options.common);
    JsonTree json;
    if (!options.json && document.pickles() > 1) {
      pager.write(colours(TreePart::kFaint, "# pickle " + std::to_string(i) + " of " + std::to_string(document.pickles())) + "\n");
    }
    const auto shown = walk_tree(*value, fetched, tree, [&](const TreeLine& line) {
      return pager.write(options.json ? json.add(line) : text_line(line, colours));
    });
    if (!shown) return report(shown.error(), options.common);
    if (options.json) pager.write(json.finish());
  }
  for (const Note& note : document.notes()) {
    if (note.kind == Note::Kind::kTrailingBytes || note.kind == Note::Kind::kLeftover) {
      std::fprintf(stderr, "cppickle: note: %s\n", note.message.c_str());
    }
  }
  return kGood;
}

// An array file says what it holds; of other blobs there is only the size.
std::string blob_text(const Blob& blob) {
  const auto header = read_npy_header(as_span(blob.bytes));
  if (!header) return blob.what + ", " + std::to_string(blob.bytes.size()) + " bytes";
  std::string shape;
  for (const std::uint64_t length : header->shape) shape += (shape.empty() ? "" : ", ") + std::to_string(length);
  if (header->shape.size() == 1) shape += ",";
  return "array " + std::string(header->descr_source()) + " (" + shape + ") " + (header->is_fortran_order ? "F" : "C");
}

void show_blobs(const Source& source, const ShowOptions& options, Pager& pager) {
  const TreePaint colours = colours_of(has_colours(stdout));
  std::uint64_t left = source.blobs().size();
  for (const Blob& blob : source.blobs()) {
    if (options.items != 0 && source.blobs().size() - left == options.items) {
      pager.write(colours(TreePart::kFaint, "... " + std::to_string(left) + " more") + "\n");
      return;
    }
    --left;
    const std::string where = blob.where.empty() ? "" : colours(TreePart::kLabel, blob.where) + ": ";
    pager.write(where + blob_text(blob) + "\n");
  }
}

int run_show(const ShowOptions& options) {
  const auto source = open_input(options.common, false);
  if (!source) return report(source.error(), options.common);
  auto reading = read_options(options.common);
  if (!reading) return report(reading.error(), options.common);
  Progress progress("reading", source->file_size());
  reading->progress = [&progress](std::uint64_t bytes) {
    progress.update(bytes);
    return true;
  };
  std::size_t first = 0;
  std::size_t last = source->streams().size();
  if (!options.common.member.empty()) {
    const auto chosen = one_stream(*source, options.common);
    if (!chosen) return report(chosen.error(), options.common);
    first = *chosen;
    last = first + 1;
  }
  Pager pager(!options.no_pager && !options.json);
  int code = kGood;
  for (std::size_t i = first; i < last; ++i) {
    const PickleStream& stream = source->streams()[i];
    const auto document = source->read(i, *reading);
    if (!options.json && source->streams().size() > 1) pager.write("# " + stream.where + "\n");
    const int result = document ? show_document(*document, options, pager) : report(document.error(), options.common);
    if (result != kGood) code = result;
  }
  if (!options.json && options.path.empty() && options.common.member.empty()) show_blobs(*source, options, pager);
  for (const Error& problem : source->problems()) code = report(problem, options.common);
  return code;
}

}  // namespace

void declare_show(CLI::App& app, Run& run) {
  const auto options = std::make_shared<ShowOptions>();
  CLI::App* command = app.add_subcommand("show", "show what a pickle holds, as a tree");
  add_common_options(*command, options->common);
  command->add_option("--path", options->path, "show the value there: 'runs[3].loss', \"['x y']\"")->option_text("PATH");
  command->add_option("--depth", options->depth, "levels to show (6)")->option_text("N");
  command->add_option("--items", options->items, "values to show of each container (20); 0 for all")->option_text("N");
  command->add_option("--width", options->width, "characters of each value (the terminal's width)")->option_text("N");
  command->add_flag("--json", options->json, "the tree as JSON");
  command->add_flag("--no-pager", options->no_pager, "do not page on a terminal");
  command->callback([options, &run] { run = [options] { return run_show(*options); }; });
}

}  // namespace cppickle::cli
