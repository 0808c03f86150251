// cppickle optimize: the same values in fewer bytes.
#include "cppickle/optimize.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"

namespace cppickle::cli {
namespace {

struct OptimizeOptions {
  CommonOptions common;
  std::string output = "-";
};

// The pickles of the chosen stream. joblib's arrays lie at fixed places between instructions: such files stay as they are.
Result<std::string> optimized(const OptimizeOptions& options) {
  const auto source = open_input(options.common);
  if (!source) return std::unexpected(source.error());
  const auto reading = read_options(options.common);
  if (!reading) return std::unexpected(reading.error());
  const auto number = one_stream(*source, options.common);
  if (!number) return std::unexpected(number.error());
  const auto document = source->read(*number, *reading);
  if (!document) return std::unexpected(document.error());
  const std::string_view bytes = source->streams()[*number].bytes;
  std::string out;
  for (std::size_t i = 0; i < document->pickles(); ++i) {
    if (document->shares_memo(i) || document->has_inline_arrays()) {
      return std::unexpected(Error{ErrorCode::kUnsupported,
                                   document->shares_memo(i) ? "pickles that share a memo cannot be optimized one by one"
                                                            : "a joblib file with arrays between its instructions"});
    }
    const PickleInfo info = document->info(i);
    const auto size = optimize_into(bytes.substr(info.begin, info.end - info.begin), out, reading->limits);
    if (!size) return std::unexpected(size.error());
  }
  return out;
}

int run_optimize(const OptimizeOptions& options) {
  const auto bytes = optimized(options);
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
