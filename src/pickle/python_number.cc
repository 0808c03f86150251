#include "pickle/python_number.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "pickle/argument.h"
#include "pickle/python_repr.h"

namespace cppickle {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kChunk = 10'000'000'000'000'000'000U;  // 10^19, the largest power of ten in 64 bits
constexpr int kChunkDigits = 19;
// The reciprocal of kChunk, whose highest bit is set as the method wants it: (2^128 - 1) / kChunk - 2^64.
constexpr auto kReciprocal = static_cast<std::uint64_t>(~Wide{0} / kChunk - (Wide{1} << 64));
// 4300 digits fit (Python's own limit, sys.set_int_max_str_digits): these are converted whatever the budget says.
constexpr std::size_t kFreeWords = 224;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view strip(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Underscores may stand between digits only. False if one stands elsewhere.
bool without_underscores(std::string_view text, std::string& out) {
  out.clear();
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
    } else if (i == 0 || !is_digit(text[i - 1]) || i + 1 == text.size() || !is_digit(text[i + 1])) {
      return false;
    }
  }
  return true;
}

// high:low / kChunk where high < kChunk (Moeller and Granlund, "Improved division by invariant integers", 2011).
std::uint64_t divide_by_chunk(std::uint64_t high, std::uint64_t low, std::uint64_t& remainder) {
  const Wide product = Wide{kReciprocal} * high + (Wide{high} << 64 | low);
  remainder = low - (static_cast<std::uint64_t>(product >> 64) + 1) * kChunk;
  // Nobody can predict which: no branch.
  const std::uint64_t too_far = remainder > static_cast<std::uint64_t>(product) ? ~std::uint64_t{0} : 0;
  std::uint64_t quotient = static_cast<std::uint64_t>(product >> 64) + 1 + too_far;
  remainder += too_far & kChunk;
  if (remainder >= kChunk) [[unlikely]] {
    ++quotient;
    remainder -= kChunk;
  }
  return quotient;
}

// The absolute value, lowest word first, without zero words at the end.
std::vector<std::uint64_t> magnitude(std::string_view little_endian, bool negative) {
  std::vector<std::uint64_t> words(little_endian.size() / 8 + 1, negative ? ~std::uint64_t{0} : 0);
  if (!little_endian.empty()) std::memcpy(words.data(), little_endian.data(), little_endian.size());
  if (negative) {
    bool carry = true;
    for (std::uint64_t& word : words) {
      word = ~word + (carry ? 1 : 0);
      carry = carry && word == 0;
    }
  }
  while (!words.empty() && words.back() == 0) words.pop_back();
  return words;
}

std::string hexadecimal(const std::vector<std::uint64_t>& words, bool negative) {
  std::string text = negative ? "-0x" : "0x";
  const auto digits = static_cast<int>((std::bit_width(words.back()) + 3) / 4);
  for (std::size_t i = words.size(); i-- > 0;) {
    for (int n = i + 1 == words.size() ? digits : 16; n-- > 0;) text += "0123456789abcdef"[words[i] >> n * 4 & 15];
  }
  return text;
}

std::string decimal(std::vector<std::uint64_t>& words, bool negative) {
  std::string text;
  std::size_t size = words.size();
  while (size != 0) {
    std::uint64_t remainder = 0;
    for (std::size_t i = size; i-- > 0;) words[i] = divide_by_chunk(remainder, words[i], remainder);
    while (size != 0 && words[size - 1] == 0) --size;
    for (int n = 0; n < kChunkDigits && (remainder != 0 || size != 0); ++n, remainder /= 10) {
      text += static_cast<char>('0' + remainder % 10);
    }
  }
  if (negative) text += '-';
  std::ranges::reverse(text);
  return text;
}

}  // namespace

bool normalize_decimal(std::string_view text, std::string& decimal) {
  text = strip(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (!without_underscores(text, decimal) || decimal.empty()) return false;
  if (!std::ranges::all_of(decimal, is_digit)) return false;
  decimal.erase(0, std::min(decimal.find_first_not_of('0'), decimal.size() - 1));
  if (negative && decimal != "0") decimal.insert(decimal.begin(), '-');
  return true;
}

bool parse_python_float(std::string_view text, double& value) {
  text = strip(text);
  std::string plain;
  if (text.find('_') != std::string_view::npos) {
    if (!without_underscores(text, plain)) return false;
    text = plain;
  }
  // from_chars, below, reads "nan(...)" and would read "+-1" without its plus.
  if (text.find('(') != std::string_view::npos || text.starts_with("+-")) return false;
  return parse_double(text, value);
}

std::string integer_text(std::string_view little_endian, DecimalBudget& budget) {
  const bool negative = !little_endian.empty() && (little_endian.back() & 0x80) != 0;
  std::vector<std::uint64_t> words = magnitude(little_endian, negative);
  if (words.empty()) return "0";
  if (words.size() > kFreeWords) {
    const std::uint64_t steps = std::uint64_t{words.size()} * words.size() / 2;
    if (words.size() >= std::uint64_t{1} << 31 || steps > budget.steps) return hexadecimal(words, negative);
    budget.steps -= steps;
  }
  return decimal(words, negative);
}

}  // namespace cppickle
