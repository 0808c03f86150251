#include "predict/compose.h"

#include <algorithm>

namespace cppickle::predict {
namespace {

const std::string_view* selected_names(const Batch& rows, std::span<const std::size_t> positions, Workspace& memory) {
  if (rows.names == nullptr) return nullptr;
  auto* const names = memory.make<std::string_view>(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) names[i] = rows.names[positions[i]];
  return names;
}

Batch select_sparse(const Batch& rows, std::span<const std::size_t> positions, Workspace& memory) {
  constexpr std::int32_t kNone = -1;
  auto* const place = memory.make<std::int32_t>(rows.columns);
  std::fill_n(place, rows.columns, kNone);
  for (std::size_t i = 0; i < positions.size(); ++i) place[positions[i]] = static_cast<std::int32_t>(i);
  const auto stored = static_cast<std::size_t>(rows.row_starts[rows.rows] - rows.row_starts[0]);
  auto* const starts = memory.make<std::int64_t>(rows.rows + 1);
  auto* const indices = memory.make<std::int32_t>(stored);
  double* const values = memory.numbers(stored);
  std::int64_t count = 0;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    starts[r] = count;
    for (std::int64_t k = rows.row_starts[r]; k < rows.row_starts[r + 1]; ++k) {
      if (place[rows.indices[k]] == kNone) continue;
      indices[count] = place[rows.indices[k]];
      values[count++] = rows.values[k];
    }
  }
  starts[rows.rows] = count;
  return Batch::sparse(values, starts, indices, rows.rows, positions.size(), rows.type);
}

Batch select_dense(const Batch& rows, std::span<const std::size_t> positions, Workspace& memory) {
  double* const out = memory.numbers(rows.rows * positions.size());
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const double* const from = rows.values + r * rows.columns;
    double* const to = out + r * positions.size();
    for (std::size_t i = 0; i < positions.size(); ++i) to[i] = from[positions[i]];
  }
  return Batch::dense(out, rows.rows, positions.size(), rows.type);
}

ElementType common_type(std::span<const Batch> parts) {
  if (parts.empty()) return ElementType::kFloat64;
  ElementType type = parts[0].type;
  for (const Batch& part : parts) type = promote(type, part.type);
  return type;
}

Batch stack_dense(std::span<const Batch> parts, std::size_t rows, std::size_t width, Workspace& memory) {
  double* const out = memory.numbers(rows * width);
  std::size_t first = 0;
  for (const Batch& part : parts) {
    for (std::size_t r = 0; r < rows; ++r) {
      std::copy_n(part.values + r * part.columns, part.columns, out + r * width + first);
    }
    first += part.columns;
  }
  return Batch::dense(out, rows, width, common_type(parts));
}

Batch stack_sparse(std::span<const Batch> parts, std::size_t rows, std::size_t width, Workspace& memory) {
  std::size_t stored = 0;
  for (const Batch& part : parts) {
    stored += part.form == Batch::Form::kSparse ? static_cast<std::size_t>(part.row_starts[rows] - part.row_starts[0])
                                                : rows * part.columns;
  }
  auto* const starts = memory.make<std::int64_t>(rows + 1);
  auto* const indices = memory.make<std::int32_t>(stored);
  double* const values = memory.numbers(stored);
  std::int64_t count = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    starts[r] = count;
    std::size_t first = 0;
    for (const Batch& part : parts) {
      if (part.form == Batch::Form::kSparse) {
        for (std::int64_t k = part.row_starts[r]; k < part.row_starts[r + 1]; ++k) {
          indices[count] = static_cast<std::int32_t>(first) + part.indices[k];
          values[count++] = part.values[k];
        }
      } else {
        for (std::size_t c = 0; c < part.columns; ++c) {
          const double value = part.values[r * part.columns + c];
          if (value == 0) continue;
          indices[count] = static_cast<std::int32_t>(first + c);
          values[count++] = value;
        }
      }
      first += part.columns;
    }
  }
  starts[rows] = count;
  return Batch::sparse(values, starts, indices, rows, width, common_type(parts));
}

// What numpy makes of a data frame: numbers where all columns hold them, and objects of truth values among numbers.
Batch numeric(const Batch& columns, Workspace& memory) {
  if (columns.columns == 0) return columns;
  ElementType type = columns.table[0].type;
  bool all_bool = true, any_bool = false;
  for (const Column& column : columns.table) {
    type = promote(type, column.type);
    (column.type == ElementType::kBool ? any_bool : all_bool) = column.type == ElementType::kBool;
  }
  if (!is_number(type) || (any_bool && !all_bool)) return columns;
  double* const out = memory.numbers(columns.rows * columns.columns);
  for (std::size_t c = 0; c < columns.columns; ++c) {
    for (std::size_t r = 0; r < columns.rows; ++r) out[r * columns.columns + c] = number_at(columns.table[c], r);
  }
  return Batch::dense(out, columns.rows, columns.columns, type);
}

