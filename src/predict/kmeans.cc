// Clusters by their centres: KMeans, MiniBatchKMeans, BisectingKMeans, Birch, MeanShift, AffinityPropagation.
#include <algorithm>

#include "predict/centers.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

// A tree of pairs of clusters, as BisectingKMeans goes down it.
struct Bisection {
  struct Node {
    std::size_t left = 0, right = 0;  // 0: a cluster
    double label = 0;
  };
  std::vector<Node> nodes;
  Centers centers;  // of each node
};

class ClusterModel final : public Estimator {
 public:
  struct Parts {
    Centers centers;
    bool lloyd = false;
    bool has_transform = false;
    Numbers labels;  // of Birch: of each centre; else their positions
    ElementType label_type = ElementType::kInt32;
    std::optional<Bisection> bisection;
    std::size_t width = 0;
  };
  explicit ClusterModel(Parts parts) : parts_(std::move(parts)) { facts().features_in = parts_.width; }

  bool has(Method method) const override {
    return method == Method::kPredict || (method == Method::kTransform && parts_.has_transform);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, {});
    if (!x) return std::unexpected(x.error());
    const Centers& centers = parts_.centers;
    if (method == Method::kTransform) {
      double* const out = memory.numbers(x->rows * centers.count());
      centers.distances(*x, out, memory);
      const bool floats = x->type == ElementType::kFloat32 && centers.type() == ElementType::kFloat32;
      const ElementType type = floats ? ElementType::kFloat32 : ElementType::kFloat64;
      round_all(out, x->rows * centers.count(), type);
      return Batch::dense(out, x->rows, centers.count(), type);
    }
    double* const out = memory.numbers(x->rows);
    if (parts_.bisection) {
      descend(*x, out, memory);
    } else if (centers.count() == 0) {
      std::fill_n(out, x->rows, -1.0);
    } else {
      parts_.lloyd ? centers.lloyd_labels(*x, out, memory) : centers.nearest(*x, out, memory);
    }
    const std::vector<double>& labels = parts_.labels.values;
    for (std::size_t r = 0; r < x->rows && !labels.empty(); ++r)
      out[r] = labels[static_cast<std::size_t>(out[r])];
    return Batch::vector(out, x->rows, parts_.label_type);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    if (!parts_.has_transform) return Estimator::feature_names_out(names);
    return numbered_names(parts_.centers.count());
  }

 private:
  void descend(const Batch& x, double* out, Workspace& memory) const {
    const Bisection& tree = *parts_.bisection;
    double* const products = memory.numbers(tree.centers.padded());
    for (std::size_t r = 0; r < x.rows; ++r) {
      tree.centers.products(x.values + r * x.columns, products);
      std::size_t node = 0;
      while (tree.nodes[node].left != 0) {
        const auto value = [&](std::size_t i) { return tree.centers.norm(i) - 2 * products[i]; };
        const std::size_t left = tree.nodes[node].left, right = tree.nodes[node].right;
        node = value(right) < value(left) ? right : left;
      }
      out[r] = tree.nodes[node].label;
    }
  }

  Parts parts_;
};

bool read_centers(const State& state, const char* name, ClusterModel::Parts& parts) {
  const Matrix centers = state.matrix(name);
  if (!state.ok()) return false;
  parts.centers = Centers(centers, state.version());
  parts.width = centers.columns;
  return true;
}

std::shared_ptr<Estimator> finish(ClusterModel::Parts parts) {
  return std::make_shared<ClusterModel>(std::move(parts));
}

std::shared_ptr<Estimator> load_kmeans(State& state) {
  ClusterModel::Parts parts;
  if (!read_centers(state, "cluster_centers_", parts)) return nullptr;
  if (!state.check(parts.centers.count() > 0, "cluster_centers_ is empty")) return nullptr;
  parts.lloyd = state.version() == Version{} || state.version() >= Version{0, 23};
  parts.has_transform = true;
  return finish(std::move(parts));
}

