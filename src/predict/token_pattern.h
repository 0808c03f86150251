// The words of a text: what a vectorizer's token_pattern finds.
#ifndef CPPICKLE_PREDICT_TOKEN_PATTERN_H_
#define CPPICKLE_PREDICT_TOKEN_PATTERN_H_

#include <memory>
#include <string_view>

#include "cppickle/error.h"
#include "predict/scratch_array.h"

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;

namespace cppickle::predict {

// What matching by PCRE2 works in; made when it is first needed. Not for two threads.
class MatchMemory {
 public:
  MatchMemory() = default;
  MatchMemory(const MatchMemory&) = delete;
  ~MatchMemory();

 private:
  friend class TokenPattern;
  bool prepare();

  pcre2_real_match_data_8* data_ = nullptr;
  pcre2_real_match_context_8* context_ = nullptr;
};

class TokenPattern {
 public:
  // A pattern of Python's re. `finds_empty`: whether one that matches nothing at all is fine, as from Python 3.7 on.
  static Result<TokenPattern> compile(std::string_view python, bool finds_empty);

  // re.findall() for valid UTF-8: the group where the pattern has one, else the whole match. Adds to `tokens`.
  Result<void> find_all(std::string_view text, ScratchArray<std::string_view>& tokens, MatchMemory& memory) const;

 private:
  Result<void> search(std::string_view text, ScratchArray<std::string_view>& tokens, MatchMemory& memory) const;

  std::size_t shortest_word_ = 2;  // runs of word characters of this length; 0: code_ says what is found
  bool has_group_ = false;
  std::shared_ptr<const pcre2_real_code_8> code_;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_TOKEN_PATTERN_H_
