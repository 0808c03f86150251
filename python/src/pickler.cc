#include "pickler.h"

#include <structmember.h>

#include <memory>

#include "cppickle/optimize.h"

#include "arguments.h"
#include "memo_proxy.h"
#include "method_hook.h"
#include "no_throw.h"
#include "saver.h"

namespace cppickle::python {
namespace {

struct PicklerObject {
  PyObject_HEAD
  PointerMemo* memo;  // made by __init__; changed in place, since a dump may be using it
  PyObject* write;
  PyObject* dispatch_table;
  PyObject* buffer_callback;
  MethodHook persistent;
  int protocol;
  int bin;
  int fast;
  bool fix_imports;
};

PicklerObject* as_pickler(PyObject* self) { return reinterpret_cast<PicklerObject*>(self); }

constexpr char kPersistentId[] = "persistent_id";

PyObject* no_persistent_id(PyObject*, PyObject*) { Py_RETURN_NONE; }

bool find_write(State& state, PyObject* file, Ref& write) {
  if (!lookup_attr(file, state.s_write, write)) return false;
  if (write) return true;
  PyErr_SetString(PyExc_TypeError, "file must have a 'write' attribute");
  return false;
}

bool check_callback(PyObject*& callback, int protocol) {
  if (callback == Py_None) callback = nullptr;
  if (callback == nullptr || protocol >= 5) return true;
  PyErr_SetString(PyExc_ValueError, "buffer_callback needs protocol >= 5");
  return false;
}

// The pickle without the memo entries that nothing fetches.
PyObject* compacted(PyObject* pickle) {
  Limits limits;
  limits.bytes = limits.memo = limits.allocation = ~std::uint64_t{0};  // it is our own
  const std::string_view stream(PyBytes_AS_STRING(pickle), static_cast<std::size_t>(PyBytes_GET_SIZE(pickle)));
  const Result<std::string> smaller = optimize(stream, limits);
  if (!smaller) {
    PyErr_SetString(PyExc_SystemError, smaller.error().to_string().c_str());
    return nullptr;
  }
  return bytes_object(*smaller);
}

// --- Pickler ----------------------------------------------------------------------------------------------------------

int pickler_traverse(PyObject* self, visitproc visit, void* arg) {
  PicklerObject* pickler = as_pickler(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(pickler->write);
  Py_VISIT(pickler->dispatch_table);
  Py_VISIT(pickler->buffer_callback);
  return pickler->persistent.traverse(visit, arg);
}

int pickler_clear(PyObject* self) {
  PicklerObject* pickler = as_pickler(self);
  Py_CLEAR(pickler->write);
  Py_CLEAR(pickler->dispatch_table);
  Py_CLEAR(pickler->buffer_callback);
  pickler->persistent.clear();
  if (pickler->memo != nullptr) pickler->memo->clear();
  return 0;
}

void pickler_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  pickler_clear(self);
  delete std::exchange(as_pickler(self)->memo, nullptr);
  free_object(self);
}

int pickler_init(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"file", "protocol", "fix_imports", "buffer_callback", nullptr};
  PyObject *file, *protocol = nullptr, *callback = nullptr;
  int fix_imports = 1;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|OpO:Pickler", const_cast<char**>(names), &file, &protocol,
                                   &fix_imports, &callback)) {
    return -1;
  }
  PicklerObject* pickler = as_pickler(self);
  State& state = state_of_type(Py_TYPE(self));
  if (pickler->write != nullptr) pickler_clear(self);  // __init__ was called before
  if (!parse_protocol(protocol, pickler->protocol)) return -1;
  Ref write;
  if (!find_write(state, file, write) || !check_callback(callback, pickler->protocol)) return -1;
  return no_throw(-1, [&] {
    if (pickler->memo == nullptr) pickler->memo = new PointerMemo;
    pickler->memo->hold();
    pickler->write = write.release();
    pickler->buffer_callback = callback != nullptr ? new_ref(callback) : nullptr;
    pickler->bin = pickler->protocol > 0;
    pickler->fast = 0;
    pickler->fix_imports = fix_imports != 0;
    if (!kHooksAreMethods && !pickler->persistent.bind(self, state.s_persistent_id, nullptr)) return -1;
    Ref table;
    if (pickler->dispatch_table == nullptr) {
      if (!lookup_attr(self, state.s_dispatch_table, table)) return -1;
      pickler->dispatch_table = table.release();
    }
    return 0;
  });
}

