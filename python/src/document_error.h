// cppickle.Error: the engine's errors as an exception.
#ifndef CPPICKLE_PYTHON_DOCUMENT_ERROR_H_
#define CPPICKLE_PYTHON_DOCUMENT_ERROR_H_

#include <string>
#include <string_view>

#include "cppickle/error.h"
#include "state.h"

namespace cppickle::python {

// The class, a ValueError with the attributes code, offset, opcode and where. nullptr with an exception.
PyObject* make_error_class();

// Raises cppickle.Error, or OSError where the system refused; leaves an exception that is already set.
// nullptr always.
PyObject* raise(const State& state, const Error& error);
PyObject* raise(const State& state, ErrorCode code, std::string message, std::string where = {});

// A str of the file's text: UTF-8 with lone surrogates; other bytes are escaped.
PyObject* text_object(std::string_view text);

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_DOCUMENT_ERROR_H_
