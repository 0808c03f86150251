// An owned reference to a Python object. The GIL is held wherever one is made, moved or dropped.
#ifndef CPPICKLE_PYTHON_REF_H_
#define CPPICKLE_PYTHON_REF_H_

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string_view>
#include <utility>

namespace cppickle::python {

class Ref {
 public:
  Ref() = default;
  // Takes over a new reference, as most functions of the C API return it; nullptr where they failed.
  explicit Ref(PyObject* owned) : object_(owned) {}
  static Ref of(PyObject* borrowed) { return Ref(x_new_ref(borrowed)); }

  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref&& other) noexcept {
    PyObject* old = std::exchange(object_, std::exchange(other.object_, nullptr));
    Py_XDECREF(old);  // last: it may run code that looks at this object
    return *this;
  }
  Ref(const Ref&) = delete;
  Ref& operator=(const Ref&) = delete;
  ~Ref() { Py_XDECREF(object_); }

  PyObject* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  PyObject* release() { return std::exchange(object_, nullptr); }
  // For functions that return a reference through a pointer.
  PyObject** out() {
    *this = Ref();
    return &object_;
  }

 private:
  static PyObject* x_new_ref(PyObject* object) {
    Py_XINCREF(object);
    return object;
  }

  PyObject* object_ = nullptr;
};

// The end of a tp_dealloc: the memory, and the instance's reference to its heap type.
inline void free_object(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

// New bytes, or nullptr with an exception.
inline PyObject* bytes_object(std::string_view bytes) {
  return PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size()));
}

// A new tuple of what make(i) gives, new references; nullptr with an exception.
template <class Make>
PyObject* tuple_of(std::size_t count, Make&& make) {
  Ref tuple(PyTuple_New(static_cast<Py_ssize_t>(count)));
  for (std::size_t i = 0; tuple && i < count; ++i) {
    PyObject* item = make(i);
    if (item == nullptr) return nullptr;
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), item);
  }
  return tuple.release();
}

// A new list of what make(item) gives, a Ref or a new reference; nullptr with an exception.
template <class Items, class Make>
PyObject* list_of(const Items& items, Make&& make) {
  Ref list(PyList_New(0));
  for (const auto& item : items) {
    const Ref made(make(item));
    if (!list || !made || PyList_Append(list.get(), made.get()) != 0) return nullptr;
  }
  return list.release();
}

// A new reference to a borrowed object.
inline PyObject* new_ref(PyObject* object) {
  Py_INCREF(object);
  return object;
}

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_REF_H_
