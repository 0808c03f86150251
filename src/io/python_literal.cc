#include "io/python_literal.h"

#include <algorithm>
#include <limits>

#include "base/utf8.h"

namespace cppickle {
namespace {

using Kind = LiteralNode::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class LiteralParser {
 public:
  LiteralParser(std::string_view text, std::size_t depth) : text_(text), depth_(depth) {}

  Result<PythonLiteral> parse() {
    // What may come next: a value, or a comma, colon or closing bracket after one.
    for (;;) {
      skip_space();
      const bool goes_on = wants_value_ ? read_value() : read_separator();
      if (!goes_on) break;
      if (open_.empty() && !wants_value_) break;
    }
    skip_space();
    if (!is_bad_ && at_ != text_.size()) is_bad_ = true;
    if (is_bad_) {
      return std::unexpected(Error{ErrorCode::kBadText, "not a Python literal that is understood", at_});
    }
    return std::move(literal_);
  }

 private:
  struct Open {
    std::uint32_t node;
    bool has_comma;
  };

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n\f").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }
  bool bad() {
    is_bad_ = true;
    return false;
  }

  void add(Kind kind, std::size_t begin) {
    const auto after = static_cast<std::uint32_t>(literal_.nodes.size() + 1);
    literal_.nodes.push_back({kind, text_.substr(begin, at_ - begin), 0, after});
    if (!open_.empty()) ++literal_.nodes[open_.back().node].child_count;
    wants_value_ = false;
  }

  bool read_value() {
    const std::size_t begin = at_;
    const char c = peek();
    if (c == ')' || c == ']' || c == '}') return close(c);
    if (c == '(' || c == '[' || c == '{') {
      if (open_.size() == depth_) return bad();
      ++at_;
      add(c == '(' ? Kind::kTuple : c == '[' ? Kind::kList : Kind::kDict, begin);
      open_.push_back({static_cast<std::uint32_t>(literal_.nodes.size() - 1), false});
      wants_value_ = true;
      return true;
    }
    if (is_digit(c) || c == '-') {
      ++at_;
      while (is_digit(peek())) ++at_;
      if (peek() == 'L') ++at_;
      if (!is_digit(text_[begin]) && (at_ == begin + 1 || !is_digit(text_[begin + 1]))) return bad();
      add(Kind::kInteger, begin);
      return true;
    }
    return read_text_or_word(begin);
  }

  bool read_text_or_word(std::size_t begin) {
    std::size_t quote = begin;
    if (std::string_view("ubUB").find(peek()) != std::string_view::npos && peek() != '\0') ++quote;
    if (quote < text_.size() && (text_[quote] == '\'' || text_[quote] == '"')) {
      at_ = quote + 1;
      while (at_ < text_.size() && text_[at_] != text_[quote] && text_[at_] != '\n')
        at_ += text_[at_] == '\\' ? 2u : 1u;
      if (at_ >= text_.size() || text_[at_] != text_[quote]) return bad();
      ++at_;
      add(Kind::kText, begin);
      return true;
    }
    while (is_word(peek())) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word != "True" && word != "False" && word != "None") {
      at_ = begin;
      return bad();
    }
    add(word == "True" ? Kind::kTrue : word == "False" ? Kind::kFalse : Kind::kNone, begin);
    return true;
  }

  bool read_separator() {
    if (open_.empty()) return bad();
    const LiteralNode& node = literal_.nodes[open_.back().node];
    const char c = peek();
    if (node.kind == Kind::kDict && node.child_count % 2 == 1) {
      if (c != ':') return bad();
    } else if (c == ',') {
      open_.back().has_comma = true;
    } else {
      return close(c);
    }
    ++at_;
    wants_value_ = true;
    return true;
  }

  // Also reached where a value may come: after a comma, or in empty brackets.
  bool close(char c) {
    if (open_.empty()) return bad();
    LiteralNode& node = literal_.nodes[open_.back().node];
    const char closing = node.kind == Kind::kTuple ? ')' : node.kind == Kind::kList ? ']' : '}';
    if (c != closing || (node.kind == Kind::kDict && node.child_count % 2 == 1)) return bad();
    // "(3)" is a number in brackets and "(,)" is nothing.
    const bool has_comma = open_.back().has_comma;
    if (has_comma && node.child_count == 0) return bad();
    if (node.kind == Kind::kTuple && node.child_count == 1 && !has_comma) return bad();
    ++at_;
    const auto begin = static_cast<std::size_t>(node.source.data() - text_.data());
    node.source = text_.substr(begin, at_ - begin);
    node.after = static_cast<std::uint32_t>(literal_.nodes.size());
    open_.pop_back();
    wants_value_ = false;
    return true;
  }

  std::string_view text_;
  std::size_t depth_;
  std::size_t at_ = 0;
  PythonLiteral literal_;
  std::vector<Open> open_;
  bool wants_value_ = true;
  bool is_bad_ = false;
};

// The code point of `count` hexadecimal digits, if they are there.
std::optional<std::uint32_t> hexadecimal(std::string_view text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(0, count)) {
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c;
    const std::size_t digit = std::string_view("0123456789abcdef").find(lower);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value << 4 | static_cast<std::uint32_t>(digit);
  }
  return value < 0x110000 ? std::optional(value) : std::nullopt;
}

}  // namespace

Result<PythonLiteral> parse_python_literal(std::string_view text, std::size_t depth) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    return std::unexpected(Error{ErrorCode::kLimit, "a literal of more than 4 GiB", 0});
  }
  return LiteralParser(text, depth).parse();
}

std::string text_of(const LiteralNode& node) {
  std::string_view text = node.source;
  if (text.empty()) return {};
  if (text.front() != '\'' && text.front() != '"') text.remove_prefix(1);
  if (text.size() < 2) return {};
  text = text.substr(1, text.size() - 2);
  std::string out;
  while (!text.empty()) {
    if (text.front() != '\\' || text.size() < 2) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const char c = text[1];
    text.remove_prefix(2);
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    const std::optional<std::uint32_t> code = digits != 0 ? hexadecimal(text, digits) : std::nullopt;
    if (code) {
      append_utf8(out, *code);
      text.remove_prefix(digits);
    } else if (c == 'n' || c == 't' || c == 'r') {
      out += c == 'n' ? '\n' : c == 't' ? '\t' : '\r';
    } else {
      if (c != '\\' && c != '\'' && c != '"') out += '\\';
      out += c;
    }
  }
  return out;
}

std::optional<std::uint64_t> unsigned_of(const LiteralNode& node) {
  if (node.kind != Kind::kInteger) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : node.source) {
    if (c == 'L') break;
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

}  // namespace cppickle
