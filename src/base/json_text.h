// The little that writing JSON needs: strings and base64.
#ifndef CPPICKLE_BASE_JSON_TEXT_H_
#define CPPICKLE_BASE_JSON_TEXT_H_

#include <string>
#include <string_view>

namespace cppickle {

// A JSON string with its quotes. Lone surrogates are escaped as \udXXX; bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view utf8);

std::string base64(std::string_view bytes);
// False if it is no base64 (RFC 4648, padded).
bool from_base64(std::string_view text, std::string& bytes);

}  // namespace cppickle

#endif  // CPPICKLE_BASE_JSON_TEXT_H_
