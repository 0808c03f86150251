#include "predict/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "predict/product.h"

namespace cppickle::predict {

bool Nearest::read(const State& state) {
  const std::string metric = state.text_or("effective_metric_", state.text_or("metric", "minkowski"));
  double p = state.number_or("p", 2);
  if (const auto parameters = state.get("effective_metric_params_")) {
    for (const Pair pair : parameters->pairs()) {
      const auto number = number_of(pair.value);
      if (pair.key.text() == "p" && number) {
        p = *number;
      } else {
        return state.unsupported(fmt::format("a metric with the parameter {} is not supported", pair.key.text()));
      }
    }
  }
  if (metric == "minkowski" && p != 1 && p != 2) {
    metric_ = Metric::kMinkowski;
  } else if (metric == "euclidean" || metric == "l2" || (metric == "minkowski" && p == 2)) {
    metric_ = Metric::kEuclidean;
  } else if (metric == "manhattan" || metric == "cityblock" || metric == "l1" || (metric == "minkowski" && p == 1)) {
    metric_ = Metric::kManhattan;
  } else if (metric == "chebyshev") {
    metric_ = Metric::kChebyshev;
  } else {
    return state.unsupported(fmt::format("the metric {} is not supported", metric));
  }
  p_ = p;
  const Matrix data = state.matrix("_fit_X");
  if (!state.ok() || !state.check(data.rows > 0 && data.rows < 0xFFFFFFFF && p > 0, "no rows to compare with")) return false;
  rows_ = data.rows;
  columns_ = data.columns;
  by_column_.resize(data.values.size());
  for (std::size_t r = 0; r < rows_; ++r) {
    for (std::size_t c = 0; c < columns_; ++c) by_column_[c * rows_ + r] = data.values[r * columns_ + c];
  }
  return true;
}

void Nearest::distances(const double* row, std::size_t first, std::size_t count, double* out) const {
  std::fill_n(out, count, 0.0);
  for (std::size_t c = 0; c < columns_; ++c) {
    const double* const column = by_column_.data() + c * rows_ + first;
    const double x = row[c];
    switch (metric_) {
      case Metric::kEuclidean: add_squared_differences(column, x, count, out); break;
      case Metric::kManhattan:
        for (std::size_t i = 0; i < count; ++i) out[i] += std::abs(column[i] - x);
        break;
      case Metric::kChebyshev:
        for (std::size_t i = 0; i < count; ++i) out[i] = std::max(out[i], std::abs(column[i] - x));
        break;
      case Metric::kMinkowski:
        for (std::size_t i = 0; i < count; ++i) out[i] += std::pow(std::abs(column[i] - x), p_);
        break;
    }
  }
}

Neighbour* Nearest::search(const Batch& x, std::size_t count, Workspace& memory) const {
  constexpr std::size_t kBlock = 1024;
  auto* const found = memory.make<Neighbour>(x.rows * count);
  auto* const held = memory.make<std::size_t>(x.rows);
  double* const block = memory.numbers(kBlock);
  std::fill_n(held, x.rows, std::size_t{0});
  for (std::size_t first = 0; first < rows_; first += kBlock) {
    const std::size_t size = std::min(kBlock, rows_ - first);
    for (std::size_t r = 0; r < x.rows; ++r) {
      distances(x.values + r * columns_, first, size, block);
      Neighbour* const heap = found + r * count;  // the largest of the nearest lies first
      std::size_t i = 0;
      for (; i < size && held[r] < count; ++i) {
        heap[held[r]++] = {block[i], static_cast<std::uint32_t>(first + i)};
        std::push_heap(heap, heap + held[r]);
      }
      for (; i < size; ++i) {
        if (!(block[i] < heap[0].distance)) continue;
        std::pop_heap(heap, heap + count);
        heap[count - 1] = {block[i], static_cast<std::uint32_t>(first + i)};
        std::push_heap(heap, heap + count);
      }
    }
  }
  for (std::size_t r = 0; r < x.rows; ++r) {
    Neighbour* const heap = found + r * count;
    std::sort_heap(heap, heap + count);
    for (std::size_t i = 0; i < count; ++i) {
      if (metric_ == Metric::kEuclidean) heap[i].distance = std::sqrt(heap[i].distance);
      if (metric_ == Metric::kMinkowski) heap[i].distance = std::pow(heap[i].distance, 1 / p_);
    }
  }
  return found;
}

}  // namespace cppickle::predict
