// How large an estimator is, in the words that its kind is measured in.
#include <algorithm>
#include <array>

#include "cppickle/array_view.h"
#include "predict/model_parts.h"
#include "predict/state.h"

namespace cppickle::predict {
namespace {

constexpr std::string_view kDepth = "depth";

bool spend(std::uint64_t& budget) { return budget != 0 && budget-- != 0; }

// Elements of an array, or of all arrays in a list; nothing else counts.
std::uint64_t elements_of(const Value& value, std::uint64_t& budget) {
  if (const auto array = array_view(value, ArrayOptions::glance())) return array->count;
  std::uint64_t count = 0;
  if (value.kind() != Kind::kList && value.kind() != Kind::kTuple) return 0;
  for (const Value item : value.items()) {
    if (!spend(budget)) break;
    if (const auto array = array_view(item, ArrayOptions::glance())) count += array->count;
  }
  return count;
}

std::uint64_t rows_of(const Value& value) {
  const auto array = array_view(value, ArrayOptions::glance());
  return array && !array->shape.empty() ? array->shape[0] : 0;
}

enum class How : std::uint8_t { kElements, kRows, kMembers };

struct Measure {
  std::string_view attribute;
  std::string_view name;
  How how;
};

constexpr std::array kMeasures = {
    Measure{"coef_", "coefficients", How::kElements},
    Measure{"coefs_", "layers", How::kMembers},
    Measure{"coefs_", "weights", How::kElements},
    Measure{"vocabulary_", "words", How::kMembers},
    Measure{"support_vectors_", "support vectors", How::kRows},
    Measure{"cluster_centers_", "clusters", How::kRows},
    Measure{"components_", "components", How::kRows},
    Measure{"categories_", "categories", How::kElements},
    Measure{"_fit_X", "training rows", How::kRows},
    Measure{"X_train_", "training rows", How::kRows},
};

std::uint64_t measured(const Value& value, How how, std::uint64_t& budget) {
  switch (how) {
    case How::kElements: return elements_of(value, budget);
    case How::kRows: return rows_of(value);
    case How::kMembers: return value.kind() == Kind::kDict ? value.size() / 2 : value.size();
  }
  return 0;
}

// sklearn.tree._tree.Tree: its state is a dict with node_count and max_depth.
void add_tree(const Value& tree, std::vector<NamedCount>& sizes) {
  const auto nodes = attribute_of(tree, "node_count");
  const auto depth = attribute_of(tree, "max_depth");
  const auto counted = [](const std::optional<Value>& value) {
    return value ? static_cast<std::uint64_t>(std::max<std::int64_t>(integer_of(*value).value_or(0), 0)) : 0;
  };
  add_sizes(sizes, {{"trees", 1}, {"nodes", counted(nodes)}, {kDepth, counted(depth)}});
}

// HistGradientBoosting: a list for each iteration of one TreePredictor for each class.
void add_predictors(const Value& iterations, std::vector<NamedCount>& sizes, std::uint64_t& budget) {
  std::uint64_t trees = 0, nodes = 0;
  for (const Value iteration : iterations.items()) {
    if (!spend(budget)) break;
    for (const Value predictor : iteration.items()) {
      if (!spend(budget)) break;
      ++trees;
      if (const auto array = attribute_of(predictor, "nodes")) nodes += rows_of(*array);
    }
  }
  add_sizes(sizes, {{"trees", trees}, {"nodes", nodes}});
}

}  // namespace

void add_sizes(std::vector<NamedCount>& to, const std::vector<NamedCount>& more) {
  for (const NamedCount& size : more) {
    if (size.count == 0) continue;
    const auto found = std::ranges::find(to, size.name, &NamedCount::name);
    if (found == to.end()) {
      to.push_back(size);
    } else {
      found->count = size.name == kDepth ? std::max(found->count, size.count) : found->count + size.count;
    }
  }
}

std::vector<NamedCount> sizes_of(const Value& value, std::uint64_t& budget) {
  std::vector<NamedCount> sizes;
  for (const auto& [name, attribute] : attributes_of(value)) {
    if (!spend(budget)) break;
    for (const Measure& measure : kMeasures) {
      if (measure.attribute == name) add_sizes(sizes, {{measure.name, measured(attribute, measure.how, budget)}});
    }
    if (name == "tree_") add_tree(attribute, sizes);
    if (name == "_predictors") add_predictors(attribute, sizes, budget);
  }
  return sizes;
}

}  // namespace cppickle::predict
