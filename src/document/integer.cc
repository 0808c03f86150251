#include "document/integer.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace cppickle {
namespace {

constexpr std::size_t kMostDigits = 4300;

bool is_negative(std::string_view little_endian) {
  return !little_endian.empty() && (static_cast<unsigned char>(little_endian.back()) & 0x80) != 0;
}

// Absolute value as 32-bit words, least first.
std::vector<std::uint32_t> magnitude(std::string_view bytes) {
  std::vector<std::uint32_t> words((bytes.size() + 4) / 4, 0);
  std::vector<std::uint8_t> absolute(words.size() * 4, is_negative(bytes) ? 0xFF : 0);
  std::memcpy(absolute.data(), bytes.data(), bytes.size());
  if (is_negative(bytes)) {
    unsigned carry = 1;
    for (std::uint8_t& byte : absolute) {
      const unsigned sum = static_cast<std::uint8_t>(~byte) + carry;
      byte = static_cast<std::uint8_t>(sum);
      carry = sum >> 8;
    }
  }
  std::memcpy(words.data(), absolute.data(), absolute.size());
  while (!words.empty() && words.back() == 0) words.pop_back();
  return words;
}

std::string hexadecimal(const std::vector<std::uint32_t>& words, bool negative) {
  std::string text = negative ? "-0x" : "0x";
  bool leading = true;
  for (std::size_t i = words.size() * 8; i-- > 0;) {
    const unsigned digit = words[i / 8] >> (i % 8 * 4) & 15;
    leading = leading && digit == 0 && i > 0;
    if (!leading) text += "0123456789abcdef"[digit];
  }
  return text;
}

// words = words * by + plus
void multiply_add(std::vector<std::uint32_t>& words, std::uint32_t by, std::uint32_t plus) {
  std::uint64_t carry = plus;
  for (std::uint32_t& word : words) {
    carry += std::uint64_t{word} * by;
    word = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
  if (carry != 0) words.push_back(static_cast<std::uint32_t>(carry));
}

}  // namespace

std::string_view shortest_int(std::string_view little_endian) {
  const char sign = is_negative(little_endian) ? '\xFF' : '\0';
  std::size_t size = little_endian.size();
  while (size > 1 && little_endian[size - 1] == sign && ((little_endian[size - 2] ^ sign) & 0x80) == 0) --size;
  return little_endian.substr(0, size);
}

std::optional<std::int64_t> int64_of_bytes(std::string_view bytes) {
  if (bytes.size() > 8) {
    // Longer forms of short numbers are legal: the rest must be sign.
    const char sign = is_negative(bytes) ? '\xFF' : '\0';
    const std::string_view rest = bytes.substr(8);
    if (rest.find_first_not_of(sign) != std::string_view::npos || ((bytes[7] ^ sign) & 0x80) != 0) return {};
    bytes = bytes.substr(0, 8);
  }
  std::uint64_t value = is_negative(bytes) ? ~std::uint64_t{0} : 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  return static_cast<std::int64_t>(value);
}

std::string bytes_of_int64(std::int64_t value) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &value, 8);
  bytes.resize(shortest_int(bytes).size());
  if (value == 0) bytes.clear();
  return bytes;
}

std::string decimal_of_bytes(std::string_view bytes) {
  const bool negative = is_negative(bytes);
  std::vector<std::uint32_t> words = magnitude(bytes);
  if (words.empty()) return "0";
  if (words.size() > kMostDigits * 10 / 3 / 32 + 1) return hexadecimal(words, negative);
  std::string text;
  while (!words.empty()) {
    std::uint64_t remainder = 0;
    for (std::size_t i = words.size(); i-- > 0;) {
      remainder = remainder << 32 | words[i];
      words[i] = static_cast<std::uint32_t>(remainder / 1'000'000'000);
      remainder %= 1'000'000'000;
    }
    while (!words.empty() && words.back() == 0) words.pop_back();
    for (int n = 0; n < 9 && (remainder != 0 || !words.empty()); ++n, remainder /= 10) {
      text += static_cast<char>('0' + remainder % 10);
    }
  }
  if (negative) text += '-';
  std::ranges::reverse(text);
  return text;
}

bool bytes_of_decimal(std::string_view text, std::string& bytes) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  if (text.empty() || (!hex && text.size() > 2 * kMostDigits)) return false;
  std::vector<std::uint32_t> words;
  if (hex) {
    words.assign((text.size() + 7) / 8, 0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::size_t digit = std::string_view("0123456789abcdef").find(text[text.size() - 1 - i]);
      if (digit == std::string_view::npos) return false;
      words[i / 8] |= static_cast<std::uint32_t>(digit) << (i % 8 * 4);
    }
  } else {
    for (const char c : text) {
      if (c < '0' || c > '9') return false;
      multiply_add(words, 10, static_cast<std::uint32_t>(c - '0'));
    }
  }
  words.push_back(0);  // room for the sign
  bytes.assign(reinterpret_cast<const char*>(words.data()), words.size() * 4);
  if (negative) {
    unsigned carry = 1;
    for (char& byte : bytes) {
      const unsigned sum = static_cast<std::uint8_t>(~static_cast<unsigned char>(byte)) + carry;
      byte = static_cast<char>(sum);
      carry = sum >> 8;
    }
  }
  bytes.resize(shortest_int(bytes).size());
  if (bytes.size() == 1 && bytes[0] == 0) bytes.clear();
  return true;
}

}  // namespace cppickle
