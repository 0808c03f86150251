// Which of several equally near neighbours are taken, and in what order they are given: the data structures
// of scikit-learn and numpy decide, so these do as they do.
#ifndef CPPICKLE_PREDICT_NEIGHBOR_ORDER_H_
#define CPPICKLE_PREDICT_NEIGHBOR_ORDER_H_

#include <cstddef>
#include <cstdint>

namespace cppickle::predict {

// The nearest so far, a heap whose first member is the farthest of them: NeighborsHeap and utils/_heap.pyx.
struct NearestHeap {
  double* distances;
  std::uint32_t* indices;
  std::size_t size;

  void clear(double farthest);
  // Only for a distance below distances[0].
  void push(double distance, std::uint32_t index);
};

// Both arrays by distance. Until 1.8 utils/_sorting.pyx was a quicksort, since then it is an introsort that
// leaves up to fifteen members in the order they are in.
void sort_neighbors(double* distances, std::uint32_t* indices, std::size_t count, bool introsort);

// What numpy's argpartition(values, k - 1)[:k] followed by argsort gives, k members of `chosen`, which has
// room for `count`.
void partition_as_numpy(const double* values, std::size_t count, std::size_t k, std::uint32_t* chosen);

// numpy's sum of an array: in pairs from eight members on. Rounded to float after each addition where
// `floats`.
double sum_as_numpy(const double* values, std::size_t count, bool floats = false);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_NEIGHBOR_ORDER_H_
