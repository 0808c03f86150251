#include "document/sparse_view.h"

#include "cppickle/python_value.h"

namespace cppickle {
namespace {

std::unexpected<Error> corrupt(const char* message) { return std::unexpected(Error{ErrorCode::kCorrupt, message}); }

struct Triple {
  std::uint64_t row, column;
  double value;
};

Result<std::vector<std::int64_t>> integers(const std::optional<Value>& value) {
  if (!value) return corrupt("a sparse matrix without its index arrays");
  const auto array = array_view(*value);
  if (!array) return std::unexpected(array.error());
  if (array->dtype.kind != 'i' && array->dtype.kind != 'u') return corrupt("indices of a sparse matrix are no integers");
  std::vector<std::int64_t> result(array->count);
  for (std::uint64_t i = 0; i < array->count; ++i) {
    const auto number = array->get<std::int64_t>(i);
    if (!number) return corrupt("an index of a sparse matrix is out of range");
    result[i] = *number;
  }
  return result;
}

Result<std::vector<double>> reals(const ArrayView& array) {
  std::vector<double> result(array.count);
  for (std::uint64_t i = 0; i < array.count; ++i) {
    const auto number = array.get<double>(i);
    if (!number) return corrupt("an element of a sparse matrix is no number");
    result[i] = *number;
  }
  return result;
}

// Counting sort by row; the order within a row stays.
void fill(SparseMatrix& matrix, const std::vector<Triple>& triples) {
  matrix.row_starts.assign(matrix.rows + 1, 0);
  for (const Triple& triple : triples) ++matrix.row_starts[triple.row + 1];
  for (std::uint64_t row = 0; row < matrix.rows; ++row) matrix.row_starts[row + 1] += matrix.row_starts[row];
  std::vector<std::uint64_t> next(matrix.row_starts.begin(), matrix.row_starts.end() - 1);
  matrix.indices.resize(triples.size());
  matrix.values.resize(triples.size());
  for (const Triple& triple : triples) {
    const std::uint64_t place = next[triple.row]++;
    matrix.indices[place] = triple.column;
    matrix.values[place] = triple.value;
  }
}

Result<std::vector<Triple>> compressed(const ObjectView& object, std::uint64_t major, std::uint64_t minor, bool by_row,
                                       const std::vector<double>& values) {
  const auto starts = integers(object.attribute("indptr"));
  if (!starts) return std::unexpected(starts.error());
  const auto indices = integers(object.attribute("indices"));
  if (!indices) return std::unexpected(indices.error());
  if (starts->size() != major + 1 || starts->front() != 0) return corrupt("indptr of a sparse matrix does not fit its shape");
  const auto used = static_cast<std::uint64_t>(starts->back());
  if (starts->back() < 0 || used > indices->size() || used > values.size()) {
    return corrupt("a sparse matrix has fewer elements than indptr says");
  }
  std::vector<Triple> triples;
  triples.reserve(used);
  for (std::uint64_t i = 0; i < major; ++i) {
    const std::int64_t begin = (*starts)[i], end = (*starts)[i + 1];
    if (begin > end || end > starts->back()) return corrupt("indptr of a sparse matrix decreases");
    for (auto k = static_cast<std::uint64_t>(begin); k < static_cast<std::uint64_t>(end); ++k) {
      const std::int64_t index = (*indices)[k];
      if (index < 0 || static_cast<std::uint64_t>(index) >= minor) return corrupt("an index of a sparse matrix is out of range");
      const auto other = static_cast<std::uint64_t>(index);
      triples.push_back(by_row ? Triple{i, other, values[k]} : Triple{other, i, values[k]});
    }
  }
  return triples;
}

Result<std::vector<Triple>> coordinates(const ObjectView& object, std::uint64_t rows, std::uint64_t columns,
                                        const std::vector<double>& values) {
  std::optional<Value> row = object.attribute("row"), column = object.attribute("col");
  if (const auto both = object.attribute("coords")) {
    auto at = both->items().begin();
    if (at != both->items().end()) row = *at, ++at;
    if (at != std::default_sentinel) column = *at;
  }
  const auto row_numbers = integers(row);
  if (!row_numbers) return std::unexpected(row_numbers.error());
  const auto column_numbers = integers(column);
  if (!column_numbers) return std::unexpected(column_numbers.error());
  if (row_numbers->size() != values.size() || column_numbers->size() != values.size()) {
    return corrupt("coordinates of a sparse matrix do not fit its elements");
  }
  std::vector<Triple> triples;
  triples.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t r = (*row_numbers)[i], c = (*column_numbers)[i];
    if (r < 0 || c < 0 || static_cast<std::uint64_t>(r) >= rows || static_cast<std::uint64_t>(c) >= columns) {
      return corrupt("a coordinate of a sparse matrix is out of range");
    }
    triples.push_back({static_cast<std::uint64_t>(r), static_cast<std::uint64_t>(c), values[i]});
  }
  return triples;
}

// data[k][j] lies at row j - offsets[k], column j (scipy.sparse.dia_matrix).
Result<std::vector<Triple>> diagonals(const ObjectView& object, std::uint64_t rows, std::uint64_t columns,
                                      const ArrayView& data, const std::vector<double>& values) {
  const auto offsets = integers(object.attribute("offsets"));
  if (!offsets) return std::unexpected(offsets.error());
  if (data.shape.size() != 2 || data.shape[0] != offsets->size()) return corrupt("diagonals of a sparse matrix do not fit");
  std::vector<Triple> triples;
  const std::uint64_t width = data.shape[1];
  for (std::size_t k = 0; k < offsets->size(); ++k) {
    for (std::uint64_t column = 0; column < width && column < columns; ++column) {
      std::int64_t row;
      if (__builtin_sub_overflow(static_cast<std::int64_t>(column), (*offsets)[k], &row)) continue;
      const double value = values[k * width + column];
      if (row >= 0 && static_cast<std::uint64_t>(row) < rows && value != 0) {
        triples.push_back({static_cast<std::uint64_t>(row), column, value});
      }
    }
  }
  return triples;
}

}  // namespace

