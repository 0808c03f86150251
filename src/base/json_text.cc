#include "base/json_text.h"

#include <cstdint>

#include "base/utf8.h"

namespace cppickle {
namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void append_escape(std::string& out, std::uint32_t unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += "0123456789abcdef"[unit >> shift & 15];
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    std::size_t plain = i;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out.append(text, i, plain - i);
    i = plain;
    if (i == text.size()) break;
    const std::uint32_t c = next_code_point(text, i);
    if (c == '"' || c == '\\') (out += '\\') += static_cast<char>(c);
    else if (c == '\n') out += "\\n";
    else if (c < 0x20 || c == 0x7F || (c >= 0xD800 && c < 0xE000)) append_escape(out, c);
    else append_utf8(out, c >= kInvalidByte ? 0xFFFD : c);
  }
  out += '"';
}

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t block = 0;
    for (std::size_t n = 0; n < 3; ++n) {
      block = block << 8 | (i + n < bytes.size() ? static_cast<unsigned char>(bytes[i + n]) : 0u);
    }
    for (std::size_t n = 0; n < 4; ++n) out += i + n <= bytes.size() ? kDigits[block >> (18 - 6 * n) & 63] : '=';
  }
  return out;
}

bool from_base64(std::string_view text, std::string& bytes) {
  bytes.clear();
  if (text.size() % 4 != 0) return false;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t block = 0;
    int digits = 0;
    for (std::size_t n = 0; n < 4; ++n) {
      const char c = text[i + n];
      const std::size_t digit = c == '=' ? 0 : std::string_view(kDigits, 64).find(c);
      const bool padding = c == '=';
      if (digit == std::string_view::npos || (padding && (n < 2 || i + 4 != text.size())) || (!padding && digits < static_cast<int>(n)))
        return false;
      block = block << 6 | static_cast<std::uint32_t>(digit);
      digits += padding ? 0 : 1;
    }
    for (int n = 0; n < digits - 1; ++n) bytes += static_cast<char>(block >> (16 - 8 * n));
  }
  return true;
}

}  // namespace cppickle
