// Looks ahead in a pickle for the memo entries that it fetches.
#ifndef CPPICKLE_PYTHON_FETCHED_H_
#define CPPICKLE_PYTHON_FETCHED_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "input.h"

namespace cppickle::python {

// Which memo entries of the rest of a pickle are fetched.
class Fetched {
 public:
  bool known() const { return known_; }
  bool contains(std::uint64_t index) const {
    return index / 64 < bits_.size() && (bits_[index / 64] >> index % 64 & 1) != 0;
  }
  // Reads the instructions from the input's position up to STOP. Leaves all unknown where it cannot.
  void find(Input& input, std::uint64_t first);

 private:
  // False for an entry beyond what the input can have put: it is hostile, and nothing is allocated for it.
  bool add(std::uint64_t index) {
    if (index / 64 >= bits_.size()) [[unlikely]] {
      if (index >= most_) return false;
      bits_.resize(std::max<std::size_t>(index / 64 + 1, bits_.size() * 2));
    }
    bits_[index / 64] |= std::uint64_t{1} << index % 64;
    return true;
  }
  bool add_any(const Instruction& in);

  bool known_ = false;
  std::uint64_t most_ = 0;
  std::vector<std::uint64_t> bits_;
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_FETCHED_H_
