#include "predict/python_pattern.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <vector>

#include "base/quote.h"
#include "base/utf8.h"

namespace cppickle::predict {
namespace {

constexpr std::string_view kWord = "\\p{L}\\p{N}_";
constexpr std::string_view kDigit = "\\p{Nd}";
constexpr std::string_view kSpace =
    "\\x{9}-\\x{D}\\x{1C}-\\x{20}\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{"
    "3000}";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string literal(std::uint32_t c) {
  if (c < 0x80 && (is_letter(static_cast<char>(c)) || is_digit(static_cast<char>(c)))) return {static_cast<char>(c)};
  return fmt::format("\\x{{{:X}}}", c);
}

class Translator {
 public:
  explicit Translator(std::string_view python) : in_(python) {}

  Result<TranslatedPattern> translate() {
    if (!is_utf8(in_)) fail("it is no valid text");
    leading_flags();
    while (error_.empty() && at_ < in_.size()) element();
    if (error_.empty() && !open_.empty()) fail("a parenthesis is not closed");
    if (!error_.empty()) {
      return std::unexpected(
          Error{ErrorCode::kUnsupported, fmt::format("the pattern {} is not supported: {}", quote(in_), error_)});
    }
    return std::move(out_);
  }

 private:
  struct Set {
    std::string members;
    std::vector<std::string_view> all_but;  // of \W, \D, \S
  };

