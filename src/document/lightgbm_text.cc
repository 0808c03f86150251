// src/boosting/gbdt_model_text.cpp and src/io/tree.cpp of LightGBM 2.3 to 4.x.
#include "document/lightgbm_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "base/quote.h"
#include "document/bad_payload.h"

namespace cppickle {
namespace {

using Missing = LightgbmNode::Missing;

using payload::check;
using payload::corrupt;

// "key=value" lines up to an empty one.
using Fields = std::unordered_map<std::string_view, std::string_view>;

template <class T>
T number(std::string_view text) {
  T value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec == std::errc::invalid_argument || parsed.ptr != text.data() + text.size()) {
    corrupt(fmt::format("{} is no number", quote(text.substr(0, 40))));
  }
  // What underflows is nothing; what overflows stays as from_chars leaves it.
  if (parsed.ec == std::errc::result_out_of_range && std::is_integral_v<T>) corrupt("a number is out of range");
  return value;
}

template <class Visit>
void for_each_word(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) visit(text.substr(at, end - at));
    at = end + 1;
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  LightgbmModel run() {
    header();
    while (const auto line = next_line()) {
      if (line->starts_with("Tree=")) {
        tree(fields());
      } else if (*line == "end of trees") {
        check(model_.trees.size() % model_.columns == 0, "the last iteration lacks trees");
        check(model_.columns <= kPlausible || !model_.trees.empty(), "a model without trees");
        return std::move(model_);
      }
    }
    corrupt("the model ends too early");
  }

 private:
  static constexpr std::uint32_t kMostColumns = 1U << 20;
  static constexpr std::uint32_t kPlausible = 1024;  // of a model without trees

