#include "internals.h"

namespace cppickle::python {
namespace {

// The size without the bytes at the top that only repeat the sign.
std::size_t without_sign(const unsigned char* bytes, std::size_t size) {
  for (; size > 0; --size) {
    const unsigned char top = bytes[size - 1];
    const bool negative_below = size > 1 && (bytes[size - 2] & 0x80) != 0;
    if (size == 1 ? top != 0 : !(top == 0 && !negative_below) && !(top == 0xFF && negative_below)) break;
  }
  return size;
}

}  // namespace

Py_ssize_t int_to_bytes(PyObject* integer, unsigned char* to, std::size_t capacity) {
#if PY_VERSION_HEX >= 0x030D0000
  const auto size = static_cast<std::size_t>(
      PyLong_AsNativeBytes(integer, to, static_cast<Py_ssize_t>(capacity), Py_ASNATIVEBYTES_LITTLE_ENDIAN));
  if (size == static_cast<std::size_t>(-1)) return -1;
  if (size > capacity) return static_cast<Py_ssize_t>(size);
#elif CPPICKLE_INTERNALS
  const std::size_t bits = _PyLong_NumBits(integer);
  if (bits == static_cast<std::size_t>(-1) && PyErr_Occurred() != nullptr) return -1;
  const std::size_t size = (bits >> 3) + 1;
  if (size > capacity) return static_cast<Py_ssize_t>(size);
  if (_PyLong_AsByteArray(reinterpret_cast<PyLongObject*>(integer), to, size, 1, 1) < 0) return -1;
#else
  const Ref bits(PyObject_CallMethod(integer, "bit_length", nullptr));
  const Py_ssize_t count = bits ? PyLong_AsSsize_t(bits.get()) : -1;
  if (count < 0) return -1;
  const auto size = static_cast<std::size_t>(count / 8 + 1);
  if (size > capacity) return static_cast<Py_ssize_t>(size);
  const Ref method(PyObject_GetAttrString(integer, "to_bytes"));
  const Ref args(Py_BuildValue("(ns)", count / 8 + 1, "little"));
  const Ref keywords(Py_BuildValue("{sO}", "signed", Py_True));
  const Ref made(method && args && keywords ? PyObject_Call(method.get(), args.get(), keywords.get()) : nullptr);
  if (!made) return -1;
  std::memcpy(to, PyBytes_AS_STRING(made.get()), size);
#endif
  return static_cast<Py_ssize_t>(without_sign(to, size));
}

bool list_extend_steal(PyObject* list, PyObject** items, std::size_t count) {
#if CPPICKLE_INTERNALS
  auto* target = reinterpret_cast<PyListObject*>(list);
  const auto size = static_cast<std::size_t>(Py_SIZE(target));
  if (size + count > static_cast<std::size_t>(target->allocated)) {
    // The growth pattern of listobject.c's list_resize; a list that is filled once gets what it needs.
    const std::size_t wanted = size + count;
    const std::size_t capacity = size == 0 ? wanted : (wanted + (wanted >> 3) + 6) & ~std::size_t{3};
    void* grown = PyMem_Realloc(static_cast<void*>(target->ob_item), capacity * sizeof(PyObject*));
    if (grown == nullptr) {
      for (std::size_t i = 0; i < count; ++i) Py_DECREF(items[i]);
      PyErr_NoMemory();
      return false;
    }
    target->ob_item = static_cast<PyObject**>(grown);
    target->allocated = static_cast<Py_ssize_t>(capacity);
  }
  std::memcpy(static_cast<void*>(target->ob_item + size), items, count * sizeof(PyObject*));
  Py_SET_SIZE(target, static_cast<Py_ssize_t>(size + count));
  return true;
#else
  const Ref slice(PyList_New(static_cast<Py_ssize_t>(count)));
  for (std::size_t i = 0; i < count; ++i) {
    if (slice) PyList_SET_ITEM(slice.get(), static_cast<Py_ssize_t>(i), items[i]);
    else Py_DECREF(items[i]);
  }
  const Py_ssize_t size = PyList_GET_SIZE(list);
  return slice && PyList_SetSlice(list, size, size, slice.get()) == 0;
#endif
}

#if PY_VERSION_HEX >= 0x030A0000
bool collector_disable() { return PyGC_Disable() == 1; }
void collector_enable() { PyGC_Enable(); }
#else
namespace {
bool call_gc(const char* name, bool& answer) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  const Ref gc(PyImport_ImportModule("gc"));
  const Ref made(gc ? PyObject_CallMethod(gc.get(), name, nullptr) : nullptr);
  answer = made && PyObject_IsTrue(made.get()) == 1;
  PyErr_Restore(type, value, traceback);  // a failure here leaves the collector as it was
  return static_cast<bool>(made);
}
}  // namespace
bool collector_disable() {
  bool enabled = false, none;
  return call_gc("isenabled", enabled) && enabled && call_gc("disable", none);
}
void collector_enable() {
  bool none;
  call_gc("enable", none);
}
#endif

}  // namespace cppickle::python
