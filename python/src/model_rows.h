// Rows that a Python caller gives to a model, borrowed for one run.
#ifndef CPPICKLE_PYTHON_MODEL_ROWS_H_
#define CPPICKLE_PYTHON_MODEL_ROWS_H_

#include <deque>
#include <string>
#include <vector>

#include "cppickle/model.h"
#include "ref.h"

namespace cppickle::python {

// Holds buffers and converted cells as long as the run needs them. The GIL is held when it is made, filled and dropped.
class ModelRows {
 public:
  ModelRows() = default;
  ~ModelRows();
  ModelRows(const ModelRows&) = delete;
  ModelRows& operator=(const ModelRows&) = delete;

  // What python/cppickle/_model.py makes of the caller's X:
  //   ("dense", buffer of two dimensions)
  //   ("sparse", row starts int64, columns int32, stored elements, rows, columns)
  //   ("table", rows, [(name or None, buffer | list of objects | (int32 codes, list of categories)), ...])
  //   ("texts", list)    ("records", list of dicts)
  // False with an exception.
  bool read(PyObject* given);
  const predict::Input& input() const { return input_; }

 private:
  bool read_dense(PyObject* given);
  bool read_sparse(PyObject* given);
  bool read_table(PyObject* given);
  bool read_texts(PyObject* given);
  bool read_records(PyObject* given);
  bool read_column(PyObject* given, predict::Column& column);

  // A buffer of numbers with so many dimensions. nullptr with an exception.
  const Py_buffer* buffer_of(PyObject* given, int dimensions, predict::ElementType& type);
  const std::vector<predict::Cell>* cells_of(PyObject* list);
  bool cell_of(PyObject* object, predict::Cell& cell);
  bool text_of(PyObject* object, std::string_view& text);

  predict::Input input_;
  std::deque<Py_buffer> buffers_;
  std::deque<std::vector<predict::Cell>> cells_;
  std::vector<predict::Column> columns_;
  std::vector<predict::Entry> entries_;
  std::vector<std::int64_t> starts_;
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_MODEL_ROWS_H_
