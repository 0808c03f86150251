#include "predict/neighbor_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cppickle/python_value.h"
#include "predict/estimator.h"

namespace cppickle::predict {
namespace {

constexpr std::size_t kLanes = RowBlocks::kLanes;

void normalize(double* row, std::size_t width, SquaredNorm kind) {
  double norm = std::sqrt(squared_norm(row, width, kind));
  if (norm == 0) norm = 1;
  for (std::size_t k = 0; k < width; ++k) row[k] /= norm;
}

bool is_sparse_matrix(const State& state, std::string_view name) {
  const auto value = state.get(name);
  const auto object = value ? object_view(*value) : std::nullopt;
  return object && object->type.module.starts_with("scipy.");
}

}  // namespace

bool NeighborSearch::read(const State& state) {
  Matrix data = state.matrix("_fit_X");
  method_ = state.text_or("_fit_method", "brute");
  if (!state.ok() || !state.check(data.rows > 0, "_fit_X has no rows")) return false;
  if (!state.check(data.rows < std::numeric_limits<std::uint32_t>::max(), "_fit_X has too many rows"))
    return false;
  if (!metric_.read(state, data.columns)) return false;
  for (const double value : data.values) {
    if (std::isnan(value)) return state.unsupported("training rows with NaN are not supported");
  }
  version_ = state.version() == Version{} ? Version{99, 0} : state.version();
  is_brute_ = method_ != "kd_tree" && method_ != "ball_tree";
  is_sparse_ = is_sparse_matrix(state, "_fit_X");
  type_ = data.type;
  introsort_ = version_ >= Version{1, 9};
  using Kind = NeighborMetric::Kind;
  const SquaredNorm norm = is_sparse_ ? SquaredNorm::kInOrder : norm_of_rows(version_);
  if (!is_brute_) {
    if (!state.check(metric_.kind != Kind::kCosine && metric_.kind != Kind::kSquaredEuclidean,
                     "a tree of such a metric")) {
      return false;
    }
    const auto tree = state.get("_tree");
    tree_.emplace();
    if (!tree || !tree_->read(*tree, data, metric_, state)) tree_.reset();
    if (!state.ok()) return false;
  } else if (metric_.kind == Kind::kCosine) {
    for (std::size_t i = 0; i < data.rows; ++i)
      normalize(data.values.data() + i * data.columns, data.columns, norm);
  } else if (metric_.kind == Kind::kEuclidean || metric_.kind == Kind::kSquaredEuclidean) {
    norms_.resize((data.rows + kLanes - 1) / kLanes * kLanes);
    partition_norms_.resize(norms_.size());
    for (std::size_t i = 0; i < data.rows; ++i) {
      norms_[i] =
          squared_norm(data.row(i), data.columns, is_sparse_ ? SquaredNorm::kInOrder : SquaredNorm::kBlas);
      partition_norms_[i] = squared_norm(data.row(i), data.columns, norm);
    }
  }
  rows_ = RowBlocks(data.values.data(), data.rows, data.columns);
  return true;
}

NeighborSearch::Way NeighborSearch::way_of(ElementType type, bool rows_are_sparse) const {
  using Kind = NeighborMetric::Kind;
  Way way;
  if (!is_brute_) return way;  // a tree that could not be read: its distances, in the order of the rows
  const bool both_float32 = type == ElementType::kFloat32 && type_ == ElementType::kFloat32;
  const bool both_float64 = type == ElementType::kFloat64 && type_ == ElementType::kFloat64;
  // Float32 came to ArgKmin in 1.2, sparse rows too.
  const Version since = both_float32 || is_sparse_ ? Version{1, 2} : Version{1, 1};
  const bool is_argkmin = version_ >= since && (both_float32 || both_float64) &&
                          rows_are_sparse == is_sparse_ && metric_.kind != Kind::kCosine &&
                          metric_.kind != Kind::kHamming;
  const bool is_euclidean = metric_.kind == Kind::kEuclidean;
  way.partitions = !is_argkmin;
  way.fused = has_fused_products(version_) && !is_sparse_ && !rows_are_sparse;
  if (is_argkmin) {
    // 'l2' is one of the metrics without a way of its own.
    way.expands = (is_euclidean && !metric_.named_l2) || metric_.kind == Kind::kSquaredEuclidean;
    way.floats = both_float32 && !way.expands;
    way.norm = is_sparse_ ? SquaredNorm::kInOrder : SquaredNorm::kBlas;
    way.norms = &norms_;
  } else {
    way.expands = is_euclidean;
    way.keeps_reduced = is_euclidean && !metric_.named_l2;
    way.floats = both_float32 && way.expands;
    way.norm = rows_are_sparse ? SquaredNorm::kInOrder : norm_of_rows(version_);
    way.norms = &partition_norms_;
  }
  return way;
}

const double* NeighborSearch::prepared(const Batch& x, Workspace& memory) const {
  if (metric_.kind != NeighborMetric::Kind::kCosine) return x.values;
  double* const rows = memory.numbers(x.rows * x.columns);
  std::copy_n(x.values, x.rows * x.columns, rows);
  for (std::size_t r = 0; r < x.rows; ++r) normalize(rows + r * x.columns, x.columns, norm_of_rows(version_));
  return rows;
}

void NeighborSearch::nearest(const Batch& x, bool rows_are_sparse, std::size_t k, double* distances,
                             std::uint32_t* indices, Workspace& memory) const {
  const Way way = way_of(x.type, rows_are_sparse);
  if (way.partitions) return nearest_by_partition(x, way, k, distances, indices, memory);
  if (tree_) {
    double* const room = memory.numbers(tree_->room());
    for (std::size_t r = 0; r < x.rows; ++r) {
      NearestHeap heap{distances + r * k, indices + r * k, k};
      heap.clear(HUGE_VAL);
      tree_->nearest(x.values + r * x.columns, heap, room);
      sort_neighbors(heap.distances, heap.indices, k, introsort_);
    }
  } else {
    nearest_brute(x, way, k, distances, indices, memory);
  }
  for (std::size_t i = 0; i < x.rows * k; ++i) distances[i] = metric_.distance_of(distances[i]);
  if (way.floats) round_all(distances, x.rows * k, ElementType::kFloat32);
}

void NeighborSearch::reduced(const double* x, const double* norms, std::size_t rows, const Way& way,
                             std::size_t first, std::size_t last, double* out, std::size_t stride) const {
  const std::size_t count = (last - first) * kLanes;
  const bool is_cosine = metric_.kind == NeighborMetric::Kind::kCosine;
  if (!way.expands && !is_cosine) {
    for (std::size_t r = 0; r < rows; ++r)
      metric_.reduced(rows_, x + r * width(), first, last, out + r * stride, way.floats);
  } else if (way.fused) {
    rows_.fused_products_of(x, rows, first, last, out, stride);
  } else {
    rows_.products_of(x, rows, first, last, out, stride);
  }
  for (std::size_t r = 0; r < rows; ++r) {
    double* const of_row = out + r * stride;
    for (std::size_t i = 0; i < count && is_cosine; ++i) of_row[i] = std::clamp(1 - of_row[i], 0.0, 2.0);
    if (way.expands) {
      const double* const others = way.norms->data() + first * kLanes;
      // In the order of additions that both ArgKmin and euclidean_distances() have.
      for (std::size_t i = 0; i < count; ++i)
        of_row[i] = std::max(0.0, norms[r] + -2 * of_row[i] + others[i]);
    }
    if (way.floats) round_all(of_row, count, ElementType::kFloat32);
  }
}

void NeighborSearch::nearest_brute(const Batch& x, const Way& way, std::size_t k, double* distances,
                                   std::uint32_t* indices, Workspace& memory) const {
  constexpr std::size_t kRows = 4, kBlocks = 32, kStride = kBlocks * kLanes;
  constexpr double kFarthest = std::numeric_limits<double>::max();
  double* const room = memory.numbers(kRows * kStride);
  double* const kept = memory.numbers(k);
  std::uint32_t* const kept_indices = memory.make<std::uint32_t>(k);
  const auto heap_of = [&](std::size_t r) { return NearestHeap{distances + r * k, indices + r * k, k}; };
  for (std::size_t r = 0; r < x.rows; r += kRows) {
    const std::size_t together = std::min(kRows, x.rows - r);
    double norms[kRows] = {};
    for (std::size_t i = 0; i < together; ++i) {
      heap_of(r + i).clear(kFarthest);
      if (way.expands) norms[i] = squared_norm(x.values + (r + i) * width(), width(), way.norm);
    }
    for (std::size_t first = 0; first < rows_.blocks(); first += kBlocks) {
      const std::size_t last = std::min(first + kBlocks, rows_.blocks());
      reduced(x.values + r * width(), norms, together, way, first, last, room, kStride);
      for (std::size_t i = 0; i < together; ++i) {
        const double* const of_row = room + i * kStride;
        NearestHeap heap = heap_of(r + i);
        const std::size_t begin = first * kLanes, end = std::min(last * kLanes, count());
        for (std::size_t j = begin; j < end; ++j) {
          if (of_row[j - begin] < heap.distances[0])
            heap.push(of_row[j - begin], static_cast<std::uint32_t>(j));
        }
      }
    }
  }
  for (std::size_t r = 0; r < x.rows; ++r) {
    NearestHeap heap = heap_of(r);
    if (is_brute_) {
      // For few rows ArgKmin keeps a heap for each part of the training rows, and fills the last one from
      // those.
      std::copy_n(heap.distances, k, kept);
      std::copy_n(heap.indices, k, kept_indices);
      heap.clear(kFarthest);
      for (std::size_t i = 0; i < k; ++i) {
        if (kept[i] < heap.distances[0]) heap.push(kept[i], kept_indices[i]);
      }
    }
    sort_neighbors(heap.distances, heap.indices, k, introsort_);
  }
}

void NeighborSearch::nearest_by_partition(const Batch& x, const Way& way, std::size_t k, double* distances,
                                          std::uint32_t* indices, Workspace& memory) const {
  const double* const rows = prepared(x, memory);
  double* const all = memory.numbers(padded());
  std::uint32_t* const chosen = memory.make<std::uint32_t>(count());
  for (std::size_t r = 0; r < x.rows; ++r) {
    const double* const row = rows + r * width();
    const double norm = way.expands ? squared_norm(row, width(), way.norm) : 0;
    reduced(row, &norm, 1, way, 0, rows_.blocks(), all, 0);
    for (std::size_t i = 0; i < count() && !way.keeps_reduced; ++i) all[i] = metric_.distance_of(all[i]);
    choose(all, k, distances + r * k, indices + r * k, chosen);
  }
  for (std::size_t i = 0; i < x.rows * k && way.keeps_reduced; ++i)
    distances[i] = metric_.distance_of(distances[i]);
  if (way.floats) round_all(distances, x.rows * k, ElementType::kFloat32);
}

double NeighborSearch::all_distances(const Batch& x, std::size_t row, bool rows_are_sparse, double radius,
                                     double* out, Workspace& memory) const {
  const Way way = way_of(x.type, rows_are_sparse);
  Batch one = x;
  one.rows = 1;
  one.values = x.values + row * width();
  const double* const values = prepared(one, memory);
  const double norm = way.expands ? squared_norm(values, width(), way.norm) : 0;
  reduced(values, &norm, 1, way, 0, rows_.blocks(), out, 0);
  if (way.keeps_reduced) return metric_.reduced_of(radius);
  for (std::size_t i = 0; i < count(); ++i) out[i] = metric_.distance_of(out[i]);
  return radius;
}

void NeighborSearch::choose(const double* all, std::size_t k, double* distances, std::uint32_t* indices,
                            std::uint32_t* chosen) const {
  NearestHeap heap{distances, indices, k};
  heap.clear(HUGE_VAL);
  for (std::size_t j = 0; j < count(); ++j) {
    if (all[j] < heap.distances[0]) heap.push(all[j], static_cast<std::uint32_t>(j));
  }
  const double farthest = heap.distances[0];
  sort_neighbors(distances, indices, k, true);
  // Where no two are equally near there is but one answer.
  bool is_clear = std::adjacent_find(distances, distances + k) == distances + k;
  for (std::size_t j = 0, within = 0; j < count() && is_clear; ++j) {
    within += all[j] <= farthest ? 1 : 0;
    is_clear = within <= k;
  }
  if (is_clear) return;
  partition_as_numpy(all, count(), k, chosen);
  for (std::size_t i = 0; i < k; ++i) {
    indices[i] = chosen[i];
    distances[i] = all[chosen[i]];
  }
}

}  // namespace cppickle::predict
