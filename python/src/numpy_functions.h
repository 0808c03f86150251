// numpy's C API, as far as arrays are made here: by its place in the table that numpy gives to extensions
// (numpy/_core/code_generators/numpy_api.py), which is the same for numpy 1 and 2, so that no numpy is needed to build.
#ifndef CPPICKLE_PYTHON_NUMPY_FUNCTIONS_H_
#define CPPICKLE_PYTHON_NUMPY_FUNCTIONS_H_

#include "ref.h"

namespace cppickle::python {

// PyArray_Dims
struct NumpyShape {
  Py_ssize_t* lengths;
  int count;
};

// PyArray_Descr as far as numpy 1 and 2 lay it out alike.
struct NumpyDescr {
  PyObject_HEAD
  PyTypeObject* scalar;
  char kind;
  char type;
  char byteorder;
  char flags;
  int number;  // NPY_BOOL, NPY_BYTE...
};

// PyArrayObject up to its data.
struct NumpyArray {
  PyObject_HEAD
  char* data;
};

enum NumpyOrder : int { kNumpyC = 0, kNumpyFortran = 1 };  // NPY_ORDER

struct NumpyFunctions {
  PyTypeObject* array;
  PyTypeObject* descr;
  PyObject* (*descr_from_number)(int number);
  // PyArray_NewFromDescr: takes over `descr`; without data it allocates, in Fortran's order if `fortran` is not 0.
  PyObject* (*make)(PyTypeObject* type, PyObject* descr, int dimensions, const Py_ssize_t* lengths,
                    const Py_ssize_t* strides, void* data, int fortran, PyObject* like);
  // PyArray_FromBuffer: takes over `descr`; count -1 is all.
  PyObject* (*from_buffer)(PyObject* buffer, PyObject* descr, Py_ssize_t count, Py_ssize_t offset);
  // PyArray_Newshape
  PyObject* (*reshape)(PyObject* array, NumpyShape* shape, NumpyOrder order);
  PyCFunction reconstruct;  // of numpy.core.multiarray._reconstruct
};

// nullptr, without an exception, if numpy is not loaded, or not one of those known here.
const NumpyFunctions* numpy_functions();

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_NUMPY_FUNCTIONS_H_
