#include "globals.h"

#include "internals.h"

namespace cppickle::python {
namespace {

bool is_pair_of_str(PyObject* item, const char* table) {
  if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 2) {
    PyErr_Format(PyExc_RuntimeError, "_compat_pickle.%s values should be 2-tuples, not %.200s", table,
                 Py_TYPE(item)->tp_name);
    return false;
  }
  if (!PyUnicode_Check(PyTuple_GET_ITEM(item, 0)) || !PyUnicode_Check(PyTuple_GET_ITEM(item, 1))) {
    PyErr_Format(PyExc_RuntimeError, "_compat_pickle.%s values should be pairs of str, not (%.200s, %.200s)", table,
                 Py_TYPE(PyTuple_GET_ITEM(item, 0))->tp_name, Py_TYPE(PyTuple_GET_ITEM(item, 1))->tp_name);
    return false;
  }
  return true;
}

// Renames through a table of (module, name) pairs, then through one of modules.
bool rename(PyObject* names, const char* names_table, PyObject* modules, const char* modules_table, Ref& module_name,
            Ref& global_name) {
  const Ref key(PyTuple_Pack(2, module_name.get(), global_name.get()));
  if (!key) return false;
  if (PyObject* item = PyDict_GetItemWithError(names, key.get())) {
    if (!is_pair_of_str(item, names_table)) return false;
    module_name = Ref::of(PyTuple_GET_ITEM(item, 0));
    global_name = Ref::of(PyTuple_GET_ITEM(item, 1));
    return true;
  }
  if (PyErr_Occurred() != nullptr) return false;
  if (PyObject* item = PyDict_GetItemWithError(modules, module_name.get())) {
    if (!PyUnicode_Check(item)) {
      PyErr_Format(PyExc_RuntimeError, "_compat_pickle.%s values should be strings, not %.200s", modules_table,
                   Py_TYPE(item)->tp_name);
      return false;
    }
    module_name = Ref::of(item);
  }
  return PyErr_Occurred() == nullptr;
}

// Whether a module of sys.modules has the object under these names. False with an exception in rare cases.
bool module_has(PyObject* module_name, PyObject* module, PyObject* object, PyObject* names) {
  if (module == Py_None) return false;
  if (PyUnicode_Check(module_name)) {
    if (PyUnicode_CompareWithASCIIString(module_name, "__main__") == 0) return false;
#if PY_VERSION_HEX >= 0x030D0000
    if (PyUnicode_CompareWithASCIIString(module_name, "__mp_main__") == 0) return false;  // bpo-42406
#endif
  }
  const Ref found(deep_attribute(module, names, nullptr));
  return found.get() == object;
}

}  // namespace

PyObject* split_name(PyObject* owner, PyObject* name) {
  const Ref dot(PyUnicode_FromString("."));
  Ref names(dot ? PyUnicode_Split(name, dot.get(), -1) : nullptr);
  if (!names) return nullptr;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names.get()); ++i) {
    if (PyUnicode_CompareWithASCIIString(PyList_GET_ITEM(names.get(), i), "<locals>") != 0) continue;
    if (owner == nullptr) PyErr_Format(PyExc_AttributeError, "Can't pickle local object %R", name);
    else PyErr_Format(PyExc_AttributeError, "Can't pickle local attribute %R on %R", name, owner);
    return nullptr;
  }
  return names.release();
}

PyObject* deep_attribute(PyObject* object, PyObject* names, Ref* parent) {
  Ref at = Ref::of(object), above;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); ++i) {
    above = std::move(at);
    if (!lookup_attr(above.get(), PyList_GET_ITEM(names, i), at) || !at) return nullptr;
  }
  if (parent != nullptr) *parent = std::move(above);
  return at.release();
}

PyObject* which_module(const State& state, PyObject* object, PyObject* names) {
  Ref name;
  if (!lookup_attr(object, state.s_module, name)) return nullptr;
  // __module__ is None for bound methods of extension types: they are searched for, as if it were missing.
  if (name && name.get() != Py_None) return name.release();
  PyObject* modules = PySys_GetObject("modules");
  if (modules == nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "unable to get sys.modules");
    return nullptr;
  }
  // A copy: looking into a module may run its __getattr__, which may import others.
  const Ref items(PyMapping_Items(modules));
  if (!items) return nullptr;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
    PyObject* item = PyList_GET_ITEM(items.get(), i);
    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 2) continue;
    if (module_has(PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1), object, names)) {
      return new_ref(PyTuple_GET_ITEM(item, 0));
    }
    if (PyErr_Occurred() != nullptr) return nullptr;
  }
  return new_ref(state.s_main);
}

PyObject* find_global(const State& state, PyObject* module_name, PyObject* global_name, int protocol, bool old_names) {
  if (PySys_Audit("pickle.find_class", "OO", module_name, global_name) < 0) return nullptr;
  Ref module_held = Ref::of(module_name), global_held = Ref::of(global_name);
  if (protocol < 3 && old_names &&
      !rename(state.name_mapping_2to3, "NAME_MAPPING", state.import_mapping_2to3, "IMPORT_MAPPING", module_held,
              global_held)) {
    return nullptr;
  }
  const Ref module(PyImport_Import(module_held.get()));
  if (!module) return nullptr;
  Ref found;
  if (protocol >= 4) {
    const Ref names(split_name(module.get(), global_held.get()));
    if (!names) return nullptr;
    found = Ref(deep_attribute(module.get(), names.get(), nullptr));
  } else if (!lookup_attr(module.get(), global_held.get(), found)) {
    return nullptr;
  }
  if (!found && PyErr_Occurred() == nullptr) {
    PyErr_Format(PyExc_AttributeError, "Can't get attribute %R on %R", global_held.get(), module.get());
  }
  return found.release();
}

bool to_python2(const State& state, Ref& module_name, Ref& global_name) {
  return rename(state.name_mapping_3to2, "REVERSE_NAME_MAPPING", state.import_mapping_3to2, "REVERSE_IMPORT_MAPPING",
                module_name, global_name);
}

}  // namespace cppickle::python
