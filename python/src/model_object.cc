#include "model_object.h"

#include <new>
#include <optional>

#include "arguments.h"
#include "cppickle/model.h"
#include "document_error.h"
#include "document_object.h"
#include "model_rows.h"
#include "no_throw.h"
#include "without_gil.h"

namespace cppickle::python {
namespace {

using predict::Cell;
using predict::ElementType;
using predict::Labels;
using predict::Method;
using predict::Model;
using predict::Output;

struct ModelObject {
  PyObject_HEAD Model* model;
};

const Model& model_of(PyObject* self) { return *reinterpret_cast<ModelObject*>(self)->model; }

// Of a path: that of the pickle, where it is a folder of MLflow. What else was given stays as it is. Empty with an exception.
Ref source_of(const State& state, PyObject* given) {
  if (PyObject_CheckBuffer(given)) return Ref::of(given);
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(given, &bytes) == 0) return {};
  const Ref held(bytes);
  const auto file = predict::model_file(PyBytes_AS_STRING(bytes));
  if (!file) {
    raise(state, file.error());
    return {};
  }
  return *file == PyBytes_AS_STRING(bytes) ? Ref::of(given) : Ref(PyUnicode_DecodeFSDefault(file->c_str()));
}

PyObject* model_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  static const char* kNames[] = {"source", "at", "limits", nullptr};
  PyObject *given, *limits = Py_None;
  const char* at = "";
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|sO", const_cast<char**>(kNames), &given, &at, &limits)) return nullptr;
  const State& state = state_of_type(type);
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    OpenedSource opened;
    std::optional<Document> document;
    const Ref source = source_of(state, given);
    if (!source || !open_source(state, source.get(), limits, opened)) return nullptr;
    if (opened.source->streams().empty()) return raise(state, ErrorCode::kNotAPickle, "the file holds arrays and no pickle");
    if (!read_stream(state, opened, 0, document)) return nullptr;
    Result<Model> model = std::unexpected(Error{ErrorCode::kCorrupt, {}});
    {
      const WithoutGil others;
      model = Model::load(*document, {at, opened.limits});
    }
    if (!model) return raise(state, model.error());
    Ref self(type->tp_alloc(type, 0));
    if (!self) return nullptr;
    reinterpret_cast<ModelObject*>(self.get())->model = new Model(*std::move(model));
    return self.release();
  });
}

void model_dealloc(PyObject* self) {
  delete reinterpret_cast<ModelObject*>(self)->model;
  free_object(self);
}

PyObject* cell_object(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kNone: Py_RETURN_NONE;
    case Cell::Kind::kBool: return PyBool_FromLong(cell.integer != 0);
    case Cell::Kind::kInt: return PyLong_FromLongLong(cell.integer);
    case Cell::Kind::kReal: return PyFloat_FromDouble(cell.real);
    case Cell::Kind::kText: return text_object(cell.text);
    case Cell::Kind::kBytes: return bytes_object(cell.text);
  }
  Py_RETURN_NONE;
}

PyObject* names_list(std::span<const std::string> names) {
  return list_of(names, [](const std::string& name) { return text_object(name); });
}

template <class T>
PyObject* packed(std::span<const double> values) {
  Ref bytes(PyByteArray_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(values.size() * sizeof(T))));
  if (!bytes) return nullptr;
  T* to = reinterpret_cast<T*>(PyByteArray_AS_STRING(bytes.get()));
  for (const double value : values) *to++ = static_cast<T>(value);
  return bytes.release();
}

PyObject* packed_as(ElementType type, std::span<const double> values) {
  switch (type) {
    case ElementType::kBool: return packed<bool>(values);
    case ElementType::kInt8: return packed<std::int8_t>(values);
    case ElementType::kInt16: return packed<std::int16_t>(values);
    case ElementType::kInt32: return packed<std::int32_t>(values);
    case ElementType::kInt64: return packed<std::int64_t>(values);
    case ElementType::kUInt8: return packed<std::uint8_t>(values);
    case ElementType::kUInt16: return packed<std::uint16_t>(values);
    case ElementType::kUInt32: return packed<std::uint32_t>(values);
    case ElementType::kUInt64: return packed<std::uint64_t>(values);
    case ElementType::kFloat32: return packed<float>(values);
    default: return packed<double>(values);
  }
}

template <class T>
PyObject* raw(std::span<const T> values) {
  return PyByteArray_FromStringAndSize(reinterpret_cast<const char*>(values.data()),
                                       static_cast<Py_ssize_t>(values.size_bytes()));
}

