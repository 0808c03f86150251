// Classes, functions and what is called: GLOBAL, REDUCE, NEWOBJ, persistent ids.
#include "globals.h"
#include "loader.h"

namespace cppickle::python {

PyObject* Loader::find_class(PyObject* module, PyObject* name) {
  const Outside outside(*this);
  if (options_.unpickler == nullptr) return find_global(state_, module, name, protocol_, options_.fix_imports);
  return PyObject_CallMethodObjArgs(options_.unpickler, state_.s_find_class, module, name, nullptr);
}

PyObject* Loader::stack_global(PyObject* module, PyObject* name) {
  const Ref module_held(module), name_held(name);
  if (!PyUnicode_CheckExact(module) || !PyUnicode_CheckExact(name)) {
    error("STACK_GLOBAL requires str");
    return nullptr;
  }
  return find_class(module, name);
}

namespace {

// The two lines of GLOBAL and INST, without their newlines; empty ones are cut pickles to CPython.
bool two_lines(const Instruction& in, PyObject* (*decode)(const char*, Py_ssize_t, const char*), Ref& module, Ref& name,
               PyObject* exception) {
  const char* first = reinterpret_cast<const char*>(in.argument);
  const char* end = reinterpret_cast<const char*>(in.end);
  const auto* newline = static_cast<const char*>(std::memchr(first, '\n', static_cast<std::size_t>(end - first)));
  const auto truncated = [&] {
    PyErr_SetString(exception, "pickle data was truncated");
    return false;
  };
  if (newline == first) return truncated();
  module = Ref(decode(first, newline - first, "strict"));
  if (!module) return false;
  if (newline + 2 == end) return truncated();
  name = Ref(decode(newline + 1, end - newline - 2, "strict"));
  return static_cast<bool>(name);
}

}  // namespace

PyObject* Loader::global_lines(const Instruction& in) {
  Ref module, name;
  if (!two_lines(in, PyUnicode_DecodeUTF8, module, name, state_.UnpicklingError)) return nullptr;
  return find_class(module.get(), name.get());
}

PyObject* Loader::inst(const Instruction& in, std::span<Value> taken) {
  Ref module, name;
  Ref cls;
  if (two_lines(in, PyUnicode_DecodeASCII, module, name, state_.UnpicklingError)) {
    cls = Ref(find_class(module.get(), name.get()));
  }
  if (cls) return instantiate(cls.release(), taken);
  for (Value value : taken) Py_DECREF(value);
  return nullptr;
}

// copyreg's extension registry (PEP 307).
PyObject* Loader::extension(long code) {
  if (code <= 0) {
    error("EXT specifies code <= 0");
    return nullptr;
  }
  const Ref key(PyLong_FromLong(code));
  if (!key) return nullptr;
  if (PyObject* cached = PyDict_GetItemWithError(state_.extension_cache, key.get())) return new_ref(cached);
  if (PyErr_Occurred() != nullptr) return nullptr;
  const Ref pair = Ref::of(PyDict_GetItemWithError(state_.inverted_registry, key.get()));
  if (!pair) {
    if (PyErr_Occurred() == nullptr) PyErr_Format(PyExc_ValueError, "unregistered extension code %ld", code);
    return nullptr;
  }
  if (!PyTuple_Check(pair.get()) || PyTuple_GET_SIZE(pair.get()) != 2 ||
      !PyUnicode_Check(PyTuple_GET_ITEM(pair.get(), 0)) || !PyUnicode_Check(PyTuple_GET_ITEM(pair.get(), 1))) {
    PyErr_Format(PyExc_ValueError, "_inverted_registry[%ld] isn't a 2-tuple of strings", code);
    return nullptr;
  }
  Ref found(find_class(PyTuple_GET_ITEM(pair.get(), 0), PyTuple_GET_ITEM(pair.get(), 1)));
  if (!found || PyDict_SetItem(state_.extension_cache, key.get(), found.get()) < 0) return nullptr;
  return found.release();
}

PyObject* Loader::persistent(PyObject* id) {
  const Ref held(id);
  if (options_.persistent_load == nullptr) {
    error("A load persistent id instruction was encountered, but no persistent_load function was specified.");
    return nullptr;
  }
  const Outside outside(*this);
  if (options_.persistent_self == nullptr) return PyObject_CallOneArg(options_.persistent_load, id);
  return PyObject_CallFunctionObjArgs(options_.persistent_load, options_.persistent_self, id, nullptr);
}

PyObject* Loader::persistent_line(const Instruction& in) {
  Ref id(PyUnicode_DecodeASCII(reinterpret_cast<const char*>(in.argument), in.end - in.argument - 1, "strict"));
  if (!id) {
    if (PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) error("persistent IDs in protocol 0 must be ASCII strings");
    return nullptr;
  }
  return persistent(id.release());
}

// Where many objects are made of others, most memo entries are parts that nothing fetches: a look at all that follows
// tells which need not be kept. Plain data has few such, and fewer objects are not worth it.
void Loader::count_made() {
  if (made_ == kManyMade || ++made_ != kManyMade || !options_.memo_is_private) return;
  instances().fetched.find(input_, memo_.count());
  knows_fetched_ = instances().fetched.known();
}

PyObject* Loader::reduce(PyObject* callable, PyObject* arguments) {
  count_made();
  const Ref callable_held(callable), arguments_held(arguments);
  if (PyObject* made = call_known(callable, arguments)) return made;
  const Outside outside(*this);
  return PyObject_CallObject(callable, arguments);
}

// INST and OBJ: an instance of a Python 2 class, which without arguments is made without __init__.
PyObject* Loader::instantiate(PyObject* cls, std::span<Value> arguments) {
  const Ref cls_held(cls);
  const bool empty = arguments.empty();
  const Ref args(tuple(arguments));
  if (!args) return nullptr;
  const Outside outside(*this);
  if (empty && PyType_Check(cls)) {
    Ref getinitargs;
    if (!lookup_attr(cls, state_.s_getinitargs, getinitargs)) return nullptr;
    if (!getinitargs) return PyObject_CallMethodOneArg(cls, state_.s_new, cls);
  }
  return PyObject_CallObject(cls, args.get());
}

PyObject* Loader::newobj(PyObject* cls, PyObject* arguments, PyObject* keywords) {
  count_made();
  const Ref cls_held(cls), arguments_held(arguments), keywords_held(keywords);
  const char* opcode = keywords != nullptr ? "NEWOBJ_EX" : "NEWOBJ";
  const auto refuse = [&](const char* format, PyObject* what) -> PyObject* {
    return PyErr_Format(state_.UnpicklingError, format, opcode, Py_TYPE(what)->tp_name);
  };
  if (!PyType_Check(cls)) return refuse("%s class argument must be a type, not %.200s", cls);
  auto* type = reinterpret_cast<PyTypeObject*>(cls);
  if (type->tp_new == nullptr) return refuse("%s class argument '%.200s' doesn't have __new__", cls);
  if (!PyTuple_Check(arguments)) return refuse("%s args argument must be a tuple, not %.200s", arguments);
  if (keywords != nullptr && !PyDict_Check(keywords)) {
    return refuse("%s kwargs argument must be a dict, not %.200s", keywords);
  }
  if (keywords == nullptr && PyTuple_GET_SIZE(arguments) == 0 && type->tp_new == PyBaseObject_Type.tp_new) {
    // object.__new__ runs no other code.
    PyObject* made = type->tp_new(type, arguments, nullptr);
    if (made == nullptr) return nullptr;
    constexpr std::size_t kMost = 4096;
    std::vector<PyObject*>& fresh = instances().fresh;
    if (fresh.size() == kMost) fresh.clear();
    fresh.push_back(made);
    return made;
  }
  if (keywords == nullptr && PyType_IsSubtype(type, &PyTuple_Type)) {
    if (PyObject* made = new_namedtuple(type, arguments)) return made;
  }
  const Outside outside(*this);
  return type->tp_new(type, arguments, keywords);
}

}  // namespace cppickle::python