  void fail(std::string_view message) {
    if (error_.empty()) error_ = message;
  }
  bool ends() const { return at_ >= in_.size(); }
  char peek() const { return ends() ? '\0' : in_[at_]; }
  bool take(std::string_view text) {
    if (!in_.substr(std::min(at_, in_.size())).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }

  void leading_flags() {
    if (!take("(?")) return;
    const std::size_t first = at_;
    while (peek() == 'u' || peek() == 's') {
      out_.dot_all = out_.dot_all || peek() == 's';
      ++at_;
    }
    if (at_ > first && take(")")) return;
    at_ = first - 2;  // no flags, or flags that open_group() refuses
    out_.dot_all = false;
  }

  void element() {
    const char c = peek();
    switch (c) {
      case '(': return open_group();
      case ')': return close_group();
      case '[': return set();
      case '\\': return escape();
      case '|':
      case '^':
      case '$':
        ++at_;
        out_.text += c;
        return no_quantifier();
      case '.': ++at_; return atom(".");
      case '*':
      case '+':
      case '?': return fail("there is nothing to repeat");
      case '{':
        if (is_quantifier()) return fail("there is nothing to repeat");
        break;
      default: break;
    }
    atom(literal(next_code_point(in_, at_)));
  }

  void atom(std::string_view text) {
    out_.text += text;
    quantifier();
  }

  // {m}, {m,}, {,n}, {m,n}; else the brace is a character.
  bool is_quantifier() const {
    std::size_t i = at_ + 1;
    const std::size_t first = i;
    while (i < in_.size() && is_digit(in_[i])) ++i;
    bool fine = i > first;
    if (i < in_.size() && in_[i] == ',') {
      fine = true;
      ++i;
      while (i < in_.size() && is_digit(in_[i])) ++i;
    }
    return fine && i < in_.size() && in_[i] == '}';
  }

  void quantifier() {
    if (peek() == '*' || peek() == '+' || peek() == '?') {
      out_.text += in_[at_++];
    } else if (peek() == '{' && is_quantifier()) {
      const std::size_t close = in_.find('}', at_);
      const std::string_view range = in_.substr(at_ + 1, close - at_ - 1);
      out_.text += fmt::format("{{{}{}}}", range.starts_with(',') ? "0" : "", range);
      at_ = close + 1;
    } else {
      return;
    }
    if (take("?")) out_.text += '?';
    no_quantifier();
  }

  void no_quantifier() {
    const char c = peek();
    if (c == '*' || c == '+' || c == '?' || (c == '{' && is_quantifier()))
      fail("a quantifier that follows no character");
  }

  void open_group() {
    ++at_;
    bool looks_around = false;
    if (!take("?")) {
      out_.text += '(';
      ++out_.groups;
    } else if (take("P<")) {
      const std::size_t close = in_.find('>', at_);
      if (close == std::string_view::npos) return fail("a group whose name does not end");
      at_ = close + 1;
      out_.text += '(';
      ++out_.groups;
    } else if (take(":")) {
      out_.text += "(?:";
    } else {
      for (const char* const kind : {"=", "!", "<=", "<!"}) {
        if (looks_around || !take(kind)) continue;
        looks_around = true;
        out_.text += fmt::format("(?{}", kind);
      }
      if (!looks_around) return fail("a group of a kind that may mean something else");
    }
    constexpr std::size_t kMostNested = 100;
    if (open_.size() >= kMostNested) return fail("groups are nested too deep");
    open_.push_back(looks_around);
    no_quantifier();
  }

  void close_group() {
    if (open_.empty()) return fail("a parenthesis is not opened");
    ++at_;
    out_.text += ')';
    const bool looks_around = open_.back();
    open_.pop_back();
    looks_around ? no_quantifier() : quantifier();
  }

  // What a letter after a backslash stands for, as a set.
  static std::optional<std::string_view> shorthand(char c) {
    switch (c) {
      case 'w':
      case 'W': return kWord;
      case 'd':
      case 'D': return kDigit;
      case 's':
      case 'S': return kSpace;
      default: return {};
    }
  }

  void escape() {
    const char c = at_ + 1 < in_.size() ? in_[at_ + 1] : '\0';
    if (const auto known = shorthand(c)) {
      at_ += 2;
      return atom(fmt::format("[{}{}]", c < 'a' ? "^" : "", *known));
    }
    if (c == 'b') {
      at_ += 2;
      out_.text += fmt::format("(?:(?<=[{0}])(?![{0}])|(?<![{0}])(?=[{0}]))", kWord);
      return no_quantifier();
    }
    if (c == 'A' || c == 'Z') {
      at_ += 2;
      out_.text += c == 'A' ? "\\A" : "\\z";
      return no_quantifier();
    }
    if (is_digit(c) && c != '0') return fail("a reference to a group");
    if (const auto character = escaped_character()) atom(literal(*character));
  }

  // From a backslash on; empty after an error.
  std::optional<std::uint32_t> escaped_character() {
    ++at_;
    if (ends()) return fail("it ends in a backslash"), std::nullopt;
    constexpr std::string_view kLetters = "afnrtv";
    constexpr std::string_view kMeaning = "\a\f\n\r\t\v";
    const char c = peek();
    if (const std::size_t i = kLetters.find(c); i != std::string_view::npos) {
      ++at_;
      return static_cast<std::uint32_t>(kMeaning[i]);
    }
    if (c == 'x') return hexadecimal(2);
    if (c == 'u') return hexadecimal(4);
    if (c == 'U') return hexadecimal(8);
    if (is_letter(c) || is_digit(c)) return fail("an escape that is not known"), std::nullopt;
    return next_code_point(in_, at_);
  }

  std::optional<std::uint32_t> hexadecimal(std::size_t digits) {
    const std::string_view text = in_.substr(++at_, digits);
    std::uint32_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    const bool fine = text.size() == digits && parsed.ec == std::errc() && parsed.ptr == text.data() + digits;
    if (!fine || value > 0x10FFFF) return fail("an escape that is no character"), std::nullopt;
    at_ += digits;
    return value;
  }

  void set() {
    ++at_;
    const bool negated = take("^");
    Set set;
    for (bool first = true; error_.empty() && (first || peek() != ']'); first = false) {
      if (ends()) return fail("a set is not closed");
      set_member(set);
    }
    ++at_;
    if (error_.empty()) atom(text_of(set, negated));
  }

  void set_member(Set& set) {
    if (peek() == '\\' && at_ + 1 < in_.size()) {
      const char c = in_[at_ + 1];
      if (const auto known = shorthand(c)) {
        at_ += 2;
        if (c < 'a') {
          set.all_but.push_back(*known);
        } else {
          set.members += *known;
        }
        if (peek() == '-' && at_ + 1 < in_.size() && in_[at_ + 1] != ']') fail("a range from a set");
        return;
      }
    }
    const auto low = set_character();
    if (!low) return;
    set.members += literal(*low);
    if (peek() != '-' || at_ + 1 >= in_.size() || in_[at_ + 1] == ']') return;
    ++at_;
    if (peek() == '\\' && at_ + 1 < in_.size() && shorthand(in_[at_ + 1])) return fail("a range to a set");
    const auto high = set_character();
    if (!high) return;
    if (*high < *low) return fail("a range that ends before it begins");
    set.members += "-" + literal(*high);
  }

  std::optional<std::uint32_t> set_character() {
    if (peek() != '\\') return next_code_point(in_, at_);
    if (at_ + 1 < in_.size() && in_[at_ + 1] == 'b') {
      at_ += 2;
      return 8;
    }
    return escaped_character();
  }

  static std::string text_of(const Set& set, bool negated) {
    if (set.all_but.empty()) return fmt::format("[{}{}]", negated ? "^" : "", set.members);
    std::string text = "(?:";
    if (negated) {  // in none of the members, and in all that the others leave out
      if (!set.members.empty()) text += fmt::format("(?![{}])", set.members);
      for (std::size_t i = 0; i + 1 < set.all_but.size(); ++i) text += fmt::format("(?=[{}])", set.all_but[i]);
      return text + fmt::format("[{}])", set.all_but.back());
    }
    for (const std::string_view left_out : set.all_but) text += fmt::format("[^{}]|", left_out);
    if (set.members.empty()) {
      text.pop_back();
      return text + ")";
    }
    return text + fmt::format("[{}])", set.members);
  }

  std::string_view in_;
  std::size_t at_ = 0;
  TranslatedPattern out_;
  std::vector<bool> open_;  // groups: whether one looks around
  std::string error_;
};

}  // namespace

Result<TranslatedPattern> translate_pattern(std::string_view python) { return Translator(python).translate(); }

std::size_t shortest_word_of(std::string_view python) {
  const auto take = [&python](std::string_view text) {
    const bool there = python.starts_with(text);
    if (there) python.remove_prefix(text.size());
    return there;
  };
  take("(?u)");
  take("\\b");
  if (python.ends_with("\\b") && !python.ends_with("\\\\b")) python.remove_suffix(2);
  std::size_t shortest = 0;
  while (take("\\w")) ++shortest;
  if (shortest == 0) return 0;
  if (python == "+") return shortest;
  if (!take("{") || !python.ends_with(",}")) return 0;
  python.remove_suffix(2);
  std::uint16_t least = 0;
  const auto parsed = std::from_chars(python.data(), python.data() + python.size(), least);
  if (parsed.ec != std::errc() || parsed.ptr != python.data() + python.size() || least == 0) return 0;
  return shortest - 1 + least;
}

}  // namespace cppickle::predict
