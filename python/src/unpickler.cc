#include "unpickler.h"

#include <cstring>

#include "arguments.h"
#include "globals.h"
#include "loader.h"
#include "memo_proxy.h"
#include "method_hook.h"
#include "no_throw.h"

namespace cppickle::python {
namespace {

struct UnpicklerObject {
  PyObject_HEAD
  LoadMemo* memo;
  PyObject* file;       // nullptr until __init__
  Input* input;         // of a file that is read as CPython does; nullptr where each load reads ahead
  PyObject* buffers;    // an iterator
  std::string* encoding;
  std::string* errors;
  MethodHook persistent;
  int protocol;                    // of the load that runs or ran last: find_class maps old names by it
  int running;                     // loads, one inside the other
  bool fix_imports;
};

UnpicklerObject* as_unpickler(PyObject* self) { return reinterpret_cast<UnpicklerObject*>(self); }

constexpr char kPersistentLoad[] = "persistent_load";

PyObject* no_persistent_load(PyObject* self, PyObject*) {
  PyErr_SetString(state_of_type(Py_TYPE(self)).UnpicklingError,
                  "A load persistent id instruction was encountered, but no persistent_load function was specified.");
  return nullptr;
}

// --- Unpickler ----------------------------------------------------------------------------------------------------------

int unpickler_traverse(PyObject* self, visitproc visit, void* arg) {
  UnpicklerObject* unpickler = as_unpickler(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(unpickler->file);
  Py_VISIT(unpickler->buffers);
  return unpickler->persistent.traverse(visit, arg);
}

int unpickler_clear(PyObject* self) {
  UnpicklerObject* unpickler = as_unpickler(self);
  Py_CLEAR(unpickler->file);
  Py_CLEAR(unpickler->buffers);
  unpickler->persistent.clear();
  delete std::exchange(unpickler->input, nullptr);
  if (unpickler->memo != nullptr) unpickler->memo->clear();
  return 0;
}

void unpickler_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  unpickler_clear(self);
  UnpicklerObject* unpickler = as_unpickler(self);
  delete unpickler->memo;
  delete unpickler->encoding;
  delete unpickler->errors;
  free_object(self);
}

// An iterator over the out-of-band buffers; nothing for None.
bool find_buffers(PyObject* argument, Ref& buffers) {
  if (argument == nullptr || argument == Py_None) return true;
  buffers = Ref(PyObject_GetIter(argument));
  return static_cast<bool>(buffers);
}

int unpickler_init(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"file", "fix_imports", "encoding", "errors", "buffers", nullptr};
  PyObject *file, *buffers = nullptr;
  const char *encoding = "ASCII", *errors = "strict";
  int fix_imports = 1;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|$pssO:Unpickler", const_cast<char**>(names), &file, &fix_imports,
                                   &encoding, &errors, &buffers)) {
    return -1;
  }
  UnpicklerObject* unpickler = as_unpickler(self);
  if (unpickler->running != 0) {
    PyErr_SetString(PyExc_RuntimeError, "Unpickler.__init__() called while it is loading");
    return -1;
  }
  State& state = state_of_type(Py_TYPE(self));
  if (unpickler->file != nullptr) unpickler_clear(self);  // __init__ was called before
  return no_throw(-1, [&] {
    // What a subclass's hooks may look at the file for, they find where CPython leaves it.
    const bool ahead = Py_IS_TYPE(self, state.Unpickler);
    auto input = std::make_unique<Input>(state);
    if (!input->open_file(file, ahead)) return -1;
    Ref iterator;
    if (!find_buffers(buffers, iterator)) return -1;
    unpickler->buffers = iterator.release();
    if (unpickler->memo == nullptr) unpickler->memo = new LoadMemo;
    if (unpickler->encoding == nullptr) unpickler->encoding = new std::string;
    if (unpickler->errors == nullptr) unpickler->errors = new std::string;
    *unpickler->encoding = encoding;
    *unpickler->errors = errors;
    unpickler->fix_imports = fix_imports != 0;
    if (!kHooksAreMethods && !unpickler->persistent.bind(self, state.s_persistent_load, nullptr)) return -1;
    if (!input->reads_ahead()) unpickler->input = input.release();
    unpickler->protocol = 0;
    unpickler->file = new_ref(file);
    return 0;
  });
}

