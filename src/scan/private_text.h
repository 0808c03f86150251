// What a text tells by its shape: paths and user names in them, addresses, keys and passwords.
#ifndef CPPICKLE_SCAN_PRIVATE_TEXT_H_
#define CPPICKLE_SCAN_PRIVATE_TEXT_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "cppickle/privacy.h"

namespace cppickle::scanning {

struct TextMatch {
  PrivacyCategory category;
  std::string_view what;  // static
  std::size_t begin = 0;  // in the text
  std::size_t size = 0;
  std::string detail = {};  // masked where the category is
};

// Calls visit for each, in order. Takes linear time.
void for_each_private(std::string_view text, const std::function<void(TextMatch)>& visit);

// At most the first four characters.
std::string masked(std::string_view secret);

// The text with secrets and mail addresses in it masked, cut after about `most` bytes, not quoted.
std::string shown(std::string_view text, std::size_t most);

// False for bytes that are no text.
bool is_text(std::string_view bytes);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_PRIVATE_TEXT_H_