// _BisectingTree: left and right are None, or both are trees.
bool read_bisection(State& state, std::size_t clusters, std::size_t width, Bisection& tree) {
  std::vector<double> mean(width);
  if (state.given("_X_mean")) mean = state.vector("_X_mean");
  if (!state.ok() || !state.check(mean.size() == width, "_X_mean does not fit cluster_centers_"))
    return false;
  std::vector<State> states = {state.child("_bisecting_tree")};
  Matrix centers{0, width, {}};
  for (std::size_t i = 0; i < states.size() && state.ok(); ++i) {
    const State node = states[i];
    std::vector<double> center(width);
    if (i != 0) center = node.vector("center");
    if (!state.check(center.size() == width, "a centre in _bisecting_tree has a wrong size")) return false;
    for (std::size_t k = 0; k < width; ++k) centers.values.push_back(center[k] + mean[k]);
    ++centers.rows;
    tree.nodes.emplace_back();
    if (!node.given("left")) {
      const std::int64_t label = node.integer("label");
      if (!state.check(label >= 0 && static_cast<std::uint64_t>(label) < clusters,
                       "a label in _bisecting_tree is out of range"))
        return false;
      tree.nodes.back().label = static_cast<double>(label);
      continue;
    }
    // So it ends, whatever it is made of.
    if (!state.check(states.size() + 2 <= 2 * clusters,
                     "_bisecting_tree has more nodes than there are clusters"))
      return false;
    tree.nodes.back().left = states.size();
    tree.nodes.back().right = states.size() + 1;
    states.push_back(node.child("left"));
    states.push_back(node.child("right"));
  }
  tree.centers = Centers(centers, state.version());
  return state.ok();
}

std::shared_ptr<Estimator> load_bisecting(State& state) {
  ClusterModel::Parts parts;
  if (!read_centers(state, "cluster_centers_", parts)) return nullptr;
  if (!state.check(parts.centers.count() > 0, "cluster_centers_ is empty")) return nullptr;
  parts.bisection.emplace();
  if (!read_bisection(state, parts.centers.count(), parts.width, *parts.bisection)) return nullptr;
  parts.has_transform = true;
  return finish(std::move(parts));
}

std::shared_ptr<Estimator> load_birch(State& state) {
  ClusterModel::Parts parts;
  if (!read_centers(state, "subcluster_centers_", parts)) return nullptr;
  parts.labels = state.array("subcluster_labels_");
  if (!state.ok() ||
      !state.check(parts.labels.values.size() == parts.centers.count() && parts.centers.count() > 0,
                   "subcluster_labels_ and subcluster_centers_ do not fit")) {
    return nullptr;
  }
  parts.label_type = parts.labels.type;
  parts.has_transform = true;
  return finish(std::move(parts));
}

std::shared_ptr<Estimator> load_mean_shift(State& state) {
  ClusterModel::Parts parts;
  if (!read_centers(state, "cluster_centers_", parts)) return nullptr;
  if (!state.check(parts.centers.count() > 0, "cluster_centers_ is empty")) return nullptr;
  parts.label_type = ElementType::kInt64;
  return finish(std::move(parts));
}

std::shared_ptr<Estimator> load_affinity_propagation(State& state) {
  if (!state.has("cluster_centers_")) {
    state.unsupported("AffinityPropagation of a precomputed affinity has no prediction");
    return nullptr;
  }
  ClusterModel::Parts parts;
  if (!read_centers(state, "cluster_centers_", parts)) return nullptr;
  // Without any centre the array has no columns either.
  if (parts.centers.count() == 0 && state.given("n_features_in_")) {
    parts.width = static_cast<std::size_t>(std::max<std::int64_t>(state.integer("n_features_in_"), 0));
  }
  parts.label_type = ElementType::kInt64;
  return finish(std::move(parts));
}

}  // namespace

std::span<const Registered> kmeans_family() {
  static constexpr Registered kRows[] = {
      {"cluster", "KMeans", load_kmeans},
      {"cluster", "MiniBatchKMeans", load_kmeans},
      {"cluster", "BisectingKMeans", load_bisecting},
      {"cluster", "Birch", load_birch},
      {"cluster", "MeanShift", load_mean_shift},
      {"cluster", "AffinityPropagation", load_affinity_propagation},
  };
  return kRows;
}

}  // namespace cppickle::predict
