// What `cppickle scan` knows of each file, and the forms in which it tells it.
#ifndef CPPICKLE_CLI_SCAN_FILES_H_
#define CPPICKLE_CLI_SCAN_FILES_H_

#include <span>
#include <string>
#include <vector>

#include "cppickle/scan.h"

namespace cppickle::cli {

struct ScannedFile {
  std::string path;
  ScanReport report = {};
  std::string sha256 = {};          // in hexadecimal; empty unless asked for
  bool is_skipped = false;     // found in a folder, and no pickle by content or name
  bool is_suppressed = false;  // by the baseline
};

// For people. With `details` safe files are told of too.
std::string scan_text(std::span<const ScannedFile> files, bool details, bool colours);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_SCAN_FILES_H_
