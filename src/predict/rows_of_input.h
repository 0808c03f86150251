// What a caller gives, as a batch.
#ifndef CPPICKLE_PREDICT_ROWS_OF_INPUT_H_
#define CPPICKLE_PREDICT_ROWS_OF_INPUT_H_

#include "cppickle/error.h"
#include "predict/batch.h"
#include "predict/workspace.h"

namespace cppickle::predict {

// `count` rows from `first` on; copied only where they are not doubles in rows already. kTypeMismatch for integers that
// no double holds, and for sparse rows whose positions and columns do not fit.
Result<Batch> rows_of_input(const Input& input, std::size_t first, std::size_t count, Workspace& memory);

// One value of a kColumns batch, whatever its column holds: integers of an integer type as kInt.
Cell cell_of_column(const Column& column, std::size_t row);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_ROWS_OF_INPUT_H_
