// LightGBM's model text, versions 2 to 4, as its Python package pickles it. Everything is checked.
#ifndef CPPICKLE_DOCUMENT_LIGHTGBM_TEXT_H_
#define CPPICKLE_DOCUMENT_LIGHTGBM_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/error.h"

namespace cppickle {

struct LightgbmNode {
  enum class Missing : std::uint8_t { kNone, kZero, kNan };
  std::int32_t left = 0;   // below zero: ~left is a leaf
  std::int32_t right = 0;
  std::uint32_t feature = 0;
  double threshold = 0;    // at most it goes left
  bool has_categories = false;  // those in the set go left
  bool default_left = false;
  Missing missing = Missing::kNone;
  std::uint32_t set = 0;   // of categories
};

// A linear model in a leaf.
struct LightgbmLinear {
  double constant = 0;
  std::vector<std::uint32_t> features;
  std::vector<double> coefficients;
};

struct LightgbmTree {
  std::vector<LightgbmNode> nodes;         // the root is the first; none where there is one leaf
  std::vector<double> leaves;
  std::vector<std::uint32_t> set_starts;   // of each set of categories in `words`, and their end
  std::vector<std::uint32_t> words;        // bit c of word c / 32
  std::vector<LightgbmLinear> linear;      // empty, or one for each leaf
};

struct LightgbmModel {
  int version = 0;                 // of the text: 2, 3, 4
  std::string objective;           // "binary sigmoid:1"; empty where there is none
  std::uint32_t features = 0;
  std::uint32_t columns = 1;       // trees of one iteration
  bool averages = false;           // random forests
  std::vector<std::string> feature_names;
  std::vector<LightgbmTree> trees; // a multiple of `columns`
};

Result<LightgbmModel> read_lightgbm(std::string_view text);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_LIGHTGBM_TEXT_H_