PyObject* unpickler_load(PyObject* self, PyObject*) {
  UnpicklerObject* unpickler = as_unpickler(self);
  State& state = state_of_type(Py_TYPE(self));
  if (unpickler->file == nullptr) {
    return PyErr_Format(state.UnpicklingError, "Unpickler.__init__() was not called by %s.__init__()",
                        Py_TYPE(self)->tp_name);
  }
  if (kHooksAreMethods && !unpickler->persistent.bind(self, state.s_persistent_load, no_persistent_load)) return nullptr;
  const Ref self_held = Ref::of(self), persistent = Ref::of(unpickler->persistent.function);
  LoaderOptions options;
  options.fix_imports = unpickler->fix_imports;
  options.encoding = unpickler->encoding->c_str();
  options.errors = unpickler->errors->c_str();
  options.buffers = unpickler->buffers;
  options.persistent_load = persistent.get();
  options.persistent_self = unpickler->persistent.self;
  options.unpickler = Py_IS_TYPE(self, state.Unpickler) ? nullptr : self;
  options.protocol_seen = &unpickler->protocol;
  unpickler->protocol = 0;
  ++unpickler->running;
  PyObject* made = no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    Input ahead(state);
    Input* input = unpickler->input;
    if (input == nullptr) {
      input = &ahead;
      if (!ahead.open_file(unpickler->file, true)) return nullptr;
    }
    Ref loaded(Loader(state, options, *unpickler->memo, *input).load());
    return input->close() ? loaded.release() : nullptr;
  });
  --unpickler->running;
  if (kHooksAreMethods) unpickler->persistent.unbind();
  return made;
}

PyObject* unpickler_find_class(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  if (count != 2) {
    return PyErr_Format(PyExc_TypeError, "find_class expected 2 arguments, got %zd", count);
  }
  return find_global(state_of_type(Py_TYPE(self)), args[0], args[1], as_unpickler(self)->protocol,
                     as_unpickler(self)->fix_imports);
}

PyObject* unpickler_sizeof(PyObject* self, PyObject*) {
  auto size = static_cast<std::size_t>(Py_TYPE(self)->tp_basicsize);
  if (const LoadMemo* memo = as_unpickler(self)->memo) size += memo->bytes();
  return PyLong_FromSize_t(size);
}

// --- Memo proxy ---------------------------------------------------------------------------------------------------------

LoadMemo* memo_behind(PyObject* proxy) { return as_unpickler(MemoProxy::owner_of(proxy))->memo; }

PyObject* memo_clear(PyObject* self, PyObject*) {
  if (LoadMemo* memo = memo_behind(self)) memo->clear();
  Py_RETURN_NONE;
}

// {index: object}
PyObject* memo_copy(PyObject* self, PyObject*) {
  Ref copy(PyDict_New());
  const LoadMemo* memo = memo_behind(self);
  bool good = static_cast<bool>(copy);
  if (memo == nullptr) return copy.release();
  memo->for_each([&](std::uint64_t index, PyObject* object) {
    if (!good) return;
    const Ref key(PyLong_FromUnsignedLongLong(index));
    good = key && PyDict_SetItem(copy.get(), key.get(), object) == 0;
  });
  return good ? copy.release() : nullptr;
}

PyObject* get_memo(PyObject* self, void*) {
  return MemoProxy::make(state_of_type(Py_TYPE(self)).UnpicklerMemoProxy, self);
}

