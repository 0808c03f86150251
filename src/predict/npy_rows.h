// Rows of a numpy array file.
#ifndef CPPICKLE_PREDICT_NPY_ROWS_H_
#define CPPICKLE_PREDICT_NPY_ROWS_H_

#include <memory>

#include "io/bytes.h"
#include "predict/row_reader.h"

namespace cppickle::predict {

// What a .npy file holds, checked: numbers, truth values or texts (numpy's U) of one or two dimensions.
struct NpyArray {
  char kind = 'f';            // b, i, u, f or U
  std::size_t item_size = 8;  // bytes
  bool is_swapped = false;    // of the other byte order
  bool is_fortran_order = false;
  std::size_t rows = 0;
  std::size_t columns = 1;
  bool is_vector = false;  // one dimension
  std::string_view data;

  // One element: numbers of 64 bits are rounded to a double.
  double number(std::size_t row, std::size_t column) const;
  // The same with whole numbers as they are; those past int64 as doubles.
  Cell cell(std::size_t row, std::size_t column) const;
  std::string text(std::size_t row, std::size_t column) const;

 private:
  std::string_view element(std::size_t row, std::size_t column) const;
};
Result<NpyArray> npy_array(ByteSpan file);

// Arrays of two dimensions; of one dimension for texts and labels. Reads elements where they lie.
Result<std::unique_ptr<RowReader>> npy_rows(Bytes file, const RowsWanted& wanted);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_NPY_ROWS_H_
