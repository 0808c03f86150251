#include "memo_proxy.h"

namespace cppickle::python {
namespace {

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(MemoProxy::owner_of(self));
  return 0;
}

int clear(PyObject* self) {
  Py_CLEAR(reinterpret_cast<MemoProxy*>(self)->owner);
  return 0;
}

void dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  clear(self);
  free_object(self);
}

}  // namespace

PyObject* MemoProxy::make(PyTypeObject* type, PyObject* owner) {
  auto* proxy = PyObject_GC_New(MemoProxy, type);
  if (proxy == nullptr) return nullptr;
  proxy->owner = new_ref(owner);
  PyObject_GC_Track(proxy);
  return reinterpret_cast<PyObject*>(proxy);
}

void memo_proxy_slots(PyMethodDef* methods, PyType_Slot (&slots)[6]) {
  slots[0] = {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)};
  slots[1] = {Py_tp_traverse, reinterpret_cast<void*>(traverse)};
  slots[2] = {Py_tp_clear, reinterpret_cast<void*>(clear)};
  slots[3] = {Py_tp_hash, reinterpret_cast<void*>(PyObject_HashNotImplemented)};
  slots[4] = {Py_tp_methods, methods};
  slots[5] = {};
}

}  // namespace cppickle::python
