#include "document/repr.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace cppickle {
namespace {

// Python writes plain digits for exponents from -4 to 15, and always a point or an exponent.
template <class Float>
std::string shortest(Float value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char scientific[64];
  const auto [end, error] = std::to_chars(scientific, scientific + sizeof scientific, value, std::chars_format::scientific);
  if (error != std::errc{}) return "?";
  std::string text(scientific, end);
  const std::size_t e = text.find('e');
  const int exponent = std::atoi(text.c_str() + e + 1);
  if (exponent < -4 || exponent > 15) return text;
  const bool negative = text[0] == '-';
  std::string digits = text.substr(negative ? 1 : 0, e - (negative ? 1 : 0));
  if (digits.size() > 1) digits.erase(1, 1);  // the point
  if (exponent < 0) {
    digits.insert(0, static_cast<std::size_t>(-exponent), '0');
    digits.insert(1, 1, '.');
  } else {
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() < whole + 1) digits.append(whole + 1 - digits.size(), '0');
    digits.insert(whole, 1, '.');
  }
  return negative ? "-" + digits : digits;
}

}  // namespace

std::string float_repr(double value) { return shortest(value); }
std::string float_repr(float value) { return shortest(value); }
std::string float_repr(long double value) { return shortest(value); }

std::string complex_repr(std::string real, bool real_is_zero, std::string imaginary) {
  const auto tidy = [](std::string& number) {
    if (number.ends_with(".0")) number.resize(number.size() - 2);
  };
  tidy(real);
  tidy(imaginary);
  if (real_is_zero) return imaginary += 'j';
  std::string text = "(";
  text += real;
  if (imaginary[0] != '-') text += '+';
  text += imaginary;
  return text += "j)";
}

std::string bytes_repr(std::string_view bytes, std::size_t most) {
  const std::string_view shown = bytes.substr(0, most);
  const char mark = shown.contains('\'') && !shown.contains('"') ? '"' : '\'';
  std::string text = "b";
  text += mark;
  for (const char c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      text += "\\n";
    } else if (c == '\r') {
      text += "\\r";
    } else if (c == '\t') {
      text += "\\t";
    } else if (c == mark || c == '\\') {
      (text += '\\') += c;
    } else if (byte < 0x20 || byte >= 0x7F) {
      text += "\\x";
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    } else {
      text += c;
    }
  }
  text += mark;
  if (shown.size() < bytes.size()) text += "...";
  return text;
}

}  // namespace cppickle
