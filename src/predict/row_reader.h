// Rows of a file for a model: where they come from, and what the model wants of them.
#ifndef CPPICKLE_PREDICT_ROW_READER_H_
#define CPPICKLE_PREDICT_ROW_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cppickle/error.h"
#include "cppickle/model.h"
#include "cppickle/model_inspection.h"

namespace cppickle::predict {

struct RowsWanted {
  Takes takes = Takes::kRows;
  std::vector<std::string> names = {};  // feature_names_in_; empty: columns go by position
  bool reorder = false;                 // columns may come in any order, and more of them
};

class RowReader {
 public:
  virtual ~RowReader() = default;

  // All there are, before any is read.
  virtual std::uint64_t rows() const = 0;
  // The next rows, at most `most`; none at the end. They live until the next call.
  virtual Result<Input> next(std::size_t most) = 0;
};

// For each column that the model wants, which of `given` it is. An error names those that are missing, too many or in
// another order. Where the model knows no names, all of them as they are.
Result<std::vector<std::size_t>> match_columns(std::span<const std::string> given, const RowsWanted& wanted);

// kTypeMismatch: rows that are not what the model takes.
std::unexpected<Error> bad_rows(std::string message);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_ROW_READER_H_
