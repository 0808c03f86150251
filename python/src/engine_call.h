// The engine's work for a Python caller: done without the GIL, its result as an object or an exception.
#ifndef CPPICKLE_PYTHON_ENGINE_CALL_H_
#define CPPICKLE_PYTHON_ENGINE_CALL_H_

#include <string>
#include <string_view>

#include "document_error.h"
#include "no_throw.h"
#include "without_gil.h"

namespace cppickle::python {

// Calls work() -> Result<std::string>, then make(), such as text_object or bytes_object.
template <class Work>
PyObject* engine_call(const State& state, PyObject* (*make)(std::string_view), Work&& work) {
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    Result<std::string> done;
    {
      const WithoutGil others;
      done = work();
    }
    return done ? make(*done) : raise(state, done.error());
  });
}

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_ENGINE_CALL_H_
