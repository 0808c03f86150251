// Finding a value's place among categories, as Python's dicts would: 1 == 1.0 == True, all NaNs are one.
#ifndef CPPICKLE_PREDICT_CATEGORY_TABLE_H_
#define CPPICKLE_PREDICT_CATEGORY_TABLE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "cppickle/model.h"

namespace cppickle::predict {

class CategoryTable {
 public:
  static constexpr std::int32_t kUnknown = -1;

  CategoryTable() = default;
  // Texts stay with their owner, who must live as long. Of equal categories the first counts. At most 2^30.
  explicit CategoryTable(std::vector<Cell> categories);

  std::size_t size() const { return cells_.size(); }
  const Cell& operator[](std::size_t index) const { return cells_[index]; }
  const std::vector<Cell>& cells() const { return cells_; }

  std::int32_t find(const Cell& cell) const;
  std::int32_t find(double number) const;
  std::int32_t find(std::string_view text) const { return find_text(Cell::Kind::kText, text); }

 private:
  struct Slot {
    std::uint32_t tag;  // other bits of the hash
    std::int32_t index;
  };
  std::int32_t find_text(Cell::Kind kind, std::string_view text) const;

  std::vector<Cell> cells_;
  std::vector<double> numbers_;  // NaN where the category is no number
  std::vector<Slot> slots_;      // a power of two, at most half full
  std::int32_t nan_ = kUnknown;
  std::int32_t none_ = kUnknown;
};

bool is_nan(const Cell& cell);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_CATEGORY_TABLE_H_
