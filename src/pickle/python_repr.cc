#include "pickle/python_repr.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <iterator>

#include "base/utf8.h"

namespace cppickle {
namespace {

constexpr std::uint32_t kPrintableChanges[] = {
#include "pickle/printable.inc"
};

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;
constexpr char kHex[] = "0123456789abcdef";

// Source bytes per reservation; none grows more than fourfold, and a character is never split by more than its length.
constexpr std::size_t kStep = 4096;
constexpr std::size_t kStepRoom = 4 * kStep + 32;

// The high bit of each byte that equals `c`; right up to the lowest one found, which is all that is asked of it.
constexpr std::uint64_t bytes_equal(std::uint64_t word, char c) {
  const std::uint64_t x = word ^ kOnes * static_cast<unsigned char>(c);
  return (x - kOnes) & ~x & kHighs;
}

// Not zero if any of the eight bytes is a control character, DEL, not ASCII, a backslash or a quote.
constexpr std::uint64_t special_bytes(std::uint64_t word) {
  const std::uint64_t control = (word - kOnes * 0x20) & ~word & kHighs;
  return control | (word & kHighs) | bytes_equal(word, 0x7F) | bytes_equal(word, '\\') | bytes_equal(word, '\'') |
         bytes_equal(word, '"');
}

std::uint64_t load_word(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7F; ++c) plain[c] = c != '\\' && c != '\'' && c != '"';
  return plain;
}
constexpr std::array<bool, 256> kPlain = make_plain();

constexpr std::array<char, 200> make_two_digits() {
  std::array<char, 200> digits{};
  for (std::size_t n = 0; n < 100; ++n) {
    digits[2 * n] = static_cast<char>('0' + n / 10);
    digits[2 * n + 1] = static_cast<char>('0' + n % 10);
  }
  return digits;
}
constexpr std::array<char, 200> kTwoDigits = make_two_digits();

bool is_plain(char c) { return kPlain[static_cast<unsigned char>(c)]; }

// Copies plain characters until the first that is none.
const char* copy_plain(const char* from, const char* end, char*& to) {
  while (end - from >= 8) {
    const std::uint64_t word = load_word(from);
    std::memcpy(to, &word, sizeof word);
    const std::uint64_t special = special_bytes(word);
    if (special != 0) {
      const int count = std::countr_zero(special) / 8;
      to += count;
      return from + count;
    }
    from += 8;
    to += 8;
  }
  while (from != end && is_plain(*from)) *to++ = *from++;
  return from;
}

// The whole of a short text, if nothing in it needs an escape: what nearly all texts are.
bool append_plain(TextBuffer& out, std::string_view text) {
  if (text.size() > kStep) return false;
  char* to = out.room(kStepRoom);
  *to++ = '\'';
  if (copy_plain(text.data(), text.data() + text.size(), to) != text.data() + text.size()) return false;
  *to++ = '\'';
  out.commit(to);
  return true;
}

char quote_for(std::string_view text) {
  const bool single = text.find('\'') != std::string_view::npos;
  return single && text.find('"') == std::string_view::npos ? '"' : '\'';
}

char* write_hex(char* p, char letter, std::uint32_t value, int digits) {
  *p++ = '\\';
  *p++ = letter;
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) *p++ = kHex[value >> shift & 15];
  return p;
}

char* write_escape(char* p, std::uint32_t c) {
  const char* known = c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : nullptr;
  if (known != nullptr) {
    std::memcpy(p, known, 2);
    return p + 2;
  }
  if (c < 0x100) return write_hex(p, 'x', c, 2);
  return c < 0x10000 ? write_hex(p, 'u', c, 4) : write_hex(p, 'U', c, 8);
}

// A character of ASCII that is not plain. `escape_single` where a single quote is escaped whatever stands around.
char* write_ascii(char* p, char c, char quote, bool escape_single = false) {
  if (c == '\\' || c == quote || (escape_single && c == '\'')) {
    *p++ = '\\';
    *p++ = c;
    return p;
  }
  if (c == '\'' || c == '"') {
    *p++ = c;
    return p;
  }
  return write_escape(p, static_cast<unsigned char>(c));
}

// Neighbours are mostly of one script: remembers the stretch of the table that the last character was in.
class PrintableStretch {
 public:
  bool contains(std::uint32_t c) {
    if (c - first_ >= count_) find(c);
    return printable_;
  }

 private:
  void find(std::uint32_t c) {
    const auto* next = std::ranges::upper_bound(kPrintableChanges, c);
    const auto index = next - std::begin(kPrintableChanges);
    first_ = index == 0 ? 0 : next[-1];
    count_ = (next == std::end(kPrintableChanges) ? kInvalidByte : *next) - first_;
    printable_ = index % 2 != 0;
  }

  std::uint32_t first_ = 0;
  std::uint32_t count_ = 0;
  bool printable_ = false;
};

// The character at `from`, of UTF-8 that was checked; it is not ASCII.
std::uint32_t decode(const char* from, std::size_t& size) {
  const auto byte = [from](int i) { return std::uint32_t{static_cast<unsigned char>(from[i])}; };
  if (byte(0) < 0xE0) {
    size = 2;
    return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
  }
  if (byte(0) < 0xF0) {
    size = 3;
    return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  }
  size = 4;
  return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
}

