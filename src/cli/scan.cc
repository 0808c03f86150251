// cppickle scan: what loading a file would do, and whether that is known to be harmless.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "cli/command.h"
#include "cli/scan_files.h"
#include "cli/terminal.h"

namespace cppickle::cli {
namespace {

namespace fs = std::filesystem;

struct ScanCommand {
  std::vector<std::string> paths;
  std::vector<std::string> limits;
  std::vector<std::string> policies;
  std::string format = "text";
  std::string fail_on = "unknown";
  unsigned jobs = 0;
  bool recursive = false;
  bool details = false;
};

// Of scan alone (docs/command.md).
enum ScanExit : int { kScanSafe = 0, kScanDangerous = 1, kScanUndecided = 2, kScanUsage = 3 };

// Names that say "pickle": in a folder such a file is judged whatever it holds.
bool is_named_like_pickle(const fs::path& path) {
  static constexpr std::string_view kEndings[] = {".pkl", ".pickle", ".pck",  ".p",   ".joblib", ".jbl", ".sav", ".dill",
                                                  ".pt",  ".pth",    ".ckpt", ".bin", ".npy",    ".npz", ".dat", ".model"};
  return std::ranges::find(kEndings, path.extension().string()) != std::end(kEndings);
}

struct Candidate {
  std::string path;
  bool is_named;                 // by the user, not found in a folder
  std::string problem = {};      // why it is not even opened
};

class FileList {
 public:
  explicit FileList(bool recursive) : recursive_(recursive) {}

  void add(const std::string& path) {
    std::error_code failed;
    if (path == "-" || !fs::is_directory(path, failed)) {
      files_.push_back({path, true});
    } else if (!recursive_) {
      files_.push_back({path, true, "it is a folder; -r scans what is in it"});
    } else {
      add_folder(path);
    }
  }

  std::vector<Candidate> take() { return std::move(files_); }

 private:
  // Links are not followed: they lead out of the folder, or around in it.
  void add_folder(const std::string& path) {
    std::error_code failed;
    const std::size_t before = files_.size();
    fs::recursive_directory_iterator at(path, failed);
    while (!failed && at != fs::recursive_directory_iterator()) {
      add_entry(*at);
      at.increment(failed);
    }
    if (failed) files_.push_back({path, true, "the folder cannot be read: " + failed.message()});
    std::sort(files_.begin() + static_cast<std::ptrdiff_t>(before), files_.end(),
              [](const Candidate& a, const Candidate& b) { return a.path < b.path; });
  }

  void add_entry(const fs::directory_entry& entry) {
    std::error_code failed;
    const fs::file_status status = entry.symlink_status(failed);
    const std::string path = entry.path().string();
    if (failed) {
      files_.push_back({path, false, failed.message()});
    } else if (fs::is_symlink(status)) {
      if (is_named_like_pickle(entry.path())) files_.push_back({path, false, "a symbolic link: it is not followed"});
    } else if (fs::is_directory(status)) {
      if (::access(path.c_str(), R_OK | X_OK) != 0) files_.push_back({path, false, "the folder cannot be read"});
    } else if (fs::is_regular_file(status)) {
      files_.push_back({path, false});
    }
  }

