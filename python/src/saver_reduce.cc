// Objects that say themselves how they are made: __reduce_ex__, __reduce__, copyreg (PEP 307, PEP 3154).
#include "saver.h"

namespace cppickle::python {

// What the object's reducer gives; nothing for a class with a metaclass, which is saved as a global.
bool Saver::reduce_value(PyObject* object, PyTypeObject* type, Ref& value) {
  const Outside outside(*this);
  Ref reducer;
  if (options_.dispatch_table == nullptr) {
    reducer = Ref::of(PyDict_GetItemWithError(state_.dispatch_table, reinterpret_cast<PyObject*>(type)));
    if (!reducer && PyErr_Occurred() != nullptr) return false;
  } else {
    reducer = Ref(PyObject_GetItem(options_.dispatch_table, reinterpret_cast<PyObject*>(type)));
    if (!reducer) {
      if (!PyErr_ExceptionMatches(PyExc_KeyError)) return false;
      PyErr_Clear();
    }
  }
  if (reducer) {
    value = Ref(PyObject_CallOneArg(reducer.get(), object));
    return static_cast<bool>(value);
  }
  if (PyType_IsSubtype(type, &PyType_Type)) return true;
  if (!lookup_attr(object, state_.s_reduce_ex, reducer)) return false;
  if (reducer) {
    const Ref protocol(PyLong_FromLong(protocol_));
    value = Ref(protocol ? PyObject_CallOneArg(reducer.get(), protocol.get()) : nullptr);
    return static_cast<bool>(value);
  }
  if (!lookup_attr(object, state_.s_reduce, reducer)) return false;
  if (!reducer) return error("can't pickle '%.200s' object: %R", type->tp_name, object);
  value = Ref(PyObject_CallNoArgs(reducer.get()));
  return static_cast<bool>(value);
}

bool Saver::save_reduced(PyObject* value, PyObject* object) {
  if (PyUnicode_Check(value)) return save_global(object, value);
  if (!PyTuple_Check(value)) return error("__reduce__ must return a string or tuple");
  return save_reduce(value, object);
}

// As if the object's reducer had given (callable, args).
bool Saver::save_call(PyObject* callable, PyObject* args, PyObject* object) {
  memo_.hold();  // `args` may live shorter than the memo
  const Ref reduced(PyTuple_Pack(2, callable, args));
  return reduced && save_reduce(reduced.get(), object);
}

bool Saver::save_reduce(PyObject* reduced, PyObject* object) {
  const Py_ssize_t size = PyTuple_GET_SIZE(reduced);
  if (size < 2 || size > 6) return error("tuple returned by __reduce__ must contain 2 through 6 elements");
  const auto element = [&](Py_ssize_t i) {
    PyObject* item = i < size ? PyTuple_GET_ITEM(reduced, i) : nullptr;
    return item == Py_None ? nullptr : item;
  };
  PyObject* callable = PyTuple_GET_ITEM(reduced, 0);
  PyObject* args = PyTuple_GET_ITEM(reduced, 1);
  PyObject* state = element(2);
  PyObject* list_items = element(3);
  PyObject* dict_items = element(4);
  PyObject* state_setter = element(5);

  if (!PyCallable_Check(callable)) return error("first item of the tuple returned by __reduce__ must be callable");
  if (!PyTuple_Check(args)) return error("second item of the tuple returned by __reduce__ must be a tuple");
  if (list_items != nullptr && !PyIter_Check(list_items)) {
    return error("fourth element of the tuple returned by __reduce__ must be an iterator, not %s",
                 Py_TYPE(list_items)->tp_name);
  }
  if (dict_items != nullptr && !PyIter_Check(dict_items)) {
    return error("fifth element of the tuple returned by __reduce__ must be an iterator, not %s",
                 Py_TYPE(dict_items)->tp_name);
  }
  if (state_setter != nullptr && !PyCallable_Check(state_setter)) {
    return error("sixth element of the tuple returned by __reduce__ must be a function, not %s",
                 Py_TYPE(state_setter)->tp_name);
  }

  Ref name;
  if (protocol_ >= 2 && !lookup_attr(callable, state_.s_name, name)) return false;
  const auto named = [&](const char* wanted) {
    return name && PyUnicode_Check(name.get()) && PyUnicode_CompareWithASCIIString(name.get(), wanted) == 0;
  };
  if (named("__newobj_ex__")) {
    if (!save_newobj_ex(args)) return false;
  } else if (named("__newobj__")) {
    if (!save_newobj(args, object)) return false;
  } else if (!save(callable) || !save(args) || !out_.op(Opcode::REDUCE)) {
    return false;
  }

  if (object != nullptr) {
    // An object that is in the memo by now was reached through its own arguments: what was made is dropped.
    if (const PointerMemo::Entry* entry = memo_.find(object); entry->key != nullptr) {
      const Py_ssize_t index = entry->index;
      return out_.op(Opcode::POP) && get(index);
    }
    if (!memoize(object)) return false;
  }
  if (list_items != nullptr && !append_all(list_items)) return false;
  if (dict_items != nullptr && !set_all(dict_items)) return false;
  if (state == nullptr) return true;
  if (state_setter == nullptr) return save(state) && out_.op(Opcode::BUILD);
  // state_setter(object, state), whose result is dropped.
  return save(state_setter) && save(object) && save(state) && out_.op(Opcode::TUPLE2) && out_.op(Opcode::REDUCE) &&
         out_.op(Opcode::POP);
}

// copyreg.__newobj__(cls, *args)
bool Saver::save_newobj(PyObject* args, PyObject* object) {
  if (PyTuple_GET_SIZE(args) < 1) return error("__newobj__ arglist is empty");
  PyObject* cls = PyTuple_GET_ITEM(args, 0);
  if (!PyType_Check(cls)) return error("args[0] from __newobj__ args is not a type");
  if (object != nullptr) {
    Ref object_class;
    if (!lookup_attr(object, state_.s_class, object_class)) return false;
    if (!object_class) object_class = Ref::of(reinterpret_cast<PyObject*>(Py_TYPE(object)));
    if (object_class.get() != cls) return error("args[0] from __newobj__ args has the wrong class");
  }
  if (!save(cls)) return false;
  const Ref rest(PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args)));
  if (!rest) return false;
  memo_.hold();  // `rest` lives shorter than the memo
  return save(rest.get()) && out_.op(Opcode::NEWOBJ);
}

