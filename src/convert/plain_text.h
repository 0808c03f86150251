// Text that plain JSON holds: strings, bytes and keys.
#ifndef CPPICKLE_CONVERT_PLAIN_TEXT_H_
#define CPPICKLE_CONVERT_PLAIN_TEXT_H_

#include <string>
#include <string_view>

#include "cppickle/document.h"

namespace cppickle {

// `utf8` is what Kind::kString holds.
bool has_surrogates(std::string_view utf8);
std::string without_surrogates(std::string_view utf8);  // U+FFFD in place of each

struct PlainBytes {
  std::string text;
  bool is_base64;
};
// Printable ASCII as it is; Python 2's strings are text where they are UTF-8. All else is base64.
PlainBytes plain_bytes(std::string_view bytes, bool is_python2);

// A dict's key as a JSON object can hold it.
std::string key_text(const Value& key);

}  // namespace cppickle

#endif  // CPPICKLE_CONVERT_PLAIN_TEXT_H_
