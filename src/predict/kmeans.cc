// k-means: the nearest centre, and the distances to all (sklearn/cluster/_kmeans.py).
#include <algorithm>
#include <cmath>

#include "predict/product.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

class KMeans final : public Estimator {
 public:
  explicit KMeans(Matrix centres) : centres_(std::move(centres)) {
    facts().features_in = centres_.columns;
  }

  bool has(Method method) const override { return method == Method::kPredict || method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const auto x = numbers(rows, memory, {});
    if (!x) return x;
    const std::size_t count = centres_.rows;
    double* const distances = memory.numbers(x->rows * count);
    for (std::size_t r = 0; r < x->rows; ++r) {
      for (std::size_t c = 0; c < count; ++c) {
        distances[r * count + c] = squared_distance(x->values + r * x->columns, centres_.row(c), x->columns);
      }
    }
    if (method == Method::kTransform) {
      for (std::size_t i = 0; i < x->rows * count; ++i) distances[i] = std::sqrt(distances[i]);
      const ElementType type = x->type == centres_.type ? x->type : ElementType::kFloat64;
      round_all(distances, x->rows * count, type);
      return Batch::dense(distances, x->rows, count, type);
    }
    double* const out = memory.numbers(x->rows);
    for (std::size_t r = 0; r < x->rows; ++r) {
      const double* const row = distances + r * count;
      out[r] = static_cast<double>(std::min_element(row, row + count) - row);
    }
    return Batch::vector(out, x->rows, ElementType::kInt32);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>&) const override {
    return numbered_names(centres_.rows);
  }

 private:
  Matrix centres_;
};

std::shared_ptr<Estimator> load(State& state) {
  Matrix centres = state.matrix("cluster_centers_");
  if (!state.ok() || !state.check(centres.rows > 0, "no centres")) return nullptr;
  return std::make_shared<KMeans>(std::move(centres));
}

}  // namespace

std::span<const Registered> kmeans_family() {
  static constexpr Registered kRows[] = {{"cluster", "KMeans", load}, {"cluster", "MiniBatchKMeans", load}};
  return kRows;
}

}  // namespace cppickle::predict
