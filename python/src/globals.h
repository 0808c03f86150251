// From objects to module and name, and back.
#ifndef CPPICKLE_PYTHON_GLOBALS_H_
#define CPPICKLE_PYTHON_GLOBALS_H_

#include "ref.h"

#include "state.h"

namespace cppickle::python {

// "a.b" to ["a", "b"]; nullptr with AttributeError if a part is "<locals>". `owner` is for the message, or nullptr.
PyObject* split_name(PyObject* owner, PyObject* name);

// Follows a list of names from `object`. nullptr, maybe without an exception, if one is missing. `parent` gets the
// object before the last.
PyObject* deep_attribute(PyObject* object, PyObject* names, Ref* parent);

// The module's name where `object` says it is defined, or where it is found.
PyObject* which_module(const State& state, PyObject* object, PyObject* names);

// Imports a module and finds a global in it, as Unpickler.find_class does; with Python 2's names if `old_names`.
// Raises the audit event pickle.find_class.
PyObject* find_global(const State& state, PyObject* module_name, PyObject* global_name, int protocol, bool old_names);

// Python 3's names to Python 2's, in place. False with an exception.
bool to_python2(const State& state, Ref& module_name, Ref& global_name);

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_GLOBALS_H_
