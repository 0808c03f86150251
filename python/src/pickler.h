// The type Pickler, its memo's proxy, and the functions dump and dumps.
#ifndef CPPICKLE_PYTHON_PICKLER_H_
#define CPPICKLE_PYTHON_PICKLER_H_

#include "ref.h"

namespace cppickle::python {

extern PyType_Spec pickler_spec;
extern PyType_Spec pickler_memo_spec;

PyObject* dump(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
PyObject* dumps(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
extern const char dump_doc[];
extern const char dumps_doc[];

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_PICKLER_H_