// Writes characters that are not ASCII, until one that is, or `stop`, which may lie inside the last one.
const char* copy_characters(const char* from, const char* stop, char*& to, PrintableStretch& printable) {
  do {
    std::size_t size;
    const std::uint32_t c = decode(from, size);
    if (printable.contains(c)) [[likely]] {
      for (std::size_t i = 0; i < size; ++i) *to++ = from[i];
    } else {
      to = write_escape(to, c);
    }
    from += size;
  } while (from < stop && static_cast<signed char>(*from) < 0);
  return from;
}

void append_byte_literal(TextBuffer& out, std::string_view bytes, char quote, bool escape_single) {
  out.append('b');
  out.append(quote);
  const char* from = bytes.data();
  const char* const end = from + bytes.size();
  while (from != end) {
    char* to = out.room(kStepRoom);
    const char* const stop = from + std::min<std::ptrdiff_t>(end - from, kStep);
    while ((from = copy_plain(from, stop, to)) != stop) to = write_ascii(to, *from++, quote, escape_single);
    out.commit(to);
  }
  out.append(quote);
}

}  // namespace

bool is_printable(std::uint32_t code_point) { return PrintableStretch().contains(code_point); }

void append_text_repr(TextBuffer& out, std::string_view utf8) {
  if (append_plain(out, utf8)) return;
  const char quote = quote_for(utf8);
  out.append(quote);
  PrintableStretch printable;
  const char* from = utf8.data();
  const char* const end = from + utf8.size();
  while (from != end) {
    char* to = out.room(kStepRoom);
    const char* const stop = from + std::min<std::ptrdiff_t>(end - from, kStep);
    while (from < stop) {
      if (static_cast<signed char>(*from) < 0) {
        from = copy_characters(from, stop, to, printable);
      } else if (is_plain(*from)) {
        from = copy_plain(from, stop, to);
      } else {
        to = write_ascii(to, *from++, quote);
      }
    }
    out.commit(to);
  }
  out.append(quote);
}

void append_latin1_repr(TextBuffer& out, std::string_view latin1) {
  if (append_plain(out, latin1)) return;
  const char quote = quote_for(latin1);
  out.append(quote);
  PrintableStretch printable;
  const char* from = latin1.data();
  const char* const end = from + latin1.size();
  while (from != end) {
    char* to = out.room(kStepRoom);
    const char* const stop = from + std::min<std::ptrdiff_t>(end - from, kStep);
    while ((from = copy_plain(from, stop, to)) != stop) {
      const auto c = static_cast<unsigned char>(*from++);
      if (c < 0x80 || !printable.contains(c)) {
        to = write_ascii(to, static_cast<char>(c), quote);
      } else {
        *to++ = static_cast<char>(0xC0 | c >> 6);
        *to++ = static_cast<char>(0x80 | (c & 0x3F));
      }
    }
    out.commit(to);
  }
  out.append(quote);
}

void append_bytes_repr(TextBuffer& out, std::string_view bytes) {
  append_byte_literal(out, bytes, quote_for(bytes), false);
}

void append_bytearray_repr(TextBuffer& out, std::string_view bytes) {
  out.append("bytearray(");
  append_byte_literal(out, bytes, quote_for(bytes), true);
  out.append(')');
}

char* write_float_repr(char* p, double value) {
  if (std::isnan(value)) return std::copy_n("nan", 3, p);
  if (std::isinf(value)) return value < 0 ? std::copy_n("-inf", 4, p) : std::copy_n("inf", 3, p);
  char text[32];
  const char* const end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  const char* from = text;
  if (*from == '-') *p++ = *from++;
  // d.ddddde-xx to digits and exponent.
  char digits[24];
  std::ptrdiff_t count = 0;
  for (; *from != 'e'; ++from) {
    if (*from != '.') digits[count++] = *from;
  }
  int exponent = 0;
  std::from_chars(from[1] == '+' ? from + 2 : from + 1, end, exponent);
  if (exponent < -4 || exponent >= 16) {
    *p++ = digits[0];
    if (count > 1) *p++ = '.';
    p = std::copy_n(digits + 1, count - 1, p);
    *p++ = 'e';
    *p++ = exponent < 0 ? '-' : '+';
    const int magnitude = exponent < 0 ? -exponent : exponent;
    if (magnitude < 10) *p++ = '0';
    return write_decimal(p, static_cast<std::uint64_t>(magnitude));
  }
  const std::ptrdiff_t point = exponent + 1;  // digits before the point
  if (point <= 0) {
    p = std::copy_n("0.", 2, p);
    p = std::fill_n(p, -point, '0');
    return std::copy_n(digits, count, p);
  }
  if (point >= count) {
    p = std::copy_n(digits, count, p);
    p = std::fill_n(p, point - count, '0');
    return std::copy_n(".0", 2, p);
  }
  p = std::copy_n(digits, point, p);
  *p++ = '.';
  return std::copy_n(digits + point, count - point, p);
}

char* write_decimal(char* p, std::uint64_t value) {
  char digits[20];
  char* const end = digits + sizeof digits;
  char* begin = end;
  for (; value >= 100; value /= 100) {
    begin -= 2;
    std::memcpy(begin, &kTwoDigits[value % 100 * 2], 2);
  }
  if (value >= 10) {
    begin -= 2;
    std::memcpy(begin, &kTwoDigits[value * 2], 2);
  } else {
    *--begin = static_cast<char>('0' + value);
  }
  return std::copy(begin, end, p);
}

char* write_decimal(char* p, std::int64_t value) {
  if (value >= 0) return write_decimal(p, static_cast<std::uint64_t>(value));
  *p++ = '-';
  return write_decimal(p, ~static_cast<std::uint64_t>(value) + 1);
}

}  // namespace cppickle
