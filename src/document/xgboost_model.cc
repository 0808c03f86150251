// XGBoost's models from UBJSON and JSON: src/learner.cc (LearnerIO), src/gbm/*_model.cc and src/tree/tree_model.cc of
// 1.5 to 3.2.
#include "document/xgboost_model.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/quote.h"
#include "document/bad_payload.h"
#include "document/data_tree.h"

namespace cppickle {
namespace {

using Kind = DataNode::Kind;

constexpr double kMostCategory = 16777216;  // common::OutOfRangeCat() of XGBoost: past it a float is no category
constexpr std::uint32_t kMostGroups = 1U << 20;

using payload::check;
using payload::corrupt;

const DataNode& member(const DataNode& object, std::string_view name) {
  const DataNode* const found = object.find(name);
  if (found == nullptr) corrupt(fmt::format("the model has no {}", quote(name)));
  return *found;
}

std::string text(const DataNode& node) {
  check(node.kind == Kind::kText, "a text was expected");
  return std::string(node.text);
}

NumberSpan numbers(const DataNode& object, std::string_view name) {
  const auto found = member(object, name).as_numbers();
  if (!found) corrupt(fmt::format("{} is no list of numbers", quote(name)));
  return *found;
}

std::vector<std::string> texts(const DataNode& object, std::string_view name) {
  std::vector<std::string> all;
  const DataNode* const found = object.find(name);
  if (found == nullptr) return all;
  check(found->kind == Kind::kList, "a list of texts was expected");
  for (const DataNode& item : found->members) all.push_back(text(item));
  return all;
}

std::uint32_t whole(double number, double most) {
  check(number >= 0 && number <= most && number == std::floor(number), "a number is out of range");
  return static_cast<std::uint32_t>(number);
}

// Parameters are texts: "3", "5E-1".
double parameter(const DataNode& object, std::string_view name, double fallback) {
  const DataNode* const found = object.find(name);
  if (found == nullptr) return fallback;
  if (found->kind == Kind::kNumber) return found->number;
  double value = 0;
  const std::string_view written = found->text;
  const auto parsed = std::from_chars(written.data(), written.data() + written.size(), value);
  if (found->kind != Kind::kText || parsed.ec != std::errc() || parsed.ptr != written.data() + written.size()) {
    corrupt(fmt::format("{} is no number", quote(name)));
  }
  return value;
}

// "5E-1"; from 3.1 on also "[5E-1,2E-1]".
std::vector<float> base_scores(std::string_view written) {
  std::vector<float> all;
  const bool is_list = written.starts_with('[') && written.ends_with(']');
  if (is_list) written = written.substr(1, written.size() - 2);
  for (std::size_t at = 0; at <= written.size();) {
    const std::size_t end = std::min(written.find(',', at), written.size());
    float value = 0;
    const auto parsed = std::from_chars(written.data() + at, written.data() + end, value);
    check(parsed.ec == std::errc() && parsed.ptr == written.data() + end, "base_score is no number");
    all.push_back(value);
    at = end + 1;
  }
  check(!all.empty() && (is_list || all.size() == 1), "base_score is no number");
  return all;
}

class TreeReader {
 public:
  TreeReader(const XgboostModel& model, const DataNode& from) : model_(model), from_(from) {}

  XgboostTree read() {
    const NumberSpan left = numbers(from_, "left_children"), right = of_nodes("right_children", left.count);
    const NumberSpan features = of_nodes("split_indices", left.count), defaults = of_nodes("default_left", left.count);
    const NumberSpan values = of_nodes("split_conditions", left.count);
    check(left.count > 0, "a tree without nodes");
    const std::size_t size = whole(parameter(member(from_, "tree_param"), "size_leaf_vector", 0), kMostGroups);
    tree_.nodes.resize(left.count);
    for (std::size_t i = 0; i < left.count; ++i) {
      XgboostNode& node = tree_.nodes[i];
      node.value = static_cast<float>(values[i]);
      if (left[i] == -1) {
        if (size > 1) node.leaf_row = whole(std::max(right[i], 0.0), kMostNodes);
        continue;
      }
      node.left = static_cast<std::int32_t>(whole(left[i], kMostNodes));
      node.right = static_cast<std::int32_t>(whole(right[i], kMostNodes));
      node.feature = whole(features[i], 4294967295.0);
      node.default_left = defaults[i] != 0;
    }
    read_categories();
    check(xgboost::is_tree(tree_.nodes, model_.features), "a tree with a child or feature that is not there");
    if (size > 1) read_leaf_values(size);
    return std::move(tree_);
  }

