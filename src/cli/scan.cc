// cppickle scan: what loading a file would do, and whether that is known to be harmless.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/judging.h"
#include "cli/scan_baseline.h"
#include "cli/scan_files.h"
#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

constexpr std::chrono::days kBaselineHolds{90};  // unless --expires says otherwise

struct ScanCommand {
  std::vector<std::string> paths;
  JudgingOptions judging;
  std::string format = "text";
  std::string fail_on = "unknown";
  std::string baseline;
  std::string new_baseline;
  std::string reason;
  std::string expires;
  unsigned jobs = 0;
  bool recursive = false;
  bool details = false;
  bool privacy = false;
};

struct BaselineFile {
  std::string text;
  Baseline entries;
};

Result<BaselineFile> read_baseline(const std::string& path) {
  BaselineFile file;
  if (path.empty()) return file;
  auto text = read_text(path);
  if (!text) return std::unexpected(text.error());
  auto entries = Baseline::parse(*text, today());
  if (!entries) {
    entries.error().where = path;
    return std::unexpected(entries.error());
  }
  for (const Baseline::Entry& entry : entries->expired()) {
    std::fprintf(stderr, "cppickle: %s: line %zu: expired on %s: %s\n", path.c_str(), entry.line,
                 date_text(entry.last_day).c_str(), printable(entry.reason).c_str());
  }
  file.text = *std::move(text);
  file.entries = *std::move(entries);
  return file;
}

// The last day of new lines.
Result<Date> last_day_of(const ScanCommand& command) {
  if (command.expires.empty()) return Date(std::chrono::sys_days(today()) + kBaselineHolds);
  auto date = parse_date(command.expires);
  if (date && *date < today()) return std::unexpected(Error{ErrorCode::kBadArgument, "that day is over"});
  return date;
}

// It stands at the end of a line.
bool is_reason(std::string_view text) {
  const bool is_line = std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  return is_line && text.find_first_not_of(' ') != text.npos;
}

// What was read stays, new lines follow.
Result<void> write_baseline(const ScanCommand& command, std::string text, Date last_day, std::span<ScannedFile> files) {
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  if (text.empty()) text = "# Files that cppickle scan accepts as they are: SHA-256, last day, reason.\n";
  return write_output(command.new_baseline, text + baseline_lines(files, last_day, command.reason));
}

std::string output_of(const ScanCommand& command, std::span<const ScannedFile> files) {
  if (command.format == "json") return scan_json(files);
  if (command.format == "sarif") return scan_sarif(files);
  if (command.format == "junit") return scan_junit(files, command.fail_on);
  return scan_text(files, command.details, has_colours(stdout));
}

int run_scan(const ScanCommand& command) {
  const auto judging = judging_of(command.judging);
  if (!judging) return scan_usage(judging.error());
  const auto last_day = last_day_of(command);
  if (!last_day) return scan_usage({ErrorCode::kBadArgument, "--expires: " + last_day.error().message});
  if (!command.new_baseline.empty() && !is_reason(command.reason)) {
    return scan_usage({ErrorCode::kBadArgument, "--write-baseline needs --reason TEXT, one line"});
  }
  if (command.privacy && command.format != "text" && command.format != "json") {
    return scan_usage({ErrorCode::kBadArgument, "--privacy is told in --format text and json only"});
  }
  auto baseline = read_baseline(command.baseline);
  if (!baseline) return scan_usage(baseline.error());
  const ScanHow how{.options = judging->options(),
                    .hashes = command.format != "text" || !command.baseline.empty() || !command.new_baseline.empty(),
                    .privacy = command.privacy,
                    .jobs = command.jobs};
  std::vector<ScannedFile> files = scan_all(list_files(command.paths, command.recursive), how);
  baseline->entries.apply(files);
  if (!command.new_baseline.empty()) {
    const auto written = write_baseline(command, std::move(baseline->text), *last_day, files);
    if (!written) return scan_usage(written.error());
  }
  const std::string text = output_of(command, files);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  return scan_exit_code(files, command.fail_on);
}

}  // namespace

void declare_scan(CLI::App& app, Run& run) {
  const auto options = std::make_shared<ScanCommand>();
  CLI::App* command =
      app.add_subcommand("scan", "tell what loading would do, and whether that is known to be harmless");
  command->add_option("paths", options->paths, "files, folders with -r, or - for standard input")
      ->required()
      ->option_text("PATH...");
  command->add_flag("-r,--recursive", options->recursive, "all files in folders");
  command->add_flag("--details", options->details, "safe files too, with the names they use");
  command->add_flag("--privacy", options->privacy, "also what a file tells of whoever made it (docs/privacy.md)");
  command->add_option("--format", options->format, "text (the default), json, sarif or junit (docs/scan-ci.md)")
      ->check(CLI::IsMember({"text", "json", "sarif", "junit"}))
      ->option_text("FORM");
  command->add_option("--fail-on", options->fail_on, "the least that fails: unknown (the default) or dangerous")
      ->check(CLI::IsMember({"unknown", "dangerous"}))
      ->option_text("VERDICT");
  command->add_option("--baseline", options->baseline, "files that are accepted as they are (docs/scan-ci.md)")
      ->option_text("FILE");
  CLI::Option* writes = command->add_option("--write-baseline", options->new_baseline,
                                            "accept all files that are not safe: what --baseline has, and they");
  writes->option_text("FILE");
  command->add_option("--reason", options->reason, "why they are accepted")->needs(writes)->option_text("TEXT");
  command->add_option("--expires", options->expires, "the last day; by default in 90 days")
      ->needs(writes)
      ->option_text("YYYY-MM-DD");
  command->add_option("--jobs", options->jobs, "files at once; all cores by default")->option_text("N");
  add_judging_options(*command, options->judging);
  command->callback([options, &run] { run = [options] { return run_scan(*options); }; });
}

}  // namespace cppickle::cli
