// Which columns a ColumnTransformer gives to a transformer: positions or names, however the file spells them.
#ifndef CPPICKLE_PREDICT_COLUMNS_H_
#define CPPICKLE_PREDICT_COLUMNS_H_

#include <string>
#include <vector>

#include "predict/state.h"

namespace cppickle::predict {

struct ColumnChoice {
  bool by_name = false;     // the file names them: scikit-learn takes data frames only
  bool is_single = false;   // a name or position alone: the transformer gets one dimension
  std::vector<std::string> names;         // where by_name
  std::vector<std::int64_t> positions;    // else; negative ones count from the end
  bool empty() const { return names.empty() && positions.empty(); }
};

// A name, a position, lists of them, a mask, a slice (of names both ends are included). `known` are the names at fit, as
// far as they are known, `width` the number of columns or 0.
ColumnChoice read_columns(const State& state, const Value& value, const std::string& place,
                          const std::vector<std::string>& known, std::size_t width);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_COLUMNS_H_