bool read_memo(PyObject* dict, LoadMemo& memo) {
  PyObject *key, *value;
  for (Py_ssize_t position = 0; PyDict_Next(dict, &position, &key, &value);) {
    if (!PyLong_Check(key)) {
      PyErr_SetString(PyExc_TypeError, "memo key must be integers");
      return false;
    }
    const Py_ssize_t index = PyLong_AsSsize_t(key);
    if (index == -1 && PyErr_Occurred() != nullptr) return false;
    if (index < 0) {
      PyErr_SetString(PyExc_ValueError, "memo key must be positive integers.");
      return false;
    }
    memo.put(static_cast<std::uint64_t>(index), value);
  }
  return true;
}

int set_memo(PyObject* self, PyObject* value, void*) {
  if (value == nullptr) {
    PyErr_SetString(PyExc_TypeError, "attribute deletion is not supported");
    return -1;
  }
  UnpicklerObject* unpickler = as_unpickler(self);
  return no_throw(-1, [&] {
    LoadMemo taken;
    if (Py_IS_TYPE(value, state_of_type(Py_TYPE(self)).UnpicklerMemoProxy)) {
      if (const LoadMemo* from = memo_behind(value)) taken.copy_from(*from);
    } else if (PyDict_Check(value)) {
      if (!read_memo(value, taken)) return -1;
    } else {
      PyErr_Format(PyExc_TypeError, "'memo' attribute must be an UnpicklerMemoProxy object or dict, not %.200s",
                   Py_TYPE(value)->tp_name);
      return -1;
    }
    if (unpickler->memo == nullptr) unpickler->memo = new LoadMemo;
    unpickler->memo->copy_from(taken);
    return 0;
  });
}

[[maybe_unused]] PyObject* get_persistent(PyObject* self, void*) {
  return as_unpickler(self)->persistent.get(kPersistentLoad);
}
[[maybe_unused]] int set_persistent(PyObject* self, PyObject* value, void*) {
  return as_unpickler(self)->persistent.set(value, kPersistentLoad) ? 0 : -1;
}

[[maybe_unused]] PyObject* unpickler_getattr(PyObject* self, PyObject* name) {
  return as_unpickler(self)->persistent.get_attribute(self, name, kPersistentLoad);
}
[[maybe_unused]] int unpickler_setattr(PyObject* self, PyObject* name, PyObject* value) {
  return as_unpickler(self)->persistent.set_attribute(self, name, value, kPersistentLoad);
}

constexpr char kUnpicklerDoc[] =
    "Unpickler(file, *, fix_imports=True, encoding='ASCII', errors='strict',\n          buffers=())\n--\n\n"
    "Reads pickles from `file`, which has the methods read() and readline(), and uses readinto() and peek() where there\n"
    "are. The same as pickle.Unpickler. What it loads may run any code: for untrusted pickles use cppickle.read().";

PyMethodDef unpickler_methods[] = {
    {"load", unpickler_load, METH_NOARGS,
     "load($self, /)\n--\n\nRead one pickled object from the file and return it."},
    {"find_class", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(unpickler_find_class)), METH_FASTCALL,
     "find_class($self, module_name, global_name, /)\n--\n\n"
     "Return an object from a module, which is imported if necessary. Called for each class and function of a pickle;\n"
     "a subclass can refuse some."},
    {"__sizeof__", unpickler_sizeof, METH_NOARGS, "__sizeof__($self, /)\n--\n\nReturns size in memory, in bytes."},
#if PY_VERSION_HEX >= 0x030D0000
    {kPersistentLoad, no_persistent_load, METH_O,
     "persistent_load($self, pid, /)\n--\n\nA subclass returns the object that an identifier stands for."},
#endif
    {}};

PyGetSetDef unpickler_getsets[] = {
    {"memo", get_memo, set_memo, nullptr, nullptr},
#if PY_VERSION_HEX < 0x030D0000
    {kPersistentLoad, get_persistent, set_persistent, nullptr, nullptr},
#endif
    {}};

