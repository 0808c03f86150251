#include "numpy_functions.h"

#include <atomic>

namespace cppickle::python {
namespace {

Ref loaded_module() {
  for (const char* name : {"numpy._core._multiarray_umath", "numpy.core._multiarray_umath"}) {  // numpy 2, numpy 1
    const Ref key(PyUnicode_FromString(name));
    Ref module(key ? PyImport_GetModule(key.get()) : nullptr);
    if (module) return module;
  }
  return Ref();
}

template <class Function>
void take(Function& to, void* entry) { to = reinterpret_cast<Function>(entry); }

bool fill(NumpyFunctions& functions) {
  const Ref module = loaded_module();
  const Ref capsule(module ? PyObject_GetAttrString(module.get(), "_ARRAY_API") : nullptr);
  const Ref reconstruct(module ? PyObject_GetAttrString(module.get(), "_reconstruct") : nullptr);
  if (!capsule || !reconstruct || !PyCFunction_Check(reconstruct.get())) return false;
  void** table = static_cast<void**>(PyCapsule_GetPointer(capsule.get(), nullptr));
  if (table == nullptr) return false;
  unsigned (*version)();
  take(version, table[0]);
  const unsigned major = version() >> 24;
  if (major != 1 && major != 2) return false;
  take(functions.array, table[2]);
  take(functions.descr, table[3]);
  take(functions.descr_from_number, table[45]);
  take(functions.from_buffer, table[74]);
  take(functions.make, table[94]);
  take(functions.reshape, table[135]);
  functions.reconstruct = PyCFunction_GET_FUNCTION(reconstruct.get());
  return true;
}

}  // namespace

const NumpyFunctions* numpy_functions() {
  static NumpyFunctions functions;
  static std::atomic<bool> filled = false;  // numpy is one for all interpreters
  if (filled) return &functions;
  if (!fill(functions)) {
    PyErr_Clear();
    return nullptr;
  }
  filled = true;
  return &functions;
}

}  // namespace cppickle::python
