#include "arguments.h"

namespace cppickle::python {

bool parse_arguments(const Parameters& parameters, PyObject* const* args, Py_ssize_t count, PyObject* keywords,
                     PyObject** found) {
  const auto total = static_cast<Py_ssize_t>(parameters.names.size());
  if (count > parameters.positional) {
    PyErr_Format(PyExc_TypeError, "%s() takes at most %zd positional argument%s (%zd given)", parameters.function,
                 parameters.positional, parameters.positional == 1 ? "" : "s", count);
    return false;
  }
  for (Py_ssize_t i = 0; i < total; ++i) found[i] = i < count ? args[i] : nullptr;
  for (Py_ssize_t k = 0; keywords != nullptr && k < PyTuple_GET_SIZE(keywords); ++k) {
    PyObject* name = PyTuple_GET_ITEM(keywords, k);
    Py_ssize_t i = 0;
    while (i < total && (*parameters.names[static_cast<std::size_t>(i)] == '\0' ||
                         PyUnicode_CompareWithASCIIString(name, parameters.names[static_cast<std::size_t>(i)]) != 0)) {
      ++i;
    }
    if (i == total) {
      PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", parameters.function, name);
      return false;
    }
    if (found[i] != nullptr) {
      PyErr_Format(PyExc_TypeError, "argument for %s() given by name ('%U') and position (%zd)", parameters.function,
                   name, i + 1);
      return false;
    }
    found[i] = args[count + k];
  }
  for (Py_ssize_t i = 0; i < parameters.required; ++i) {
    if (found[i] != nullptr) continue;
    PyErr_Format(PyExc_TypeError, "%s() missing required argument '%s' (pos %zd)", parameters.function,
                 parameters.names[static_cast<std::size_t>(i)], i + 1);
    return false;
  }
  return true;
}

bool parse_bool(PyObject* argument, bool& value) {
  if (argument == nullptr) return true;
  const int truth = PyObject_IsTrue(argument);
  value = truth == 1;
  return truth >= 0;
}

}  // namespace cppickle::python
