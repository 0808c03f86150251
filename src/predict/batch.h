// Rows on their way through a model.
#ifndef CPPICKLE_PREDICT_BATCH_H_
#define CPPICKLE_PREDICT_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "cppickle/model.h"

namespace cppickle::predict {

// Numbers are always doubles; `type` says what numpy would hold. Where it is kFloat32, every value is a float, and
// whoever computes rounds to float after each operation: for + - * / and sqrt a double that is rounded once more is what
// float arithmetic gives (Figueroa 1995: 53 >= 2 * 24 + 2). Integers past 2^53 are refused where they come in.
//
// A plain value that owns nothing: what it points to lives in the input, the model or the workspace of the run.
struct Batch {
  enum class Form : std::uint8_t {
    kDense,    // values: rows * columns, row-major
    kSparse,   // values of the stored elements, row_starts, indices
    kColumns,  // table: columns of their own types (kText, kObject: Cells; kCategory: codes; else doubles)
    kRecords,  // entries of dicts between row_starts
  };
  Form form = Form::kDense;
  ElementType type = ElementType::kFloat64;
  bool is_vector = false;  // shape (rows,): texts for a vectorizer, labels, predictions
  std::size_t rows = 0;
  std::size_t columns = 0;
  const double* values = nullptr;
  const std::int64_t* row_starts = nullptr;
  const std::int32_t* indices = nullptr;
  const Entry* entries = nullptr;
  // kColumns: the data of a column of numbers are doubles, whatever its type.
  std::span<const Column> table = {};
  // Of a data frame: one for each column; else null.
  const std::string_view* names = nullptr;
  // Predicted classes: values are positions in these, one for each column.
  std::span<const Labels> labels = {};
  std::span<const std::size_t> parts = {};  // see Output::parts()

  // Rows and columns, not one value or dict for each row.
  bool is_table() const { return !is_vector && form != Form::kRecords; }

  static Batch dense(const double* values, std::size_t rows, std::size_t columns,
                     ElementType type = ElementType::kFloat64) {
    Batch batch;
    batch.type = type;
    batch.rows = rows;
    batch.columns = columns;
    batch.values = values;
    return batch;
  }
  static Batch vector(const double* values, std::size_t rows, ElementType type = ElementType::kFloat64) {
    Batch batch = dense(values, rows, 1, type);
    batch.is_vector = true;
    return batch;
  }
  static Batch sparse(const double* values, const std::int64_t* row_starts, const std::int32_t* indices,
                      std::size_t rows, std::size_t columns, ElementType type = ElementType::kFloat64) {
    Batch batch = dense(values, rows, columns, type);
    batch.form = Form::kSparse;
    batch.row_starts = row_starts;
    batch.indices = indices;
    return batch;
  }
  static Batch of_columns(std::span<const Column> table, std::size_t rows) {
    Batch batch;
    batch.form = Form::kColumns;
    batch.type = ElementType::kObject;
    batch.rows = rows;
    batch.columns = table.size();
    batch.table = table;
    return batch;
  }
};

inline bool is_float(ElementType type) { return type >= ElementType::kFloat16 && type <= ElementType::kFloat64; }
inline bool is_number(ElementType type) { return type <= ElementType::kFloat64; }

// An element of a kColumns batch's column.
inline double number_at(const Column& column, std::size_t row) {
  return *reinterpret_cast<const double*>(static_cast<const char*>(column.data) +
                                          static_cast<std::ptrdiff_t>(row) * column.stride);
}
// Of kCategory; -1 is missing.
inline std::int32_t code_at(const Column& column, std::size_t row) {
  return *reinterpret_cast<const std::int32_t*>(static_cast<const char*>(column.data) +
                                                static_cast<std::ptrdiff_t>(row) * column.stride);
}
// What the code stands for; None is missing.
inline Cell category_at(const Column& column, std::size_t row) {
  const std::int32_t code = code_at(column, row);
  return code >= 0 && static_cast<std::size_t>(code) < column.categories.size()
             ? column.categories[static_cast<std::size_t>(code)]
             : Cell::none();
}
inline const Cell& cell_at(const Column& column, std::size_t row) {
  return *reinterpret_cast<const Cell*>(static_cast<const char*>(column.data) +
                                        static_cast<std::ptrdiff_t>(row) * column.stride);
}

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_BATCH_H_
