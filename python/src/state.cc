#include "state.h"

#include "internals.h"

namespace cppickle::python {
namespace {

bool intern(PyObject*& to, const char* text) { return (to = PyUnicode_InternFromString(text)) != nullptr; }

bool import_attr(PyObject*& to, PyObject* module, const char* name) {
  return (to = PyObject_GetAttrString(module, name)) != nullptr;
}

bool import_dict(PyObject*& to, PyObject* module, const char* module_name, const char* name) {
  if (!import_attr(to, module, name)) return false;
  if (PyDict_CheckExact(to)) return true;
  PyErr_Format(PyExc_RuntimeError, "%s.%s should be a dict, not %.200s", module_name, name, Py_TYPE(to)->tp_name);
  return false;
}

bool fill_names(State& s) {
  return intern(s.s_append, "append") && intern(s.s_add, "add") && intern(s.s_class, "__class__") &&
         intern(s.s_dict, "__dict__") && intern(s.s_dispatch_table, "dispatch_table") &&
         intern(s.s_extend, "extend") && intern(s.s_find_class, "find_class") &&
         intern(s.s_getinitargs, "__getinitargs__") && intern(s.s_getnewargs, "__getnewargs__") &&
         intern(s.s_getnewargs_ex, "__getnewargs_ex__") && intern(s.s_getstate, "__getstate__") &&
         intern(s.s_items, "items") && intern(s.s_latin1, "latin1") && intern(s.s_main, "__main__") &&
         intern(s.s_module, "__module__") && intern(s.s_name, "__name__") && intern(s.s_new, "__new__") &&
         intern(s.s_newobj, "__newobj__") && intern(s.s_newobj_ex, "__newobj_ex__") && intern(s.s_peek, "peek") &&
         intern(s.s_persistent_id, "persistent_id") && intern(s.s_persistent_load, "persistent_load") &&
         intern(s.s_qualname, "__qualname__") && intern(s.s_read, "read") && intern(s.s_readinto, "readinto") &&
         intern(s.s_readline, "readline") && intern(s.s_reduce, "__reduce__") &&
         intern(s.s_reduce_ex, "__reduce_ex__") && intern(s.s_reducer_override, "reducer_override") &&
         intern(s.s_seek, "seek") && intern(s.s_setstate, "__setstate__") &&
         intern(s.s_slotnames, "__slotnames__") && intern(s.s_slots, "__slots__") && intern(s.s_tell, "tell") &&
         intern(s.s_getvalue, "getvalue") && intern(s.s_write, "write");
}

bool fill_exceptions(State& s) {
  Ref module(PyImport_ImportModule("_pickle"));
  if (!module) {  // an interpreter without the C accelerator
    PyErr_Clear();
    module = Ref(PyImport_ImportModule("pickle"));
  }
  return module && import_attr(s.PickleError, module.get(), "PickleError") &&
         import_attr(s.PicklingError, module.get(), "PicklingError") &&
         import_attr(s.UnpicklingError, module.get(), "UnpicklingError");
}

bool fill_tables(State& s) {
  const Ref copyreg(PyImport_ImportModule("copyreg"));
  if (!copyreg || !import_dict(s.dispatch_table, copyreg.get(), "copyreg", "dispatch_table") ||
      !import_dict(s.extension_registry, copyreg.get(), "copyreg", "_extension_registry") ||
      !import_dict(s.inverted_registry, copyreg.get(), "copyreg", "_inverted_registry") ||
      !import_dict(s.extension_cache, copyreg.get(), "copyreg", "_extension_cache") ||
      !import_attr(s.slotnames, copyreg.get(), "_slotnames")) {
    return false;
  }
  const char* const compat_name = "_compat_pickle";
  const Ref compat(PyImport_ImportModule(compat_name));
  if (!compat || !import_dict(s.name_mapping_2to3, compat.get(), compat_name, "NAME_MAPPING") ||
      !import_dict(s.import_mapping_2to3, compat.get(), compat_name, "IMPORT_MAPPING") ||
      !import_dict(s.name_mapping_3to2, compat.get(), compat_name, "REVERSE_NAME_MAPPING") ||
      !import_dict(s.import_mapping_3to2, compat.get(), compat_name, "REVERSE_IMPORT_MAPPING")) {
    return false;
  }
  const Ref codecs(PyImport_ImportModule("codecs"));
  const Ref functools(PyImport_ImportModule("functools"));
  const Ref builtins(PyImport_ImportModule("builtins"));
  return codecs && functools && builtins && import_attr(s.codecs_encode, codecs.get(), "encode") &&
         import_attr(s.partial, functools.get(), "partial") && import_attr(s.getattr, builtins.get(), "getattr");
}

// The defaults that `object` gives, and how a plain class gives its __dict__.
bool fill_defaults(State& s) {
  PyTypeObject* object = &PyBaseObject_Type;
  s.object_reduce = type_lookup(object, s.s_reduce);
  s.object_reduce_ex = type_lookup(object, s.s_reduce_ex);
  s.object_getstate = type_lookup(object, s.s_getstate);
  s.object_class = type_lookup(object, s.s_class);
  Py_XINCREF(s.object_reduce);
  Py_XINCREF(s.object_reduce_ex);
  Py_XINCREF(s.object_getstate);
  Py_XINCREF(s.object_class);
  const Ref plain(PyObject_CallFunction(reinterpret_cast<PyObject*>(&PyType_Type), "s(){}", "Plain"));
  if (!plain) return false;
  PyObject* getset = type_lookup(reinterpret_cast<PyTypeObject*>(plain.get()), s.s_dict);
  if (getset != nullptr && Py_TYPE(getset) == &PyGetSetDescr_Type) {
    s.dict_getter = reinterpret_cast<void*>(reinterpret_cast<PyGetSetDescrObject*>(getset)->d_getset->get);
  }
  return true;
}

// All namedtuple classes share the code of their __getnewargs__.
bool fill_namedtuple(State& s) {
  const Ref collections(PyImport_ImportModule("collections"));
  const Ref type(collections ? PyObject_CallMethod(collections.get(), "namedtuple", "ss", "Sample", "a") : nullptr);
  const Ref function(type ? PyObject_GetAttr(type.get(), s.s_getnewargs) : nullptr);
  return function && import_attr(s.namedtuple_code, function.get(), "__code__");
}

bool fill_files(State& s) {
  const Ref io(PyImport_ImportModule("io"));
  const auto type = [&](PyTypeObject*& to, const char* name) {
    to = io ? reinterpret_cast<PyTypeObject*>(PyObject_GetAttrString(io.get(), name)) : nullptr;
    return to != nullptr;
  };
  return type(s.BytesIO, "BytesIO") && type(s.BufferedReader, "BufferedReader") &&
         type(s.BufferedWriter, "BufferedWriter") && type(s.BufferedRandom, "BufferedRandom") && type(s.FileIO, "FileIO");
}

// The objects of the state lie between its first member and `dict_getter`, after it up to `pause_collector`.
template <class Visit>
int for_each_member(State& s, Visit&& visit) {
  const auto range = [&](PyObject** first, PyObject** last) {
    for (PyObject** member = first; member != last; ++member) {
      if (const int stop = visit(*member)) return stop;
    }
    return 0;
  };
  if (const int stop = range(&s.PickleError, reinterpret_cast<PyObject**>(&s.dict_getter))) return stop;
  return range(&s.namedtuple_code, reinterpret_cast<PyObject**>(&s.pause_collector));
}

}  // namespace

State& state_of_type(PyTypeObject* type) {
#if PY_VERSION_HEX >= 0x030B0000
  return state_of(PyType_GetModuleByDef(type, &module_def));
#else
  for (;; type = type->tp_base) {
    PyObject* module = (type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0
                           ? reinterpret_cast<PyHeapTypeObject*>(type)->ht_module : nullptr;
    if (module != nullptr && PyModule_Check(module) && PyModule_GetDef(module) == &module_def) return state_of(module);
  }
#endif
}

bool fill_state(State& state) {
  state.pause_collector = true;
  return fill_names(state) && fill_exceptions(state) && fill_tables(state) && fill_defaults(state) &&
         fill_namedtuple(state) && fill_files(state);
}

int traverse_state(State& state, visitproc visit, void* arg) {
  return for_each_member(state, [&](PyObject*& member) { return member != nullptr ? visit(member, arg) : 0; });
}

void clear_state(State& state) {
  for_each_member(state, [](PyObject*& member) {
    Py_CLEAR(member);
    return 0;
  });
}

CollectorPause::CollectorPause(const State& state)
    : paused_(kCollectorInterrupts && state.pause_collector && collector_disable()) {}
CollectorPause::~CollectorPause() { resume(); }
void CollectorPause::resume() {
  if (kCollectorInterrupts && paused_) collector_enable();
}
void CollectorPause::pause_again() {
  // What the code that just ran asked for stays asked for: gc.disable() in a hook is not undone.
  if (kCollectorInterrupts && paused_ && !collector_disable()) paused_ = false;
}

}  // namespace cppickle::python
