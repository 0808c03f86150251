// Rows in memory: columns of numbers, truth values or any cells, with the texts they point to.
#ifndef CPPICKLE_PREDICT_ROW_SET_H_
#define CPPICKLE_PREDICT_ROW_SET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "cppickle/model.h"
#include "cppickle/model_inspection.h"

namespace cppickle::predict {

struct RowColumn {
  std::string name;
  ElementType type = ElementType::kFloat64;  // or kBool, kObject: which of the vectors has the values
  std::vector<double> numbers = {};
  std::vector<std::uint8_t> flags = {};
  std::vector<Cell> cells = {};

  Cell cell(std::size_t row) const;
  // Cells become numbers or truth values where all of them are; None counts as a missing number.
  void settle();
};

class RowSet {
 public:
  std::vector<RowColumn> columns;
  bool has_names = false;
  std::size_t rows = 0;

  // A copy that lives until clear().
  std::string_view keep(std::string_view text);
  // Columns stay, without values.
  void clear();

  // As a model takes them; it lives until the next call and borrows from this. kTypeMismatch where rows of several
  // columns cannot be texts or labels.
  Result<Input> input(Takes takes, std::size_t first, std::size_t count);

 private:
  Input table(std::size_t first, std::size_t count);
  Input records(std::size_t first, std::size_t count);

  std::unique_ptr<Arena> texts_;
  std::vector<Column> table_;
  std::vector<Cell> cells_;
  std::vector<Entry> entries_;
  std::vector<std::int64_t> starts_;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_ROW_SET_H_
