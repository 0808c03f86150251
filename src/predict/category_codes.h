// Categories of columns as numbers: what OrdinalEncoder does before HistGradientBoosting's trees.
#ifndef CPPICKLE_PREDICT_CATEGORY_CODES_H_
#define CPPICKLE_PREDICT_CATEGORY_CODES_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "predict/state.h"

namespace cppickle::predict {

// Position of a value in a list of categories; NaN for what is missing or not in the list.
class CategoryCodes {
 public:
  explicit CategoryCodes(const Cells& categories);

  double of(double value) const;
  double of(const Cell& value) const;
  // The codes of all rows of a column, whatever it holds; infinity of a column of numbers becomes an infinite code.
  void of_column(const Column& column, std::size_t rows, double* out, Workspace& memory) const;

 private:
  std::vector<std::pair<double, double>> numbers_;       // sorted: value, code
  std::vector<std::pair<std::string, double>> texts_;    // likewise
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_CATEGORY_CODES_H_
