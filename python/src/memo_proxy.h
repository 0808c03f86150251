// What Pickler.memo and Unpickler.memo give: a view of the memo of the object that it keeps alive.
#ifndef CPPICKLE_PYTHON_MEMO_PROXY_H_
#define CPPICKLE_PYTHON_MEMO_PROXY_H_

#include "ref.h"

namespace cppickle::python {

struct MemoProxy {
  PyObject_HEAD
  PyObject* owner;

  // The Pickler or Unpickler behind a proxy of its kind.
  static PyObject* owner_of(PyObject* proxy) { return reinterpret_cast<MemoProxy*>(proxy)->owner; }
  // A new proxy of this type, or nullptr with an exception.
  static PyObject* make(PyTypeObject* type, PyObject* owner);
};

// The type of one kind of proxy. `copy` gives the entries as a dict.
template <PyCFunction kClear, PyCFunction kCopy>
struct MemoProxyType {
  static PyObject* reduce(PyObject* self, PyObject*) {
    const Ref copy(kCopy(self, nullptr));
    return copy ? Py_BuildValue("O(O)", &PyDict_Type, copy.get()) : nullptr;
  }
  static inline PyMethodDef methods[] = {
      {"clear", kClear, METH_NOARGS, "clear($self, /)\n--\n\nRemove all items from memo."},
      {"copy", kCopy, METH_NOARGS, "copy($self, /)\n--\n\nCopy the memo to a new object."},
      {"__reduce__", reduce, METH_NOARGS, "__reduce__($self, /)\n--\n\nImplement pickle support."},
      {}};
  static PyType_Spec spec(const char* name);
};

// The type's slots other than its methods.
void memo_proxy_slots(PyMethodDef* methods, PyType_Slot (&slots)[6]);

template <PyCFunction kClear, PyCFunction kCopy>
PyType_Spec MemoProxyType<kClear, kCopy>::spec(const char* name) {
  static PyType_Slot slots[6];
  memo_proxy_slots(methods, slots);
  return {name, sizeof(MemoProxy), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};
}

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_MEMO_PROXY_H_