PyType_Slot unpickler_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(unpickler_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(unpickler_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(unpickler_clear)},
    {Py_tp_init, reinterpret_cast<void*>(unpickler_init)},
    {Py_tp_new, reinterpret_cast<void*>(PyType_GenericNew)},
#if PY_VERSION_HEX >= 0x030D0000
    {Py_tp_getattro, reinterpret_cast<void*>(unpickler_getattr)},
    {Py_tp_setattro, reinterpret_cast<void*>(unpickler_setattr)},
#endif
    {Py_tp_methods, unpickler_methods},
    {Py_tp_getset, unpickler_getsets},
    {Py_tp_doc, const_cast<char*>(kUnpicklerDoc)},
    {}};

// --- load, loads --------------------------------------------------------------------------------------------------------

constexpr const char* kNames[] = {"", "fix_imports", "encoding", "errors", "buffers"};
constexpr const char* kFileNames[] = {"file", "fix_imports", "encoding", "errors", "buffers"};

bool parse_str(PyObject* argument, const char* name, const char*& value) {
  if (argument == nullptr) return true;
  if (!PyUnicode_Check(argument)) {
    PyErr_Format(PyExc_TypeError, "argument '%s' must be str, not %.50s", name, Py_TYPE(argument)->tp_name);
    return false;
  }
  Py_ssize_t size;
  value = PyUnicode_AsUTF8AndSize(argument, &size);
  if (value == nullptr) return false;
  if (std::strlen(value) == static_cast<std::size_t>(size)) return true;
  PyErr_SetString(PyExc_ValueError, "embedded null character");
  return false;
}

// Reads what `open` opens; `found` are the arguments after the first.
template <class Open>
PyObject* load_once(PyObject* module, PyObject** found, Open&& open) {
  LoaderOptions options;
  Ref buffers;
  if (!parse_bool(found[1], options.fix_imports) || !parse_str(found[2], "encoding", options.encoding) ||
      !parse_str(found[3], "errors", options.errors) || !find_buffers(found[4], buffers)) {
    return nullptr;
  }
  options.buffers = buffers.get();
  options.memo_is_private = true;
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    State& state = state_of(module);
    Input input(state);
    if (!open(input)) return nullptr;
    LoadMemo memo;
    Ref loaded(Loader(state, options, memo, input).load());
    return input.close() ? loaded.release() : nullptr;
  });
}

}  // namespace

PyType_Spec unpickler_spec = {"cppickle.Unpickler", sizeof(UnpicklerObject), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, unpickler_slots};
PyType_Spec unpickler_memo_spec = MemoProxyType<memo_clear, memo_copy>::spec("cppickle.UnpicklerMemoProxy");

const char load_doc[] =
    "load($module, /, file, *, fix_imports=True, encoding='ASCII',\n     errors='strict', buffers=())\n--\n\n"
    "Read and return one object from the pickle data stored in a file: Unpickler(file).load(). What it loads may run\n"
    "any code: for untrusted pickles use cppickle.read().";
const char loads_doc[] =
    "loads($module, data, /, *, fix_imports=True, encoding='ASCII',\n      errors='strict', buffers=())\n--\n\n"
    "Read and return an object from the given pickle data, a bytes-like object. What it loads may run any code: for\n"
    "untrusted pickles use cppickle.read().";

PyObject* load(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  PyObject* found[5];
  if (!parse_arguments({"load", kFileNames, 1, 1}, args, count, keywords, found)) return nullptr;
  return load_once(module, found, [&](Input& input) { return input.open_file(found[0], true); });
}

PyObject* loads(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  PyObject* found[5];
  if (!parse_arguments({"loads", kNames, 1, 1}, args, count, keywords, found)) return nullptr;
  return load_once(module, found, [&](Input& input) { return input.open_bytes(found[0]); });
}

}  // namespace cppickle::python
