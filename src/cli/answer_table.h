// All answers of a method, from here or from elsewhere, and how they differ.
#ifndef CPPICKLE_CLI_ANSWER_TABLE_H_
#define CPPICKLE_CLI_ANSWER_TABLE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cppickle/model.h"

namespace cppickle::cli {

struct AnswerTable {
  std::size_t rows = 0;
  std::size_t columns = 0;
  bool is_vector = false;            // of one dimension
  bool is_text = false;              // which of the two below has the values
  bool is_float32 = false;           // numbers of less than 64 bits
  std::vector<double> numbers = {};  // row-major
  std::vector<std::string> texts = {};

  std::string shape() const;  // "(150, 3)"
};

AnswerTable table_of(const predict::Output& output);
// Of a .npy file.
Result<AnswerTable> read_answers(const std::string& path);

struct Comparison {
  std::string problem = {};  // why there is nothing to compare: shapes, texts against numbers
  std::size_t count = 0;
  std::size_t equal = 0;
  std::size_t close = 0;  // not equal, and within the tolerance
  double tolerance = 0;
  double largest = 0;           // difference
  double largest_relative = 0;  // to the largest of the expected numbers
  std::size_t row = 0;          // of the largest difference, or of the first text that is another
  std::size_t column = 0;
  std::string got = {};  // there
  std::string expected = {};

  bool passes() const { return problem.empty() && equal + close == count; }
};

// `tolerance` is relative to the largest finite expected number; none: 1e-12, and 1e-6 where one side has float32. With
// `halves`, the columns are two arrays side by side, each with numbers of its own size: kneighbors.
Comparison compare(const AnswerTable& got, const AnswerTable& expected, std::optional<double> tolerance, bool halves);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_ANSWER_TABLE_H_
