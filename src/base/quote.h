// User data made safe to print: quoted, escaped, cut.
#ifndef CPPICKLE_BASE_QUOTE_H_
#define CPPICKLE_BASE_QUOTE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace cppickle {

// UTF-8 text in single quotes as Python's repr would show it; control characters, invalid bytes and lone
// surrogates are escaped. Text longer than `most` bytes is cut at a character and ends in "...".
std::string quote(std::string_view text, std::size_t most = 80);

}  // namespace cppickle

#endif  // CPPICKLE_BASE_QUOTE_H_
