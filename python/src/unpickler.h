// The type Unpickler, its memo's proxy, and the functions load and loads.
#ifndef CPPICKLE_PYTHON_UNPICKLER_H_
#define CPPICKLE_PYTHON_UNPICKLER_H_

#include "ref.h"

namespace cppickle::python {

extern PyType_Spec unpickler_spec;
extern PyType_Spec unpickler_memo_spec;

PyObject* load(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
PyObject* loads(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
extern const char load_doc[];
extern const char loads_doc[];

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_UNPICKLER_H_
