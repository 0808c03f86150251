// Every event in the order of the stream, for comparison with what CPython does (tests/python/scan_differential.py).
#ifndef CPPICKLE_SCAN_EVENT_LOG_H_
#define CPPICKLE_SCAN_EVENT_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "cppickle/scan.h"

namespace cppickle::scanning {

struct Event {
  Use use;
  std::string subject;   // "module name" of a name, an extension's code, else "?"
  std::uint64_t offset;  // of the end of the instruction
};

using EventLog = std::vector<Event>;

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_EVENT_LOG_H_
