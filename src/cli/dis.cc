// cppickle dis: the instructions of a pickle, as pickletools.dis lists them.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/terminal.h"
#include "convert/listing.h"

namespace cppickle::cli {
namespace {

struct DisOptions {
  CommonOptions common;
  bool annotate = false;
  bool no_pager = false;
};

int run_dis(const DisOptions& options) {
  const auto source = open_input(options.common);
  if (!source) return report(source.error(), options.common);
  const auto reading = read_options(options.common);
  if (!reading) return report(reading.error(), options.common);
  Pager pager(!options.no_pager);
  int code = kGood;
  const bool all = options.common.member.empty() && source->streams().size() > 1;
  const auto chosen = all ? Result<std::size_t>(0) : one_stream(*source, options.common);
  if (!chosen) return report(chosen.error(), options.common);
  for (std::size_t i = all ? 0 : *chosen; i < (all ? source->streams().size() : *chosen + 1); ++i) {
    if (all) pager.write("# " + source->streams()[i].where + "\n");
    const TextSink sink = [&pager](std::string_view text) { return pager.write(text); };
    const auto done = list_stream(*source, i, *reading, options.annotate, sink);
    if (!done) code = report(done.error(), options.common);
  }
  return code;
}

}  // namespace

void declare_dis(CLI::App& app, Run& run) {
  const auto options = std::make_shared<DisOptions>();
  CLI::App* command = app.add_subcommand("dis", "list the instructions, as Python's pickletools does");
  add_common_options(*command, options->common);
  command->add_flag("-a,--annotate", options->annotate, "say what each instruction does, and go on after faults");
  command->add_flag("--no-pager", options->no_pager, "do not page on a terminal");
  command->callback([options, &run] { run = [options] { return run_dis(*options); }; });
}

}  // namespace cppickle::cli
