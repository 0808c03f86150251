// Classes and functions, written as module and name.
#include "globals.h"
#include "saver.h"

namespace cppickle::python {

bool Saver::save_type(PyObject* type) {
  const auto of_singleton = [&](PyObject* singleton) {
    const Ref args(PyTuple_Pack(1, singleton));
    return args && save_call(reinterpret_cast<PyObject*>(&PyType_Type), args.get(), type);
  };
  if (type == reinterpret_cast<PyObject*>(Py_TYPE(Py_None))) return of_singleton(Py_None);
  if (type == reinterpret_cast<PyObject*>(&PyEllipsis_Type)) return of_singleton(Py_Ellipsis);
  if (type == reinterpret_cast<PyObject*>(Py_TYPE(Py_NotImplemented))) return of_singleton(Py_NotImplemented);
  return save_global(type, nullptr);
}

// A class or function that lies in its module, which is imported, under its name: found without running Python code. Its
// names live as long as it does. False without an exception where there is more to it.
bool Saver::find_in_module(PyObject* object, Ref& name, Ref& module_name, Ref& module) {
  const bool plain = PyType_Check(object)
                         ? PyType_HasFeature(reinterpret_cast<PyTypeObject*>(object), Py_TPFLAGS_HEAPTYPE) &&
                               is_plain_class(state_, reinterpret_cast<PyTypeObject*>(object))
                         : PyFunction_Check(object);
  name = Ref(plain ? PyObject_GetAttr(object, state_.s_qualname) : nullptr);
  module_name = Ref(name ? PyObject_GetAttr(object, state_.s_module) : nullptr);
  if (module_name && PyUnicode_CheckExact(name.get()) && PyUnicode_CheckExact(module_name.get())) {
    module = Ref(PyImport_GetModule(module_name.get()));
  }
  PyErr_Clear();
  return module && PyModule_CheckExact(module.get()) &&
         PyDict_GetItem(PyModule_GetDict(module.get()), name.get()) == object;
}

bool Saver::save_global(PyObject* object, PyObject* name) {
  Ref global_name, names, module_name, module, parent;
  if (name == nullptr && find_in_module(object, global_name, module_name, module)) {
    names = Ref(PyList_New(1));
    if (!names) return false;
    PyList_SET_ITEM(names.get(), 0, new_ref(global_name.get()));
    parent = Ref::of(module.get());
  } else {
    const Outside outside(*this);
    if (name != nullptr) {
      global_name = Ref::of(name);
    } else {
      if (!lookup_attr(object, state_.s_qualname, global_name)) return false;
      if (!global_name) global_name = Ref(PyObject_GetAttr(object, state_.s_name));
      if (!global_name) return false;
    }
    names = Ref(split_name(nullptr, global_name.get()));
    if (!names) return false;
    module_name = Ref(which_module(state_, object, names.get()));
    if (!module_name) return false;
    module = Ref(PyImport_Import(module_name.get()));
    if (!module) {
      return error("Can't pickle %R: import of module %R failed", object, module_name.get());
    }
    const Ref found(deep_attribute(module.get(), names.get(), &parent));
    if (!found) {
      return error("Can't pickle %R: attribute lookup %S on %S failed", object, global_name.get(), module_name.get());
    }
    if (found.get() != object) {
      return error("Can't pickle %R: it's not the same object as %S.%S", object, module_name.get(), global_name.get());
    }
  }
  if (protocol_ >= 2) {
    bool saved = false;
    if (!save_extension(object, module_name.get(), global_name.get(), saved)) return false;
    if (saved) return true;
  }
  const Ref last_name = Ref::of(PyList_GET_ITEM(names.get(), PyList_GET_SIZE(names.get()) - 1));
  if (parent.get() == module.get()) global_name = Ref::of(last_name.get());
  if (protocol_ >= 4) {
    if (!save(module_name.get()) || !save(global_name.get()) || !out_.op(Opcode::STACK_GLOBAL)) return false;
  } else if (parent.get() != module.get()) {
    if (!save_nested_name(module_name.get(), names.get(), parent.get())) return false;
  } else if (!write_global_lines(module_name.get(), global_name.get())) {
    return false;
  }
  return memoize(object);
}

// A class in a class, which has no name of its own below protocol 4: getattr(getattr(A, "B"), "C").
bool Saver::save_nested_name([[maybe_unused]] PyObject* module_name, PyObject* names,
                             [[maybe_unused]] PyObject* parent) {
  const Py_ssize_t count = PyList_GET_SIZE(names);
#if PY_VERSION_HEX >= 0x030D0000
  // By name from the outermost on, for the classes between may refer back (gh-122311).
  for (Py_ssize_t i = 1; i < count; ++i) {
    if (!save(state_.getattr) || (protocol_ < 2 && !out_.op(Opcode::MARK))) return false;
  }
  if (!write_global_lines(module_name, PyList_GET_ITEM(names, 0))) return false;
  for (Py_ssize_t i = 1; i < count; ++i) {
    if (!save(PyList_GET_ITEM(names, i)) || !out_.op(protocol_ < 2 ? Opcode::TUPLE : Opcode::TUPLE2) ||
        !out_.op(Opcode::REDUCE)) {
      return false;
    }
  }
  return true;
#else
  const Ref args(PyTuple_Pack(2, parent, PyList_GET_ITEM(names, count - 1)));
  return args && save_call(state_.getattr, args.get(), nullptr);
#endif
}

bool Saver::save_extension(PyObject* object, PyObject* module_name, PyObject* global_name, bool& saved) {
  if (PyDict_GET_SIZE(state_.extension_registry) == 0) return true;
  const Ref key(PyTuple_Pack(2, module_name, global_name));
  PyObject* code_object = key ? PyDict_GetItemWithError(state_.extension_registry, key.get()) : nullptr;
  if (code_object == nullptr) return PyErr_Occurred() == nullptr;
  saved = true;
  constexpr bool kWithErrorsOfItsOwn = PY_VERSION_HEX < 0x030D0000;
  if (kWithErrorsOfItsOwn && !PyLong_Check(code_object)) {
    return error("Can't pickle %R: extension code %R isn't an integer", object, code_object);
  }
  const long code = PyLong_AsLong(code_object);
  if (code == -1 && PyErr_Occurred() != nullptr) return false;
  if (code <= 0 || code > 0x7FFFFFFF) {
    if (kWithErrorsOfItsOwn) return error("Can't pickle %R: extension code %ld is out of range", object, code);
    PyErr_Format(PyExc_RuntimeError, "extension code %ld is out of range", code);
    return false;
  }
  if (code <= 0xFF) return out_.op(Opcode::EXT1, static_cast<std::uint8_t>(code));
  if (code <= 0xFFFF) return out_.op(Opcode::EXT2, static_cast<std::uint16_t>(code));
  return out_.op(Opcode::EXT4, static_cast<std::uint32_t>(code));
}

bool Saver::write_global_lines(PyObject* module_name, PyObject* global_name) {
  Ref module_held = Ref::of(module_name), global_held = Ref::of(global_name);
  // Python 2's names below protocol 3.
  if (protocol_ < 3 && options_.fix_imports && !to_python2(state_, module_held, global_held)) return false;
  if (!out_.op(Opcode::GLOBAL)) return false;
  const auto line = [&](PyObject* text, const char* what) {
    const Ref encoded(protocol_ == 3 ? PyUnicode_AsUTF8String(text) : PyUnicode_AsASCIIString(text));
    if (!encoded) {
      if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) return false;
      return error("can't pickle %s identifier '%S' using pickle protocol %i", what, text, protocol_);
    }
    return out_.raw({PyBytes_AS_STRING(encoded.get()), static_cast<std::size_t>(PyBytes_GET_SIZE(encoded.get()))}) &&
           out_.raw("\n");
  };
  return line(module_held.get(), "module") && line(global_held.get(), "global");
}

bool Saver::save_persistent(PyObject* object, bool& saved) {
  Ref id;
  {
    const Outside outside(*this);
    id = Ref(options_.persistent_self != nullptr
                 ? PyObject_CallFunctionObjArgs(options_.persistent_id, options_.persistent_self, object, nullptr)
                 : PyObject_CallOneArg(options_.persistent_id, object));
  }
  if (!id) return false;
  if (id.get() == Py_None) return true;
  saved = true;
  if (protocol_ >= 1) {
    return out_.boundary() && save_unless_persistent(id.get(), Alone::kNo) && out_.op(Opcode::BINPERSID);
  }
  const Ref text(PyObject_Str(id.get()));
  if (!text) return false;
  if (!PyUnicode_IS_ASCII(text.get())) return error("persistent IDs in protocol 0 must be ASCII strings");
  return out_.line(Opcode::PERSID, {static_cast<const char*>(PyUnicode_DATA(text.get())),
                                    static_cast<std::size_t>(PyUnicode_GET_LENGTH(text.get()))});
}

}  // namespace cppickle::python
