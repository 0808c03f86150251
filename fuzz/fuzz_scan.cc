// Scanning bytes as a file: any verdict will do, as long as there is one, and the same twice.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cppickle/scan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cppickle;
  const auto source = Source::borrow_bytes({reinterpret_cast<const char*>(data), size});
  if (!source) return 0;
  const ScanReport first = scan_source(*source);
  const ScanReport second = scan_source(*source);
  bool same = first.verdict == second.verdict && first.findings.size() == second.findings.size();
  for (const Finding& finding : first.findings) same = same && finding.verdict <= first.verdict;
  if (!same) std::abort();
  return 0;
}
