#include "model_rows.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

namespace cppickle::python {

using predict::Cell;
using predict::Column;
using predict::ElementType;
using predict::Input;

namespace {

std::optional<ElementType> type_of_format(const char* format, Py_ssize_t size) {
  if (format == nullptr) return ElementType::kUInt8;
  if (*format == '@' || *format == '=' || (*format == '<' && std::endian::native == std::endian::little)) ++format;
  if (format[0] == '\0' || format[1] != '\0' || !std::has_single_bit(static_cast<std::size_t>(size)) || size > 8) return {};
  const int power = std::countr_zero(static_cast<std::size_t>(size));
  switch (*format) {
    case '?': return ElementType::kBool;
    case 'b': case 'h': case 'i': case 'l': case 'q': case 'n':
      return static_cast<ElementType>(static_cast<int>(ElementType::kInt8) + power);
    case 'B': case 'H': case 'I': case 'L': case 'Q': case 'N':
      return static_cast<ElementType>(static_cast<int>(ElementType::kUInt8) + power);
    case 'e': return ElementType::kFloat16;
    case 'f': return ElementType::kFloat32;
    case 'd': return ElementType::kFloat64;
    default: return {};
  }
}

// numpy's and pandas' scalars are known by name: neither library is imported here.
bool is_named(PyObject* object, const char* name) { return std::strcmp(Py_TYPE(object)->tp_name, name) == 0; }

std::size_t size_of(Py_ssize_t size) { return static_cast<std::size_t>(size); }

}  // namespace

ModelRows::~ModelRows() {
  for (Py_buffer& buffer : buffers_) PyBuffer_Release(&buffer);
}

bool ModelRows::read(PyObject* given) {
  if (!PyTuple_Check(given) || PyTuple_GET_SIZE(given) < 2 || !PyUnicode_Check(PyTuple_GET_ITEM(given, 0))) {
    PyErr_SetString(PyExc_TypeError, "rows must be a tuple of a form and its parts");
    return false;
  }
  PyObject* const form = PyTuple_GET_ITEM(given, 0);
  const auto is = [&](const char* name, Py_ssize_t size) {
    return PyTuple_GET_SIZE(given) == size && PyUnicode_CompareWithASCIIString(form, name) == 0;
  };
  if (is("dense", 2)) return read_dense(PyTuple_GET_ITEM(given, 1));
  if (is("sparse", 6)) return read_sparse(given);
  if (is("table", 3)) return read_table(given);
  if (is("texts", 2)) return read_texts(PyTuple_GET_ITEM(given, 1));
  if (is("records", 2)) return read_records(PyTuple_GET_ITEM(given, 1));
  PyErr_Format(PyExc_ValueError, "no form of rows: %R", form);
  return false;
}

const Py_buffer* ModelRows::buffer_of(PyObject* given, int dimensions, ElementType& type) {
  Py_buffer& buffer = buffers_.emplace_back();
  if (PyObject_GetBuffer(given, &buffer, PyBUF_STRIDES | PyBUF_FORMAT) != 0) {
    buffers_.pop_back();
    return nullptr;
  }
  const auto known = type_of_format(buffer.format, buffer.itemsize);
  if (!known || buffer.ndim != dimensions) {
    PyErr_Format(PyExc_ValueError, "a buffer of format %s and %d dimensions instead of numbers with %d", buffer.format,
                 buffer.ndim, dimensions);
    return nullptr;
  }
  type = *known;
  return &buffer;
}

bool ModelRows::read_dense(PyObject* given) {
  const Py_buffer* const buffer = buffer_of(given, 2, input_.type);
  if (buffer == nullptr) return false;
  input_.form = Input::Form::kDense;
  input_.rows = size_of(buffer->shape[0]);
  input_.columns = size_of(buffer->shape[1]);
  input_.data = buffer->buf;
  input_.row_stride = buffer->strides[0];
  input_.column_stride = buffer->strides[1];
  return true;
}

bool ModelRows::read_sparse(PyObject* given) {
  ElementType starts_type, indices_type;
  const Py_buffer* const starts = buffer_of(PyTuple_GET_ITEM(given, 1), 1, starts_type);
  if (starts == nullptr) return false;
  const Py_buffer* const indices = buffer_of(PyTuple_GET_ITEM(given, 2), 1, indices_type);
  if (indices == nullptr) return false;
  const Py_buffer* const data = buffer_of(PyTuple_GET_ITEM(given, 3), 1, input_.type);
  if (data == nullptr) return false;
  input_.form = Input::Form::kSparse;
  input_.rows = PyLong_AsSize_t(PyTuple_GET_ITEM(given, 4));
  input_.columns = PyLong_AsSize_t(PyTuple_GET_ITEM(given, 5));
  if (PyErr_Occurred() != nullptr) return false;
  const auto is_dense = [](const Py_buffer* buffer) { return buffer->shape[0] <= 1 || buffer->strides[0] == buffer->itemsize; };
  const bool fits = starts_type == ElementType::kInt64 && indices_type == ElementType::kInt32 && is_dense(starts) &&
                    is_dense(indices) && is_dense(data) && size_of(starts->shape[0]) == input_.rows + 1;
  const auto* const positions = static_cast<const std::int64_t*>(starts->buf);
  if (!fits || positions[input_.rows] > data->shape[0] || positions[input_.rows] > indices->shape[0]) {
    PyErr_SetString(PyExc_ValueError, "parts of sparse rows do not fit");
    return false;
  }
  input_.row_starts = positions;
  input_.indices = static_cast<const std::int32_t*>(indices->buf);
  input_.data = data->buf;
  return true;
}

bool ModelRows::read_table(PyObject* given) {
  input_.form = Input::Form::kTable;
  input_.rows = PyLong_AsSize_t(PyTuple_GET_ITEM(given, 1));
  if (PyErr_Occurred() != nullptr) return false;
  PyObject* const list = PyTuple_GET_ITEM(given, 2);
  if (!PyList_Check(list)) {
    PyErr_SetString(PyExc_TypeError, "columns must be a list");
    return false;
  }
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i) {
    PyObject* const pair = PyList_GET_ITEM(list, i);
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
      PyErr_SetString(PyExc_TypeError, "a column must be a name and its data");
      return false;
    }
    Column& column = columns_.emplace_back();
    PyObject* const name = PyTuple_GET_ITEM(pair, 0);
    if (name != Py_None && !text_of(name, column.name)) return false;
    if (!read_column(PyTuple_GET_ITEM(pair, 1), column)) return false;
  }
  input_.table = columns_;
  input_.columns = columns_.size();
  return true;
}

