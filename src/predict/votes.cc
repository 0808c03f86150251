#include "predict/votes.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cppickle::predict {

void add_confidences(double* votes, const double* sums, std::size_t count, bool by_largest_of_all) {
  if (!by_largest_of_all) {
    for (std::size_t i = 0; i < count; ++i) votes[i] += sums[i] / (3 * (std::abs(sums[i]) + 1));
    return;
  }
  if (count == 0) return;
  const auto [least, most] = std::minmax_element(sums, sums + count);
  if (*least == *most) return;
  const double scale = (0.5 - std::numeric_limits<double>::epsilon()) / std::max(std::abs(*least), std::abs(*most));
  for (std::size_t i = 0; i < count; ++i) votes[i] += sums[i] * scale;
}

}  // namespace cppickle::predict
