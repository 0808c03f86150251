#include "predict/neighbor_order.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace cppickle::predict {
namespace {

struct Neighbors {
  double* distances;
  std::uint32_t* indices;
  void swap(std::size_t a, std::size_t b) const {
    std::swap(distances[a], distances[b]);
    std::swap(indices[a], indices[b]);
  }
};

// The middle of three goes to the end, the smallest to the begin.
void place_pivot(const Neighbors& n, std::size_t count) {
  const double* const d = n.distances;
  const std::size_t middle = count / 2, last = count - 1;
  if (d[0] > d[last]) n.swap(0, last);
  if (d[last] > d[middle]) {
    n.swap(last, middle);
    if (d[0] > d[last]) n.swap(0, last);
  }
}

void sort_three(const Neighbors& n, std::size_t count) {
  const double* const d = n.distances;
  if (count < 2) return;
  if (d[0] > d[1]) n.swap(0, 1);
  if (count < 3 || !(d[1] > d[2])) return;
  n.swap(1, 2);
  if (d[0] > d[1]) n.swap(0, 1);
}

void insertion_sort(const Neighbors& n, std::size_t count) {
  for (std::size_t i = 1; i < count; ++i) {
    for (std::size_t j = i; j > 0 && n.distances[j - 1] > n.distances[j]; --j) n.swap(j, j - 1);
  }
}

// Where the pivot comes to lie: those before it are smaller, none after it is.
std::size_t partition_one_way(const Neighbors& n, std::size_t count) {
  place_pivot(n, count);
  std::size_t place = 0;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    if (n.distances[i] < n.distances[count - 1]) n.swap(i, place++);
  }
  n.swap(place, count - 1);
  return place;
}

// Likewise from both ends; equal ones are on both sides.
std::size_t partition_two_ways(const Neighbors& n, std::size_t count) {
  place_pivot(n, count);
  const double pivot = n.distances[count - 1];
  std::size_t i = 1, j = count - 2;
  while (true) {
    while (i <= j && n.distances[i] < pivot) ++i;
    while (i <= j && n.distances[j] > pivot) --j;
    if (i >= j) break;
    n.swap(i++, j--);
  }
  n.swap(i, count - 1);
  return i;
}

// numpy/core/src/npysort/quicksort: insertion up to sixteen members, else parts around the median of three.
void argsort_as_numpy(const double* v, std::uint32_t* at, std::size_t count) {
  struct Part {
    std::size_t begin, last;
  };
  Part waiting[64];
  std::size_t parts = 0, rounds = 0;
  Part now{0, count - 1};
  while (true) {
    while (now.last > now.begin + 15) {
      const std::size_t middle = now.begin + (now.last - now.begin) / 2;
      if (v[at[middle]] < v[at[now.begin]]) std::swap(at[middle], at[now.begin]);
      if (v[at[now.last]] < v[at[middle]]) std::swap(at[now.last], at[middle]);
      if (v[at[middle]] < v[at[now.begin]]) std::swap(at[middle], at[now.begin]);
      const double pivot = v[at[middle]];
      std::size_t i = now.begin, j = now.last - 1;
      std::swap(at[middle], at[j]);
      while (true) {
        do ++i;
        while (v[at[i]] < pivot);
        do --j;
        while (pivot < v[at[j]]);
        if (i >= j) break;
        std::swap(at[i], at[j]);
      }
      std::swap(at[i], at[now.last - 1]);
      Part left{now.begin, i - 1}, right{i + 1, now.last};
      if (i - now.begin > now.last - i) std::swap(left, right);
      waiting[parts++] = right;
      now = left;
      // numpy then takes a heap; only the order of equal ones is another.
      if (++rounds > 4096)
        return std::stable_sort(at, at + count, [v](auto a, auto b) { return v[a] < v[b]; });
    }
    for (std::size_t i = now.begin + 1; i <= now.last; ++i) {
      for (std::size_t j = i; j > now.begin && v[at[j]] < v[at[j - 1]]; --j) std::swap(at[j], at[j - 1]);
    }
    if (parts == 0) return;
    now = waiting[--parts];
  }
}

// More than so many are sorted without their order being that of scikit-learn where they are equal: its time
// may grow with the square of their number.
constexpr std::size_t kMost = 4096;

}  // namespace

void NearestHeap::clear(double farthest) {
  std::fill_n(distances, size, farthest);
  std::fill_n(indices, size, 0U);
}

void NearestHeap::push(double distance, std::uint32_t index) {
  std::size_t at = 0;
  while (true) {
    const std::size_t left = 2 * at + 1, right = left + 1;
    if (left >= size) break;
    const std::size_t larger = right < size && !(distances[left] >= distances[right]) ? right : left;
    if (!(distance < distances[larger])) break;
    distances[at] = distances[larger];
    indices[at] = indices[larger];
    at = larger;
  }
  distances[at] = distance;
  indices[at] = index;
}