 private:
  static constexpr double kMostNodes = 2147483647.0;

  NumberSpan of_nodes(std::string_view name, std::size_t count) const {
    const NumberSpan span = numbers(from_, name);
    check(span.count == count, "lists of a tree have different lengths");
    return span;
  }

  // Since 1.3. Sets of some nodes, one after another.
  void read_categories() {
    if (from_.find("categories") == nullptr) return;
    const NumberSpan categories = numbers(from_, "categories"), nodes = numbers(from_, "categories_nodes");
    const NumberSpan begins = numbers(from_, "categories_segments"), sizes = numbers(from_, "categories_sizes");
    check(nodes.count == begins.count && nodes.count == sizes.count, "sets of categories have different lengths");
    tree_.categories.resize(categories.count);
    for (std::size_t i = 0; i < categories.count; ++i) tree_.categories[i] = whole(categories[i], kMostCategory - 1);
    const double most = static_cast<double>(categories.count);
    for (std::size_t i = 0; i < nodes.count; ++i) {
      const std::size_t at = whole(nodes[i], kMostNodes);
      check(at < tree_.nodes.size(), "a set of categories of a node that is not there");
      XgboostNode& node = tree_.nodes[at];
      node.first_category = whole(begins[i], most);
      node.categories = whole(sizes[i], most);
      check(node.categories <= categories.count - node.first_category, "a set of categories past their end");
    }
    const NumberSpan types = of_nodes("split_type", tree_.nodes.size());
    for (std::size_t i = 0; i < types.count; ++i) {
      const std::uint32_t type = whole(types[i], 1);  // 0: numbers, 1: categories
      tree_.nodes[i].has_categories = type == 1 && tree_.nodes[i].left != -1;
    }
  }

  // include/xgboost/multi_target_tree_model.h: in 2.x a row of base_weights for each node; later a row of leaf_weights
  // for each leaf, and what would be its right child says which.
  void read_leaf_values(std::size_t size) {
    check(size == model_.groups, "leaves have more or fewer values than the model has outputs");
    const bool by_leaf = from_.find("leaf_weights") != nullptr;
    const NumberSpan values = numbers(from_, by_leaf ? "leaf_weights" : "base_weights");
    tree_.leaf_values.resize(values.count);
    for (std::size_t i = 0; i < values.count; ++i) tree_.leaf_values[i] = static_cast<float>(values[i]);
    for (std::size_t i = 0; i < tree_.nodes.size(); ++i) {
      if (!by_leaf) tree_.nodes[i].leaf_row = static_cast<std::uint32_t>(i);
      check(tree_.nodes[i].left != -1 || tree_.nodes[i].leaf_row < values.count / size, "a leaf without values");
    }
  }

