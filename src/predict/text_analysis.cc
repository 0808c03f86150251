#include "predict/text_analysis.h"

#include <fmt/format.h>

#include <cmath>

#include "base/quote.h"
#include "base/utf8.h"
#include "predict/element_type.h"
#include "predict/english_stop_words.h"
#include "predict/rows_of_input.h"

namespace cppickle::predict {
namespace {

// A parameter that is no text and not None: a function, or an object that can be called.
bool is_callable(const State& state, std::string_view name) {
  const auto value = state.get(name);
  return value && !is_none(*value) && !text_of(*value);
}

bool refuse_callable(const State& state, const char* name) {
  if (!is_callable(state, name)) return false;
  const Value value = *state.get(name);
  const auto global = value.global();
  state.fail(
      ErrorCode::kUnsupported,
      fmt::format("{} is Python code, which is never run: {}", name, global ? global->to_string() : summary(value, 80)),
      name);
  return true;
}

// Small letters, in ASCII; whether the text is ASCII.
bool lower_ascii(std::string_view text, char* out) {
  unsigned char all = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    all |= c;
    const bool is_capital = static_cast<unsigned char>(c - 'A') < 26;
    out[i] = static_cast<char>(c | (is_capital ? 0x20 : 0));
  }
  return all < 0x80;
}

// re.sub(r"\s\s+", " ", text): a single white space stays what it is.
void join_spaces(std::string_view text, ScratchArray<char>& out) {
  for (const char *p = text.data(), *const end = p + text.size(); p < end;) {
    const char* const begin = p;
    if (!is_space(next_of_valid(p))) {
      std::copy(begin, p, out.room(4));
      out.grow_to(out.size() + static_cast<std::size_t>(p - begin));
      continue;
    }
    const char* after = p;
    std::size_t spaces = 1;
    while (after < end) {
      const char* next = after;
      if (!is_space(next_of_valid(next))) break;
      after = next;
      ++spaces;
    }
    if (spaces > 1) {
      out.push(' ');
    } else {
      std::copy(begin, p, out.room(4));
      out.grow_to(out.size() + static_cast<std::size_t>(p - begin));
    }
    p = after;
  }
}

}  // namespace

void Analyzer::read(const State& state) {
  if (state.text_or("input", "content") != "content") {
    state.unsupported("documents that are files: input is " + quote(state.text_or("input", "")));
  }
  encoding_ = encoding_named(state.text_or("encoding", "utf-8"));
  on_error_ = on_error_named(state.text_or("decode_error", "strict"));
  if (refuse_callable(state, "analyzer")) return;
  const std::string analyzer = state.text_or("analyzer", "word");
  kind_ = analyzer == "char" ? Kind::kCharacters : analyzer == "char_wb" ? Kind::kCharactersInWords : Kind::kWords;
  if (kind_ == Kind::kWords) state.check(analyzer == "word", "analyzer is none that is known");
  if (state.given("ngram_range")) {
    constexpr std::int64_t kMost = 100;
    const std::vector<std::int64_t> range = state.integers("ngram_range");
    if (!state.ok() || !state.check(range.size() == 2 && range[0] <= range[1], "ngram_range is no range")) return;
    if (range[0] < 1 || range[1] > kMost) {
      state.unsupported("n-grams of none, or of more than 100");
      return;
    }
    least_ = static_cast<std::size_t>(range[0]);
    most_ = static_cast<std::size_t>(range[1]);
  }
  read_preprocessor(state);
  if (kind_ == Kind::kWords) read_words(state);
}

void Analyzer::read_preprocessor(const State& state) {
  if (refuse_callable(state, "preprocessor") || refuse_callable(state, "strip_accents")) return;
  lowercase_ = state.flag_or("lowercase", true);
  const std::string accents = state.text_or("strip_accents", "");
  if (accents == "ascii") {
    accents_ = Accents::kAscii;
  } else if (accents == "unicode") {
    accents_ = state.version() < Version{0, 22} ? Accents::kUnicodeBefore022 : Accents::kUnicode;
  } else {
    state.check(accents.empty(), "strip_accents is none that is known");
  }
}

