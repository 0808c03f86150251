#include "predict/python_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <span>
#include <string>

#include "base/utf8.h"

namespace cppickle::predict {
namespace {

constexpr std::uint32_t kCapitalSigma = 0x3A3, kSigma = 0x3C3, kFinalSigma = 0x3C2;
constexpr std::uint32_t kCapitalDottedI = 0x130, kDotAbove = 0x307, kReplacement = 0xFFFD;

utf8proc_int32_t as_utf8proc(std::uint32_t c) { return static_cast<utf8proc_int32_t>(c); }

struct Range {
  std::uint32_t first, last;
};

bool is_in(std::span<const Range> ranges, std::uint32_t c) {
  return std::ranges::any_of(ranges, [c](const Range& range) { return range.first <= c && c <= range.last; });
}

// Unicode's Case_Ignorable: these categories, and what Word_Break calls MidLetter, MidNumLet and Single_Quote.
bool is_case_ignorable(std::uint32_t c) {
  switch (utf8proc_category(as_utf8proc(c))) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: break;
  }
  static constexpr std::uint32_t kOthers[] = {0x27,   0x2E,   0x3A,   0xB7,   0x387,  0x55F,  0x5F4,  0x2018, 0x2019,
                                              0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A};
  return std::ranges::binary_search(kOthers, c);
}

// Unicode's Cased, of what is not Case_Ignorable.
bool is_cased(std::uint32_t c) {
  switch (utf8proc_category(as_utf8proc(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT: return true;
    default: break;
  }
  static constexpr Range kOthers[] = {{0xAA, 0xAA},       {0xBA, 0xBA},       {0x2160, 0x217F},  {0x24B6, 0x24E9},
                                      {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};
  return is_in(kOthers, c);
}

// Python's lower() of a capital sigma: final where a cased letter is before it and none after it.
std::uint32_t lower_sigma(std::string_view text, const char* sigma, const char* after) {
  const char* p = sigma;
  bool cased = false;
  while (p > text.data()) {
    do --p;
    while (p > text.data() && (static_cast<unsigned char>(*p) & 0xC0) == 0x80);
    const char* at = p;
    const std::uint32_t c = next_of_valid(at);
    if (is_case_ignorable(c)) continue;
    cased = is_cased(c);
    break;
  }
  if (!cased) return kSigma;
  for (const char* const end = text.data() + text.size(); after < end;) {
    const std::uint32_t c = next_of_valid(after);
    if (!is_case_ignorable(c)) return is_cased(c) ? kSigma : kFinalSigma;
  }
  return kFinalSigma;
}

// Calls visit(c) for each character of the compatibility decomposition; combining ones in no particular order.
template <class Visit>
void decompose(std::uint32_t c, Visit&& visit) {
  if (c < 0xA0) return visit(c);
  constexpr utf8proc_ssize_t kMost = 32;  // the longest has 18
  utf8proc_int32_t parts[kMost];
  int boundary = UTF8PROC_BOUNDCLASS_START;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
  const utf8proc_ssize_t count = utf8proc_decompose_char(as_utf8proc(c), parts, kMost, options, &boundary);
  if (count < 0 || count > kMost) return visit(c);
  for (utf8proc_ssize_t i = 0; i < count; ++i) visit(static_cast<std::uint32_t>(parts[i]));
}

int combining(std::uint32_t c) { return utf8proc_get_property(as_utf8proc(c))->combining_class; }

// Bytes of a character of strict UTF-8 at p, or, negative, of what Python replaces at once: a longest beginning.
std::ptrdiff_t strict_length(const unsigned char* p, std::size_t left) {
  const unsigned char first = p[0];
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return -1;
  const std::ptrdiff_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  unsigned char low = 0x80, high = 0xBF;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  for (std::ptrdiff_t i = 1; i < length; ++i, low = 0x80, high = 0xBF) {
    if (static_cast<std::size_t>(i) == left || p[i] < low || p[i] > high) return -i;
  }
  return length;
}

}  // namespace

const Characters& Characters::known() {
  static const Characters characters;
  return characters;
}

Characters::Characters() {
  for (std::uint32_t c = 0; c < kNear; ++c) {
    // None of these has a small letter past U+FFFF.
    near_[c] = {static_cast<std::uint16_t>(lower_slowly(c)), is_word_slowly(c)};
  }
}

// str.isalnum() is true for letters and for what is numeric: the categories L and N.
bool Characters::is_word_slowly(std::uint32_t c) {
  const utf8proc_category_t category = utf8proc_category(as_utf8proc(c));
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) || c == '_';
}

std::uint32_t Characters::lower_slowly(std::uint32_t c) {
  return static_cast<std::uint32_t>(utf8proc_tolower(as_utf8proc(c)));
}

void put_character(ScratchArray<char>& out, std::uint32_t c) {
  char* const end = out.room(4);
  out.grow_to(static_cast<std::size_t>(end - out.data()) + put_utf8(end, c));
}

void lower(std::string_view text, ScratchArray<char>& out) {
  const Characters& characters = Characters::known();
  for (const char *p = text.data(), *const end = p + text.size(); p < end;) {
    const char* const here = p;
    const std::uint32_t c = next_of_valid(p);
    if (c == kCapitalSigma) {
      put_character(out, lower_sigma(text, here, p));
    } else if (c == kCapitalDottedI) {
      put_character(out, 'i');
      put_character(out, kDotAbove);
    } else {
      put_character(out, characters.lower(c));
    }
  }
}

void strip_accents_unicode(std::string_view text, ScratchArray<char>& out) {
  for (const char *p = text.data(), *const end = p + text.size(); p < end;) {
    decompose(next_of_valid(p), [&](std::uint32_t c) {
      if (c < 0x80 || combining(c) == 0) put_character(out, c);
    });
  }
}

void strip_accents_ascii(std::string_view text, ScratchArray<char>& out) {
  for (const char *p = text.data(), *const end = p + text.size(); p < end;) {
    decompose(next_of_valid(p), [&](std::uint32_t c) {
      if (c < 0x80) out.push(static_cast<char>(c));
    });
  }
}

bool is_nfkd(std::string_view text) {
  int last = 0;
  for (const char *p = text.data(), *const end = p + text.size(); p < end;) {
    const std::uint32_t c = next_of_valid(p);
    std::size_t parts = 0;
    std::uint32_t only = c;
    decompose(c, [&](std::uint32_t part) {
      ++parts;
      only = part;
    });
    const int order = combining(c);
    if (parts != 1 || only != c || (order != 0 && order < last)) return false;
    last = order;
  }
  return true;
}

Encoding encoding_named(std::string_view name) {
  std::string plain;
  for (const char c : name)
    plain.push_back(c == '_' || c == ' ' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  for (const char* const known : {"utf-8", "utf8", "u8"}) {
    if (plain == known) return Encoding::kUtf8;
  }
  for (const char* const known : {"ascii", "us-ascii", "646"}) {
    if (plain == known) return Encoding::kAscii;
  }
  for (const char* const known : {"latin-1", "latin1", "latin", "l1", "iso-8859-1", "iso8859-1", "8859", "cp819"}) {
    if (plain == known) return Encoding::kLatin1;
  }
  return Encoding::kOther;
}

OnError on_error_named(std::string_view name) {
  if (name == "strict") return OnError::kStrict;
  if (name == "ignore") return OnError::kIgnore;
  return name == "replace" ? OnError::kReplace : OnError::kOther;
}

bool decode(std::string_view bytes, Encoding encoding, OnError on_error, ScratchArray<char>& out) {
  const auto* const p = reinterpret_cast<const unsigned char*>(bytes.data());
  for (std::size_t i = 0; i < bytes.size();) {
    std::ptrdiff_t length = p[i] < 0x80 ? 1 : -1;
    if (encoding == Encoding::kLatin1) length = 1;
    if (encoding == Encoding::kUtf8) length = strict_length(p + i, bytes.size() - i);
    if (length > 0) {
      const char* at = bytes.data() + i;
      put_character(out, encoding == Encoding::kLatin1 ? p[i] : next_of_valid(at));
    } else if (on_error == OnError::kStrict) {
      return false;
    } else if (on_error == OnError::kReplace) {
      put_character(out, kReplacement);
    }
    i += static_cast<std::size_t>(length < 0 ? -length : length);
  }
  return true;
}

}  // namespace cppickle::predict
