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
#include "scan/torch_storages.h"

namespace cppickle::scanning {

struct StreamOptions {
  const Limits& limits;
  std::uint64_t most_pickles = ~std::uint64_t{0};
  const Storages* storages = nullptr;  // as in StreamState
  EventLog* events = nullptr;
};

// Adds to the report's coverage and counts; findings and names go to their own collections.
void scan_stream(std::string_view bytes, const std::string& where, const StreamOptions& options, Names& names,
                 Findings& findings, ScanReport& report);

// Whether bytes that were taken for something else do something as a pickle: name things and end well, or call them before
// they break off. A text that begins with a 'c' names something too, and does nothing with it.
bool acts_as_pickle(std::string_view bytes, const Limits& limits);

// The pickles that stand in a text in base64. Its bytes are in the report's coverage already.
void scan_text(std::string_view text, const std::string& where, const StreamOptions& options, Names& names,
               Findings& findings, ScanReport& report);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_STREAM_SCAN_H_
