// cppickle optimize: the same values in fewer bytes.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "convert/listing.h"

namespace cppickle::cli {
namespace {

struct OptimizeOptions {
  CommonOptions common;
  std::string output = "-";
};

Result<std::string> optimized_stream(const OptimizeOptions& options) {
  const auto source = open_input(options.common);
  if (!source) return std::unexpected(source.error());
  const auto reading = read_options(options.common);
  if (!reading) return std::unexpected(reading.error());
  const auto number = one_stream(*source, options.common);
  if (!number) return std::unexpected(number.error());
  const auto document = source->read(*number, *reading);
  if (!document) return std::unexpected(document.error());
  return optimized(*document, source->streams()[*number].bytes, reading->limits);
}

int run_optimize(const OptimizeOptions& options) {
  const auto bytes = optimized_stream(options);
  if (!bytes) {
    const int code = report(bytes.error(), options.common);
    return bytes.error().code == ErrorCode::kUnsupported ? kCannotExpress : code;
  }
  const auto written = write_output(options.output, *bytes);
  return written ? kGood : report_output(written.error(), options.output);
}

}  // namespace

void declare_optimize(CLI::App& app, Run& run) {
  const auto options = std::make_shared<OptimizeOptions>();
  CLI::App* command = app.add_subcommand("optimize", "leave out memo entries that nothing refers to: smaller, loads faster");
  add_common_options(*command, options->common);
  command->add_option("-o,--output", options->output, "where to write; - is standard output")->option_text("FILE");
  command->callback([options, &run] { run = [options] { return run_optimize(*options); }; });
}

}  // namespace cppickle::cli
