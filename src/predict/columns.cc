#include "predict/columns.h"

#include <algorithm>

namespace cppickle::predict {
namespace {

// Python's slice.indices(width) for steps of either sign.
std::vector<std::int64_t> positions_of_slice(std::optional<std::int64_t> start, std::optional<std::int64_t> stop,
                                             std::int64_t step, std::int64_t width) {
  std::vector<std::int64_t> positions;
  const auto clamped = [&](std::int64_t at) {
    if (at < 0) at += width;
    return step > 0 ? std::clamp<std::int64_t>(at, 0, width) : std::clamp<std::int64_t>(at, -1, width - 1);
  };
  std::int64_t at = start ? clamped(*start) : step > 0 ? 0 : width - 1;
  const std::int64_t end = stop ? clamped(*stop) : step > 0 ? width : -1;
  for (; step > 0 ? at < end : at > end; at += step) positions.push_back(at);
  return positions;
}

std::optional<std::int64_t> position_of(const std::vector<std::string>& known, const std::string& name) {
  const auto found = std::ranges::find(known, name);
  return found == known.end() ? std::nullopt : std::optional<std::int64_t>(found - known.begin());
}

ColumnChoice read_slice(const State& state, const ObjectView& slice, const std::string& place,
                        const std::vector<std::string>& known, std::size_t width) {
  ColumnChoice choice;
  std::optional<std::int64_t> ends[3];
  for (std::size_t i = 0; i < 3; ++i) {
    const auto part = slice.args[i];
    if (!part || is_none(*part)) continue;
    if (const auto name = text_of(*part)) {
      choice.by_name = true;
      ends[i] = position_of(known, *name);
      if (ends[i] && i == 1) ++*ends[i];
    } else {
      ends[i] = integer_of(*part);
    }
    if (!ends[i]) {
      state.fail(ErrorCode::kUnsupported, "a slice of columns whose ends are not known", place);
      return choice;
    }
  }
  const std::int64_t step = ends[2].value_or(1);
  constexpr std::int64_t kMost = std::int64_t{1} << 31;
  const auto columns = static_cast<std::int64_t>(choice.by_name ? known.size() : width);
  if (step == 0 || columns > kMost || step > kMost || step < -kMost) {
    state.fail(ErrorCode::kCorrupt, "a slice of columns that cannot be", place);
    return choice;
  }
  // A few bytes of a file may ask for every column of a width that is only a number.
  const auto most = static_cast<std::uint64_t>(columns / std::abs(step) + 1);
  if (!choice.by_name && !state.loader().spend(most * sizeof(std::int64_t), place)) return choice;
  choice.positions = positions_of_slice(ends[0], ends[1], step, columns);
  if (!choice.by_name) return choice;
  for (const std::int64_t position : choice.positions) choice.names.push_back(known[static_cast<std::size_t>(position)]);
  choice.positions.clear();
  return choice;
}

// Of a pandas.Index, which is written as _new_Index(class, {'data': array, 'name': ...}).
std::optional<Value> values_of_index(const ObjectView& object) {
  if (object.type.qualname != "_new_Index") return {};
  const auto parts = object.args[1];
  if (!parts) return {};
  for (const Pair pair : parts->pairs()) {
    if (pair.key.text() == "data") return pair.value;
  }
  return {};
}

ColumnChoice read_cells(const State& state, const Value& value, const std::string& place) {
  ColumnChoice choice;
  const Cells cells = state.cells_of(value, place);
  if (!state.ok()) return choice;
  using CellKind = Cell::Kind;
  const auto all = [&](CellKind kind) {
    return !cells.values.empty() && std::ranges::all_of(cells.values, [&](const Cell& cell) { return cell.kind == kind; });
  };
  if (all(CellKind::kText)) {
    choice.by_name = true;
    for (const Cell& cell : cells.values) choice.names.emplace_back(cell.text);
  } else if (all(CellKind::kBool)) {
    for (std::size_t i = 0; i < cells.values.size(); ++i) {
      if (cells.values[i].integer != 0) choice.positions.push_back(static_cast<std::int64_t>(i));
    }
  } else if (all(CellKind::kInt)) {
    for (const Cell& cell : cells.values) choice.positions.push_back(cell.integer);
  } else if (!cells.values.empty()) {
    state.fail(ErrorCode::kUnsupported, "columns that are neither names nor positions", place);
  }
  return choice;
}

}  // namespace

ColumnChoice read_columns(const State& state, const Value& value, const std::string& place,
                          const std::vector<std::string>& known, std::size_t width) {
  ColumnChoice choice;
  if (auto name = text_of(value)) {
    choice.by_name = choice.is_single = true;
    choice.names.push_back(*std::move(name));
    return choice;
  }
  if (value.kind() == Kind::kInt) {
    choice.is_single = true;
    choice.positions.push_back(value.as_int().value_or(0));
    return choice;
  }
  if (const auto object = object_view(value)) {
    if (object->kind == ObjectKind::kSlice) return read_slice(state, *object, place, known, width);
    // _RemainderColsList of 1.5 to 1.8 is a UserList.
    if (const auto list = object->attribute("data"); list && list->kind() == Kind::kList) {
      return read_columns(state, *list, place, known, width);
    }
    if (const auto index = values_of_index(*object)) return read_cells(state, *index, place);
  }
  return read_cells(state, value, place);
}

}  // namespace cppickle::predict
