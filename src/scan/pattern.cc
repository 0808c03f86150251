#include "scan/pattern.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/quote.h"

namespace cppickle::scanning {
namespace {

constexpr int kDeepest = 16;  // patterns come from packs and from policies, which people write

struct KindName {
  std::string_view name;
  Kinds kinds;
};
constexpr std::array kKindNames = {
    KindName{"none", bit(Kind::kNone)},
    KindName{"bool", bit(Kind::kBool)},
    KindName{"int", bit(Kind::kInt) | bit(Kind::kBool)},
    KindName{"float", bit(Kind::kFloat)},
    KindName{"str", bit(Kind::kText) | bit(Kind::kByteString)},
    KindName{"bytes", bit(Kind::kBytes) | bit(Kind::kByteString)},
    KindName{"bytearray", bit(Kind::kByteArray)},
    KindName{"tuple", bit(Kind::kTuple)},
    KindName{"list", bit(Kind::kList)},
    KindName{"dict", bit(Kind::kDict)},
    KindName{"set", bit(Kind::kSet)},
    KindName{"frozenset", bit(Kind::kFrozenSet)},
    KindName{"plain", kLeafKinds | kContainerKinds},
};

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) { skip_spaces(); }

  // Patterns up to `close`, which is taken too; up to the end where `close` is 0.
  bool list(char close, std::vector<Pattern>& patterns) {
    if (at_end(close)) return true;
    for (;;) {
      Pattern pattern;
      if (!alternatives(pattern)) return false;
      if (take("...")) pattern.repeated = true;
      if (take("?")) pattern.optional = true;
      patterns.push_back(std::move(pattern));
      if (at_end(close)) return true;
      if (patterns.back().repeated) return fail("nothing may follow '...'");
      if (!take(",")) return fail("',' is missing before " + quote(rest_, 20));
    }
  }

  bool alternatives(Pattern& pattern) {
    if (++depth_ > kDeepest) return fail("too deep");
    if (!one(pattern)) return false;
    if (next_is('|')) {
      Pattern all;
      all.type = Pattern::Type::kAlternatives;
      all.parts.push_back(std::move(pattern));
      while (take("|")) {
        if (!one(all.parts.emplace_back())) return false;
      }
      pattern = std::move(all);
    }
    --depth_;
    return true;
  }

  bool is_done() const { return rest_.empty(); }
  const std::string& problem() const { return problem_; }
  std::string_view rest() const { return rest_; }

 private:
  bool one(Pattern& pattern) {
    if (next_is('\'')) return quoted(pattern);
    if (!rest_.empty() && ((rest_[0] >= '0' && rest_[0] <= '9') || rest_[0] == '-')) return number(pattern);
    if (take("=")) {
      pattern.type = Pattern::Type::kName;
      return name(pattern.text);
    }
    return word(pattern);
  }

  bool word(Pattern& pattern) {
    const std::size_t size = rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
    const std::string_view word = rest_.substr(0, size);
    rest_.remove_prefix(word.size());
    const bool open = next_is('(');
    if (open) rest_.remove_prefix(1);
    skip_spaces();
    if (word == "object" && open) {
      pattern.type = Pattern::Type::kInstance;
      return name(pattern.text) && (take(")") || fail("')' is missing"));
    }
    if (word == "dict" && open) return pairs(pattern);
    if (word == "tuple" && open) {
      pattern.type = Pattern::Type::kTuple;
      return list(')', pattern.parts);
    }
    if (open) return items(pattern, word);
    if (word == "safe") return set(pattern, Pattern::Type::kSafe);
    if (word == "instance") return set(pattern, Pattern::Type::kObject);
    if (word == "class") return set(pattern, Pattern::Type::kClass);
    if (word == "global") return set(pattern, Pattern::Type::kGlobal);
    for (const KindName& known : kKindNames) {
      if (known.name != word) continue;
      pattern.kinds = known.kinds;
      return set(pattern, Pattern::Type::kPlain);
    }
    return fail("what is " + quote(word.empty() ? rest_ : word, 20) + "?");
  }

  bool items(Pattern& pattern, std::string_view word) {
    if (word == "list") pattern.kinds = bit(Kind::kList);
    if (word == "set") pattern.kinds = bit(Kind::kSet);
    if (word == "frozenset") pattern.kinds = bit(Kind::kFrozenSet);
    if (pattern.kinds == 0) return fail(quote(word, 20) + " takes nothing in brackets");
    pattern.type = Pattern::Type::kItems;
    if (!alternatives(pattern.parts.emplace_back())) return false;
    take("...");
    return take(")") || fail("')' is missing");
  }

  bool pairs(Pattern& pattern) {
    pattern.type = Pattern::Type::kPairs;
    pattern.kinds = bit(Kind::kDict);
    pattern.parts.resize(2);
    return alternatives(pattern.parts[0]) && (take(":") || fail("':' is missing")) &&
           alternatives(pattern.parts[1]) && (take(")") || fail("')' is missing"));
  }

  bool quoted(Pattern& pattern) {
    const std::size_t end = rest_.find('\'', 1);
    if (end == rest_.npos) return fail("a quote is missing");
    pattern.text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    skip_spaces();
    return set(pattern, Pattern::Type::kText);
  }

  bool number(Pattern& pattern) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), pattern.number);
    if (error != std::errc{}) return fail("a number is needed");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    skip_spaces();
    return set(pattern, Pattern::Type::kNumber);
  }

  bool name(std::string_view& text) {
    text = rest_.substr(0, rest_.find_first_of(" ,|)?"));
    while (text.ends_with('.')) text.remove_suffix(1);  // "..."
    if (text.find(':') == text.npos) return fail("a name is module:qualname, and this is " + quote(text, 40));
    rest_.remove_prefix(text.size());
    skip_spaces();
    return true;
  }

  static bool set(Pattern& pattern, Pattern::Type type) {
    pattern.type = type;
    return true;
  }

  bool at_end(char close) {
    if (close == 0) return rest_.empty();
    return take(std::string_view(&close, 1));
  }
  bool next_is(char c) const { return rest_.starts_with(c); }
  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    skip_spaces();
    return true;
  }
  void skip_spaces() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }
  bool fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return false;
  }

  std::string_view rest_;
  std::string problem_;
  int depth_ = 0;
};

std::unexpected<Error> bad(std::string message) {
  return std::unexpected(Error{ErrorCode::kBadArgument, std::move(message)});
}

}  // namespace

Result<std::vector<Pattern>> parse_patterns(std::string_view text) {
  Parser parser(text);
  std::vector<Pattern> patterns;
  if (!parser.list(0, patterns)) return bad(parser.problem());
  return patterns;
}

Result<Pattern> parse_pattern(std::string_view text) {
  Parser parser(text);
  Pattern pattern;
  if (!parser.alternatives(pattern)) return bad(parser.problem());
  if (!parser.is_done()) return bad("what is " + quote(parser.rest(), 20) + " after the pattern?");
  return pattern;
}

}  // namespace cppickle::scanning
