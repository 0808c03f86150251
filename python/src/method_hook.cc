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

void MethodHook::clear() {
  self = nullptr;
  Py_CLEAR(function);
}

}  // namespace cppickle::python