  const XgboostModel& model_;
  const DataNode& from_;
  XgboostTree tree_;
};

void read_parameters(const DataNode& learner, XgboostModel& model) {
  const DataNode& parameters = member(learner, "learner_model_param");
  model.base_score = base_scores(text(member(parameters, "base_score")));
  model.features = whole(parameter(parameters, "num_feature", 0), 4294967295.0);
  model.classes = whole(parameter(parameters, "num_class", 0), kMostGroups);
  const std::uint32_t targets = whole(parameter(parameters, "num_target", 1), kMostGroups);
  model.groups = std::max({model.classes, targets, 1U});
  check(model.base_score.size() == 1 || model.base_score.size() == model.groups, "base_score and outputs do not fit");
  model.objective = text(member(member(learner, "objective"), "name"));
  if (const DataNode* const attributes = learner.find("attributes")) {
    for (const DataNode& member : attributes->members) model.attributes[std::string(member.key)] = text(member);
  }
  model.feature_names = texts(learner, "feature_names");
  model.feature_types = texts(learner, "feature_types");
  const bool named = model.feature_names.empty() || model.feature_names.size() == model.features;
  check(named && (model.feature_types.empty() || model.feature_types.size() == model.features),
        "there are more or fewer names than features");
}

// src/data/cat_container.cc: texts as Arrow has them, characters and where each text begins; else numbers.
std::vector<XgboostCategory> categories_of(const DataNode& from) {
  std::vector<XgboostCategory> all;
  const NumberSpan values = numbers(from, "values");
  if (from.find("offsets") == nullptr) {
    for (std::size_t i = 0; i < values.count; ++i) all.push_back({false, {}, values[i]});
    return all;
  }
  const NumberSpan offsets = numbers(from, "offsets");
  const double most = static_cast<double>(values.count);
  for (std::size_t i = 0; i + 1 < offsets.count; ++i) {
    const std::size_t begin = whole(offsets[i], most), end = whole(offsets[i + 1], most);
    check(begin <= end, "texts of categories are out of order");
    XgboostCategory& category = all.emplace_back();
    category.is_text = true;
    for (std::size_t c = begin; c < end; ++c) {
      check(values[c] >= -128 && values[c] <= 255, "a text of a category that is no text");
      category.text += static_cast<char>(static_cast<int>(values[c]));
    }
  }
  return all;
}

void read_trees(const DataNode& from, const DataNode* config, XgboostModel& model) {
  const DataNode& trees = member(from, "trees");
  check(trees.kind == Kind::kList, "trees are no list");
  const NumberSpan info = numbers(from, "tree_info");
  check(info.count == trees.members.size(), "tree_info and trees do not fit");
  model.trees.reserve(info.count);
  for (std::size_t i = 0; i < info.count; ++i) {
    XgboostTree& tree = model.trees.emplace_back(TreeReader(model, trees.members[i]).read());
    tree.group = whole(info[i], model.groups - 1);
  }
  if (from.find("iteration_indptr") != nullptr) {  // since 2.0
    const NumberSpan rounds = numbers(from, "iteration_indptr");
    for (std::size_t i = 0; i < rounds.count; ++i) {
      model.rounds.push_back(whole(rounds[i], static_cast<double>(info.count)));
      check(i == 0 || model.rounds[i] >= model.rounds[i - 1], "iteration_indptr decreases");
    }
    check(!model.rounds.empty() && model.rounds.back() == info.count && model.rounds.front() == 0,
          "iteration_indptr and trees do not fit");
  } else {
    // Until 1.5 the number of trees of a round and class is kept beside the model.
    double parallel = parameter(member(from, "gbtree_model_param"), "num_parallel_tree", 0);
    for (const char* const step : {"learner", "gradient_booster", "gbtree_train_param"}) {
      if (config != nullptr) config = config->find(step);
    }
    if (parallel == 0) parallel = config != nullptr ? parameter(*config, "num_parallel_tree", 1) : 1;
    const std::uint64_t step = std::uint64_t{std::max(1U, whole(parallel, 1 << 30))} * model.groups;
    for (std::uint64_t at = 0; at < info.count; at += step) model.rounds.push_back(static_cast<std::uint32_t>(at));
    model.rounds.push_back(static_cast<std::uint32_t>(info.count));
  }
  const DataNode* const cats = from.find("cats");
  const DataNode* const encoded = cats != nullptr ? cats->find("enc") : nullptr;
  if (encoded == nullptr || encoded->members.empty()) return;
  check(encoded->members.size() == model.features, "categories and features do not fit");
  for (const DataNode& column : encoded->members) model.categories.push_back(categories_of(column));
}

void read_booster(const DataNode& learner, const DataNode* config, XgboostModel& model) {
  const DataNode* booster = &member(learner, "gradient_booster");
  model.booster = text(member(*booster, "name"));
  if (model.booster == "gblinear") {
    const NumberSpan weights = numbers(member(*booster, "model"), "weights");
    check(weights.count == (std::uint64_t{model.features} + 1) * model.groups, "weights and features do not fit");
    model.weights.resize(weights.count);
    for (std::size_t i = 0; i < weights.count; ++i) model.weights[i] = static_cast<float>(weights[i]);
    return;
  }
  if (model.booster == "dart") {
    const DataNode& trees = member(*booster, "gbtree");
    read_trees(member(trees, "model"), config, model);
    const NumberSpan weights = numbers(*booster, "weight_drop");
    check(weights.count == model.trees.size(), "weights and trees do not fit");
    for (std::size_t i = 0; i < weights.count; ++i) model.trees[i].weight = static_cast<float>(weights[i]);
    return;
  }
  if (model.booster != "gbtree") {
    payload::unsupported(fmt::format("booster {} is not supported", quote(model.booster)));
  }
  read_trees(member(*booster, "model"), config, model);
}

XgboostModel read_tree(const DataNode& root) {
  XgboostModel model;
  // What is pickled is {"Config": ..., "Model": ...}; what is saved is the model alone.
  const DataNode* const inner = root.find("Model");
  const DataNode& from = inner != nullptr ? *inner : root;
  const NumberSpan version = numbers(from, "version");
  check(version.count >= 2, "the version is not told");
  model.major = static_cast<int>(whole(version[0], 1000));
  model.minor = static_cast<int>(whole(version[1], 1000));
  for (std::size_t i = 0; i < std::min<std::size_t>(version.count, 3); ++i) {
    model.version += fmt::format("{}{}", i == 0 ? "" : ".", whole(version[i], 1000));
  }
  const DataNode& learner = member(from, "learner");
  read_parameters(learner, model);
  read_booster(learner, root.find("Config"), model);
  check(xgboost::has_groups(model), "there are fewer trees than classes");
  return model;
}

Result<XgboostModel> read_any(std::string_view handle) {
  constexpr std::string_view kConfigOffset = "CONFIG-offset:";
  if (handle.starts_with(kConfigOffset)) {
    handle.remove_prefix(kConfigOffset.size());
    std::uint64_t size = 0;
    if (handle.size() >= sizeof(size)) std::memcpy(&size, handle.data(), sizeof(size));
    if (size == 0 || size > handle.size() - sizeof(size)) corrupt("the model ends too early");
    return xgboost::read_binary(handle.substr(sizeof(size), size));
  }
  const std::size_t second = handle.find_first_not_of(" \t\r\n", 1);
  if (!handle.starts_with('{') || second == std::string_view::npos) return xgboost::read_binary(handle);
  DataTree tree;
  const std::size_t most_values = handle.size() / 4 + 1024;
  const bool is_json = handle[second] == '"' || handle[second] == '}';
  const auto read = is_json ? read_json_tree(handle, most_values, tree) : read_ubjson(handle, most_values, tree);
  if (!read) return std::unexpected(read.error());
  return read_tree(tree.root);
}

}  // namespace

// Answers have so many columns: what is told must be there, as each round has a tree for each.
bool xgboost::has_groups(const XgboostModel& model) {
  constexpr std::uint32_t kPlausible = 1024;  // of a model without any round
  return model.groups <= kPlausible || model.groups <= model.trees.size() || model.groups <= model.base_score.size() ||
         model.groups <= model.weights.size() || (!model.trees.empty() && !model.trees[0].leaf_values.empty());
}

bool xgboost::is_tree(const std::vector<XgboostNode>& nodes, std::uint32_t features) {
  // Nodes that can be reached, each once: one that is reached twice makes more than there are.
  std::vector<std::uint32_t> reached = {0};
  if (nodes.empty()) return false;
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const XgboostNode& node = nodes[reached[i]];
    if (node.left == -1) continue;
    const auto left = static_cast<std::uint32_t>(node.left), right = static_cast<std::uint32_t>(node.right);
    if (left >= nodes.size() || right >= nodes.size() || node.feature >= features) return false;
    if (!node.has_categories && std::isnan(node.value)) return false;
    if (reached.size() + 2 > nodes.size()) return false;
    reached.push_back(left);
    reached.push_back(right);
  }
  return true;
}

Result<XgboostModel> read_xgboost(std::string_view handle) {
  auto model = payload::result_of([&] { return read_any(handle); });
  if (!model) return std::unexpected(model.error());
  return *std::move(model);
}

}  // namespace cppickle
