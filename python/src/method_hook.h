// persistent_id and persistent_load: a method that a subclass may define, or an attribute that somebody sets.
#ifndef CPPICKLE_PYTHON_METHOD_HOOK_H_
#define CPPICKLE_PYTHON_METHOD_HOOK_H_

#include "ref.h"

namespace cppickle::python {

// From 3.13 on (gh-113024) the base classes have the methods and they are looked up for each dump and load; before, the
// hook was bound by __init__, and an object without one had no such attribute.
inline constexpr bool kHooksAreMethods = PY_VERSION_HEX >= 0x030D0000;

struct MethodHook {
  PyObject* function = nullptr;   // owned
  PyObject* self = nullptr;       // borrowed: the first argument, where `function` is a plain function of the class
  PyObject* attribute = nullptr;  // owned: set on the object, from 3.13 on; comes before the class's method

  // Looks up `owner.name`. A bound method of `owner` is taken apart, so that there is no cycle. Our own method `base`
  // counts as none. False with an exception.
  bool bind(PyObject* owner, PyObject* name, PyCFunction base);
  // What reading the attribute gives: a new reference, nullptr with AttributeError.
  PyObject* get(const char* name) const;
  bool set(PyObject* value, const char* what);
  // tp_getattro and tp_setattro of an object that has the hook under `name`, from 3.13 on.
  PyObject* get_attribute(PyObject* owner, PyObject* wanted, const char* name) const;
  int set_attribute(PyObject* owner, PyObject* wanted, PyObject* value, const char* name);

  int traverse(visitproc visit, void* arg) const;
  void unbind();  // forgets what bind() found
  void clear();
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_METHOD_HOOK_H_
