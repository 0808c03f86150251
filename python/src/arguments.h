// Arguments of the functions that are called for small messages: parsed without making tuples and dicts.
#ifndef CPPICKLE_PYTHON_ARGUMENTS_H_
#define CPPICKLE_PYTHON_ARGUMENTS_H_

#include "ref.h"

#include <span>

namespace cppickle::python {

struct Parameters {
  const char* function;
  std::span<const char* const> names;  // "" for one that has no name
  Py_ssize_t positional;               // how many may be given by position
  Py_ssize_t required;
};

// Puts borrowed arguments into `found`, one per name, nullptr where none was given. False with TypeError.
bool parse_arguments(const Parameters& parameters, PyObject* const* args, Py_ssize_t count, PyObject* keywords,
                     PyObject** found);

// As a table of methods takes it, whatever its arguments are.
template <class Function>
PyCFunction as_method(Function* function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

// A bool parameter: any object, by its truth; `value` stays where none was given. False with an exception.
bool parse_bool(PyObject* argument, bool& value);

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_ARGUMENTS_H_
