// Leaves of a document as Python's own numbers, text and bytes.
#ifndef CPPICKLE_PYTHON_VALUE_SCALAR_H_
#define CPPICKLE_PYTHON_VALUE_SCALAR_H_

#include "cppickle/document.h"
#include "cppickle/python_value.h"
#include "state.h"

namespace cppickle::python {

// None, bool, int, float, complex, str, bytes or bytearray; empty for any other value. Python 2's str is a
// str if it is ASCII, as it is for pickle.loads, else bytes. False with an exception.
bool scalar_of(const State& state, const Value& value, Ref& scalar);

// The int that a kInt is. nullptr with an exception: one of more digits than Python converts in reasonable
// time.
PyObject* int_of(const State& state, const Value& value);

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_VALUE_SCALAR_H_
