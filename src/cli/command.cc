#include "cli/command.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>

#include "base/quote.h"
#include "cli/terminal.h"
#include "io/safe_write.h"

namespace cppickle::cli {
namespace {

Error usage(std::string message) { return Error{ErrorCode::kBadArgument, std::move(message)}; }

Result<Limits> limits_of(const CommonOptions& options) {
  Limits limits;
  for (const std::string& text : options.limits) {
    const std::size_t equals = text.find('=');
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const bool number = equals != std::string::npos &&
                        std::from_chars(text.data() + equals + 1, end, value).ptr == end && equals + 1 < text.size();
    if (!number || !limits.set(text.substr(0, equals), value)) {
      std::string known;
      for (const Limits::Name& name : Limits::names()) known += " " + std::string(name.name);
      return std::unexpected(usage("--limit " + quote(text) + ": NAME=N is needed, where NAME is one of" + known));
    }
  }
  return limits;
}

}  // namespace

void add_common_options(CLI::App& command, CommonOptions& options) {
  command.add_option("file", options.file, "the file, or - for standard input")->required()->option_text("FILE");
  command.add_option("--member", options.member, "which pickle of a container, by its name or number from 0");
  command.add_option("--memo", options.memo, "whether pickles in one file share a memo")
      ->check(CLI::IsMember({"automatic", "per-pickle", "per-stream"}))
      ->option_text("HOW");
  command.add_option("--limit", options.limits, "a limit for hostile input, such as depth=1000 (docs/security.md)")
      ->option_text("NAME=N");
}

Result<OpenOptions> open_options(const CommonOptions& options) {
  const auto limits = limits_of(options);
  if (!limits) return std::unexpected(limits.error());
  OpenOptions result;
  result.limits = *limits;
  return result;
}

Result<ReadOptions> read_options(const CommonOptions& options) {
  const auto limits = limits_of(options);
  if (!limits) return std::unexpected(limits.error());
  ReadOptions result;
  result.limits = *limits;
  if (options.memo == "per-pickle") result.memo = MemoScope::kPerPickle;
  if (options.memo == "per-stream") result.memo = MemoScope::kPerStream;
  return result;
}

Result<Source> open_input(const CommonOptions& options, bool verify_blobs) {
  auto opening = open_options(options);
  if (!opening) return std::unexpected(opening.error());
  opening->verify_blobs = verify_blobs;
  auto source = Source::open(options.file, *opening);
  if (source) {
    if (const auto held = source->require_contents(); !held) return std::unexpected(held.error());
  }
  return source;
}

Result<std::size_t> one_stream(const Source& source, const CommonOptions& options) {
  const auto& streams = source.streams();
  if (streams.empty()) {
    return std::unexpected(Error{ErrorCode::kNotAPickle, "holds no pickle: it is " + source.what()});
  }
  std::size_t number = 0;
  const char* end = options.member.data() + options.member.size();
  const bool is_number = !options.member.empty() &&
                         std::from_chars(options.member.data(), end, number).ptr == end && number < streams.size();
  if (is_number || (options.member.empty() && streams.size() == 1)) return number;
  std::string names;
  for (std::size_t i = 0; i < streams.size() && i < 20; ++i) {
    if (!options.member.empty() && streams[i].where == options.member) return i;
    names += "\n  " + std::to_string(i) + "  " + streams[i].where;
  }
  if (streams.size() > 20) names += "\n  ...";
  return std::unexpected(usage("holds " + std::to_string(streams.size()) +
                               " pickle streams; choose one with --member NAME or NUMBER:" + names));
}

int report(const Error& error, const CommonOptions& options) {
  const bool colours = has_colours(stderr);
  std::string text = "cppickle: ";
  if (error.where != options.file) text += (options.file == "-" ? "standard input" : options.file) + ": ";
  text += error.to_string();
  std::fprintf(stderr, "%s%s%s\n", colours ? "\033[31m" : "", text.c_str(), colours ? "\033[0m" : "");
  switch (error.code) {
    case ErrorCode::kIo: return kSystem;
    case ErrorCode::kNoSuchPath:
    case ErrorCode::kBadProtocol: return kCannotExpress;
    default: return error.message.starts_with("--limit") || error.message.find("--member") != std::string::npos ? kUsage
                                                                                                            : kBadInput;
  }
}

int report_output(const Error& error, const std::string& path) {
  CommonOptions output;
  output.file = path;
  return report(error, output);
}

Result<void> write_output(const std::string& path, std::string_view bytes) {
  if (path != "-") return write_file(path, as_span(bytes));
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size() || std::fflush(stdout) != 0) {
    return std::unexpected(Error{ErrorCode::kIo, "cannot write to standard output"});
  }
  return {};
}

}  // namespace cppickle::cli
