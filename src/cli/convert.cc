// cppickle convert: pickle to JSON and back, pickle to pickle.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cppickle/json.h"
#include "cppickle/pickler.h"
#include "cppickle/plain_json.h"

namespace cppickle::cli {
namespace {

struct ConvertOptions {
  CommonOptions common;
  std::string to;
  std::string output = "-";
  int protocol = -1;
  bool quiet = false;
};

// The document that the file holds, from a pickle in any container or from lossless JSON.
Result<Document> read_document(const ConvertOptions& options) {
  const auto opening = open_options(options.common);
  const auto reading = read_options(options.common);
  if (!opening) return std::unexpected(opening.error());
  if (!reading) return std::unexpected(reading.error());
  auto source = Source::open(options.common.file, *opening);
  if (!source) return std::unexpected(source.error());
  if (is_lossless_json(source->raw())) return from_json(source->raw(), reading->limits);
  if (const auto held = source->require_contents(); !held) return std::unexpected(held.error());
  const auto stream = one_stream(*source, options.common);
  if (!stream) return std::unexpected(stream.error());
  return source->read(*stream, *reading);
}

Result<std::string> converted(const Document& document, const ConvertOptions& options) {
  if (options.to == "json") return to_json(document);
  if (options.to == "plain-json") {
    PlainJsonOptions how;
    if (const auto opening = open_options(options.common)) how.limits = opening->limits;
    auto plain = to_plain_json(document.root(), how);
    if (!plain) return std::unexpected(plain.error());
    if (!options.quiet) {
      for (const std::string& loss : plain->losses) std::fprintf(stderr, "cppickle: lost: %s\n", loss.c_str());
    }
    return std::move(plain->text);
  }
  WriteOptions writing;
  if (options.protocol >= 0) writing.protocol = options.protocol;
  return write(document, writing);
}

int run_convert(const ConvertOptions& options) {
  const auto document = read_document(options);
  if (!document) return report(document.error(), options.common);
  for (const Note& note : document->notes()) {
    const bool drops = note.kind == Note::Kind::kTrailingBytes || note.kind == Note::Kind::kPadding;
    if (drops && !options.quiet) std::fprintf(stderr, "cppickle: left out: %s\n", note.message.c_str());
  }
  const auto bytes = converted(*document, options);
  if (!bytes) {
    const int code = report(bytes.error(), options.common);
    return code == kBadInput ? kCannotExpress : code;
  }
  const auto written = write_output(options.output, *bytes);
  return written ? kGood : report_output(written.error(), options.output);
}

}  // namespace

void declare_convert(CLI::App& app, Run& run) {
  const auto options = std::make_shared<ConvertOptions>();
  CLI::App* command = app.add_subcommand("convert", "convert to JSON and back, or to another pickle protocol");
  add_common_options(*command, options->common);
  command->add_option("--to", options->to, "json (lossless, reversible), plain-json, or pickle")
      ->required()
      ->check(CLI::IsMember({"json", "plain-json", "pickle"}))
      ->option_text("FORMAT");
  command->add_option("-p,--protocol", options->protocol, "protocol of the pickle; without it, the same bytes come out")
      ->check(CLI::Range(0, 5))
      ->option_text("N");
  command->add_option("-o,--output", options->output, "where to write; - is standard output")->option_text("FILE");
  command->add_flag("-q,--quiet", options->quiet, "do not tell what is lost or left out");
  command->footer("Lossless JSON is read back by 'convert --to pickle' (docs/json.md).");
  command->callback([options, &run] { run = [options] { return run_convert(*options); }; });
}

}  // namespace cppickle::cli