// (form, dtype, rows, columns, is vector, widths of parts or None, ...): "dense" and "labels" with the elements, "sparse"
// with row starts, indices and elements, "cells" with a flat list and the dtype of each column.
PyObject* answer_object(const Output& output) {
  const auto rows = static_cast<Py_ssize_t>(output.rows()), columns = static_cast<Py_ssize_t>(output.columns());
  Ref parts(output.parts().empty() ? new_ref(Py_None) : list_of(output.parts(), PyLong_FromSize_t));
  Ref first, second, third;
  const char* form = "dense";
  std::string type(name_of(output.type()));
  if (!output.labels().empty()) {
    form = "labels";
    first = Ref(packed<std::int64_t>(output.values()));
  } else if (output.form() == Output::Form::kDense) {
    if (output.type() == ElementType::kFloat16) type = "float64";
    first = Ref(packed_as(output.type(), output.values()));
  } else if (output.form() == Output::Form::kSparse) {
    form = "sparse";
    first = Ref(raw(output.row_starts()));
    second = Ref(raw(output.indices()));
    third = Ref(packed_as(output.type(), output.values()));
    if (!second || !third) return nullptr;
  } else {
    form = "cells";
    first = Ref(list_of(output.cells(), cell_object));
    second = Ref(list_of(output.column_types(), [](ElementType of_column) { return text_object(name_of(of_column)); }));
    third = Ref(new_ref(Py_None));
    if (!second) return nullptr;
  }
  if (!parts || !first) return nullptr;
  PyObject* const vector = output.is_vector() ? Py_True : Py_False;
  if (!second) return Py_BuildValue("ssnnOOO", form, type.c_str(), rows, columns, vector, parts.get(), first.get());
  return Py_BuildValue("ssnnOOOOO", form, type.c_str(), rows, columns, vector, parts.get(), first.get(), second.get(),
                       third.get());
}

PyObject* model_run(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  if (count != 2 || !PyUnicode_Check(args[0])) {
    PyErr_SetString(PyExc_TypeError, "run takes a method's name and rows");
    return nullptr;
  }
  const State& state = state_of_type(Py_TYPE(self));
  const char* const name = PyUnicode_AsUTF8(args[0]);
  if (name == nullptr) return nullptr;
  const auto method = predict::method_named(name);
  if (!method) return PyErr_Format(PyExc_ValueError, "no method %R", args[0]);
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    ModelRows rows;
    if (!rows.read(args[1])) return nullptr;
    Output output;
    Result<void> done;
    constexpr std::size_t kFew = 64;  // rows that are done sooner than other threads would get to run
    if (rows.input().rows <= kFew) {
      done = model_of(self).run(*method, rows.input(), output);
    } else {
      const WithoutGil others;
      done = model_of(self).run(*method, rows.input(), output);
    }
    return done ? answer_object(output) : raise(state, done.error());
  });
}

PyObject* labels_object(const Labels& labels) {
  const Ref values(list_of(labels.values, cell_object));
  return values ? Py_BuildValue("sO", labels.dtype.c_str(), values.get()) : nullptr;
}

PyObject* model_describe(PyObject* self, PyObject*) {
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    const Model& model = model_of(self);
    const Ref methods(list_of(model.methods(), [](Method method) { return text_object(name_of(method)); }));
    const Ref names(names_list(model.feature_names_in()));
    const Ref classes(list_of(model.classes(), labels_object));
    const Ref features(model.features_in() ? PyLong_FromSize_t(*model.features_in()) : new_ref(Py_None));
    if (!methods || !names || !classes || !features) return nullptr;
    return Py_BuildValue("{sssssOsssOsOsO}", "class", model.class_name().c_str(), "version", model.library_version().c_str(),
                         "methods", methods.get(), "container", model.output_container().c_str(), "n_features_in", features.get(), "feature_names_in", names.get(),
                         "classes", classes.get());
  });
}

PyObject* model_feature_names_out(PyObject* self, PyObject*) {
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    const auto names = model_of(self).feature_names_out();
    return names ? names_list(*names) : raise(state_of_type(Py_TYPE(self)), names.error());
  });
}

PyMethodDef model_methods[] = {
    {"run", as_method(model_run), METH_FASTCALL, "run($self, method, rows, /)\n--\n\n"},
    {"describe", model_describe, METH_NOARGS, "describe($self, /)\n--\n\n"},
    {"feature_names_out", model_feature_names_out, METH_NOARGS, "feature_names_out($self, /)\n--\n\n"},
    {}};

PyType_Slot model_slots[] = {{Py_tp_new, reinterpret_cast<void*>(model_new)},
                             {Py_tp_dealloc, reinterpret_cast<void*>(model_dealloc)},
                             {Py_tp_methods, model_methods},
                             {}};

}  // namespace

PyType_Spec model_spec = {"cppickle._cppickle.NativeModel", sizeof(ModelObject), 0, Py_TPFLAGS_DEFAULT, model_slots};

}  // namespace cppickle::python
