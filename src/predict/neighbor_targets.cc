#include "predict/neighbor_targets.h"

#include <cmath>

namespace cppickle::predict {

bool NeighborTargets::read(const State& state, const NeighborSearch& search) {
  const Numbers numbers = state.array("_y");
  if (!state.ok()) return false;
  is_vector = numbers.shape.size() == 1;
  if (!state.check(numbers.shape.size() == 1 || numbers.shape.size() == 2,
                   "_y has neither one nor two dimensions"))
    return false;
  values = {numbers.shape[0], is_vector ? 1 : numbers.shape[1], numbers.values, numbers.type};
  if (state.given("weights")) {
    const std::string name = state.text_or("weights", "");
    if (name != "uniform" && name != "distance")
      return state.unsupported("weights that are a function are not supported");
    weighted = name == "distance";
  }
  if (values.type == ElementType::kFloat16) return state.unsupported("targets of float16 are not supported");
  return state.check(values.rows == search.count() && values.columns > 0, "_y and _fit_X do not fit");
}

bool NeighborTargets::read_classes(const State& state, std::vector<Labels>& classes) const {
  if (!state.flag_or("outputs_2d_", false)) {
    classes.push_back(state.labels("classes_"));
  } else {
    for (const Value& item : state.items("classes_")) {
      Cells cells = state.cells_of(item, "classes_");
      classes.push_back(
          {std::move(cells.dtype), cells.type, std::move(cells.values), std::move(cells.owner)});
    }
  }
  if (!state.ok() || !state.check(classes.size() == values.columns, "_y and classes_ do not fit"))
    return false;
  for (std::size_t i = 0; i < values.values.size(); ++i) {
    const double position = values.values[i];
    const auto size = static_cast<double>(classes[i % classes.size()].values.size());
    if (!state.check(position >= 0 && position < size && position == std::floor(position),
                     "_y names a class that is none")) {
      return false;
    }
  }
  return true;
}

}  // namespace cppickle::predict
