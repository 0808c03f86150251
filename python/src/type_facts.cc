#include "type_facts.h"

#include <datetime.h>

#include <string_view>

namespace cppickle::python {
namespace {

PyObject* as_object(PyTypeObject* type) { return reinterpret_cast<PyObject*>(type); }

// The types of C modules that say how they are pickled in C: their bytes can be told without asking.
bool find_known(PyTypeObject* type, Watcher* watcher, Pickled& pickled) {
  const std::string_view name = type->tp_name;
  if (name == "decimal.Decimal") {
    const Ref reduce(PyObject_GetAttrString(as_object(type), "__reduce__"));
    if (!reduce) return false;
    // The C implementation, and not a class that somebody named so.
    if (Py_IS_TYPE(reduce.get(), &PyMethodDescr_Type) && PyDescr_TYPE(reduce.get()) == type) {
      const Ref name_of_module(PyUnicode_FromString("_decimal"));
      const Ref module(name_of_module ? PyImport_GetModule(name_of_module.get()) : nullptr);
      if (!module && PyErr_Occurred() == nullptr) return true;
      const Ref decimal(module ? PyObject_GetAttrString(module.get(), "Decimal") : nullptr);
      if (!decimal) return false;
      if (decimal.get() == as_object(type)) pickled = Pickled::kDecimal;
    }
    return true;
  }
  if (name == "numpy.ndarray" && (type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0) {
    pickled = Pickled::kArray;
    return true;
  }
  if (name.substr(0, 9) != "datetime." || (type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0) return true;
  if (PyDateTimeAPI == nullptr) {
    const Watched watched(watcher);
    PyDateTime_IMPORT;
  }
  if (PyDateTimeAPI == nullptr) return false;
  if (type == PyDateTimeAPI->DateType) pickled = Pickled::kDate;
  else if (type == PyDateTimeAPI->TimeType) pickled = Pickled::kTime;
  else if (type == PyDateTimeAPI->DateTimeType) pickled = Pickled::kDateTime;
  else if (type == PyDateTimeAPI->DeltaType) pickled = Pickled::kTimeDelta;
  return true;
}

// Whether object.__reduce_ex__ is asked and asks nobody but maybe __getstate__: nothing else is overridden.
bool reduces_by_default(const State& state, PyTypeObject* type) {
  return type->tp_getattro == PyObject_GenericGetAttr && type->tp_new != nullptr &&
         type_lookup(type, state.s_reduce_ex) == state.object_reduce_ex &&
         type_lookup(type, state.s_reduce) == state.object_reduce &&
         type_lookup(type, state.s_class) == state.object_class &&
         type_lookup(type, state.s_getnewargs_ex) == nullptr &&
         (type->tp_dictoffset == 0 || has_plain_dict(state, type));
}

// The code that collections.namedtuple gives each class's __getnewargs__: `return tuple(self)`.
bool is_namedtuple(const State& state, PyTypeObject* type) {
  PyObject* function = type_lookup(type, state.s_getnewargs);
  return function != nullptr && PyFunction_Check(function) && state.namedtuple_code != nullptr &&
         PyFunction_GET_CODE(function) == state.namedtuple_code && PyType_IsSubtype(type, &PyTuple_Type) &&
         type->tp_iter == PyTuple_Type.tp_iter;
}

// The names in the class's and its bases' __slots__, as copyreg._slotnames gives them; None and [] as nullptr.
bool find_slots(const State& state, PyTypeObject* type, Watcher* watcher, PyObject*& slots) {
  Ref names(PyObject_GetAttr(as_object(type), state.s_dict));
  if (!names) return false;
  PyObject* found = nullptr;
  {
    const Ref cached(PyObject_GetItem(names.get(), state.s_slotnames));
    if (!cached) PyErr_Clear();
    found = cached.get();  // the class keeps it alive
  }
  if (found == nullptr) {
    if (type_lookup(type, state.s_slots) == nullptr) return true;  // nor has a base any
    const Watched watched(watcher);
    const Ref made(PyObject_CallOneArg(state.slotnames, as_object(type)));  // which the class then keeps
    if (!made) return false;
    found = made.get();
    if (found != Py_None && Py_REFCNT(found) == 1) return true;  // it could not: ask again each time
  }
  slots = found != Py_None && PyList_CheckExact(found) && PyList_GET_SIZE(found) > 0 ? found : nullptr;
  return true;
}

// Slots that are read from memory, and no more of them than there is room for.
bool has_plain_slots(PyTypeObject* type, PyObject* slots) {
  const Py_ssize_t count = slots == nullptr ? 0 : PyList_GET_SIZE(slots);
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* name = PyList_GET_ITEM(slots, i);
    PyObject* member = PyUnicode_CheckExact(name) ? type_lookup(type, name) : nullptr;
    if (member == nullptr || Py_TYPE(member) != &PyMemberDescr_Type) return false;
  }
  // object.__reduce_ex__ refuses types that have more in memory than it knows of (bpo-22995).
  Py_ssize_t known = PyBaseObject_Type.tp_basicsize + count * static_cast<Py_ssize_t>(sizeof(PyObject*));
  if (type->tp_dictoffset > 0) known += static_cast<Py_ssize_t>(sizeof(PyObject*));
  if (type->tp_weaklistoffset > 0) known += static_cast<Py_ssize_t>(sizeof(PyObject*));
  return type->tp_basicsize <= known;
}

}  // namespace

bool has_plain_dict(const State& state, PyTypeObject* type) {
  PyObject* getset = type_lookup(type, state.s_dict);
  return getset != nullptr && Py_TYPE(getset) == &PyGetSetDescr_Type && state.dict_getter != nullptr &&
         reinterpret_cast<void*>(reinterpret_cast<PyGetSetDescrObject*>(getset)->d_getset->get) == state.dict_getter;
}

bool is_plain_class(const State& state, PyTypeObject* type) {
  PyTypeObject* meta = Py_TYPE(type);
  if (meta == &PyType_Type) return true;
  if (meta->tp_getattro != PyType_Type.tp_getattro || meta->tp_hash != PyType_Type.tp_hash ||
      meta->tp_richcompare != PyType_Type.tp_richcompare) {
    return false;
  }
  for (PyObject* name : {state.s_dict, state.s_module, state.s_qualname, state.s_reduce}) {
    if (type_lookup(meta, name) != type_lookup(&PyType_Type, name)) return false;
  }
  return true;
}

// `watcher` is nullptr if it was told already.
static bool find_facts_watched(const State& state, PyTypeObject* type, TypeFacts& facts, Watcher* watcher) {
  facts.type = type;
  facts.has_dict = type->tp_dictoffset != 0;
  type_lookup(type, state.s_reduce_ex);  // gives the type a version, by which a change of it is seen
  const int registered = PyDict_Contains(state.dispatch_table, as_object(type));
  if (registered < 0) return false;
  if (registered == 1) return true;
  if (!find_known(type, watcher, facts.pickled)) return false;
  if (facts.pickled != Pickled::kAsItSays || (type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0 ||
      PyType_IsSubtype(type, &PyType_Type) || !reduces_by_default(state, type)) {
    return true;
  }
  const bool named_tuple = is_namedtuple(state, type);
  if (!named_tuple && (type->tp_itemsize != 0 || type_lookup(type, state.s_getnewargs) != nullptr)) return true;
  PyObject* slots = nullptr;
  facts.has_getstate = type_lookup(type, state.s_getstate) != state.object_getstate;
  if (facts.has_getstate && named_tuple) return true;
  if (!find_slots(state, type, watcher, slots)) return false;
  if (named_tuple ? slots != nullptr : !has_plain_slots(type, slots)) return true;
  facts.slots = slots;
  facts.pickled = named_tuple ? Pickled::kNamedTuple : Pickled::kDefault;
  return true;
}

bool find_facts(const State& state, PyTypeObject* type, TypeFacts& facts, Watcher& watcher) {
  facts = TypeFacts{};
  if (is_plain_class(state, type)) return find_facts_watched(state, type, facts, &watcher);
  const Watched watched(&watcher);
  return find_facts_watched(state, type, facts, nullptr);
}

}  // namespace cppickle::python
