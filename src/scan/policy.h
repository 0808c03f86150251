// A caller's table behind ScanPolicy.
#ifndef CPPICKLE_SCAN_POLICY_H_
#define CPPICKLE_SCAN_POLICY_H_

#include <string>

#include "cppickle/scan.h"
#include "scan/allow_table.h"

namespace cppickle {

struct ScanPolicy::Table {
  std::string text;  // which the table's lines lie in
  scanning::AllowTable allowed;
};

}  // namespace cppickle

#endif  // CPPICKLE_SCAN_POLICY_H_
