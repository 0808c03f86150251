// cppickle dis: the instructions of a pickle, as pickletools.dis lists them.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cppickle/disassemble.h"
#include "document/inline_array.h"

namespace cppickle::cli {
namespace {

struct DisOptions {
  CommonOptions common;
  bool annotate = false;
  bool no_pager = false;
};

// Extents of joblib's arrays and nested pickles, which only the values of the pickle tell; none if it cannot be read.
std::vector<InlineExtent> extents_of(const Source& source, std::size_t stream, const ReadOptions& reading) {
  if (source.streams()[stream].bytes.find("NumpyArrayWrapper") == std::string_view::npos) return {};
  const auto document = source.read(stream, reading);
  return document ? inline_extents(*document) : std::vector<InlineExtent>{};
}

// Every pickle of one stream. An error only if it comes before the first pickle's end.
Result<void> dis_stream(const Source& source, std::size_t number, const DisOptions& options, Pager& pager) {
  const auto reading = read_options(options.common);
  const PickleStream& stream = source.streams()[number];
  const std::vector<InlineExtent> extents = extents_of(source, number, *reading);
  std::vector<RawExtent> raw;
  for (const InlineExtent& extent : extents) raw.push_back({extent.offset, extent.size, extent.is_pickle});
  DisassemblyMemo memo;
  DisassembleOptions dis;
  dis.limits = reading->limits;
  dis.annotate = options.annotate;
  dis.keep_going = options.annotate;
  if (reading->memo == MemoScope::kPerStream) dis.memo = &memo;
  const TextSink sink = [&pager](std::string_view text) { return pager.write(text); };
  std::uint64_t at = 0;
  for (std::uint64_t count = 0; count < stream.most_pickles && at < stream.bytes.size(); ++count) {
    const std::string_view rest = stream.bytes.substr(at);
    if (count > 0 && rest.find_first_not_of('\0') == std::string_view::npos) break;  // padding
    std::vector<RawExtent> here;
    for (const RawExtent& extent : raw) {
      if (extent.offset >= at) here.push_back({extent.offset - at, extent.size, extent.is_pickle});
    }
    dis.offset = at;
    dis.raw = here;
    const auto done = disassemble(rest, dis, sink);
    if (!done && done.error().code == ErrorCode::kCancelled) return {};
    if (!done) return std::unexpected(done.error());
    at += done->size;
  }
  return {};
}

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
    const auto done = dis_stream(*source, i, options, pager);
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
