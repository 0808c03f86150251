// scipy's sparse matrices and arrays as they stand in a pickle, checked.
#ifndef CPPICKLE_DOCUMENT_SPARSE_VIEW_H_
#define CPPICKLE_DOCUMENT_SPARSE_VIEW_H_

#include <cstdint>
#include <vector>

#include "cppickle/array_view.h"

namespace cppickle {

// Compressed rows, whatever the file holds: row_starts has rows + 1 positions that do not decrease, every index is below
// `columns`. Elements of a row come in the file's order; a place may be named twice, its elements then add up.
struct SparseMatrix {
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  DType dtype;
  std::vector<std::uint64_t> row_starts;
  std::vector<std::uint64_t> indices;
  std::vector<double> values;
};

// csr, csc, coo and dia, matrices and arrays (scipy 0.x to 1.x write the same attributes; coo has `coords` since 1.11).
// kTypeMismatch if the value is none of these, kCorrupt if its parts do not fit, kLimit for more rows than `most_rows`.
Result<SparseMatrix> sparse_matrix(const Value& value, std::uint64_t most_rows = std::uint64_t{1} << 26);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_SPARSE_VIEW_H_
