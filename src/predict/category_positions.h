// Categories of a column as positions in a list: what boosters keep of a data frame's categories.
#ifndef CPPICKLE_PREDICT_CATEGORY_POSITIONS_H_
#define CPPICKLE_PREDICT_CATEGORY_POSITIONS_H_

#include <cmath>
#include <optional>
#include <string>
#include <unordered_map>

#include "cppickle/model.h"

namespace cppickle::predict {

class CategoryPositions {
 public:
  void add(const Cell& category) {
    const auto code = static_cast<double>(count_++);
    if (category.kind == Cell::Kind::kText) {
      of_text_.emplace(category.text, code);
    } else if (const auto number = number_of(category)) {
      of_number_.emplace(*number, code);
    }
  }
  // Empty for what is not there.
  std::optional<double> find(const Cell& category) const {
    if (category.kind == Cell::Kind::kText) return found_in(of_text_, std::string(category.text));
    const auto number = number_of(category);
    return number ? found_in(of_number_, *number) : std::nullopt;
  }
  static bool is_missing(const Cell& cell) {
    return cell.kind == Cell::Kind::kNone || (cell.kind == Cell::Kind::kReal && std::isnan(cell.real));
  }

 private:
  static std::optional<double> number_of(const Cell& cell) {
    switch (cell.kind) {
      case Cell::Kind::kBool:
      case Cell::Kind::kInt: return static_cast<double>(cell.integer);
      case Cell::Kind::kReal: return cell.real;
      default: return {};
    }
  }
  template <class Map, class Key>
  static std::optional<double> found_in(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? std::nullopt : std::optional<double>(found->second);
  }

  std::unordered_map<std::string, double> of_text_;
  std::unordered_map<double, double> of_number_;
  std::size_t count_ = 0;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_CATEGORY_POSITIONS_H_
