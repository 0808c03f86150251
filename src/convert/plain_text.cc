#include "convert/plain_text.h"

#include <algorithm>

#include "base/utf8.h"
#include "base/json_text.h"
#include "cppickle/python_value.h"
#include "pickle/encoder.h"

namespace cppickle {
namespace {

bool is_surrogate(std::uint32_t c) { return c >= 0xD800 && c < 0xE000; }

bool is_printable(char c) { return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || c == '\t'; }

// Text without control characters and surrogates.
bool is_text(std::string_view bytes) {
  if (!is_utf8(bytes) || has_surrogates(bytes)) return false;
  return std::ranges::all_of(bytes, [](char c) { return is_printable(c) || static_cast<unsigned char>(c) >= 0x80; });
}

}  // namespace

bool has_surrogates(std::string_view utf8) {
  // In UTF-8 with surrogates, ED followed by A0..BF is one.
  for (std::size_t i = utf8.find('\xED'); i != std::string_view::npos; i = utf8.find('\xED', i + 1)) {
    if (i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) >= 0xA0) return true;
  }
  return false;
}

std::string without_surrogates(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size();) {
    const std::uint32_t c = next_code_point(utf8, i);
    append_utf8(out, is_surrogate(c) || c >= kInvalidByte ? 0xFFFD : c);
  }
  return out;
}

PlainBytes plain_bytes(std::string_view bytes, bool is_python2) {
  const bool is_plain = is_python2 ? is_text(bytes) : std::ranges::all_of(bytes, is_printable);
  return is_plain ? PlainBytes{std::string(bytes), false} : PlainBytes{base64(bytes), true};
}

std::string key_text(const Value& key) {
  switch (key.kind()) {
    case Kind::kNone: return "null";
    case Kind::kBool: return key.as_bool() ? "true" : "false";
    case Kind::kInt: return key.as_decimal();
    case Kind::kFloat: return repr_of(key.as_double());
    case Kind::kString: return without_surrogates(key.text());
    case Kind::kBytes:
    case Kind::kByteArray: return plain_bytes(key.text(), false).text;
    case Kind::kByteString: return plain_bytes(key.text(), true).text;
    case Kind::kGlobal: return key.global() ? without_surrogates(key.global()->to_string()) : "global";
    default: return without_surrogates(summary(key, 1000));
  }
}

}  // namespace cppickle
