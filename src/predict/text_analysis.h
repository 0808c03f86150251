// From documents to features, as scikit-learn's build_analyzer(): decoding, lower case, accents, words or characters,
// stop words, n-grams.
#ifndef CPPICKLE_PREDICT_TEXT_ANALYSIS_H_
#define CPPICKLE_PREDICT_TEXT_ANALYSIS_H_

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "predict/batch.h"
#include "predict/python_text.h"
#include "predict/state.h"
#include "predict/token_pattern.h"
#include "predict/vocabulary.h"

namespace cppickle::predict {

// Memory for one document after another, and what was found in the last.
struct TextScratch {
  explicit TextScratch(Workspace& memory)
      : decoded(memory),
        lowered(memory),
        stripped(memory),
        pieced(memory),
        tokens(memory),
        characters(memory),
        words(memory) {}

  struct Word {
    std::size_t first, count;  // in characters
  };

  ScratchArray<char> decoded, lowered, stripped, pieced;
  ScratchArray<std::string_view> tokens;
  ScratchArray<const char*> characters;  // where each begins, and the end of the last
  ScratchArray<Word> words;
  MatchMemory matching;
};

class Analyzer {
 public:
  // The parameters of a vectorizer; see State for errors.
  void read(const State& state);

  // Leaves the document's tokens or characters in `scratch`. An error where scikit-learn would raise.
  Result<void> analyze(const Cell& document, TextScratch& scratch) const;

  // Calls visit(std::string_view) for each feature of what was analyzed last.
  template <class Visit>
  void for_each_feature(const TextScratch& scratch, Visit&& visit) const {
    if (kind_ == Kind::kWords) return each_word_feature(scratch, visit);
    for (const TextScratch::Word& word : scratch.words) each_character_feature(scratch.characters.data(), word, visit);
  }

 private:
  enum class Kind : std::uint8_t { kWords, kCharacters, kCharactersInWords };
  enum class Accents : std::uint8_t { kKeep, kAscii, kUnicode, kUnicodeBefore022 };

  void read_preprocessor(const State& state);
  void read_words(const State& state);
  void read_stop_words(const State& state);

  Result<std::string_view> decoded(const Cell& document, TextScratch& scratch) const;
  std::string_view preprocessed(std::string_view text, TextScratch& scratch) const;
  Result<void> find_words(std::string_view text, TextScratch& scratch) const;
  void find_characters(std::string_view text, TextScratch& scratch) const;
  void find_characters_in_words(std::string_view text, TextScratch& scratch) const;

  template <class Visit>
  void each_word_feature(const TextScratch& scratch, Visit& visit) const {
    const std::size_t count = scratch.tokens.size();
    for (std::size_t n = least_; n <= std::min(most_, count); ++n) {
      for (std::size_t i = 0; i + n <= count; ++i) {
        // Where there are n-grams the tokens lie side by side, with one space between two.
        const std::string_view first = scratch.tokens[i], last = scratch.tokens[i + n - 1];
        visit(n == 1
                  ? first
                  : std::string_view(first.data(), static_cast<std::size_t>(last.data() - first.data()) + last.size()));
      }
    }
  }

  template <class Visit>
  void each_character_feature(const char* const* characters, TextScratch::Word word, Visit& visit) const {
    const char* const* const at = characters + word.first;
    const auto visit_some = [&](std::size_t from, std::size_t count) {
      visit(std::string_view(at[from], static_cast<std::size_t>(at[from + count] - at[from])));
    };
    for (std::size_t n = least_; n <= most_; ++n) {
      if (n >= word.count && kind_ == Kind::kCharactersInWords) return visit_some(0, word.count);  // a short word once
      if (n > word.count) return;
      for (std::size_t i = 0; i + n <= word.count; ++i) visit_some(i, n);
    }
  }

  Kind kind_ = Kind::kWords;
  Accents accents_ = Accents::kKeep;
  bool lowercase_ = true;
  Encoding encoding_ = Encoding::kUtf8;
  OnError on_error_ = OnError::kStrict;
  std::size_t least_ = 1, most_ = 1;  // of an n-gram
  std::optional<TokenPattern> pattern_;
  Vocabulary stop_words_;
};

// An error unless the rows are one text for each.
Result<void> check_texts(const Batch& rows, const Estimator& estimator);
// The text of a row, whatever the column holds.
Cell text_at(const Batch& rows, std::size_t row);

// The parameter `dtype`: a type's class, name or numpy.dtype. kUnsupported noted for others.
ElementType dtype_parameter(const State& state, ElementType fallback);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_TEXT_ANALYSIS_H_