Batch stack_columns(std::span<const Batch> parts, std::size_t rows, std::size_t width, Workspace& memory) {
  auto* const table = memory.make<Column>(width);
  std::size_t next = 0;
  for (const Batch& part : parts) {
    for (std::size_t c = 0; c < part.columns; ++c) {
      if (part.form == Batch::Form::kColumns) {
        table[next++] = part.table[c];
      } else {
        table[next++] = {{}, part.type, part.values + c, static_cast<std::ptrdiff_t>(part.columns * sizeof(double)), {}};
      }
    }
  }
  return Batch::of_columns({table, width}, rows);
}

bool of_one_type(std::span<const Batch> parts) {
  return std::ranges::all_of(parts, [&](const Batch& part) { return part.type == parts[0].type; });
}

}  // namespace

Batch select_columns(const Batch& rows, std::span<const std::size_t> positions, bool as_vector, Workspace& memory) {
  Batch selected;
  switch (rows.form) {
    case Batch::Form::kDense: selected = select_dense(rows, positions, memory); break;
    case Batch::Form::kSparse: selected = select_sparse(rows, positions, memory); break;
    default: {
      auto* const table = memory.make<Column>(positions.size());
      for (std::size_t i = 0; i < positions.size(); ++i) table[i] = rows.table[positions[i]];
      selected = Batch::of_columns({table, positions.size()}, rows.rows);
    }
  }
  selected.names = as_vector ? nullptr : selected_names(rows, positions, memory);
  selected.is_vector = as_vector;
  return selected;
}

Result<Batch> side_by_side(std::span<const Batch> parts, std::size_t rows, Joined joined, Workspace& memory) {
  std::size_t width = 0;
  const bool sparse = joined == Joined::kSparse;
  bool any_columns = joined == Joined::kFrame && !of_one_type(parts);
  auto* const ready = memory.make<Batch>(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    ready[i] = parts[i];
    if (parts[i].rows != rows || parts[i].form == Batch::Form::kRecords) return refuse("parts of different lengths");
    if (joined == Joined::kArray && parts[i].form == Batch::Form::kColumns) ready[i] = numeric(parts[i], memory);
    any_columns = any_columns || ready[i].form == Batch::Form::kColumns;
    width += parts[i].columns;
  }
  if (width > 0x7FFFFFFF) return refuse("too many columns");
  const std::span<const Batch> all(ready, parts.size());
  if (sparse && any_columns) return refuse("for a sparse output, all columns should be numbers");
  if (sparse) return stack_sparse(all, rows, width, memory);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (ready[i].form == Batch::Form::kSparse) ready[i] = densify(ready[i], memory);
  }
  return any_columns ? stack_columns(all, rows, width, memory) : stack_dense(all, rows, width, memory);
}

Result<Batch> run_numbers(const Estimator& estimator, Method method, const Batch& rows, Workspace& memory) {
  if (!estimator.has(method)) return no_method(estimator, method);
  auto answer = estimator.run(method, rows, memory);
  if (!answer) return answer;
  if (answer->form == Batch::Form::kSparse) return densify(*answer, memory);
  if (answer->form != Batch::Form::kDense) return refuse("an inner estimator answers with no numbers");
  if (answer->labels.empty()) return answer;
  double* const out = memory.numbers(answer->rows * answer->columns);
  for (std::size_t i = 0; i < answer->rows * answer->columns; ++i) {
    const Labels& labels = answer->labels[i % answer->columns];
    const Cell& cell = labels.values[static_cast<std::size_t>(answer->values[i])];
    if (cell.kind == Cell::Kind::kText || cell.kind == Cell::Kind::kBytes || cell.kind == Cell::Kind::kNone) {
      return refuse("an inner estimator answers with texts where numbers are needed");
    }
    out[i] = cell.kind == Cell::Kind::kReal ? cell.real : static_cast<double>(cell.integer);
  }
  answer->values = out;
  answer->labels = {};
  return answer;
}

std::vector<std::string> names_of_members(const State& state) {
  std::string prefix(state.class_name());
  for (char& letter : prefix) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  std::vector<std::string> names;
  for (const Value& pair : state.items("estimators")) {
    std::optional<Value> name, estimator;
    for (const Value part : pair.items()) (name ? estimator : name) = part;
    if (!estimator || is_none(*estimator) || text_of(*estimator) == "drop") continue;
    names.push_back(prefix + "_" + text_of(*name).value_or("?"));
  }
  return names;
}

void adopt_input(Facts& facts, const Estimator& inner) {
  if (!facts.features_in) facts.features_in = inner.facts().features_in;
  if (facts.feature_names_in.empty()) facts.feature_names_in = inner.facts().feature_names_in;
}

}  // namespace cppickle::predict
