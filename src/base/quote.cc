#include "base/quote.h"

#include <cstdint>

#include "base/utf8.h"

namespace cppickle {
namespace {

void append_hex(std::string& out, const char* prefix, std::uint32_t value, int digits) {
  out += prefix;
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}

void append_escaped(std::string& out, std::uint32_t c) {
  if (c >= kInvalidByte) return append_hex(out, "\\x", c - kInvalidByte, 2);
  if (c == '\n') { out += "\\n"; return; }
  if (c == '\r') { out += "\\r"; return; }
  if (c == '\t') { out += "\\t"; return; }
  if (c == '\'' || c == '\\') { out += '\\'; out += static_cast<char>(c); return; }
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return append_hex(out, "\\x", c, 2);
  const bool surrogate = c >= 0xD800 && c < 0xE000;
  const bool invisible = (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || c == 0xFEFF ||
                         (c >= 0x2060 && c <= 0x206F);
  if (surrogate || invisible) return append_hex(out, "\\u", c, 4);
  append_utf8(out, c);
}

}  // namespace

std::string quote(std::string_view text, std::size_t most) {
  std::string out = "'";
  std::size_t i = 0;
  while (i < text.size() && i < most) append_escaped(out, next_code_point(text, i));
  out += '\'';
  if (i < text.size()) out += "...";
  return out;
}

}  // namespace cppickle
