#include "predict/token_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <array>
#include <string>

#include "base/quote.h"
#include "predict/estimator.h"
#include "predict/python_pattern.h"
#include "predict/python_text.h"

namespace cppickle::predict {
namespace {

constexpr auto kAsciiWord = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 128; ++c) {
    table[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
  return table;
}();

// Runs of word characters, at least `shortest` long.
void find_words(std::string_view text, std::size_t shortest, ScratchArray<std::string_view>& tokens) {
  const Characters& characters = Characters::known();
  const char *p = text.data(), *const end = p + text.size();
  const auto byte_at = [](const char* at) { return static_cast<unsigned char>(*at); };
  // Moves past a word character; false and does not move, or moves past another one, if there is none.
  const auto pass_word = [&](const char*& at) {
    if (byte_at(at) < 0x80) return kAsciiWord[byte_at(at)] && ++at != nullptr;
    const char* next = at;
    if (!characters.is_word(next_of_valid(next))) return false;
    at = next;
    return true;
  };
  while (p < end) {
    const char* const begin = p;
    std::size_t length = 0;
    while (p < end && pass_word(p)) ++length;
    if (length >= shortest) tokens.push({begin, static_cast<std::size_t>(p - begin)});
    if (p < end) next_of_valid(p);  // what is no word character
  }
}

std::unexpected<Error> unsupported(std::string message) {
  return std::unexpected(Error{ErrorCode::kUnsupported, std::move(message)});
}

}  // namespace

MatchMemory::~MatchMemory() {
  pcre2_match_data_free(data_);
  pcre2_match_context_free(context_);
}

bool MatchMemory::prepare() {
  constexpr std::uint32_t kMostSteps = 1'000'000, kMostKibibytes = 20'000;
  constexpr std::uint32_t kPairs = 2;  // the match and its group
  if (data_ == nullptr) data_ = pcre2_match_data_create(kPairs, nullptr);
  if (context_ != nullptr) return data_ != nullptr;
  context_ = pcre2_match_context_create(nullptr);
  if (context_ == nullptr || data_ == nullptr) return false;
  pcre2_set_match_limit(context_, kMostSteps);
  pcre2_set_heap_limit(context_, kMostKibibytes);
  return true;
}

Result<TokenPattern> TokenPattern::compile(std::string_view python, bool finds_empty) {
  TokenPattern pattern;
  pattern.shortest_word_ = shortest_word_of(python);
  if (pattern.shortest_word_ > 0) return pattern;
  const auto translated = translate_pattern(python);
  if (!translated) return std::unexpected(translated.error());
  if (translated->groups > 1) {
    return unsupported("more than 1 capturing group in token pattern: only a single group should be captured");
  }
  pattern.has_group_ = translated->groups == 1;
  const std::unique_ptr<pcre2_compile_context, void (*)(pcre2_compile_context*)> context(
      pcre2_compile_context_create(nullptr), pcre2_compile_context_free);
  if (!context) throw std::bad_alloc();
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  const std::uint32_t options = PCRE2_UTF | PCRE2_UCP | (translated->dot_all ? PCRE2_DOTALL : 0);
  int error = 0;
  PCRE2_SIZE place = 0;
  pcre2_code* const code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated->text.data()), translated->text.size(),
                                         options, &error, &place, context.get());
  if (code == nullptr) {
    PCRE2_UCHAR message[160];
    pcre2_get_error_message(error, message, std::size(message));
    return unsupported(
        fmt::format("the pattern {} is not supported: {}", quote(python), reinterpret_cast<char*>(message)));
  }
  pattern.code_ = {code, [](const pcre2_code* made) { pcre2_code_free(const_cast<pcre2_code*>(made)); }};
  std::uint32_t may_be_empty = 0;
  pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &may_be_empty);
  if (may_be_empty != 0 && !finds_empty) {
    return unsupported(fmt::format(
        "the pattern {} matches the empty text: what it finds depends on the version of Python", quote(python)));
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where that is not possible, PCRE2 interprets
  return pattern;
}

Result<void> TokenPattern::find_all(std::string_view text, ScratchArray<std::string_view>& tokens,
                                    MatchMemory& memory) const {
  if (shortest_word_ == 0) return search(text, tokens, memory);
  find_words(text, shortest_word_, tokens);
  return {};
}

Result<void> TokenPattern::search(std::string_view text, ScratchArray<std::string_view>& tokens,
                                  MatchMemory& memory) const {
  if (!memory.prepare()) throw std::bad_alloc();
  const auto* const subject = reinterpret_cast<PCRE2_SPTR>(text.empty() ? "" : text.data());
  const PCRE2_SIZE* const places = pcre2_get_ovector_pointer(memory.data_);
  const auto match = [&](std::size_t from, std::uint32_t options) {
    return pcre2_match(code_.get(), subject, text.size(), from, options, memory.data_, memory.context_);
  };
  // After an empty match re looks for one that is not empty at the same place.
  std::uint32_t options = PCRE2_NO_UTF_CHECK;
  for (std::size_t from = 0;;) {
    int matched = match(from, options);
    if (matched == PCRE2_ERROR_JIT_STACKLIMIT) matched = match(from, options | PCRE2_NO_JIT);
    if (matched == PCRE2_ERROR_NOMATCH) return {};
    if (matched < 1) return refuse("the token pattern takes too many steps for this text");
    const std::size_t begin = places[0], end = places[1];
    if (begin > end || end > text.size() || end < from) return refuse("the token pattern finds what lies before");
    const bool in_group = has_group_ && matched >= 2 && places[2] != PCRE2_UNSET;
    std::string_view token = text.substr(begin, end - begin);
    if (has_group_) token = in_group && places[2] <= places[3] ? text.substr(places[2], places[3] - places[2]) : "";
    tokens.push(token);
    options = PCRE2_NO_UTF_CHECK | (begin == end ? PCRE2_NOTEMPTY_ATSTART : 0);
    from = end;
  }
}

}  // namespace cppickle::predict
