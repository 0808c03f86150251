// cppickle stat: what a file is made of.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/stat_text.h"
#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

struct StatOptions {
  CommonOptions common;
  std::uint64_t rows = 20;
  bool json = false;
};

Result<FileReport> report_of(const StatOptions& options) {
  const auto opening = open_options(options.common);
  auto reading = read_options(options.common);
  if (!opening) return std::unexpected(opening.error());
  if (!reading) return std::unexpected(reading.error());
  const auto source = Source::open(options.common.file, *opening);
  if (!source) return std::unexpected(source.error());
  const bool all = options.common.member.empty();
  const auto chosen = all ? Result<std::size_t>(0) : one_stream(*source, options.common);
  if (!chosen) return std::unexpected(chosen.error());
  Progress progress("reading", source->file_size());
  reading->progress = [&progress](std::uint64_t bytes) {
    progress.update(bytes);
    return true;
  };
  const std::size_t last = all ? source->streams().size() : *chosen + 1;
  return file_report(*source, options.common.file, *chosen, last, *reading);
}

int run_stat(const StatOptions& options) {
  const auto file = report_of(options);
  if (!file) return report(file.error(), options.common);
  const std::uint64_t rows = options.rows == 0 ? ~std::uint64_t{0} : options.rows;
  const std::string text = options.json ? stat_json(*file) : stat_text(*file, rows, has_colours(stdout));
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  int code = kGood;
  for (const Error& problem : file->problems) code = report(problem, options.common);
  for (const StreamReport& stream : file->streams) {
    if (stream.error) code = report(*stream.error, options.common);
  }
  return code;
}

}  // namespace

void declare_stat(CLI::App& app, Run& run) {
  const auto options = std::make_shared<StatOptions>();
  CLI::App* command = app.add_subcommand("stat", "count what a file is made of: opcodes, values, names, bytes");
  add_common_options(*command, options->common);
  command->add_flag("--json", options->json, "one JSON object (docs/command.md)");
  command->add_option("--rows", options->rows, "how many of a kind to list; 0 for all")->option_text("N");
  command->callback([options, &run] { run = [options] { return run_stat(*options); }; });
}

}  // namespace cppickle::cli