void sort_neighbors(double* distances, std::uint32_t* indices, std::size_t count, bool introsort) {
  const std::size_t small = introsort ? 15 : 3;
  if (count <= small) {
    const Neighbors all{distances, indices};
    return introsort ? insertion_sort(all, count) : sort_three(all, count);
  }
  if (count > kMost) {
    std::vector<std::pair<double, std::uint32_t>> pairs(count);
    for (std::size_t i = 0; i < count; ++i) pairs[i] = {distances[i], indices[i]};
    std::ranges::stable_sort(pairs, [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < count; ++i) {
      distances[i] = pairs[i].first;
      indices[i] = pairs[i].second;
    }
    return;
  }
  // The larger part waits, so that few wait.
  struct Part {
    std::size_t begin, count;
  };
  Part waiting[64];
  std::size_t parts = 0;
  Part now{0, count};
  while (true) {
    const Neighbors part{distances + now.begin, indices + now.begin};
    if (now.count <= small) {
      introsort ? insertion_sort(part, now.count) : sort_three(part, now.count);
      if (parts == 0) return;
      now = waiting[--parts];
      continue;
    }
    const std::size_t pivot =
        introsort ? partition_two_ways(part, now.count) : partition_one_way(part, now.count);
    Part left{now.begin, pivot}, right{now.begin + pivot + 1, now.count - pivot - 1};
    if (left.count > right.count) std::swap(left, right);
    waiting[parts++] = right;
    now = left;
  }
}

// numpy/core/src/npysort/selection: the median of three, or for the first three places the smallest one by
// one.
void partition_as_numpy(const double* v, std::size_t count, std::size_t k, std::uint32_t* at) {
  std::iota(at, at + count, 0U);
  const std::size_t wanted = k - 1;
  if (wanted == count - 1) {
    std::size_t largest = 0;
    for (std::size_t i = 1; i < count; ++i) {
      if (!(v[at[i]] < v[at[largest]])) largest = i;
    }
    std::swap(at[wanted], at[largest]);
  } else if (wanted < 3) {
    for (std::size_t i = 0; i <= wanted; ++i) {
      std::size_t smallest = i;
      for (std::size_t j = i + 1; j < count; ++j) {
        if (v[at[j]] < v[at[smallest]]) smallest = j;
      }
      std::swap(at[i], at[smallest]);
    }
  } else {
    std::size_t low = 0, high = count - 1, rounds = 0;
    while (low + 1 < high) {
      // numpy then chooses its pivots with more care; what is equal comes in another order here.
      if (++rounds > 128) {
        std::nth_element(at + low, at + wanted, at + high + 1,
                         [v](std::uint32_t a, std::uint32_t b) { return v[a] < v[b]; });
        break;
      }
      const std::size_t middle = low + (high - low) / 2;
      if (v[at[high]] < v[at[middle]]) std::swap(at[high], at[middle]);
      if (v[at[high]] < v[at[low]]) std::swap(at[high], at[low]);
      if (v[at[low]] < v[at[middle]]) std::swap(at[low], at[middle]);
      std::swap(at[middle], at[low + 1]);
      const double pivot = v[at[low]];
      std::size_t i = low + 1, j = high;
      while (true) {
        do ++i;
        while (v[at[i]] < pivot);
        do --j;
        while (pivot < v[at[j]]);
        if (j < i) break;
        std::swap(at[i], at[j]);
      }
      std::swap(at[low], at[j]);
      if (j >= wanted) high = j - 1;
      if (j <= wanted) low = i;
    }
    if (rounds <= 128 && high == low + 1 && v[at[high]] < v[at[low]]) std::swap(at[high], at[low]);
  }
  argsort_as_numpy(v, at, k);
}

double sum_as_numpy(const double* values, std::size_t count, bool floats) {
  const auto rounded = [floats](double sum) {
    return floats ? static_cast<double>(static_cast<float>(sum)) : sum;
  };
  if (count < 8) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum = rounded(sum + values[i]);
    return sum;
  }
  if (count > 128) {
    const std::size_t half = count / 2 / 8 * 8;
    return rounded(sum_as_numpy(values, half, floats) + sum_as_numpy(values + half, count - half, floats));
  }
  double sums[8];
  std::copy_n(values, 8, sums);
  std::size_t i = 8;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] = rounded(sums[k] + values[i + k]);
  }
  double sum = rounded(rounded(rounded(sums[0] + sums[1]) + rounded(sums[2] + sums[3])) +
                       rounded(rounded(sums[4] + sums[5]) + rounded(sums[6] + sums[7])));
  for (; i < count; ++i) sum = rounded(sum + values[i]);
  return sum;
}

}  // namespace cppickle::predict
