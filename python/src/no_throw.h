// The edge between C++ and Python: std::bad_alloc becomes MemoryError.
#ifndef CPPICKLE_PYTHON_NO_THROW_H_
#define CPPICKLE_PYTHON_NO_THROW_H_

#include "ref.h"

#include <new>

namespace cppickle::python {

template <class Result, class Body>
Result no_throw(Result failed, Body&& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
    return failed;
  }
}

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_NO_THROW_H_
