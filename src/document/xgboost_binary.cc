// XGBoost's binary models of 0.x to 1.2: LearnerIO::LoadModel(dmlc::Stream*) of src/learner.cc and what it calls, in
// 0.90 and 1.2.1. Structs as they lie in the memory of an x86, one after another.
#include <cstring>

#include "document/bad_payload.h"
#include "document/xgboost_model.h"

namespace cppickle {
namespace {

using payload::check;

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  XgboostModel run() {
    if (bytes_.starts_with("binf")) take(4);
    parameters();
    model_.objective = text();
    model_.booster = text();
    if (model_.booster == "gblinear") {
      linear();
    } else if (model_.booster == "gbtree" || model_.booster == "dart") {
      trees();
    } else {
      payload::unsupported("a booster that is none of gbtree, dart, gblinear");
    }
    check(xgboost::has_groups(model_), "there are fewer trees than classes");
    if (has_attributes_) attributes();
    return std::move(model_);
  }

 private:
  static constexpr std::uint32_t kMostGroups = 1U << 20;

  std::string_view take(std::uint64_t count) {
    check(count <= bytes_.size(), "the model ends too early");
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  template <class T>
  static T at(std::string_view from, std::size_t offset) {
    T value;
    std::memcpy(&value, from.data() + offset, sizeof(T));
    return value;
  }
  template <class T>
  T next() {
    return at<T>(take(sizeof(T)), 0);
  }
  std::string text() { return std::string(take(next<std::uint64_t>())); }
  std::uint64_t count_of(std::uint64_t count, std::uint64_t size) {
    check(count <= bytes_.size() / size, "the model ends too early");
    return count;
  }

  // LearnerModelParamLegacy: base_score f4, num_feature u4, num_class i4, contain_extra_attrs i4,
  // contain_eval_metrics i4, major_version u4, minor_version u4, 27 reserved.
  void parameters() {
    const std::string_view from = take(136);
    model_.base_score = {at<float>(from, 0)};
    model_.features = at<std::uint32_t>(from, 4);
    const auto classes = at<std::int32_t>(from, 8);
    check(classes >= 0 && static_cast<std::uint32_t>(classes) <= kMostGroups, "the number of classes is out of range");
    model_.classes = static_cast<std::uint32_t>(classes);
    model_.groups = std::max(model_.classes, 1U);
    has_attributes_ = at<std::int32_t>(from, 12) != 0;
    model_.major = static_cast<int>(at<std::uint32_t>(from, 20) & 1023U);
    model_.minor = static_cast<int>(at<std::uint32_t>(from, 24) & 1023U);
    if (model_.major > 0) model_.version = std::to_string(model_.major) + "." + std::to_string(model_.minor);
    // "Before 1.0.0, base_score is saved as a transformed value, and there's no version" (LearnerIO::LoadModel).
    model_.is_margin = model_.major < 1;
  }

  // 34 reserved numbers, then a vector.
  void linear() {
    take(34 * 4);
    const std::uint64_t count = count_of(next<std::uint64_t>(), sizeof(float));
    check(count == (std::uint64_t{model_.features} + 1) * model_.groups, "weights and features do not fit");
    model_.weights.resize(count);
    for (float& weight : model_.weights) weight = next<float>();
  }

  // GBTreeModelParam: 40 numbers of 4 bytes, the first is the number of trees.
  void trees() {
    const auto trees = at<std::int32_t>(take(160), 0);
    check(trees >= 0, "a negative number of trees");
    count_of(static_cast<std::uint64_t>(trees), kTreeParameters);
    for (std::int32_t i = 0; i < trees; ++i) tree(model_.trees.emplace_back());
    for (XgboostTree& tree : model_.trees) {
      const auto group = next<std::int32_t>();
      check(group >= 0 && static_cast<std::uint32_t>(group) < model_.groups, "a tree of a class that is not there");
      tree.group = static_cast<std::uint32_t>(group);
    }
    if (model_.booster != "dart" || trees == 0) return;
    check(next<std::uint64_t>() == model_.trees.size(), "weights and trees do not fit");
    for (XgboostTree& tree : model_.trees) tree.weight = next<float>();
  }

  // TreeParam: num_roots i4, num_nodes i4, num_deleted i4 and others. Then nodes of parent i4, left i4, right i4,
  // feature and direction u4, value f4; then statistics of 16 bytes for each.
  void tree(XgboostTree& tree) {
    const std::string_view from = take(kTreeParameters);
    const auto nodes = at<std::int32_t>(from, 4);
    check(nodes > 0, "a tree without nodes");
    check(model_.major >= 1 || at<std::int32_t>(from, 0) == 1, "a tree of several roots");
    const std::uint64_t count = count_of(static_cast<std::uint64_t>(nodes), 20 + 16);
    const std::string_view of_nodes = take(count * 20);
    take(count * 16);
    tree.nodes.resize(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string_view of_node = of_nodes.substr(i * 20, 20);
      XgboostNode& node = tree.nodes[i];
      node.left = at<std::int32_t>(of_node, 4);
      node.right = at<std::int32_t>(of_node, 8);
      const auto feature = at<std::uint32_t>(of_node, 12);
      node.feature = feature & 0x7FFFFFFFU;
      node.default_left = feature >> 31 != 0;
      node.value = at<float>(of_node, 16);
    }
    check(xgboost::is_tree(tree.nodes, model_.features), "a tree with a child or feature that is not there");
  }

  void attributes() {
    const std::uint64_t count = count_of(next<std::uint64_t>(), 16);
    for (std::uint64_t i = 0; i < count; ++i) {
      std::string key = text();
      model_.attributes[std::move(key)] = text();
    }
  }

  static constexpr std::uint64_t kTreeParameters = 148;

  std::string_view bytes_;
  XgboostModel model_;
  bool has_attributes_ = false;
};

}  // namespace

Result<XgboostModel> xgboost::read_binary(std::string_view bytes) {
  return payload::result_of([&] { return Reader(bytes).run(); });
}

}  // namespace cppickle