bool ModelRows::read_column(PyObject* given, Column& column) {
  std::size_t rows = 0;
  if (PyList_Check(given)) {
    const auto* const cells = cells_of(given);
    if (cells == nullptr) return false;
    column.type = ElementType::kObject;
    column.data = cells->data();
    column.stride = sizeof(Cell);
    rows = cells->size();
  } else {
    const bool is_category = PyTuple_Check(given) && PyTuple_GET_SIZE(given) == 2;
    const Py_buffer* const buffer = buffer_of(is_category ? PyTuple_GET_ITEM(given, 0) : given, 1, column.type);
    if (buffer == nullptr) return false;
    column.data = buffer->buf;
    column.stride = buffer->strides[0];
    rows = size_of(buffer->shape[0]);
    if (is_category) {
      const auto* const categories = cells_of(PyTuple_GET_ITEM(given, 1));
      if (categories == nullptr) return false;
      if (column.type != ElementType::kInt32) {
        PyErr_SetString(PyExc_ValueError, "codes of categories must be int32");
        return false;
      }
      column.type = ElementType::kCategory;
      column.categories = *categories;
    }
  }
  if (rows == input_.rows) return true;
  PyErr_SetString(PyExc_ValueError, "columns of different lengths");
  return false;
}

bool ModelRows::read_texts(PyObject* given) {
  const auto* const cells = PyList_Check(given) ? cells_of(given) : nullptr;
  if (cells == nullptr) {
    if (PyErr_Occurred() == nullptr) PyErr_SetString(PyExc_TypeError, "texts must be a list");
    return false;
  }
  input_ = Input::texts(*cells);
  return true;
}

