// Symbols as people read them: 'echo hi', [1, 2, ...], <os.system>.
#ifndef CPPICKLE_SCAN_DESCRIBE_H_
#define CPPICKLE_SCAN_DESCRIBE_H_

#include <cstdint>
#include <span>
#include <string>

#include "scan/names.h"
#include "scan/symbol.h"

namespace cppickle::scanning {

// At most about 200 bytes, escaped.
std::string describe(Symbol symbol, const Names& names, const std::uint8_t* end);
// "('echo hi', 1)".
std::string describe_call(std::span<const Symbol> arguments, const Names& names, const std::uint8_t* end);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_DESCRIBE_H_
