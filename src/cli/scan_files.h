// What `cppickle scan` knows of each file, how it comes to know it, and the forms in which it tells it.
#ifndef CPPICKLE_CLI_SCAN_FILES_H_
#define CPPICKLE_CLI_SCAN_FILES_H_

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/privacy.h"
#include "cppickle/scan.h"

namespace cppickle::cli {

// Of scan and explain (docs/command.md).
enum ScanExit : int { kScanSafe = 0, kScanDangerous = 1, kScanUndecided = 2, kScanUsage = 3 };

struct Candidate {
  std::string path;
  bool is_named;             // by the user, not found in a folder
  std::string problem = {};  // why it is not even opened
};

struct ScannedFile {
  std::string path;
  ScanReport report = {};
  // In hexadecimal, of the bytes that were judged; empty unless asked for, and where nothing could be read.
  std::string sha256 = {};
  std::vector<std::string> side_sha256 = {};  // of the files beside it that were judged with it
  bool has_all_sha256 = false;                // whether there is no other file that was judged or should have been
  bool is_skipped = false;                    // found in a folder, and no pickle by content or name
  bool is_suppressed = false;                 // by the baseline
  std::string suppressed_because = {};
  bool has_privacy = false;                   // whether that was asked for
  std::vector<PrivacyNote> privacy = {};
};

// The files to scan, those of a folder sorted. Links in folders are not followed.
std::vector<Candidate> list_files(std::span<const std::string> paths, bool recursive);

struct ScanHow {
  ScanOptions options;
  bool hashes = false;
  bool privacy = false;
  unsigned jobs = 0;  // 0: all cores
};
std::vector<ScannedFile> scan_all(std::span<const Candidate> files, const ScanHow& how);

// An error names the file in `where`, of this and what follows.
Result<std::string> read_text(const std::string& path);
// The tables named on the command line as one.
Result<ScanPolicy> read_policies(std::span<const std::string> paths);

// A usage error, on standard error. Returns the exit code.
int scan_usage(const Error& error);

// `fail_on` is "unknown" or "dangerous": the least verdict that changes the exit code.
bool fails(const ScannedFile& file, std::string_view fail_on);
int scan_exit_code(std::span<const ScannedFile> files, std::string_view fail_on);

inline constexpr std::size_t kVerdicts = 6;
struct ScanSummary {
  std::array<std::size_t, kVerdicts> counts{};  // by verdict, the suppressed ones too
  std::size_t scanned = 0;
  std::size_t skipped = 0;
  std::size_t suppressed = 0;
};
ScanSummary summary_of(std::span<const ScannedFile> files);

// As it is where it is printable, else quoted and escaped.
std::string printable(std::string_view text);
// "os.system('echo hi'): starts programs".
std::string finding_text(const Finding& finding);
// "data.pkl, offset 5, 3 times".
std::string place_text(const Finding& finding);
std::string verdict_text(Verdict verdict, bool colours);
// What a file carries along, in lines.
std::string privacy_text(std::span<const PrivacyNote> notes);

// For people. With `details` safe files are told of too.
std::string scan_text(std::span<const ScannedFile> files, bool details, bool colours);
// The story of one file, for people.
std::string explain_text(const ScannedFile& file, bool colours);
// For programs: docs/scan-ci.md.
std::string scan_json(std::span<const ScannedFile> files);
std::string scan_sarif(std::span<const ScannedFile> files);
std::string scan_junit(std::span<const ScannedFile> files, std::string_view fail_on);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_SCAN_FILES_H_