PyObject* pickler_dump(PyObject* self, PyObject* object) {
  PicklerObject* pickler = as_pickler(self);
  State& state = state_of_type(Py_TYPE(self));
  if (pickler->write == nullptr) {
    return PyErr_Format(state.PicklingError, "Pickler.__init__() was not called by %s.__init__()",
                        Py_TYPE(self)->tp_name);
  }
  Ref reducer_override;
  if (!lookup_attr(self, state.s_reducer_override, reducer_override)) return nullptr;
  if (kHooksAreMethods && !pickler->persistent.bind(self, state.s_persistent_id, no_persistent_id)) return nullptr;
  // Whatever the hooks do to this object, what is in use stays.
  const Ref write = Ref::of(pickler->write), callback = Ref::of(pickler->buffer_callback);
  const Ref table = Ref::of(pickler->dispatch_table), persistent = Ref::of(pickler->persistent.function);
  SaverOptions options;
  options.protocol = pickler->protocol;
  options.fix_imports = pickler->fix_imports;
  options.fast = pickler->fast != 0;
  options.persistent_id = persistent.get();
  options.persistent_self = pickler->persistent.self;
  options.dispatch_table = table.get();
  options.reducer_override = reducer_override.get();
  options.buffer_callback = callback.get();
  options.memo_is_seen = true;
  const bool good = no_throw(false, [&] {
    Output out(state, write.get());
    Saver saver(state, options, *pickler->memo, out);
    return saver.dump(object) && out.flush();
  });
  if (kHooksAreMethods) pickler->persistent.unbind();
  if (!good) return nullptr;
  Py_RETURN_NONE;
}

PyObject* pickler_clear_memo(PyObject* self, PyObject*) {
  if (as_pickler(self)->memo != nullptr) as_pickler(self)->memo->clear();
  Py_RETURN_NONE;
}

PyObject* pickler_sizeof(PyObject* self, PyObject*) {
  std::size_t size = static_cast<std::size_t>(Py_TYPE(self)->tp_basicsize);
  if (const PointerMemo* memo = as_pickler(self)->memo) size += memo->bytes();
  return PyLong_FromSize_t(size);
}

// --- Memo proxy ---------------------------------------------------------------------------------------------------------


PointerMemo* memo_behind(PyObject* proxy) { return as_pickler(MemoProxy::owner_of(proxy))->memo; }

PyObject* memo_clear(PyObject* self, PyObject*) {
  return pickler_clear_memo(MemoProxy::owner_of(self), nullptr);
}

// {id(object): (index, object)}
PyObject* memo_copy(PyObject* self, PyObject*) {
  const PointerMemo* memo = memo_behind(self);
  Ref copy(PyDict_New());
  bool good = static_cast<bool>(copy);
  if (memo == nullptr) return copy.release();
  memo->for_each([&](const PointerMemo::Entry& entry) {
    if (!good) return;
    const Ref key(PyLong_FromVoidPtr(entry.key));
    const Ref value(Py_BuildValue("nO", entry.index, entry.key));
    good = key && value && PyDict_SetItem(copy.get(), key.get(), value.get()) == 0;
  });
  return good ? copy.release() : nullptr;
}

PyObject* get_memo(PyObject* self, void*) {
  return MemoProxy::make(state_of_type(Py_TYPE(self)).PicklerMemoProxy, self);
}

bool read_memo(PyObject* dict, PointerMemo& memo) {
  PyObject *key, *value;
  for (Py_ssize_t position = 0; PyDict_Next(dict, &position, &key, &value);) {
    if (!PyTuple_Check(value) || PyTuple_GET_SIZE(value) != 2) {
      PyErr_SetString(PyExc_TypeError, "'memo' values must be 2-item tuples");
      return false;
    }
    const Py_ssize_t index = PyLong_AsSsize_t(PyTuple_GET_ITEM(value, 0));
    if (index == -1 && PyErr_Occurred() != nullptr) return false;
    memo.set(PyTuple_GET_ITEM(value, 1), index);
  }
  return true;
}

int set_memo(PyObject* self, PyObject* value, void*) {
  if (value == nullptr) {
    PyErr_SetString(PyExc_TypeError, "attribute deletion is not supported");
    return -1;
  }
  PicklerObject* pickler = as_pickler(self);
  return no_throw(-1, [&] {
    PointerMemo taken;
    taken.hold();
    if (Py_IS_TYPE(value, state_of_type(Py_TYPE(self)).PicklerMemoProxy)) {
      if (const PointerMemo* from = memo_behind(value)) taken.copy_from(*from);
    } else if (PyDict_Check(value)) {
      if (!read_memo(value, taken)) return -1;
    } else {
      PyErr_Format(PyExc_TypeError, "'memo' attribute must be a PicklerMemoProxy object or dict, not %.200s",
                   Py_TYPE(value)->tp_name);
      return -1;
    }
    if (pickler->memo == nullptr) pickler->memo = new PointerMemo;
    pickler->memo->copy_from(taken);
    return 0;
  });
}

[[maybe_unused]] PyObject* get_persistent(PyObject* self, void*) { return as_pickler(self)->persistent.get(kPersistentId); }
[[maybe_unused]] int set_persistent(PyObject* self, PyObject* value, void*) {
  return as_pickler(self)->persistent.set(value, kPersistentId) ? 0 : -1;
}

[[maybe_unused]] PyObject* pickler_getattr(PyObject* self, PyObject* name) {
  return as_pickler(self)->persistent.get_attribute(self, name, kPersistentId);
}
[[maybe_unused]] int pickler_setattr(PyObject* self, PyObject* name, PyObject* value) {
  return as_pickler(self)->persistent.set_attribute(self, name, value, kPersistentId);
}

