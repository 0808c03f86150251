#include "document/sklearn_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cppickle/python_value.h"
#include "document/struct_field.h"

namespace cppickle {
namespace {

std::unexpected<Error> corrupt(std::string message) {
  return std::unexpected(Error{ErrorCode::kCorrupt, std::move(message)});
}

Result<std::uint64_t> size_of(const std::optional<Value>& value, const char* name) {
  std::optional<std::int64_t> number;
  if (value) number = value->as_int();
  if (value && value->kind() == Kind::kObject) {
    const auto array = array_view(*value);
    if (array && array->count == 1) number = array->get<std::int64_t>(0);
  }
  if (!number || *number < 0) return corrupt(fmt::format("{} of a tree is no size", name));
  return static_cast<std::uint64_t>(*number);
}

Result<void> read_header(const ObjectView& object, SklearnTree& tree) {
  const auto features = size_of(object.args[0], "n_features");
  if (!features) return std::unexpected(features.error());
  tree.features = *features;
  const auto outputs = size_of(object.args[2], "n_outputs");
  if (!outputs) return std::unexpected(outputs.error());
  const auto counts = object.args[1];
  const auto array = counts ? array_view(*counts) : std::unexpected(Error{ErrorCode::kCorrupt, {}});
  if (!array || array->count != *outputs || *outputs == 0) return corrupt("n_classes of a tree does not fit n_outputs");
  for (std::uint64_t i = 0; i < array->count; ++i) {
    const auto count = array->get<std::uint64_t>(i);
    if (!count || *count == 0) return corrupt("n_classes of a tree holds no sizes");
    tree.classes.push_back(*count);
  }
  tree.most_classes = *std::ranges::max_element(tree.classes);
  return {};
}

Result<void> read_nodes(const ArrayView& nodes, SklearnTree& tree) {
  const auto left = read_field<std::int64_t>(nodes, "left_child");
  if (!left) return std::unexpected(left.error());
  const auto right = read_field<std::int64_t>(nodes, "right_child");
  if (!right) return std::unexpected(right.error());
  const auto feature = read_field<std::int64_t>(nodes, "feature");
  if (!feature) return std::unexpected(feature.error());
  auto threshold = read_field<double>(nodes, "threshold");
  if (!threshold) return std::unexpected(threshold.error());
  auto samples = read_field<std::int64_t>(nodes, "n_node_samples");
  if (!samples) return std::unexpected(samples.error());
  if (has_field(nodes.dtype, "missing_go_to_left")) {
    auto missing_left = read_field<std::uint8_t>(nodes, "missing_go_to_left");
    if (!missing_left) return std::unexpected(missing_left.error());
    tree.missing_left = *std::move(missing_left);
  }
  const std::size_t count = left->size();
  if (count == 0 || count >= SklearnTree::kNone) return corrupt("a tree without nodes, or with too many");
  tree.left.assign(count, SklearnTree::kNone);
  tree.right.assign(count, SklearnTree::kNone);
  tree.feature.assign(count, 0);
  std::vector<bool> has_parent(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t l = (*left)[i], r = (*right)[i];
    if (l == -1 && r == -1) {
      (*threshold)[i] = 0;
      continue;
    }
    // What comes later is no ancestor.
    const auto own = static_cast<std::int64_t>(i), end = static_cast<std::int64_t>(count);
    if (l <= own || r <= own || l >= end || r >= end) return corrupt("a child of a tree's node is out of range");
    tree.left[i] = static_cast<std::uint32_t>(l);
    tree.right[i] = static_cast<std::uint32_t>(r);
    if (l == r || has_parent[tree.left[i]] || has_parent[tree.right[i]]) {
      return corrupt("a tree's node has two parents");
    }
    has_parent[tree.left[i]] = has_parent[tree.right[i]] = true;
    const std::int64_t f = (*feature)[i];
    if (f < 0 || static_cast<std::uint64_t>(f) >= tree.features || f >= SklearnTree::kNone) {
      return corrupt("a feature of a tree is out of range");
    }
    if (std::isnan((*threshold)[i])) return corrupt("a threshold of a tree is NaN");
    tree.feature[i] = static_cast<std::uint32_t>(f);
  }
  tree.threshold = *std::move(threshold);
  tree.samples = *std::move(samples);
  return {};
}

Result<void> read_values(const ArrayView& values, SklearnTree& tree) {
  const bool fits = values.shape.size() == 3 && values.shape[0] == tree.node_count() &&
                    values.shape[1] == tree.outputs() && values.shape[2] == tree.most_classes;
  if (!fits) return corrupt("values of a tree do not fit its nodes, outputs and classes");
  auto numbers = read_floats(values);
  if (!numbers) return std::unexpected(numbers.error());
  tree.values = *std::move(numbers);
  return {};
}

}  // namespace

Result<SklearnTree> sklearn_tree(const Value& value) {
  const auto object = object_view(value);
  if (!object || object->type.qualname != "Tree" || !object->type.module.starts_with("sklearn.tree.")) {
    return std::unexpected(Error{ErrorCode::kTypeMismatch, "no tree of scikit-learn"});
  }
  SklearnTree tree;
  if (const auto read = read_header(*object, tree); !read) return std::unexpected(read.error());
  const auto nodes = object->attribute("nodes");
  const auto values = object->attribute("values");
  if (!nodes || !values) return corrupt("a tree without nodes or values");
  const auto node_array = array_view(*nodes);
  if (!node_array) return std::unexpected(node_array.error());
  if (const auto read = read_nodes(*node_array, tree); !read) return std::unexpected(read.error());
  const auto count = size_of(object->attribute("node_count"), "node_count");
  if (!count) return std::unexpected(count.error());
  if (*count != tree.node_count()) return corrupt("node_count of a tree does not fit its nodes");
  const auto value_array = array_view(*values);
  if (!value_array) return std::unexpected(value_array.error());
  if (const auto read = read_values(*value_array, tree); !read) return std::unexpected(read.error());
  return tree;
}

}  // namespace cppickle
