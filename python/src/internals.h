// The one place that uses what CPython does not promise to keep. Each use has a fallback on the public API, which is
// chosen by version for Pythons newer than those known here, and for all of them with CPPICKLE_PUBLIC_API_ONLY.
#ifndef CPPICKLE_PYTHON_INTERNALS_H_
#define CPPICKLE_PYTHON_INTERNALS_H_

#include "ref.h"

#if PY_VERSION_HEX < 0x030B0000
#include <longintrepr.h>
#endif

#include <cstdint>
#include <cstring>
#include <string>

#if !defined(CPPICKLE_PUBLIC_API_ONLY) && !defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x030E0000 && \
    !defined(PYPY_VERSION)
#define CPPICKLE_INTERNALS 1
#else
#define CPPICKLE_INTERNALS 0
#endif

#if CPPICKLE_INTERNALS && PY_VERSION_HEX >= 0x030D0000
extern "C" int _PySet_NextEntry(PyObject* set, Py_ssize_t* position, PyObject** key, Py_hash_t* hash);
#endif

namespace cppickle::python {

// The attribute in the type's own and its bases' dicts; borrowed, nullptr without an exception if there is none.
inline PyObject* type_lookup(PyTypeObject* type, PyObject* name) {
#if CPPICKLE_INTERNALS
  return _PyType_Lookup(type, name);
#else
  PyObject* mro = type->tp_mro;
  for (Py_ssize_t i = 0; mro != nullptr && i < PyTuple_GET_SIZE(mro); ++i) {
    auto* base = reinterpret_cast<PyTypeObject*>(PyTuple_GET_ITEM(mro, i));
#if PY_VERSION_HEX >= 0x030C0000
    const Ref dict(PyType_GetDict(base));
    PyObject* found = dict ? PyDict_GetItemWithError(dict.get(), name) : nullptr;
#else
    PyObject* found = base->tp_dict != nullptr ? PyDict_GetItemWithError(base->tp_dict, name) : nullptr;
#endif
    if (found != nullptr) return found;
    PyErr_Clear();
  }
  return nullptr;
#endif
}

// A number that changes whenever the type or a base of it is changed; 0 if that cannot be told.
inline unsigned type_version([[maybe_unused]] PyTypeObject* type) {
#if CPPICKLE_INTERNALS && PY_VERSION_HEX >= 0x030D0000
  return type->tp_version_tag;  // 0 where there is none; the flag is not set any more
#elif CPPICKLE_INTERNALS
  return (type->tp_flags & Py_TPFLAGS_VALID_VERSION_TAG) != 0 ? type->tp_version_tag : 0;
#else
  return 0;
#endif
}

// obj.name, or nullptr without an exception if there is none. False with an exception.
inline bool lookup_attr(PyObject* object, PyObject* name, Ref& found) {
#if PY_VERSION_HEX >= 0x030D0000
  return PyObject_GetOptionalAttr(object, name, found.out()) >= 0;
#elif CPPICKLE_INTERNALS
  return _PyObject_LookupAttr(object, name, found.out()) >= 0;
#else
  found = Ref(PyObject_GetAttr(object, name));
  if (found) return true;
  if (!PyErr_ExceptionMatches(PyExc_AttributeError)) return false;
  PyErr_Clear();
  return true;
#endif
}

// An int from little-endian two's complement.
inline PyObject* int_from_bytes(const unsigned char* bytes, std::size_t size) {
#if PY_VERSION_HEX >= 0x030D0000
  return PyLong_FromNativeBytes(bytes, size, Py_ASNATIVEBYTES_LITTLE_ENDIAN);
#elif CPPICKLE_INTERNALS
  return _PyLong_FromByteArray(bytes, size, 1, 1);
#else
  const Ref method(PyObject_GetAttrString(reinterpret_cast<PyObject*>(&PyLong_Type), "from_bytes"));
  const Ref args(Py_BuildValue("(y#s)", bytes, static_cast<Py_ssize_t>(size), "little"));
  const Ref keywords(Py_BuildValue("{sO}", "signed", Py_True));
  return method && args && keywords ? PyObject_Call(method.get(), args.get(), keywords.get()) : nullptr;
#endif
}

// The shortest little-endian two's complement of an int: its size, 0 for the int 0. Written if it fits, with a byte to
// spare. -1 with an exception.
Py_ssize_t int_to_bytes(PyObject* integer, unsigned char* to, std::size_t capacity);

// Appends items to an exact list, which takes over their references, also when it fails.
bool list_extend_steal(PyObject* list, PyObject** items, std::size_t count);

// Calls visit(item) -> bool for the items of a set. False when `visit` says so, or with an exception.
template <class Visit>
bool for_each_in_set(PyObject* set, Visit&& visit) {
#if CPPICKLE_INTERNALS
  Py_ssize_t position = 0;
  PyObject* item;
  Py_hash_t hash;
  while (_PySet_NextEntry(set, &position, &item, &hash)) {
    const Ref held = Ref::of(item);
    if (!visit(item)) return false;
  }
  return true;
#else
  const Ref iterator(PyObject_GetIter(set));
  if (!iterator) return false;
  for (;;) {
    const Ref item(PyIter_Next(iterator.get()));
    if (!item) return PyErr_Occurred() == nullptr;
    if (!visit(item.get())) return false;
  }
#endif
}

// The value of an exact int that fits one digit. False for others.
inline bool small_int([[maybe_unused]] PyObject* integer, [[maybe_unused]] long& value) {
#if CPPICKLE_INTERNALS && PY_VERSION_HEX >= 0x030C0000
  const auto* number = reinterpret_cast<PyLongObject*>(integer);
  if (!PyUnstable_Long_IsCompact(number)) return false;
  value = PyUnstable_Long_CompactValue(number);
  return true;
#elif CPPICKLE_INTERNALS
  const auto* number = reinterpret_cast<PyLongObject*>(integer);
  const Py_ssize_t size = Py_SIZE(integer);
  if (size < -1 || size > 1) return false;
  value = size * static_cast<long>(number->ob_digit[0]);  // an int always has room for one digit
  return true;
#else
  return false;
#endif
}

// The UTF-8 that a str has cached, or nullptr.
inline const char* cached_utf8([[maybe_unused]] PyObject* text, [[maybe_unused]] Py_ssize_t& size) {
#if CPPICKLE_INTERNALS
  if (PyUnicode_IS_COMPACT(text)) {
    const auto* compact = reinterpret_cast<PyCompactUnicodeObject*>(text);
    size = compact->utf8_length;
    return compact->utf8;
  }
#endif
  return nullptr;
}

// An instance's attributes where CPython 3.11 keeps them as long as nobody asked for its __dict__: in an array before the
// object, in which each name has the same place in all instances whose class caches the same keys
// (Include/internal/pycore_object.h, pycore_dict.h). Dead once anything else
// sets an attribute. Elsewhere there are no keys, and no places.
class InstanceValues {
 public:
#if CPPICKLE_INTERNALS && PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000
  explicit InstanceValues(PyObject* instance) {
    PyTypeObject* type = Py_TYPE(instance);
    auto** before = reinterpret_cast<void**>(instance);
    if ((type->tp_flags & Py_TPFLAGS_MANAGED_DICT) == 0 || before[-3] != nullptr || before[-4] == nullptr) return;
    values_ = static_cast<PyObject**>(before[-4]);
    keys_ = reinterpret_cast<PyHeapTypeObject*>(type)->ht_cached_keys;
  }
  const void* keys() const { return keys_; }
  // Where the attribute lies that was set last; -1 if it does not lie here.
  int last_place(PyObject* value) const {
    const int count = values_ != nullptr ? *order() : 0;
    const int place = count != 0 ? order()[-count] : -1;
    return place >= 0 && values_[place] == value ? place : -1;
  }
  // Sets what is not set yet, or returns false.
  bool store(int place, PyObject* value) {
    if (values_ == nullptr || values_[place] != nullptr) return false;
    values_[place] = new_ref(value);
    const int count = ++*order();
    order()[-count] = static_cast<std::uint8_t>(place);
    return true;
  }

 private:
  // The number of attributes that are set, and before it their places, the first one nearest.
  std::uint8_t* order() const { return reinterpret_cast<std::uint8_t*>(values_) - 2; }

  PyObject** values_ = nullptr;
  const void* keys_ = nullptr;
#else
  explicit InstanceValues(PyObject*) {}
  const void* keys() const { return nullptr; }
  int last_place(PyObject*) const { return -1; }
  bool store(int, PyObject*) { return false; }
#endif
};

// Whether `count` references to the object are all there are: false where that cannot be told.
inline bool has_references([[maybe_unused]] PyObject* object, [[maybe_unused]] Py_ssize_t count) {
#if CPPICKLE_INTERNALS
  return Py_REFCNT(object) == count;
#else
  return false;
#endif
}

// Whether the cyclic collector can run inside a C function. From 3.12 on it waits for the interpreter's loop (gh-97922).
inline constexpr bool kCollectorInterrupts = PY_VERSION_HEX < 0x030C0000;

// Switch the cyclic collector off and on; the first says whether it was on.
bool collector_disable();
void collector_enable();

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_INTERNALS_H_
