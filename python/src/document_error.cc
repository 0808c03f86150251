#include "document_error.h"

namespace cppickle::python {
namespace {

constexpr char kErrorDoc[] =
    "What is wrong with a file, or cannot be said of it.\n\n"
    "code: a stable name such as 'truncated', 'bad-memo' or 'limit'; offset: in bytes, or None; opcode: the "
    "name of the\n"
    "instruction there, or None; where: file, member of a container or path of a value, or None.";

bool set(PyObject* error, const char* name, PyObject* value) {
  const Ref held(value);
  return held && PyObject_SetAttrString(error, name, held.get()) == 0;
}

PyObject* text_or_none(std::string_view text) { return text.empty() ? new_ref(Py_None) : text_object(text); }

}  // namespace

PyObject* make_error_class() {
  const Ref attributes(
      Py_BuildValue("{sOsOsOsO}", "code", Py_None, "offset", Py_None, "opcode", Py_None, "where", Py_None));
  return attributes
             ? PyErr_NewExceptionWithDoc("cppickle.Error", kErrorDoc, PyExc_ValueError, attributes.get())
             : nullptr;
}

PyObject* text_object(std::string_view text) {
  const auto size = static_cast<Py_ssize_t>(text.size());
  PyObject* object = PyUnicode_DecodeUTF8(text.data(), size, "surrogatepass");
  if (object != nullptr || !PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) return object;
  PyErr_Clear();
  return PyUnicode_DecodeUTF8(text.data(), size, "backslashreplace");
}

PyObject* raise(const State& state, const Error& error) {
  if (PyErr_Occurred() != nullptr) return nullptr;
  const Ref text(text_object(error.to_string()));
  if (!text) return nullptr;
  if (error.code == ErrorCode::kIo) {
    PyErr_SetObject(PyExc_OSError, text.get());
    return nullptr;
  }
  const Ref exception(PyObject_CallFunctionObjArgs(state.Error, text.get(), nullptr));
  PyObject* offset =
      error.offset == Error::kNoOffset ? new_ref(Py_None) : PyLong_FromUnsignedLongLong(error.offset);
  if (!exception) {
    Py_XDECREF(offset);
    return nullptr;
  }
  if (set(exception.get(), "offset", offset) &&
      set(exception.get(), "code", text_object(name_of(error.code))) &&
      set(exception.get(), "opcode", text_or_none(error.opcode)) &&
      set(exception.get(), "where", text_or_none(error.where))) {
    PyErr_SetObject(state.Error, exception.get());
  }
  return nullptr;
}

PyObject* raise(const State& state, ErrorCode code, std::string message, std::string where) {
  return raise(state, Error{code, std::move(message), Error::kNoOffset, {}, std::move(where)});
}

}  // namespace cppickle::python