  bool recursive_;
  std::vector<Candidate> files_;
};

ScannedFile scan_one(const Candidate& file, const ScanOptions& options) {
  ScannedFile scanned{.path = file.path == "-" ? "standard input" : file.path};
  if (!file.problem.empty()) {
    scanned.report.verdict = Verdict::kIncomplete;
    scanned.report.findings.push_back(
        {.verdict = Verdict::kIncomplete, .rule = "unreadable", .reason = file.problem});
    return scanned;
  }
  scanned.report = scan_file(file.path, options);
  const auto& findings = scanned.report.findings;
  scanned.is_skipped = !file.is_named && findings.size() == 1 && findings[0].rule == "no-pickle" &&
                       !is_named_like_pickle(file.path);
  return scanned;
}

std::vector<ScannedFile> scan_all(const std::vector<Candidate>& files, const ScanOptions& options, unsigned jobs) {
  std::vector<ScannedFile> scanned(files.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> done = 0;
  std::mutex drawing;
  Progress progress("scanning", files.size());
  const auto work = [&] {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      scanned[i] = scan_one(files[i], options);
      ++done;
      if (const std::unique_lock lock(drawing, std::try_to_lock); lock) progress.update(done);
    }
  };
  const unsigned cores = jobs != 0 ? jobs : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> workers;
  for (unsigned i = 1; i < std::min<std::size_t>(cores, files.size()); ++i) workers.emplace_back(work);
  work();
  workers.clear();
  return scanned;
}

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) return std::unexpected(Error{ErrorCode::kIo, path + ": cannot be read"});
  return text;
}

Result<ScanPolicy> read_policies(const std::vector<std::string>& paths) {
  std::string all;
  for (const std::string& path : paths) {
    auto text = read_text(path);
    if (!text) return std::unexpected(text.error());
    if (auto checked = ScanPolicy::parse(*text); !checked) {
      checked.error().message.insert(0, path + ": ");
      return checked;
    }
    all += *text + "\n";
  }
  return ScanPolicy::parse(all);
}

int exit_code(const std::vector<ScannedFile>& files, const std::string& fail_on) {
  int code = kScanSafe;
  for (const ScannedFile& file : files) {
    if (file.is_skipped || file.is_suppressed || file.report.verdict <= Verdict::kSafeByPolicy) continue;
    if (file.report.verdict == Verdict::kDangerous) return kScanDangerous;
    if (fail_on != "dangerous") code = kScanUndecided;
  }
  return code;
}

int usage(const std::string& message) {
  std::fprintf(stderr, "cppickle: %s\n", message.c_str());
  return kScanUsage;
}

int run_scan(const ScanCommand& command) {
  CommonOptions common;
  common.limits = command.limits;
  const auto limits = open_options(common);
  if (!limits) return usage(limits.error().message);
  const auto policy = read_policies(command.policies);
  if (!policy) return usage(policy.error().message);
  FileList list(command.recursive);
  for (const std::string& path : command.paths) list.add(path);
  const ScanOptions options{.limits = limits->limits, .policy = command.policies.empty() ? nullptr : &*policy};
  const std::vector<ScannedFile> files = scan_all(list.take(), options, command.jobs);
  const std::string text = scan_text(files, command.details, has_colours(stdout));
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  return exit_code(files, command.fail_on);
}

}  // namespace

void declare_scan(CLI::App& app, Run& run) {
  const auto options = std::make_shared<ScanCommand>();
  CLI::App* command = app.add_subcommand("scan", "tell what loading would do, and whether that is known to be harmless");
  command->add_option("paths", options->paths, "files, folders with -r, or - for standard input")
      ->required()
      ->option_text("PATH...");
  command->add_flag("-r,--recursive", options->recursive, "all files in folders");
  command->add_flag("--details", options->details, "safe files too, with the names they use");
  command->add_option("--fail-on", options->fail_on, "the least that fails: unknown (the default) or dangerous")
      ->check(CLI::IsMember({"unknown", "dangerous"}))
      ->option_text("VERDICT");
  command->add_option("--allow", options->policies, "a table of names that are allowed here (docs/scan.md)")
      ->option_text("FILE");
  command->add_option("--jobs", options->jobs, "files at once; all cores by default")->option_text("N");
  command->add_option("--limit", options->limits, "a limit for hostile input (docs/security.md)")->option_text("NAME=N");
  command->footer("Exit codes: 0 safe, 1 dangerous, 2 could not decide, 3 wrong usage.");
  command->callback([options, &run] { run = [options] { return run_scan(*options); }; });
}

}  // namespace cppickle::cli
