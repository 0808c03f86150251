// One stream from end to end: its pickles one after the other, the pickles in their bytes, and what follows them.
#ifndef CPPICKLE_SCAN_STREAM_SCAN_H_
#define CPPICKLE_SCAN_STREAM_SCAN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "cppickle/limits.h"
#include "cppickle/scan.h"
#include "scan/event_log.h"
#include "scan/findings.h"
#include "scan/names.h"

namespace cppickle::scanning {

struct StreamOptions {
  const Limits& limits;
  std::uint64_t most_pickles = ~std::uint64_t{0};
  bool is_torch = false;
  EventLog* events = nullptr;
};

// Adds to the report's coverage and counts; findings and names go to their own collections.
void scan_stream(std::string_view bytes, const std::string& where, const StreamOptions& options, Names& names,
                 Findings& findings, ScanReport& report);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_STREAM_SCAN_H_