// copyreg.__newobj_ex__(cls, args, kwargs)
bool Saver::save_newobj_ex(PyObject* args) {
  if (PyTuple_GET_SIZE(args) != 3) {
    return error("length of the NEWOBJ_EX argument tuple must be exactly 3, not %zd", PyTuple_GET_SIZE(args));
  }
  PyObject* cls = PyTuple_GET_ITEM(args, 0);
  PyObject* positional = PyTuple_GET_ITEM(args, 1);
  PyObject* keywords = PyTuple_GET_ITEM(args, 2);
  const auto must_be = [&](const char* which, const char* what, PyObject* found) {
    return error("%s item from NEWOBJ_EX argument tuple must be a %s, not %.200s", which, what,
                 Py_TYPE(found)->tp_name);
  };
  if (!PyType_Check(cls)) return must_be("first", "class", cls);
  if (!PyTuple_Check(positional)) return must_be("second", "tuple", positional);
  if (!PyDict_Check(keywords)) return must_be("third", "dict", keywords);
  if (protocol_ >= 4) {
    return save(cls) && save(positional) && save(keywords) && out_.op(Opcode::NEWOBJ_EX);
  }
  // functools.partial(cls.__new__, cls, *args, **kwargs)()
  const Ref made(PyObject_GetAttr(cls, state_.s_new));
  const Ref head(made ? PyTuple_Pack(2, made.get(), cls) : nullptr);
  const Ref all(head ? PySequence_Concat(head.get(), positional) : nullptr);
  const Ref partial(all ? PyObject_Call(state_.partial, all.get(), keywords) : nullptr);
  const Ref none(PyTuple_New(0));
  if (!partial || !none) return false;
  memo_.hold();
  return save(partial.get()) && save(none.get()) && out_.op(Opcode::REDUCE);
}

}  // namespace cppickle::python
