// The names in a stream as far as its instructions can be told apart, for streams that cannot be read as values: what
// a reader would import before it meets the fault.
#ifndef CPPICKLE_PICKLE_NAME_SCAN_H_
#define CPPICKLE_PICKLE_NAME_SCAN_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cppickle {

struct NameScan {
  int protocol = 0;                // the highest that a PROTO says or an opcode needs
  std::uint64_t instructions = 0;  // before the fault, or up to STOP
  // "module.name" for each GLOBAL, INST and STACK_GLOBAL; "?.?" where the two texts don't stand right before it.
  std::map<std::string, std::uint64_t> globals;
};

// Of the first pickle in `stream`. Frames are not looked at. Takes linear time.
NameScan scan_names(std::string_view stream);

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_NAME_SCAN_H_