bool ModelRows::read_records(PyObject* given) {
  if (!PyList_Check(given)) {
    PyErr_SetString(PyExc_TypeError, "records must be a list of dicts");
    return false;
  }
  starts_.push_back(0);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(given); ++i) {
    PyObject* const record = PyList_GET_ITEM(given, i);
    if (!PyDict_Check(record)) {
      PyErr_SetString(PyExc_TypeError, "records must be a list of dicts");
      return false;
    }
    PyObject *key, *value;
    for (Py_ssize_t position = 0; PyDict_Next(record, &position, &key, &value);) {
      predict::Entry& entry = entries_.emplace_back();
      if (!text_of(key, entry.key) || !cell_of(value, entry.value)) return false;
    }
    starts_.push_back(static_cast<std::int64_t>(entries_.size()));
  }
  input_.form = Input::Form::kRecords;
  input_.rows = size_of(PyList_GET_SIZE(given));
  input_.row_starts = starts_.data();
  input_.data = entries_.data();
  return true;
}

const std::vector<Cell>* ModelRows::cells_of(PyObject* list) {
  if (!PyList_Check(list)) {
    PyErr_SetString(PyExc_TypeError, "a list of values was expected");
    return nullptr;
  }
  std::vector<Cell>& cells = cells_.emplace_back(size_of(PyList_GET_SIZE(list)));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i) {
    if (!cell_of(PyList_GET_ITEM(list, i), cells[size_of(i)])) return nullptr;
  }
  return &cells;
}

bool ModelRows::text_of(PyObject* object, std::string_view& text) {
  Py_ssize_t size;
  const char* const bytes = PyUnicode_Check(object) ? PyUnicode_AsUTF8AndSize(object, &size) : nullptr;
  if (bytes == nullptr) {
    if (PyErr_Occurred() == nullptr) PyErr_Format(PyExc_TypeError, "a str was expected, not %.200s", Py_TYPE(object)->tp_name);
    return false;
  }
  text = {bytes, size_of(size)};
  return true;
}

// Texts stay in their objects, which the caller's lists keep alive.
bool ModelRows::cell_of(PyObject* object, Cell& cell) {
  if (object == Py_None || is_named(object, "NaTType")) {
    cell = Cell::none();
    return true;
  }
  if (PyUnicode_Check(object)) {
    cell.kind = Cell::Kind::kText;
    return text_of(object, cell.text);
  }
  if (PyFloat_Check(object)) {
    cell = Cell::of(PyFloat_AS_DOUBLE(object));
    return true;
  }
  if (PyBool_Check(object) || is_named(object, "numpy.bool_") || is_named(object, "numpy.bool")) {
    const int truth = PyObject_IsTrue(object);
    cell = Cell::boolean(truth > 0);
    return truth >= 0;
  }
  if (PyBytes_Check(object)) {
    cell = {Cell::Kind::kBytes, 0, 0, {PyBytes_AS_STRING(object), size_of(PyBytes_GET_SIZE(object))}};
    return true;
  }
  if (is_named(object, "NAType")) {
    cell = Cell::of(std::nan(""));
    return true;
  }
  if (PyIndex_Check(object)) {
    const Ref number(PyNumber_Index(object));
    if (!number) return false;
    int overflow;
    const long long value = PyLong_AsLongLongAndOverflow(number.get(), &overflow);
    cell = overflow == 0 ? Cell::of(static_cast<std::int64_t>(value)) : Cell::of(PyLong_AsDouble(number.get()));
    return PyErr_Occurred() == nullptr;
  }
  const Ref number(PyNumber_Float(object));
  if (!number) {
    PyErr_Format(PyExc_TypeError, "a value of type %.200s is no number and no text", Py_TYPE(object)->tp_name);
    return false;
  }
  cell = Cell::of(PyFloat_AS_DOUBLE(number.get()));
  return true;
}

}  // namespace cppickle::python