void Analyzer::read_words(const State& state) {
  if (refuse_callable(state, "tokenizer")) return;
  const std::string pattern = state.text_or("token_pattern", "");
  if (!state.check(!pattern.empty(), "token_pattern is no text")) return;
  // scikit-learn 1.0 was the first that wants Python 3.7, whose findall() treats empty matches in another way.
  auto compiled = TokenPattern::compile(pattern, state.version() >= Version{1, 0});
  if (!compiled) {
    state.fail(compiled.error().code, compiled.error().message, "token_pattern");
    return;
  }
  pattern_ = *std::move(compiled);
  read_stop_words(state);
}

void Analyzer::read_stop_words(const State& state) {
  const auto value = state.get("stop_words");
  if (!value || is_none(*value)) return;
  if (const auto name = text_of(*value)) {
    if (!state.check(*name == "english", "stop_words is none that is known")) return;
    for (std::string_view rest = kEnglishStopWords; !rest.empty();) {
      const std::size_t space = rest.find(' ');
      stop_words_.add(rest.substr(0, space), 0);
      rest.remove_prefix(space + 1);
    }
    return;
  }
  const auto add_all = [&](auto&& words) {
    for (const Value word : words) {
      if (word.kind() != cppickle::Kind::kString && word.kind() != cppickle::Kind::kByteString)
        continue;  // equal to no token
      if (stop_words_.contains(word.text())) continue;
      if (!state.loader().spend(word.text().size() + 32, state.place())) return;
      if (!state.check(stop_words_.add(word.text(), 0), "stop_words that were made to collide")) return;
    }
  };
  switch (value->kind()) {
    case cppickle::Kind::kSet:
    case cppickle::Kind::kFrozenSet: return add_all(value->items());
    case cppickle::Kind::kObject:
      if (const auto object = object_view(*value);
          object && (object->kind == ObjectKind::kSet || object->kind == ObjectKind::kFrozenSet)) {
        return add_all(object->items());
      }
      break;
    default: break;
  }
  for (const Cell& word : state.cells("stop_words").values) {
    if (word.kind != Cell::Kind::kText || stop_words_.contains(word.text)) continue;
    if (!state.check(stop_words_.add(word.text, 0), "stop_words that were made to collide")) return;
  }
}

Result<std::string_view> Analyzer::decoded(const Cell& document, TextScratch& scratch) const {
  switch (document.kind) {
    case Cell::Kind::kText: return document.text;
    case Cell::Kind::kReal:
      if (std::isnan(document.real)) return refuse("np.nan is an invalid document, expected byte or unicode string");
      break;
    case Cell::Kind::kBytes:
      if (encoding_ == Encoding::kOther || on_error_ == OnError::kOther) {
        return refuse("bytes in the encoding of this model are not supported: decode them before");
      }
      scratch.decoded.clear();
      if (!decode(document.text, encoding_, on_error_, scratch.decoded))
        return refuse("bytes that do not decode as text");
      return std::string_view(scratch.decoded.data(), scratch.decoded.size());
    default: break;
  }
  return refuse(document.kind == Cell::Kind::kNone
                    ? "None is an invalid document, expected byte or unicode string"
                    : "a number is an invalid document, expected byte or unicode string");
}

Result<void> Analyzer::analyze(const Cell& document, TextScratch& scratch) const {
  const auto text = decoded(document, scratch);
  if (!text) return std::unexpected(text.error());
  bool ascii = false;
  std::string_view ready = *text;
  if (lowercase_) {
    scratch.lowered.clear();
    char* const small = scratch.lowered.room(text->size());
    ascii = lower_ascii(*text, small);
    if (ascii) ready = {small, text->size()};
  } else {
    ascii = is_ascii(*text);
  }
  if (!ascii) {
    if (!is_utf8(*text)) return refuse("a document that is no valid UTF-8");
    ready = preprocessed(*text, scratch);
  }
  if (kind_ == Kind::kWords) return find_words(ready, scratch);
  scratch.pieced.clear();
  join_spaces(ready, scratch.pieced);
  const std::string_view joined(scratch.pieced.data(), scratch.pieced.size());
  scratch.characters.clear();
  scratch.words.clear();
  if (kind_ == Kind::kCharacters) {
    find_characters(joined, scratch);
  } else {
    find_characters_in_words(joined, scratch);
  }
  return {};
}