constexpr char kPicklerDoc[] =
    "Pickler(file, protocol=None, fix_imports=True, buffer_callback=None)\n--\n\n"
    "Writes objects to `file`, which has a write() method that takes bytes. The same object as pickle.Pickler, with\n"
    "the same bytes. Objects that were dumped before are written as references, until clear_memo().";

PyMethodDef pickler_methods[] = {
    {"dump", pickler_dump, METH_O,
     "dump($self, obj, /)\n--\n\nWrite a pickled representation of the given object to the open file."},
    {"clear_memo", pickler_clear_memo, METH_NOARGS,
     "clear_memo($self, /)\n--\n\nForget which objects were seen, so that they are written anew."},
    {"__sizeof__", pickler_sizeof, METH_NOARGS, "__sizeof__($self, /)\n--\n\nReturns size in memory, in bytes."},
#if PY_VERSION_HEX >= 0x030D0000
    {kPersistentId, no_persistent_id, METH_O,
     "persistent_id($self, obj, /)\n--\n\nA subclass returns an identifier for objects that it stores elsewhere."},
#endif
    {}};

PyMemberDef pickler_members[] = {
    {"bin", T_INT, offsetof(PicklerObject, bin), 0, nullptr},
    {"fast", T_INT, offsetof(PicklerObject, fast), 0, nullptr},
    {"dispatch_table", T_OBJECT_EX, offsetof(PicklerObject, dispatch_table), 0, nullptr},
    {}};

PyGetSetDef pickler_getsets[] = {
    {"memo", get_memo, set_memo, nullptr, nullptr},
#if PY_VERSION_HEX < 0x030D0000
    {kPersistentId, get_persistent, set_persistent, nullptr, nullptr},
#endif
    {}};

PyType_Slot pickler_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(pickler_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(pickler_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(pickler_clear)},
    {Py_tp_init, reinterpret_cast<void*>(pickler_init)},
    {Py_tp_new, reinterpret_cast<void*>(PyType_GenericNew)},
#if PY_VERSION_HEX >= 0x030D0000
    {Py_tp_getattro, reinterpret_cast<void*>(pickler_getattr)},
    {Py_tp_setattro, reinterpret_cast<void*>(pickler_setattr)},
#endif
    {Py_tp_methods, pickler_methods},
    {Py_tp_members, pickler_members},
    {Py_tp_getset, pickler_getsets},
    {Py_tp_doc, const_cast<char*>(kPicklerDoc)},
    {}};

}  // namespace

PyType_Spec pickler_spec = {"cppickle.Pickler", sizeof(PicklerObject), 0,
                            Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, pickler_slots};
PyType_Spec pickler_memo_spec = MemoProxyType<memo_clear, memo_copy>::spec("cppickle.PicklerMemoProxy");

// --- dump, dumps --------------------------------------------------------------------------------------------------------

const char dump_doc[] =
    "dump($module, /, obj, file, protocol=None, *, fix_imports=True,\n     buffer_callback=None)\n--\n\n"
    "Write a pickled representation of obj to the open file object file: Pickler(file, protocol).dump(obj).";
const char dumps_doc[] =
    "dumps($module, /, obj, protocol=None, *, fix_imports=True,\n      buffer_callback=None, compact=False)\n--\n\n"
    "Return the pickled representation of the object as a bytes object, the same bytes as pickle.dumps. With `compact`\n"
    "the memo entries that nothing refers to are left out: smaller, and read by every pickle.";

PyObject* dump(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  static constexpr const char* kNames[] = {"obj", "file", "protocol", "fix_imports", "buffer_callback"};
  PyObject* found[5];
  if (!parse_arguments({"dump", kNames, 3, 2}, args, count, keywords, found)) return nullptr;
  State& state = state_of(module);
  SaverOptions options;
  Ref write;
  if (!parse_protocol(found[2], options.protocol) || !parse_bool(found[3], options.fix_imports) ||
      !find_write(state, found[1], write) || !check_callback(found[4], options.protocol)) {
    return nullptr;
  }
  options.buffer_callback = found[4];
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    Output out(state, write.get());
    {
      PointerMemo memo;
      Saver saver(state, options, memo, out);
      if (!saver.dump(found[0])) return nullptr;
    }  // what was seen need not outlive the last write()
    if (!out.flush()) return nullptr;
    Py_RETURN_NONE;
  });
}

PyObject* dumps(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  static constexpr const char* kNames[] = {"obj", "protocol", "fix_imports", "buffer_callback", "compact"};
  PyObject* found[5];
  if (!parse_arguments({"dumps", kNames, 2, 1}, args, count, keywords, found)) return nullptr;
  SaverOptions options;
  bool compact = false;
  if (!parse_protocol(found[1], options.protocol) || !parse_bool(found[2], options.fix_imports) ||
      !check_callback(found[3], options.protocol) || !parse_bool(found[4], compact)) {
    return nullptr;
  }
  options.buffer_callback = found[3];
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    PointerMemo memo;
    Output out;
    Saver saver(state_of(module), options, memo, out);
    if (!saver.dump(found[0])) return nullptr;
    Ref bytes(out.finish());
    return compact && bytes ? compacted(bytes.get()) : bytes.release();
  });
}

}  // namespace cppickle::python
