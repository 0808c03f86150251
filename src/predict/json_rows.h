// Rows written as JSON.
#ifndef CPPICKLE_PREDICT_JSON_ROWS_H_
#define CPPICKLE_PREDICT_JSON_ROWS_H_

#include <memory>
#include <string_view>

#include "predict/row_reader.h"

namespace cppickle::predict {

//   [[5.1, 3.5], [4.9, 3.0]]                        rows of values
//   [{"a": 5.1, "b": null}, {"a": 4.9}]             a record for each row
//   {"columns": ["a", "b"], "data": [[5.1, 3.5]]}   pandas' orient="split"; other members are left out
//   ["a document", "another"]                       texts or labels
//
// Values are numbers, texts, true, false and null. A column of numbers and null becomes float64 with NaN, one of true
// and false bool, others cells. All of it is read at once. kBadJson for what is no JSON or of another form.
Result<std::unique_ptr<RowReader>> json_rows(std::string_view text, const RowsWanted& wanted);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_JSON_ROWS_H_
