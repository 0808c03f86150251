// The GIL, given away while the engine works on bytes, and taken back wherever Python is needed.
#ifndef CPPICKLE_PYTHON_WITHOUT_GIL_H_
#define CPPICKLE_PYTHON_WITHOUT_GIL_H_

#include "ref.h"

namespace cppickle::python {

class WithoutGil {
 public:
  WithoutGil() : saved_(PyEval_SaveThread()) {}
  ~WithoutGil() { PyEval_RestoreThread(saved_); }
  WithoutGil(const WithoutGil&) = delete;
  WithoutGil& operator=(const WithoutGil&) = delete;

  // Calls body() with the GIL held.
  template <class Body>
  bool with_gil(Body&& body) {
    PyEval_RestoreThread(saved_);
    const bool result = body();
    saved_ = PyEval_SaveThread();
    return result;
  }

  // False with an exception where a signal's handler raised one: Ctrl-C.
  bool check_signals() {
    return with_gil([] { return PyErr_CheckSignals() == 0; });
  }

 private:
  PyThreadState* saved_;
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_WITHOUT_GIL_H_
