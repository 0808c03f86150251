// Regular expressions of Python's re, written anew for PCRE2.
#ifndef CPPICKLE_PREDICT_PYTHON_PATTERN_H_
#define CPPICKLE_PREDICT_PYTHON_PATTERN_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "cppickle/error.h"

namespace cppickle::predict {

struct TranslatedPattern {
  std::string text;  // for PCRE2_UTF, with a newline that is LF
  bool dot_all = false;
  std::size_t groups = 0;
};

// kUnsupported for what might mean something else: back references, flags but `u` and `s`, conditions, atomic groups,
// possessive quantifiers, \B. Classes are spelled out, for what \w and \s are changes from one PCRE2 to the next.
Result<TranslatedPattern> translate_pattern(std::string_view python);

// For patterns that match every run of so many word characters or more, as `(?u)\b\w\w+\b`: how many; else 0.
std::size_t shortest_word_of(std::string_view python);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_PYTHON_PATTERN_H_
