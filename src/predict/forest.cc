#include "predict/forest.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cppickle::predict {
namespace {

constexpr std::uint32_t kFeatureBits = 28;
constexpr std::uint32_t kFeatureMask = (1U << kFeatureBits) - 1;
constexpr std::uint32_t flag(std::uint32_t flags) { return flags << kFeatureBits; }

// So many walks at once hide the time that memory takes: 3.5 times the speed of one after the other.
constexpr std::size_t kLanes = 16;
// Rows of a tree at a time: their numbers stay in the processor's cache from tree to tree.
constexpr std::size_t kRowsAtOnce = 256;
constexpr std::uint64_t kQuietNan = 0x7ff8'0000'0000'0000;
constexpr double kLightGbmZero = 1e-35;  // LightGBM's kZeroThreshold, as float

// A set of categories in place of a threshold.
struct Set {
  std::uint32_t first_word;
  std::uint32_t words;  // below 2^24
  std::uint8_t rules;

  static constexpr std::uint32_t kMostWords = (1U << 24) - 1;
  double as_threshold() const {
    return std::bit_cast<double>(first_word | std::uint64_t{words} << 32 | std::uint64_t{rules} << 56);
  }
  static Set of_threshold(double threshold) {
    const auto bits = std::bit_cast<std::uint64_t>(threshold);
    return {static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32) & kMostWords,
            static_cast<std::uint8_t>(bits >> 56)};
  }
};

bool has_nan(const Forest::Rows& rows) {
  const std::size_t count = rows.count * rows.width;
  bool found = false;
  for (std::size_t i = 0; i < count; ++i) found |= rows.values[i] != rows.values[i];
  return found;
}

}  // namespace

std::optional<double> Forest::categories(std::span<const std::uint32_t> words, std::uint8_t rules) {
  const std::size_t first = words_.size();
  if (words.size() > Set::kMostWords || first + words.size() > kLeaf) return {};
  words_.insert(words_.end(), words.begin(), words.end());
  return Set{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(words.size()), rules}.as_threshold();
}

bool Forest::add_tree(std::span<const Split> nodes) {
  const std::size_t base = nodes_.size(), leaf_base = node_of_leaf_.size();
  if (nodes.empty() || nodes.size() > kLeaf - base) return false;
  const auto undo = [&] {
    nodes_.resize(base);
    node_of_leaf_.resize(leaf_base);
    depth_of_leaf_.resize(leaf_base);
    return false;
  };
  // Breadth first: origin[i] is what became node base + i, with its depth.
  struct Origin {
    std::uint32_t node, depth;
  };
  std::vector<Origin> origin;
  origin.reserve(nodes.size());
  origin.push_back({0, 0});
  for (std::size_t i = 0; i < origin.size(); ++i) {
    const auto [at, depth] = origin[i];
    const Split& split = nodes[at];
    if (split.left == kLeaf) {
      const std::uint64_t number = node_of_leaf_.size();
      const auto self = static_cast<std::uint32_t>(base + i);
      nodes_.push_back({std::bit_cast<double>(kQuietNan | number), self, flag(kMissingLeft)});
      node_of_leaf_.push_back(at);
      depth_of_leaf_.push_back(depth);
      continue;
    }
    const bool has_set = (split.flags & kCategories) != 0;
    // A node that two others share would make more nodes than there are.
    if (split.left >= nodes.size() || split.right >= nodes.size() || origin.size() + 2 > nodes.size()) return undo();
    if (split.feature >= kMostFeatures || (!has_set && std::isnan(split.threshold))) return undo();
    nodes_.push_back({split.threshold, static_cast<std::uint32_t>(base + origin.size()),
                      split.feature | flag(split.flags & 15U)});
    origin.push_back({split.left, depth + 1});
    origin.push_back({split.right, depth + 1});
    width_ = std::max(width_, std::size_t{split.feature} + 1);
    zero_is_special_ |= (split.flags & (kCategories | kZeroIsMissing)) != 0;
    nan_is_zero_ |= (split.flags & kNanIsZero) != 0;
  }
  trees_.push_back({static_cast<std::uint32_t>(base), static_cast<std::uint32_t>(leaf_base), origin.back().depth});
  return true;
}

inline std::uint32_t Forest::number_of(std::uint32_t node) const {
  return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(nodes_[node].threshold));
}

Forest::Mode Forest::mode_for(const Rows& rows) const {
  if (zero_is_special_) return Mode::kAny;
  if (!has_nan(rows)) return Mode::kPlain;
  return nan_is_zero_ ? Mode::kAny : Mode::kNan;
}

std::uint32_t Forest::next_of_any(const Node& node, double x) const {
  const bool to_right_if_missing = (node.tag & flag(kMissingLeft)) == 0;
  if (x != x) {
    if ((node.tag & flag(kNanIsZero)) == 0) return node.left + to_right_if_missing;
    x = 0;
  }
  if ((node.tag & flag(kZeroIsMissing)) != 0 && std::abs(x) <= kLightGbmZero) return node.left + to_right_if_missing;
  if ((node.tag & flag(kCategories)) == 0) return node.left + (x > node.threshold);
  const Set set = Set::of_threshold(node.threshold);
  bool inside = false;
  const bool is_natural = (set.rules & kNegativeIsOutside) != 0 ? x >= 0 : x > -1;
  if (is_natural && x < static_cast<double>(set.words) * 32) {
    const auto category = static_cast<std::uint32_t>(x);
    inside = (words_[set.first_word + category / 32] >> category % 32 & 1) != 0;
  }
  return node.left + (inside == ((set.rules & kInsideGoesRight) != 0));
}