// Of text that is not ASCII.
std::string_view Analyzer::preprocessed(std::string_view text, TextScratch& scratch) const {
  const auto all_of = [](const ScratchArray<char>& array) { return std::string_view(array.data(), array.size()); };
  if (lowercase_) {
    scratch.lowered.clear();
    lower(text, scratch.lowered);
    text = all_of(scratch.lowered);
  }
  // Until 0.22 a text that was decomposed already kept its accents.
  if (accents_ == Accents::kKeep || (accents_ == Accents::kUnicodeBefore022 && is_nfkd(text))) return text;
  scratch.stripped.clear();
  accents_ == Accents::kAscii ? strip_accents_ascii(text, scratch.stripped)
                              : strip_accents_unicode(text, scratch.stripped);
  return all_of(scratch.stripped);
}

Result<void> Analyzer::find_words(std::string_view text, TextScratch& scratch) const {
  ScratchArray<std::string_view>& tokens = scratch.tokens;
  tokens.clear();
  if (auto found = pattern_->find_all(text, tokens, scratch.matching); !found) return found;
  if (stop_words_.size() > 0) {
    const auto kept = std::remove_if(tokens.begin(), tokens.end(),
                                     [&](std::string_view token) { return stop_words_.contains(token); });
    tokens.grow_to(static_cast<std::size_t>(kept - tokens.begin()));
  }
  if (most_ == 1) return {};
  std::size_t size = 0;
  for (const std::string_view token : tokens) size += token.size() + 1;
  scratch.pieced.clear();
  char* out = scratch.pieced.room(size);
  for (std::string_view& token : tokens) {
    std::copy(token.begin(), token.end(), out);
    token = {out, token.size()};
    out += token.size();
    *out++ = ' ';
  }
  return {};
}

void Analyzer::find_characters(std::string_view text, TextScratch& scratch) const {
  const char *p = text.data(), *const end = p + text.size();
  while (p < end) {
    scratch.characters.push(p);
    next_of_valid(p);
  }
  scratch.words.push({0, scratch.characters.size()});
  scratch.characters.push(end);
}

// The text's words, each with a space before and after it.
void Analyzer::find_characters_in_words(std::string_view text, TextScratch& scratch) const {
  // The text lies in `pieced`; what it was made from is needed no more. Of n bytes at most (n + 1) / 2 are words.
  scratch.stripped.clear();
  char* out = scratch.stripped.room(2 * text.size() + 4);
  const auto put_space = [&] {
    scratch.characters.push(out);
    *out++ = ' ';
  };
  const char *p = text.data(), *const end = p + text.size();
  while (p < end) {
    const std::size_t first = scratch.characters.size();
    while (p < end) {
      const char* const begin = p;
      if (is_space(next_of_valid(p))) break;
      if (scratch.characters.size() == first) put_space();
      scratch.characters.push(out);
      out = std::copy(begin, p, out);
    }
    if (scratch.characters.size() == first) continue;
    put_space();
    scratch.words.push({first, scratch.characters.size() - first});
  }
  scratch.characters.push(out);
}

Result<void> check_texts(const Batch& rows, const Estimator& estimator) {
  if (rows.form == Batch::Form::kColumns && rows.is_vector && rows.table.size() == 1) return {};
  return refuse(fmt::format("{} expects one text for each row, not {}", estimator.short_name(),
                            rows.form == Batch::Form::kRecords   ? "dicts"
                            : rows.form == Batch::Form::kColumns ? "a table: give one of its columns"
                                                                 : "numbers"));
}

ElementType dtype_parameter(const State& state, ElementType fallback) {
  const auto value = state.get("dtype");
  if (!value) return fallback;
  const auto type = is_big_endian(*value) ? std::nullopt : element_type_of(*value);
  if (type && is_number(*type) && *type != ElementType::kFloat16) return *type;
  state.fail(ErrorCode::kUnsupported, "a type of elements that is not supported: " + summary(*value, 60), "dtype");
  return fallback;
}

Cell text_at(const Batch& rows, std::size_t row) { return cell_of_column(rows.table[0], row); }

}  // namespace cppickle::predict
