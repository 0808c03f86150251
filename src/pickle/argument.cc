#include "pickle/argument.h"

#include <algorithm>
#include <charconv>

#include "base/quote.h"
#include "base/utf8.h"

namespace cppickle {
namespace {

std::string_view view(const std::uint8_t* begin, const std::uint8_t* end) {
  return {reinterpret_cast<const char*>(begin), static_cast<std::size_t>(end - begin)};
}

std::size_t count_bytes(ArgumentKind kind) {
  switch (kind) {
    case ArgumentKind::kCounted1: return 1;
    case ArgumentKind::kCountedU4:
    case ArgumentKind::kCountedI4: return 4;
    case ArgumentKind::kCountedU8: return 8;
    default: return 0;
  }
}

bool is_line(ArgumentKind kind) { return kind >= ArgumentKind::kDecimalLine && kind <= ArgumentKind::kLine; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// [+-]?[0-9]+ without a leading zero: the integers on which every reader's base-0 conversion agrees.
bool is_plain_integer(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return false;
  return text[0] != '0' || text.size() == 1;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Reads `digits` hexadecimal digits of `text` from `i` on.
bool read_hex(std::string_view text, std::size_t& i, int digits, std::uint32_t& value) {
  value = 0;
  for (int n = 0; n < digits; ++n, ++i) {
    const int digit = i < text.size() ? hex_digit(text[i]) : -1;
    if (digit < 0) return false;
    value = value << 4 | static_cast<std::uint32_t>(digit);
  }
  return true;
}

bool odd_text(const Instruction& in, OpcodeReader& reader, std::string_view text) {
  if (text.ends_with('\r')) {
    return reader.fail(ErrorCode::kBadArgument, in,
                       quote(text) + " ends in a carriage return; the file was damaged by newline translation");
  }
  return reader.fail(ErrorCode::kReadersDisagree, in,
                     quote(text) + " is no plain decimal number; CPython's readers disagree on such text");
}

bool check_integer_line(const Instruction& in, OpcodeReader& reader, std::string_view text) {
  std::string_view digits = text;
  if (in.opcode == Opcode::LONG && digits.ends_with('L')) digits.remove_suffix(1);
  if (is_plain_integer(digits) || (in.opcode == Opcode::INT && is_text_bool(digits))) return true;
  return odd_text(in, reader, text);
}

bool check_index_line(const Instruction& in, OpcodeReader& reader, std::string_view text) {
  std::uint64_t index;
  return parse_index(text, index) || odd_text(in, reader, text);
}

bool check_quoted(const Instruction& in, OpcodeReader& reader, std::string_view text) {
  const bool quoted =
      text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
  if (!quoted) {
    if (text.ends_with('\r')) return odd_text(in, reader, text);
    return reader.fail(ErrorCode::kBadArgument, in, "a string that is not in quotes: " + quote(text));
  }
  std::string ignored;
  if (text.find('\\') == std::string_view::npos || decode_string_escape(text, ignored)) return true;
  return reader.fail(ErrorCode::kBadText, in, "a bad escape in the string " + quote(text));
}

bool check_utf8(const Instruction& in, OpcodeReader& reader, std::string_view text) {
  return is_utf8(text) || reader.fail(ErrorCode::kBadText, in, "text that is not UTF-8: " + quote(text));
}

bool check_unicode_line(const Instruction& in, OpcodeReader& reader, std::string_view text) {
  std::string ignored;
  if (text.find('\\') == std::string_view::npos || decode_raw_unicode_escape(text, ignored)) return true;
  return reader.fail(ErrorCode::kBadText, in, "a bad \\u escape in " + quote(text));
}

// Whether a number far outside the range of floats is too small, not too large: where its first digit stands tells.
bool is_below_one(std::string_view text) {
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, e);
  const auto point = static_cast<std::int64_t>(std::min(mantissa.find('.'), e));
  const auto first = static_cast<std::int64_t>(mantissa.find_first_of("123456789"));
  std::int64_t exponent = 0;
  if (e < text.size() && !parse_int64(text.substr(e + 1), exponent)) return text[e + 1] == '-';
  // Exponents that fill 64 bits outweigh any number of digits.
  constexpr std::int64_t kMost = std::int64_t{1} << 61;
  return std::clamp(exponent, -kMost, kMost) + point - first < 0;
}

}  // namespace

std::string_view payload(Opcode opcode, const std::uint8_t* argument, const std::uint8_t* end) {
  const ArgumentKind kind = info(opcode).argument;
  if (is_line(kind)) return view(argument, end - 1);
  return view(argument + count_bytes(kind), end);
}

std::string_view payload_again(Opcode opcode, const std::uint8_t* argument, const std::uint8_t* input_end) {
  const ArgumentKind kind = info(opcode).argument;
  const auto left = static_cast<std::uint64_t>(input_end - argument);
  if (is_line(kind)) {
    const void* newline = std::memchr(argument, '\n', left);
    return view(argument, newline ? static_cast<const std::uint8_t*>(newline) : input_end);
  }
  const std::size_t prefix = count_bytes(kind);
  std::uint64_t count = 0;
  if (prefix == 1) count = argument[0];
  if (prefix == 4) count = OpcodeReader::load_u4(argument);
  if (prefix == 8) count = OpcodeReader::load_u8(argument);
  return view(argument + prefix, argument + prefix + std::min(count, left - prefix));
}

std::pair<std::string_view, std::string_view> line_pair(const std::uint8_t* argument, const std::uint8_t* input_end) {
  const std::string_view rest = view(argument, input_end);
  const std::size_t first = std::min(rest.find('\n'), rest.size());
  const std::string_view after = rest.substr(std::min(first + 1, rest.size()));
  return {rest.substr(0, first), after.substr(0, std::min(after.find('\n'), after.size()))};
}

bool check_argument(const Instruction& in, OpcodeReader& reader) {
  const std::string_view text = payload(in.opcode, in.argument, in.end);
  switch (in.opcode) {
    case Opcode::INT:
    case Opcode::LONG: return check_integer_line(in, reader, text);
    case Opcode::GET:
    case Opcode::PUT: return check_index_line(in, reader, text);
    case Opcode::FLOAT: {
      double ignored;
      return parse_double(text, ignored) || odd_text(in, reader, text);
    }
    case Opcode::STRING: return check_quoted(in, reader, text);
    case Opcode::UNICODE: return check_unicode_line(in, reader, text);
    case Opcode::SHORT_BINUNICODE:
    case Opcode::BINUNICODE:
    case Opcode::BINUNICODE8: return check_utf8(in, reader, text);
    case Opcode::GLOBAL:
    case Opcode::INST: {
      const auto [module, name] = line_pair(in.argument, in.end);
      if (name.ends_with('\r')) return odd_text(in, reader, name);
      return check_utf8(in, reader, module) && check_utf8(in, reader, name);
    }
    case Opcode::PERSID:  // Python 3 decodes it as ASCII, Python 2 takes any bytes
      return is_ascii(text) || reader.fail(ErrorCode::kReadersDisagree, in,
                                           "a persistent id that is not ASCII: " + quote(text) +
                                               "; CPython's readers disagree on such text");
    case Opcode::PROTO:
      if (in.argument[0] <= kHighestProtocol) return true;
      return reader.fail(ErrorCode::kBadProtocol, in,
                         "protocol " + std::to_string(in.argument[0]) + "; the highest there is is 5");
    default: return true;
  }
}

bool parse_int64(std::string_view digits, std::int64_t& value) {
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size();
}

bool parse_index(std::string_view digits, std::uint64_t& value) {
  if (digits.empty() || !is_digit(digits[0])) return false;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() && value < std::uint64_t{1} << 63;
}

bool parse_double(std::string_view text, double& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.starts_with('+')) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return false;
  if (error == std::errc::result_out_of_range) {
    // Python's float() gives inf or zero; from_chars leaves the value alone.
    value = is_below_one(text) ? 0.0 : __builtin_inf();
    if (text.starts_with('-')) value = -value;
  }
  return true;
}

bool decode_string_escape(std::string_view literal, std::string& bytes) {
  const std::string_view text = literal.substr(1, literal.size() - 2);
  bytes.clear();
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i++];
    if (c != '\\') {
      bytes += c;
      continue;
    }
    if (i == text.size()) return false;
    const char escaped = text[i++];
    static constexpr std::string_view kLetters = "\\'\"bftnrva";
    static constexpr std::string_view kMeant = "\\'\"\b\f\t\n\r\v\a";
    if (const std::size_t known = kLetters.find(escaped); known != std::string_view::npos) {
      bytes += kMeant[known];
    } else if (escaped >= '0' && escaped <= '7') {
      unsigned value = static_cast<unsigned>(escaped - '0');
      for (int n = 0; n < 2 && i < text.size() && text[i] >= '0' && text[i] <= '7'; ++n) {
        value = value * 8 + static_cast<unsigned>(text[i++] - '0');
      }
      bytes += static_cast<char>(value);
    } else if (escaped == 'x') {
      std::uint32_t value;
      if (!read_hex(text, i, 2, value)) return false;
      bytes += static_cast<char>(value);
    } else {
      bytes += '\\';
      bytes += escaped;
    }
  }
  return true;
}

bool decode_raw_unicode_escape(std::string_view text, std::string& utf8) {
  utf8.clear();
  utf8.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i++];
    if (c != '\\' || i == text.size()) {
      append_utf8(utf8, static_cast<unsigned char>(c));
      continue;
    }
    const char kind = text[i++];
    if (kind != 'u' && kind != 'U') {
      utf8 += '\\';
      append_utf8(utf8, static_cast<unsigned char>(kind));
      continue;
    }
    std::uint32_t code_point;
    if (!read_hex(text, i, kind == 'u' ? 4 : 8, code_point) || code_point > 0x10FFFF) return false;
    append_utf8(utf8, code_point);
  }
  return true;
}

}  // namespace cppickle
