// Tuples, lists, dicts and sets, and the objects that behave as if they were.
#include "loader.h"

namespace cppickle::python {
namespace {

void release_all(std::span<PyObject*> values) {
  for (PyObject* value : values) Py_DECREF(value);
}

// Whether hashing and comparing it runs no Python code.
bool is_plain_key(PyObject* key) {
  PyTypeObject* type = Py_TYPE(key);
  return type == &PyUnicode_Type || type == &PyLong_Type || type == &PyBytes_Type || type == &PyFloat_Type ||
         type == &PyBool_Type || key == Py_None;
}

}  // namespace

PyObject* Loader::tuple(std::span<Value> taken) {
  PyObject* made = PyTuple_New(static_cast<Py_ssize_t>(taken.size()));
  if (made == nullptr) {
    release_all(taken);
    return nullptr;
  }
  for (std::size_t i = 0; i < taken.size(); ++i) PyTuple_SET_ITEM(made, static_cast<Py_ssize_t>(i), taken[i]);
  return made;
}

PyObject* Loader::list(std::span<Value> taken) {
  PyObject* made = PyList_New(static_cast<Py_ssize_t>(taken.size()));
  if (made == nullptr) {
    release_all(taken);
    return nullptr;
  }
  for (std::size_t i = 0; i < taken.size(); ++i) PyList_SET_ITEM(made, static_cast<Py_ssize_t>(i), taken[i]);
  return made;
}

PyObject* Loader::dict(std::span<Value> taken) {
  Ref made(PyDict_New());
  if (!made) {
    release_all(taken);
    return nullptr;
  }
  return set_items(made.get(), taken) ? made.release() : nullptr;
}

PyObject* Loader::frozenset(std::span<Value> taken) {
  Ref made(PyFrozenSet_New(nullptr));
#if PY_VERSION_HEX < 0x030A0000
  // The empty one is shared there, and must not be filled.
  if (made && !taken.empty()) {
    const Ref items(tuple(taken));
    const Outside outside(*this);
    return items ? PyFrozenSet_New(items.get()) : nullptr;
  }
#endif
  if (!made) {
    release_all(taken);
    return nullptr;
  }
  return fill_set(made.get(), taken) ? made.release() : nullptr;
}

// A set, or a frozenset that nobody else has seen.
bool Loader::fill_set(PyObject* set, std::span<Value> taken) {
  bool good = true;
  for (Value item : taken) {
    if (good && is_plain_key(item)) {
      good = PySet_Add(set, item) == 0;
    } else if (good) {
      const Outside outside(*this);
      good = PySet_Add(set, item) == 0;
    }
    Py_DECREF(item);
  }
  return good;
}

bool Loader::append(PyObject* target, std::span<Value> taken) {
  if (taken.empty()) return true;
  if (PyList_CheckExact(target)) return list_extend_steal(target, taken.data(), taken.size());
  const Outside outside(*this);
  Ref method;
  if (!lookup_attr(target, state_.s_extend, method)) {
    release_all(taken);
    return false;
  }
  if (method) {
    const Ref items(list(taken));
    return items && Ref(PyObject_CallOneArg(method.get(), items.get()));
  }
  // PEP 307 asks for both methods; objects that have append() alone are served too.
  method = Ref(PyObject_GetAttr(target, state_.s_append));
  bool good = static_cast<bool>(method);
  for (Value value : taken) {
    good = good && Ref(PyObject_CallOneArg(method.get(), value));
    Py_DECREF(value);
  }
  return good;
}

inline bool Loader::set_item(PyObject* dict, PyObject* key, PyObject* value) {
  if (is_plain_key(key)) [[likely]] return PyDict_SetItem(dict, key, value) == 0;
  const Outside outside(*this);
  return PyDict_SetItem(dict, key, value) == 0;
}

bool Loader::set_items(PyObject* target, std::span<Value> taken) {
  bool good = true;
  if (PyDict_CheckExact(target)) {
    for (std::size_t i = 0; i < taken.size(); i += 2) {
      good = good && set_item(target, taken[i], taken[i + 1]);
      Py_DECREF(taken[i]);
      Py_DECREF(taken[i + 1]);
    }
    return good;
  }
  const Outside outside(*this);
  for (std::size_t i = 0; good && i < taken.size(); i += 2) {
    good = PyObject_SetItem(target, taken[i], taken[i + 1]) == 0;
  }
  release_all(taken);
  return good;
}

bool Loader::add_items(PyObject* target, std::span<Value> taken) {
  if (taken.empty()) return true;
  if (PySet_Check(target)) return fill_set(target, taken);
  const Outside outside(*this);
  const Ref method(PyObject_GetAttr(target, state_.s_add));
  bool good = static_cast<bool>(method);
  for (Value item : taken) {
    good = good && Ref(PyObject_CallOneArg(method.get(), item));
    Py_DECREF(item);
  }
  return good;
}

}  // namespace cppickle::python
