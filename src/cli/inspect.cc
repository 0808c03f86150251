// cppickle inspect: what a model is, whether it runs natively or not.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/inspect_forms.h"
#include "cli/model_file.h"
#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

struct InspectOptions {
  ModelOptions model;
  std::string output = "-";
  bool json = false;
  bool html = false;
};

int run_inspect(const InspectOptions& options) {
  const auto file = open_model(options.model);
  if (!file) return report_model(file.error(), options.model);
  auto inspection = predict::inspect_model(file->document, file->loading);
  if (!inspection) return report_model(inspection.error(), options.model);
  const InspectedModel inspected{.file = options.model.common.file,
                                 .container = file->source.container(),
                                 .bytes = file->source.file_size(),
                                 .protocol = file->document.info().protocol,
                                 .model = *std::move(inspection)};
  const bool colours = options.output == "-" && has_colours(stdout);
  const std::string text = options.json   ? inspect_json(inspected)
                           : options.html ? inspect_html(inspected)
                                          : inspect_text(inspected, colours, width_of(stdout, 100));
  const auto written = write_output(options.output, text);
  return written ? kGood : report_output(written.error(), options.output);
}

}  // namespace

void declare_inspect(CLI::App& app, Run& run) {
  const auto options = std::make_shared<InspectOptions>();
  CLI::App* command =
      app.add_subcommand("inspect", "tell what a model is: its parts, parameters, inputs, classes, sizes");
  add_model_options(*command, options->model);
  CLI::Option* json = command->add_flag("--json", options->json, "one JSON object (docs/inspect.md)");
  command->add_flag("--html", options->html, "a page with the parts as boxes")->excludes(json);
  command->add_option("-o,--output", options->output, "where to write; - is standard output")->option_text("FILE");
  command->footer("Classes that do not run natively are told of too: what they are and where they stand.");
  command->callback([options, &run] { run = [options] { return run_inspect(*options); }; });
}

}  // namespace cppickle::cli
