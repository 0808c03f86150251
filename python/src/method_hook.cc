#include "method_hook.h"

#include "internals.h"

namespace cppickle::python {

bool MethodHook::bind(PyObject* owner, PyObject* name, PyCFunction base) {
  Ref found;
  if (!lookup_attr(owner, name, found)) return false;
  PyObject* old = function;
  if (found && PyCFunction_Check(found.get()) && PyCFunction_GET_FUNCTION(found.get()) == base &&
      PyCFunction_GET_SELF(found.get()) == owner) {
    found = Ref();
  }
  if (found && PyMethod_Check(found.get()) && PyMethod_GET_SELF(found.get()) == owner) {
    self = owner;
    function = new_ref(PyMethod_GET_FUNCTION(found.get()));
  } else {
    self = nullptr;
    function = found.release();
  }
  Py_XDECREF(old);
  return true;
}

PyObject* MethodHook::get(const char* name) const {
  if (function == nullptr) {
    PyErr_SetString(PyExc_AttributeError, name);
    return nullptr;
  }
  return self != nullptr ? PyMethod_New(function, self) : new_ref(function);
}

bool MethodHook::set(PyObject* value, const char* what) {
  if (value == nullptr) {
    PyErr_SetString(PyExc_TypeError, "attribute deletion is not supported");
    return false;
  }
  if (!PyCallable_Check(value)) {
    PyErr_Format(PyExc_TypeError, "%s must be a callable taking one argument", what);
    return false;
  }
  PyObject* old = function;
  function = new_ref(value);
  self = nullptr;
  Py_XDECREF(old);
  return true;
}

namespace {

bool is_named(PyObject* wanted, const char* name) {
  return PyUnicode_Check(wanted) && PyUnicode_CompareWithASCIIString(wanted, name) == 0;
}

}  // namespace

PyObject* MethodHook::get_attribute(PyObject* owner, PyObject* wanted, const char* name) const {
  return attribute != nullptr && is_named(wanted, name) ? new_ref(attribute) : PyObject_GenericGetAttr(owner, wanted);
}

int MethodHook::set_attribute(PyObject* owner, PyObject* wanted, PyObject* value, const char* name) {
  if (!is_named(wanted, name)) return PyObject_GenericSetAttr(owner, wanted, value);
  Py_XINCREF(value);
  Py_XDECREF(std::exchange(attribute, value));
  return 0;
}

int MethodHook::traverse(visitproc visit, void* arg) const {
  Py_VISIT(function);
  Py_VISIT(attribute);
  return 0;
}

void MethodHook::unbind() {
  self = nullptr;
  Py_CLEAR(function);
}

void MethodHook::clear() {
  unbind();
  Py_CLEAR(attribute);
}

}  // namespace cppickle::python
