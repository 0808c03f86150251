#include "cli/scan_files.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

#include "cli/cut_file.h"
#include "cli/sha256.h"
#include "cli/terminal.h"
#include "io/file.h"

namespace cppickle::cli {
namespace {

namespace fs = std::filesystem;

// Names that say "pickle": in a folder such a file is judged whatever it holds.
bool is_named_like_pickle(const fs::path& path) {
  static constexpr std::string_view kEndings[] = {".pkl", ".pickle", ".pck", ".p",    ".joblib", ".jbl",
                                                  ".sav", ".dill",   ".pt",  ".pth",  ".ckpt",   ".bin",
                                                  ".npy", ".npz",    ".dat", ".model"};
  return std::ranges::find(kEndings, path.extension().string()) != std::end(kEndings);
}

class FileList {
 public:
  explicit FileList(bool recursive) : recursive_(recursive) {}

  void add(const std::string& path) {
    std::error_code failed;
    const fs::file_status status = fs::status(path, failed);
    if (path != "-" && fs::is_other(status)) {
      files_.push_back({path, true, "a special file: give - and its contents on standard input"});  // it may have no end
    } else if (path == "-" || !fs::is_directory(status)) {
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

// Of the bytes that are judged, as they are judged.
class Hashes {
 public:
  void add(const Result<Source>& opened) {
    ++files_;
    if (opened) digests_.push_back(sha256(opened->raw()));
  }

  // A file whose outermost container is broken is read again: which file it is decides nothing but what it is called.
  void finish(const Candidate& file, const Limits& limits, ScannedFile& scanned) {
    if (digests_.empty() && files_ == 1 && file.path != "-" && fs::is_regular_file(file.path)) {
      const auto bytes = read_file(file.path, limits, {.map_from = FileOptions::kNeverMap});
      if (bytes) digests_.push_back(sha256(bytes->view()));
    }
    scanned.has_all_sha256 = !digests_.empty() && digests_.size() == files_;
    if (digests_.empty()) return;
    scanned.sha256 = std::move(digests_.front());
    scanned.side_sha256.assign(std::next(digests_.begin()), digests_.end());
  }

 private:
  std::size_t files_ = 0;
  std::vector<std::string> digests_;
};

ScannedFile scan_one(const Candidate& file, const ScanHow& how) {
  ScannedFile scanned{.path = file.path == "-" ? "standard input" : file.path};
  if (!file.problem.empty()) {
    scanned.report.verdict = Verdict::kIncomplete;
    scanned.report.findings.push_back(
        {.verdict = Verdict::kIncomplete, .rule = "unreadable", .reason = file.problem});
    return scanned;
  }
  ScanOptions options = how.options;
  options.map = true;
  Hashes hashes;
  scanned.has_privacy = how.privacy;
  options.on_open = [&](const Result<Source>& opened) {
    if (how.hashes) hashes.add(opened);
    if (!how.privacy || !opened) return;
    std::ranges::move(privacy_notes(*opened, {.limits = how.options.limits}), std::back_inserter(scanned.privacy));
  };
  scanned.report = scan_file(file.path, options);
  std::ranges::stable_sort(scanned.privacy, {}, &PrivacyNote::category);  // of files beside it too
  if (how.hashes) hashes.finish(file, options.limits, scanned);
  const auto& findings = scanned.report.findings;
  scanned.is_skipped = !file.is_named && findings.size() == 1 && findings[0].rule == "no-pickle" &&
                       !is_named_like_pickle(file.path);
  return scanned;
}

}  // namespace

std::vector<Candidate> list_files(std::span<const std::string> paths, bool recursive) {
  FileList list(recursive);
  for (const std::string& path : paths) list.add(path);
  return list.take();
}

std::vector<ScannedFile> scan_all(std::span<const Candidate> files, const ScanHow& how) {
  end_where_a_file_is_cut();
  std::vector<ScannedFile> scanned(files.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> done = 0;
  std::mutex drawing;
  Progress progress("scanning", files.size());
  const auto work = [&] {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      scanned[i] = scan_one(files[i], how);
      ++done;
      if (const std::unique_lock lock(drawing, std::try_to_lock); lock) progress.update(done);
    }
  };
  const unsigned cores = how.jobs != 0 ? how.jobs : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> workers;
  for (unsigned i = 1; i < std::min<std::size_t>(cores, files.size()); ++i) workers.emplace_back(work);
  work();
  workers.clear();
  return scanned;
}

Result<std::string> read_text(const std::string& path) {
  const auto bytes = read_file(path, Limits{}, {.map_from = FileOptions::kNeverMap});
  if (!bytes) return std::unexpected(bytes.error());
  return std::string(bytes->view());
}

Result<ScanPolicy> read_policies(std::span<const std::string> paths) {
  std::string all;
  for (const std::string& path : paths) {
    auto text = read_text(path);
    if (!text) return std::unexpected(text.error());
    if (auto checked = ScanPolicy::parse(*text); !checked) {
      checked.error().where = path;
      return checked;
    }
    all += *text + "\n";
  }
  return ScanPolicy::parse(all);
}

int scan_usage(const Error& error) {
  std::fprintf(stderr, "cppickle: %s\n", error.to_string().c_str());
  return kScanUsage;
}

bool fails(const ScannedFile& file, std::string_view fail_on) {
  if (file.is_skipped || file.is_suppressed) return false;
  const Verdict least = fail_on == "dangerous" ? Verdict::kDangerous : Verdict::kUnknown;
  return file.report.verdict >= least;
}

int scan_exit_code(std::span<const ScannedFile> files, std::string_view fail_on) {
  int code = kScanSafe;
  for (const ScannedFile& file : files) {
    if (!fails(file, fail_on)) continue;
    if (file.report.verdict == Verdict::kDangerous) return kScanDangerous;
    code = kScanUndecided;
  }
  return code;
}

ScanSummary summary_of(std::span<const ScannedFile> files) {
  ScanSummary summary;
  for (const ScannedFile& file : files) {
    if (file.is_skipped) {
      ++summary.skipped;
      continue;
    }
    ++summary.scanned;
    ++summary.counts[static_cast<std::size_t>(file.report.verdict)];
    if (file.is_suppressed) ++summary.suppressed;
  }
  return summary;
}

}  // namespace cppickle::cli
