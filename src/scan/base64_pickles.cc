#include "scan/base64_pickles.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"

namespace cppickle::scanning {
namespace {

// PROTO 2 to 5, in the first two characters and the highest bits of the third.
constexpr std::string_view kBegin = "gA";
constexpr std::string_view kThird = "IJKLMNOPQRSTUVWX";
constexpr std::size_t kLeast = 8;

bool is_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

}  // namespace

std::vector<Base64Pickle> base64_pickles(std::string_view text) {
  std::vector<Base64Pickle> found;
  for (std::size_t at = text.find(kBegin); at != text.npos; at = text.find(kBegin, at)) {
    const bool begins = (at == 0 || !is_digit(text[at - 1])) && at + 2 < text.size() && kThird.find(text[at + 2]) != kThird.npos;
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (!begins || at - begin < kLeast) continue;
    std::string digits(text.substr(begin, (at - begin) / 4 * 4));
    if (const std::size_t rest = (at - begin) % 4; rest > 1) {
      digits.append(text.substr(at - rest, rest)).append(4 - rest, '=');
    }
    std::string bytes;
    if (from_base64(digits, bytes)) found.push_back({begin, std::move(bytes)});
  }
  return found;
}

}  // namespace cppickle::scanning
