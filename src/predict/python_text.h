// What Python says of text: str.lower(), str.isspace(), unicodedata.normalize("NFKD"), bytes.decode() and \w of re.
//
// Unicode is that of libutf8proc, which may be newer than that of the Python that wrote a model: characters differ that
// were not assigned yet.
#ifndef CPPICKLE_PREDICT_PYTHON_TEXT_H_
#define CPPICKLE_PREDICT_PYTHON_TEXT_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "cppickle/error.h"
#include "predict/scratch_array.h"

namespace cppickle::predict {

// What is asked of each character, at hand for those of one and two bytes.
class Characters {
 public:
  static const Characters& known();

  bool is_word(std::uint32_t c) const { return c < kNear ? near_[c].is_word : is_word_slowly(c); }  // \w of re
  // The simple mapping: str.lower() but for U+0130 and U+03A3.
  std::uint32_t lower(std::uint32_t c) const { return c < kNear ? near_[c].lower : lower_slowly(c); }

 private:
  static constexpr std::uint32_t kNear = 0x800;
  struct Near {
    std::uint16_t lower;
    bool is_word;
  };

  Characters();
  static bool is_word_slowly(std::uint32_t c);
  static std::uint32_t lower_slowly(std::uint32_t c);

  std::array<Near, kNear> near_;
};

// str.isspace(), and \s of re.
constexpr bool is_space(std::uint32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
  if (c < 0x2000) return c == 0x85 || c == 0xA0 || c == 0x1680;
  return c <= 0x200A || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// Moves past one character of valid UTF-8 (lone surrogates may be in it).
inline std::uint32_t next_of_valid(const char*& p) {
  const auto byte = [&](int i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(p[i])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return ++p, first;
  if (first < 0xE0) {
    const std::uint32_t c = (first & 0x1F) << 6 | (byte(1) & 0x3F);
    return p += 2, c;
  }
  if (first < 0xF0) {
    const std::uint32_t c = (first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    return p += 3, c;
  }
  const std::uint32_t c = (first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  return p += 4, c;
}

void put_character(ScratchArray<char>& out, std::uint32_t c);

// These take valid UTF-8 and append to `out`.
void lower(std::string_view text, ScratchArray<char>& out);
// Compatibility decomposition without what combines, as scikit-learn's strip_accents_unicode().
void strip_accents_unicode(std::string_view text, ScratchArray<char>& out);
// Of the decomposition what is ASCII.
void strip_accents_ascii(std::string_view text, ScratchArray<char>& out);
// unicodedata.is_normalized("NFKD", text)
bool is_nfkd(std::string_view text);

enum class Encoding : std::uint8_t { kUtf8, kAscii, kLatin1, kOther };
enum class OnError : std::uint8_t { kStrict, kIgnore, kReplace, kOther };
Encoding encoding_named(std::string_view name);
OnError on_error_named(std::string_view name);
// bytes.decode(); not for kOther. False where Python raises.
bool decode(std::string_view bytes, Encoding encoding, OnError on_error, ScratchArray<char>& out);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_PYTHON_TEXT_H_
