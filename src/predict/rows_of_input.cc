#include "predict/rows_of_input.h"

#include <algorithm>
#include <cstring>

#include "base/half.h"
#include "predict/estimator.h"

namespace cppickle::predict {
namespace {

template <class T>
T read_as(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// Calls visit(T) with a value of the type, for types of numbers.
template <class Visit>
bool with_type(ElementType type, Visit&& visit) {
  switch (type) {
    case ElementType::kBool: visit(static_cast<std::uint8_t>(0)); return true;
    case ElementType::kInt8: visit(static_cast<std::int8_t>(0)); return true;
    case ElementType::kInt16: visit(static_cast<std::int16_t>(0)); return true;
    case ElementType::kInt32: visit(static_cast<std::int32_t>(0)); return true;
    case ElementType::kInt64: visit(static_cast<std::int64_t>(0)); return true;
    case ElementType::kUInt8: visit(static_cast<std::uint8_t>(0)); return true;
    case ElementType::kUInt16: visit(static_cast<std::uint16_t>(0)); return true;
    case ElementType::kUInt32: visit(static_cast<std::uint32_t>(0)); return true;
    case ElementType::kUInt64: visit(static_cast<std::uint64_t>(0)); return true;
    case ElementType::kFloat32: visit(0.0F); return true;
    case ElementType::kFloat64: visit(0.0); return true;
    default: return false;
  }
}

constexpr double kTwoTo53 = 9007199254740992.0;

// Elements at a stride into doubles; false for an integer that no double holds.
bool to_doubles(ElementType type, const char* from, std::ptrdiff_t stride, std::size_t count, double* to,
                std::size_t to_stride) {
  if (type == ElementType::kFloat16) {
    for (std::size_t i = 0; i < count; ++i, from += stride) to[i * to_stride] = half_to_float(read_as<std::uint16_t>(from));
    return true;
  }
  bool exact = true;
  const bool known = with_type(type, [&](auto sample) {
    using T = decltype(sample);
    for (std::size_t i = 0; i < count; ++i, from += stride) {
      const double value = static_cast<double>(read_as<T>(from));
      if constexpr (sizeof(T) == 8 && std::is_integral_v<T>) exact &= value <= kTwoTo53 && value >= -kTwoTo53;
      to[i * to_stride] = value;
    }
  });
  return known && exact;
}

std::unexpected<Error> too_large() { return refuse("integers past 2^53 are not supported, and tables of other types"); }

Result<Batch> dense(const Input& input, std::size_t first, std::size_t count, Workspace& memory) {
  const char* const from = static_cast<const char*>(input.data) + static_cast<std::ptrdiff_t>(first) * input.row_stride;
  const auto width = static_cast<std::ptrdiff_t>(input.columns * sizeof(double));
  const bool aligned = reinterpret_cast<std::uintptr_t>(from) % alignof(double) == 0;
  if (input.type == ElementType::kFloat64 && aligned && input.column_stride == sizeof(double) &&
      (input.row_stride == width || count <= 1)) {
    return Batch::dense(reinterpret_cast<const double*>(from), count, input.columns);
  }
  double* const out = memory.numbers(count * input.columns);
  for (std::size_t r = 0; r < count; ++r) {
    const char* const row = from + static_cast<std::ptrdiff_t>(r) * input.row_stride;
    if (!to_doubles(input.type, row, input.column_stride, input.columns, out + r * input.columns, 1)) return too_large();
  }
  return Batch::dense(out, count, input.columns, input.type);
}

Result<Batch> sparse(const Input& input, std::size_t first, std::size_t count, Workspace& memory) {
  const std::int64_t* const starts = input.row_starts + first;
  const std::int64_t begin = starts[0], end = starts[count];
  if (begin < 0 || end < begin) return refuse("positions of sparse rows are out of order");
  for (std::size_t r = 0; r < count; ++r) {
    if (starts[r] > starts[r + 1] || starts[r] < begin) return refuse("positions of sparse rows are out of order");
  }
  for (std::int64_t k = begin; k < end; ++k) {
    const std::int32_t index = input.indices[k];
    if (index < 0 || static_cast<std::size_t>(index) >= input.columns) return refuse("a sparse row names a column that is not there");
  }
  if (input.type == ElementType::kFloat64) {
    return Batch::sparse(static_cast<const double*>(input.data), starts, input.indices, count, input.columns);
  }
  const auto stored = static_cast<std::size_t>(end - begin);
  std::size_t size = 0;
  if (!with_type(input.type, [&](auto sample) { size = sizeof(sample); })) return too_large();
  double* const values = memory.numbers(stored);
  const char* const from = static_cast<const char*>(input.data) + begin * static_cast<std::ptrdiff_t>(size);
  if (!to_doubles(input.type, from, static_cast<std::ptrdiff_t>(size), stored, values, 1)) return too_large();
  auto* const moved = memory.make<std::int64_t>(count + 1);
  for (std::size_t r = 0; r <= count; ++r) moved[r] = starts[r] - begin;
  return Batch::sparse(values, moved, input.indices + begin, count, input.columns, input.type);
}

Result<Batch> table(const Input& input, std::size_t first, std::size_t count, Workspace& memory) {
  auto* const columns = memory.make<Column>(input.columns);
  auto* const names = memory.make<std::string_view>(input.columns);
  bool all_named = true;
  for (std::size_t c = 0; c < input.columns; ++c) {
    const Column& given = input.table[c];
    Column& column = columns[c] = given;
    names[c] = given.name;
    all_named = all_named && given.name.data() != nullptr;
    const char* const from = static_cast<const char*>(given.data) + static_cast<std::ptrdiff_t>(first) * given.stride;
    column.data = from;
    if (!is_number(given.type) || (given.type == ElementType::kFloat64 && given.stride % 8 == 0 &&
                                   reinterpret_cast<std::uintptr_t>(from) % alignof(double) == 0)) {
      continue;
    }
    double* const numbers = memory.numbers(count);
    if (!to_doubles(given.type, from, given.stride, count, numbers, 1)) return too_large();
    column.data = numbers;
    column.stride = sizeof(double);
  }
  Batch batch = Batch::of_columns({columns, input.columns}, count);
  if (all_named && input.columns > 0) batch.names = names;
  return batch;
}

}  // namespace

Result<Batch> rows_of_input(const Input& input, std::size_t first, std::size_t count, Workspace& memory) {
  switch (input.form) {
    case Input::Form::kDense: return dense(input, first, count, memory);
    case Input::Form::kSparse: return sparse(input, first, count, memory);
    case Input::Form::kTable: return table(input, first, count, memory);
    case Input::Form::kTexts: {
      auto* const column = memory.make<Column>(1);
      *column = {{}, ElementType::kObject, static_cast<const Cell*>(input.data) + first, sizeof(Cell), {}};
      Batch batch = Batch::of_columns({column, 1}, count);
      batch.is_vector = true;
      return batch;
    }
    case Input::Form::kRecords: {
      Batch batch;
      batch.form = Batch::Form::kRecords;
      batch.rows = count;
      batch.row_starts = input.row_starts + first;
      batch.entries = static_cast<const Entry*>(input.data);
      return batch;
    }
  }
  return refuse("rows of an unknown form");
}

Cell cell_of_column(const Column& column, std::size_t row) {
  if (column.type == ElementType::kText || column.type == ElementType::kObject) return cell_at(column, row);
  if (column.type == ElementType::kCategory) {
    const Cell cell = category_at(column, row);
    return cell.kind == Cell::Kind::kNone ? Cell::of(__builtin_nan("")) : cell;  // as pandas shows what is missing
  }
  const double number = number_at(column, row);
  if (is_float(column.type)) return Cell::of(number);
  return column.type == ElementType::kBool ? Cell::boolean(number != 0) : Cell::of(static_cast<std::int64_t>(number));
}

}  // namespace cppickle::predict
