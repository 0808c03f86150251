// Decision trees laid out for speed: finding the leaf of a row in each of many trees.
#ifndef CPPICKLE_PREDICT_FOREST_H_
#define CPPICKLE_PREDICT_FOREST_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace cppickle::predict {

// Trees are added one by one, then only read. Leaves of all trees are numbered in one sequence, tree after tree; what
// they hold is a table of the caller's, one row for each leaf number.
//
// A row goes left where `x <= threshold`, in double. XGBoost's `float x < t` is `x <= the float before t`. NaN (and
// what else counts as missing) goes the way that its node tells.
class Forest {
 public:
  enum Flags : std::uint8_t {
    kMissingLeft = 1,    // NaN goes left, else right
    kNanIsZero = 2,      // NaN counts as 0 instead (LightGBM's missing type "none")
    kZeroIsMissing = 4,  // |x| <= 1e-35 and NaN are missing (LightGBM's "zero")
    kCategories = 8,     // `threshold` is what categories() gave
  };
  // Of a set of categories. A number counts as the integer that truncation makes of it, past the set it is outside.
  // What is in the set goes left, unless told otherwise.
  enum CategoryRules : std::uint8_t {
    kInsideGoesRight = 1,    // and the others left (XGBoost)
    kNegativeIsOutside = 2,  // also above -1, which truncation makes 0 (XGBoost)
  };
  static constexpr std::uint32_t kLeaf = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t kMostFeatures = 1U << 28;

  // A node as files have it: children are positions in the tree, the root is the first.
  struct Split {
    double threshold = 0;
    std::uint32_t left = kLeaf;   // kLeaf: this is one
    std::uint32_t right = kLeaf;
    std::uint32_t feature = 0;
    std::uint8_t flags = 0;
  };

  // For Split::threshold: bit c of words[c / 32] says whether c is in the set. Empty past 2^24 words and
  // past 2^32 in all.
  [[nodiscard]] std::optional<double> categories(std::span<const std::uint32_t> words, std::uint8_t rules = 0);

  // False, and nothing is added, where these nodes are no tree: a child out of range, a node that is its own ancestor,
  // shared nodes, a threshold that is NaN, a feature past kMostFeatures. Nodes that cannot be reached are left out.
  [[nodiscard]] bool add_tree(std::span<const Split> nodes);

  std::size_t trees() const { return trees_.size(); }
  std::size_t leaves() const { return node_of_leaf_.size(); }
  // Leaf numbers of a tree are [first_leaf(tree), first_leaf(tree + 1)).
  std::size_t first_leaf(std::size_t tree) const { return tree < trees_.size() ? trees_[tree].first_leaf : leaves(); }
  // Position in its tree's nodes, as they were added.
  std::uint32_t node_of_leaf(std::size_t leaf) const { return node_of_leaf_[leaf]; }
  // Splits above a leaf.
  std::uint32_t depth_of_leaf(std::size_t leaf) const { return depth_of_leaf_[leaf]; }
  // Rows must have so many numbers: one more than the largest feature that a node asks for.
  std::size_t width() const { return width_; }

  struct Rows {
    const double* values;  // row-major
    std::size_t count;
    std::size_t width;     // at least Forest::width()
  };
  struct Range {  // of trees
    std::size_t first, last;
  };
  Range all() const { return {0, trees()}; }

  // out[row * (last - first) + tree - first]: leaf numbers.
  void find_leaves(const Rows& rows, Range range, std::uint32_t* out) const;

  // out[row * outputs + o] += values[leaf * outputs + o] for each tree, in order.
  void add_rows(const Rows& rows, Range range, const double* values, std::size_t outputs, double* out) const;

  // Each leaf has one value; the trees of the range belong to columns 0, 1 .. columns - 1, 0, 1 and so on:
  // out[row * columns + (tree - first) % columns] += values[leaf], in order of trees.
  void add_columns(const Rows& rows, Range range, const double* values, std::size_t columns, double* out) const;

 private:
  // A leaf leads to itself: its threshold is a NaN that carries its number, its left is itself.
  struct Node {
    double threshold;
    std::uint32_t left;  // the right one follows it
    std::uint32_t tag;   // feature, and Flags in the highest four bits
  };
  static_assert(sizeof(Node) == 16);
  struct Tree {
    std::uint32_t root;
    std::uint32_t first_leaf;
    std::uint32_t depth;
  };
  enum class Mode : std::uint8_t { kPlain, kNan, kAny };

  std::uint32_t number_of(std::uint32_t node) const;
  Mode mode_for(const Rows& rows) const;
  template <Mode mode>
  std::uint32_t next(std::uint32_t node, const double* x) const;
  std::uint32_t next_of_any(const Node& node, double x) const;
  template <Mode mode>
  void lanes_of_trees(const double* x, std::size_t first, std::size_t count, std::uint32_t* leaves) const;
  template <Mode mode>
  void lanes_of_rows(const double* x, std::size_t width, const Tree& tree, std::uint32_t* leaves) const;
  template <Mode mode, class Use>
  void walk(const Rows& rows, Range range, Use use) const;
  template <class Use>
  void walk(const Rows& rows, Range range, Use use) const;

  std::vector<Node> nodes_;
  std::vector<Tree> trees_;
  std::vector<std::uint32_t> node_of_leaf_;
  std::vector<std::uint32_t> depth_of_leaf_;
  std::vector<std::uint32_t> words_;  // of all sets of categories
  std::size_t width_ = 0;
  bool zero_is_special_ = false;  // a node has kZeroIsMissing or kCategories
  bool nan_is_zero_ = false;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_FOREST_H_
