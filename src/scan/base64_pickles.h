// Pickles in text: base64 of bytes that begin as a pickle does, in JSON beside a model and in strings of pickles.
#ifndef CPPICKLE_SCAN_BASE64_PICKLES_H_
#define CPPICKLE_SCAN_BASE64_PICKLES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cppickle::scanning {

struct Base64Pickle {
  std::uint64_t offset;  // in the text
  std::string bytes;
};

// All of them, found in linear time. Newlines in between are not followed.
std::vector<Base64Pickle> base64_pickles(std::string_view text);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_BASE64_PICKLES_H_