template <Forest::Mode mode>
[[gnu::always_inline]] inline std::uint32_t Forest::next(std::uint32_t at, const double* x) const {
  const Node& node = nodes_.data()[at];
  const double value = x[node.tag & kFeatureMask];
  if constexpr (mode == Mode::kPlain) return node.left + static_cast<std::uint32_t>(value > node.threshold);
  if constexpr (mode == Mode::kNan) {
    static_assert(kMissingLeft == 1);
    const auto missing_right = static_cast<std::uint32_t>(value != value) & ~(node.tag >> kFeatureBits);
    return node.left + (static_cast<std::uint32_t>(value > node.threshold) | missing_right);
  }
  return next_of_any(node, value);
}

// One row in `count` trees from `first` on; fewer than kLanes are filled up with the last of them.
template <Forest::Mode mode>
void Forest::lanes_of_trees(const double* x, std::size_t first, std::size_t count, std::uint32_t* leaves) const {
  std::uint32_t at[kLanes];
  std::uint32_t depth = 0;
  for (std::size_t i = 0; i < kLanes; ++i) {
    const Tree& tree = trees_[first + std::min(i, count - 1)];
    at[i] = tree.root;
    depth = std::max(depth, tree.depth);
  }
  for (std::uint32_t step = 0; step < depth; ++step) {
    std::uint32_t moved = 0;
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::uint32_t to = next<mode>(at[i], x);
      moved |= to ^ at[i];
      at[i] = to;
    }
    if (moved == 0) break;
  }
  for (std::size_t i = 0; i < kLanes; ++i) leaves[i] = number_of(at[i]);
}

// kLanes rows in one tree.
template <Forest::Mode mode>
void Forest::lanes_of_rows(const double* x, std::size_t width, const Tree& tree, std::uint32_t* leaves) const {
  std::uint32_t at[kLanes];
  std::fill_n(at, kLanes, tree.root);
  for (std::uint32_t step = 0; step < tree.depth; ++step) {
    std::uint32_t moved = 0;
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::uint32_t to = next<mode>(at[i], x + i * width);
      moved |= to ^ at[i];
      at[i] = to;
    }
    if (moved == 0) break;
  }
  for (std::size_t i = 0; i < kLanes; ++i) leaves[i] = number_of(at[i]);
}

// use(row, tree, leaf), for each row in order of trees.
template <Forest::Mode mode, class Use>
void Forest::walk(const Rows& rows, Range range, Use use) const {
  std::uint32_t leaves[kLanes];
  const std::size_t whole = rows.count - rows.count % kLanes;
  for (std::size_t block = 0; block < whole; block += kRowsAtOnce) {
    const std::size_t end = std::min(block + kRowsAtOnce, whole);
    for (std::size_t tree = range.first; tree < range.last; ++tree) {
      for (std::size_t row = block; row < end; row += kLanes) {
        lanes_of_rows<mode>(rows.values + row * rows.width, rows.width, trees_[tree], leaves);
        for (std::size_t i = 0; i < kLanes; ++i) use(row + i, tree, leaves[i]);
      }
    }
  }
  for (std::size_t row = whole; row < rows.count; ++row) {
    for (std::size_t tree = range.first; tree < range.last; tree += kLanes) {
      const std::size_t count = std::min(kLanes, range.last - tree);
      lanes_of_trees<mode>(rows.values + row * rows.width, tree, count, leaves);
      for (std::size_t i = 0; i < count; ++i) use(row, tree + i, leaves[i]);
    }
  }
}

template <class Use>
void Forest::walk(const Rows& rows, Range range, Use use) const {
  switch (mode_for(rows)) {
    case Mode::kPlain: return walk<Mode::kPlain>(rows, range, use);
    case Mode::kNan: return walk<Mode::kNan>(rows, range, use);
    case Mode::kAny: return walk<Mode::kAny>(rows, range, use);
  }
}

void Forest::find_leaves(const Rows& rows, Range range, std::uint32_t* out) const {
  const std::size_t trees = range.last - range.first;
  walk(rows, range, [&](std::size_t row, std::size_t tree, std::uint32_t leaf) {
    out[row * trees + tree - range.first] = leaf;
  });
}

void Forest::add_rows(const Rows& rows, Range range, const double* values, std::size_t outputs, double* out) const {
  if (outputs == 1) return add_columns(rows, range, values, 1, out);
  if (outputs == 2) {
    return walk(rows, range, [&](std::size_t row, std::size_t, std::uint32_t leaf) {
      out[row * 2] += values[std::size_t{leaf} * 2];
      out[row * 2 + 1] += values[std::size_t{leaf} * 2 + 1];
    });
  }
  walk(rows, range, [&](std::size_t row, std::size_t, std::uint32_t leaf) {
    const double* const from = values + leaf * outputs;
    double* const to = out + row * outputs;
    for (std::size_t o = 0; o < outputs; ++o) to[o] += from[o];
  });
}

void Forest::add_columns(const Rows& rows, Range range, const double* values, std::size_t columns, double* out) const {
  if (columns == 1) {
    return walk(rows, range, [&](std::size_t row, std::size_t, std::uint32_t leaf) { out[row] += values[leaf]; });
  }
  walk(rows, range, [&](std::size_t row, std::size_t tree, std::uint32_t leaf) {
    out[row * columns + (tree - range.first) % columns] += values[leaf];
  });
}

}  // namespace cppickle::predict
