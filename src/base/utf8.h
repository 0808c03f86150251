// UTF-8 as Python's "surrogatepass" error handler reads it: lone surrogates (ED A0..BF xx) are valid.
#ifndef CPPICKLE_BASE_UTF8_H_
#define CPPICKLE_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cppickle {

// True if `text` decodes with Python's `str(text, "utf-8", "surrogatepass")`.
bool is_utf8(std::string_view text);

// The same, decided at once for the short ASCII text that most text is.
inline bool is_utf8_inline(std::string_view text) {
  const char* p = text.data();
  std::size_t size = text.size();
  for (; size >= 8; p += 8, size -= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    if ((word & 0x8080808080808080) != 0) return is_utf8({p, size});
  }
  for (; size > 0; ++p, --size) {
    if (static_cast<signed char>(*p) < 0) return is_utf8({p, size});
  }
  return true;
}

// True if every byte is below 0x80.
bool is_ascii(std::string_view text);

// The code point at `position` of valid UTF-8; moves `position` past it. An invalid byte is returned as
// kInvalidByte + its value and moves by one.
constexpr std::uint32_t kInvalidByte = 0x110000;
std::uint32_t next_code_point(std::string_view text, std::size_t& position);

// `code_point` is below 0x110000; surrogates are written as three bytes.
void append_utf8(std::string& out, std::uint32_t code_point);

// Likewise into at least four bytes; how many were written.
std::size_t put_utf8(char* out, std::uint32_t code_point);

// Each byte becomes the code point of the same number.
std::string latin1_to_utf8(std::string_view bytes);

}  // namespace cppickle

#endif  // CPPICKLE_BASE_UTF8_H_