Result<SparseMatrix> sparse_matrix(const Value& value, std::uint64_t most_rows) {
  const auto object = object_view(value);
  if (!object || !object->type.module.starts_with("scipy.sparse")) {
    return std::unexpected(Error{ErrorCode::kTypeMismatch, "no sparse matrix"});
  }
  const std::string_view format = object->type.qualname.substr(0, object->type.qualname.find('_'));
  auto shape = object->attribute("_shape");
  if (!shape) shape = object->attribute("shape");
  std::vector<std::uint64_t> sizes;
  if (shape) {
    for (const Value size : shape->items()) {
      const auto number = size.as_int();
      if (!number || *number < 0) return corrupt("the shape of a sparse matrix holds no sizes");
      sizes.push_back(static_cast<std::uint64_t>(*number));
    }
  }
  const auto data = object->attribute("data");
  if (sizes.size() != 2 || !data) return corrupt("a sparse matrix without shape or data");
  if (sizes[0] > most_rows) return std::unexpected(Error{ErrorCode::kLimit, "a sparse matrix of too many rows"});
  const auto array = array_view(*data);
  if (!array) return std::unexpected(array.error());
  const auto values = reals(*array);
  if (!values) return std::unexpected(values.error());

  SparseMatrix matrix;
  matrix.rows = sizes[0];
  matrix.columns = sizes[1];
  matrix.dtype = array->dtype;
  Result<std::vector<Triple>> triples = std::unexpected(Error{ErrorCode::kUnsupported, "a sparse matrix of another format"});
  if (format == "csr") triples = compressed(*object, sizes[0], sizes[1], true, *values);
  if (format == "csc") triples = compressed(*object, sizes[1], sizes[0], false, *values);
  if (format == "coo") triples = coordinates(*object, sizes[0], sizes[1], *values);
  if (format == "dia") triples = diagonals(*object, sizes[0], sizes[1], *array, *values);
  if (!triples) return std::unexpected(triples.error());
  fill(matrix, *triples);
  return matrix;
}

}  // namespace cppickle
