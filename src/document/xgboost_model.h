// XGBoost's models as its Python package pickles them: UBJSON (1.6 on), JSON (1.3 to 1.5, and by choice), and the
// binary format of 0.x to 1.2 (with "CONFIG-offset:" around it since 1.0). Everything is checked.
#ifndef CPPICKLE_DOCUMENT_XGBOOST_MODEL_H_
#define CPPICKLE_DOCUMENT_XGBOOST_MODEL_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/error.h"

namespace cppickle {

struct XgboostNode {
  std::int32_t left = -1;   // -1: a leaf
  std::int32_t right = -1;
  std::uint32_t feature = 0;
  float value = 0;          // of a leaf; else the condition: below it goes left
  bool default_left = false;
  bool has_categories = false;  // those in the set go right
  std::uint32_t first_category = 0;
  std::uint32_t categories = 0;
  std::uint32_t leaf_row = 0;   // of a leaf of several values
};

struct XgboostTree {
  std::vector<XgboostNode> nodes;           // the root is the first; children are in range, and none its own ancestor
  std::vector<std::uint32_t> categories;    // below 2^24
  std::uint32_t group = 0;                  // the column of the answer it adds to
  std::vector<float> leaf_values;           // of leaves of several values (2.0 on): rows of XgboostModel::groups
  float weight = 1;                         // of dart
};

// What the categories of a column were at fit (3.1 on): positions in it are what the trees ask for.
struct XgboostCategory {
  bool is_text = false;
  std::string text;
  double number = 0;
};

struct XgboostModel {
  int major = 0, minor = 0;       // of the library; both zero before 1.0
  std::string version;            // the same with all its parts; empty before 1.0
  std::string objective;
  std::string booster;            // gbtree, dart, gblinear
  std::vector<float> base_score;  // one, or one for each column
  bool is_margin = false;         // base_score was transformed already (before 1.0)
  std::uint32_t features = 0;
  std::uint32_t groups = 1;       // columns of the answer
  std::uint32_t classes = 0;      // num_class; 0 where there is none
  std::vector<XgboostTree> trees;
  std::vector<std::uint32_t> rounds;  // trees of round r: [rounds[r], rounds[r + 1])
  std::vector<float> weights;     // of gblinear: features + 1 rows of `groups`, the last one the bias
  std::map<std::string, std::string> attributes;
  std::vector<std::string> feature_names;
  std::vector<std::string> feature_types;
  std::vector<std::vector<XgboostCategory>> categories;  // empty, or one for each feature
};

// kCorrupt says what does not fit; kUnsupported names what is not known.
Result<XgboostModel> read_xgboost(std::string_view handle);

namespace xgboost {

// The binary format, without a header.
Result<XgboostModel> read_binary(std::string_view bytes);
// Children in range and each but the root of one parent, so that there is no way round; features in range.
bool is_tree(const std::vector<XgboostNode>& nodes, std::uint32_t features);
bool has_groups(const XgboostModel& model);

}  // namespace xgboost
}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_XGBOOST_MODEL_H_
