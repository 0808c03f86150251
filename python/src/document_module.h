// What cppickle.read and its companions add to the module.
#ifndef CPPICKLE_PYTHON_DOCUMENT_MODULE_H_
#define CPPICKLE_PYTHON_DOCUMENT_MODULE_H_

#include "ref.h"

namespace cppickle::python {

using AddType = bool(PyObject* module, PyTypeObject*& type, PyType_Spec& spec, bool is_public);

// Adds types, functions and cppickle.Error to the module and its state. False with an exception.
bool add_document_types(PyObject* module, AddType* add_type);

// document_functions.cc
PyObject* disassemble_source(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
PyObject* stat_source(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
PyObject* optimize_bytes(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
PyObject* source_to_json(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
PyObject* pickle_from_json(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
// scan_functions.cc
PyObject* scan_given(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
extern const char scan_doc[];
extern const char dis_doc[];
extern const char stat_doc[];
extern const char optimize_doc[];
extern const char to_json_doc[];
extern const char from_json_doc[];

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_DOCUMENT_MODULE_H_