  std::optional<std::string_view> next_line() {
    if (text_.empty()) return {};
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    std::string_view line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  Fields fields() {
    Fields found;
    while (const auto line = next_line()) {
      if (line->empty()) break;
      const std::size_t equals = line->find('=');
      found.emplace(line->substr(0, equals), equals == std::string_view::npos ? "" : line->substr(equals + 1));
    }
    return found;
  }
  static std::string_view field(const Fields& from, std::string_view name) {
    const auto found = from.find(name);
    if (found == from.end()) corrupt(fmt::format("the model has no {}", quote(name)));
    return found->second;
  }
  template <class T>
  static std::vector<T> list(const Fields& from, std::string_view name, std::size_t count) {
    std::vector<T> all;
    for_each_word(field(from, name), [&](std::string_view word) { all.push_back(number<T>(word)); });
    if (all.size() != count) corrupt(fmt::format("{} has {} numbers instead of {}", quote(name), all.size(), count));
    return all;
  }

  void header() {
    const auto first = next_line();
    check(first && *first == "tree", "this is no model of LightGBM");
    const Fields from = fields();
    const std::string_view version = field(from, "version");
    if (version != "v2" && version != "v3" && version != "v4") {
      payload::unsupported(fmt::format("model text of version {} is not supported", quote(version)));
    }
    model_.version = version[1] - '0';
    model_.columns = number<std::uint32_t>(field(from, "num_tree_per_iteration"));
    check(model_.columns >= 1 && model_.columns <= kMostColumns, "the number of trees of an iteration is out of range");
    const auto most_feature = number<std::uint32_t>(field(from, "max_feature_idx"));
    check(most_feature < 0x7FFFFFFF, "the number of features is out of range");
    model_.features = most_feature + 1;
    if (const auto found = from.find("objective"); found != from.end()) model_.objective = found->second;
    model_.averages = from.contains("average_output");
    const std::string_view names = field(from, "feature_names");
    for_each_word(names, [&](std::string_view name) { model_.feature_names.emplace_back(name); });
    check(model_.feature_names.size() == model_.features, "there are more or fewer names than features");
  }

  void tree(const Fields& from) {
    LightgbmTree& tree = model_.trees.emplace_back();
    const auto leaves = number<std::uint32_t>(field(from, "num_leaves"));
    check(leaves >= 1, "a tree without leaves");
    tree.leaves = list<double>(from, "leaf_value", leaves);
    const auto linear = from.find("is_linear");
    if (linear != from.end() && number<int>(linear->second) != 0) read_linear(from, tree);
    if (leaves == 1) return;
    const std::size_t nodes = leaves - 1;
    const auto left = list<std::int32_t>(from, "left_child", nodes);
    const auto right = list<std::int32_t>(from, "right_child", nodes);
    const auto features = list<std::uint32_t>(from, "split_feature", nodes);
    const auto thresholds = list<double>(from, "threshold", nodes);
    std::vector<int> decisions(nodes, 0);
    if (from.contains("decision_type")) decisions = list<int>(from, "decision_type", nodes);
    read_sets(from, tree);
    tree.nodes.resize(nodes);
    for (std::size_t i = 0; i < nodes; ++i) {
      LightgbmNode& node = tree.nodes[i];
      node.left = left[i];
      node.right = right[i];
      node.feature = features[i];
      node.threshold = thresholds[i];
      const int missing = decisions[i] >> 2 & 3;
      node.has_categories = (decisions[i] & 1) != 0;
      node.default_left = (decisions[i] & 2) != 0;
      node.missing = static_cast<Missing>(missing);
      check(node.feature < model_.features && missing != 3 && !std::isnan(node.threshold), "a split that is none");
      if (!node.has_categories) continue;
      check(node.threshold >= 0 && node.threshold + 1 < static_cast<double>(tree.set_starts.size()),
            "a set of categories that is not there");
      node.set = static_cast<std::uint32_t>(node.threshold);
    }
    check_children(tree);
  }

  // Every node but the root has one parent, and every leaf: then there is no way round.
  static void check_children(const LightgbmTree& tree) {
    std::vector<char> is_child(tree.nodes.size() + tree.leaves.size(), 0);
    const auto note = [&](std::int32_t child) {
      const bool is_leaf = child < 0;
      const auto index = static_cast<std::size_t>(is_leaf ? ~child : child);
      check(index < (is_leaf ? tree.leaves.size() : tree.nodes.size()) && (is_leaf || index != 0),
            "a child that is not there");
      char& seen = is_child[is_leaf ? tree.nodes.size() + index : index];
      check(seen == 0, "a node with two parents");
      seen = 1;
    };
    for (const LightgbmNode& node : tree.nodes) {
      note(node.left);
      note(node.right);
    }
  }

  void read_sets(const Fields& from, LightgbmTree& tree) {
    const auto sets = number<std::uint32_t>(field(from, "num_cat"));
    if (sets == 0) return;
    tree.set_starts = list<std::uint32_t>(from, "cat_boundaries", std::size_t{sets} + 1);
    for (std::size_t i = 1; i <= sets; ++i) {
      check(tree.set_starts[i] >= tree.set_starts[i - 1], "cat_boundaries decreases");
    }
    tree.words = list<std::uint32_t>(from, "cat_threshold", tree.set_starts.back());
  }

  void read_linear(const Fields& from, LightgbmTree& tree) {
    const std::size_t leaves = tree.leaves.size();
    const auto constants = list<double>(from, "leaf_const", leaves);
    const auto counts = list<std::uint32_t>(from, "num_features", leaves);
    std::uint64_t all = 0;
    for (const std::uint32_t count : counts) all += count;
    const auto features = list<std::uint32_t>(from, "leaf_features", all);
    const auto coefficients = list<double>(from, "leaf_coeff", all);
    std::size_t at = 0;
    for (std::size_t leaf = 0; leaf < leaves; ++leaf) {
      LightgbmLinear& linear = tree.linear.emplace_back();
      linear.constant = constants[leaf];
      for (std::uint32_t i = 0; i < counts[leaf]; ++i, ++at) {
        check(features[at] < model_.features, "a linear model of a feature that is not there");
        linear.features.push_back(features[at]);
        linear.coefficients.push_back(coefficients[at]);
      }
    }
  }

  std::string_view text_;
  LightgbmModel model_;
};

}  // namespace

Result<LightgbmModel> read_lightgbm(std::string_view text) {
  return payload::result_of([&] { return Reader(text).run(); });
}

}  // namespace cppickle
