#include "saver.h"

#include <cstdarg>

#include "number_bytes.h"

namespace cppickle::python {

bool parse_protocol(PyObject* argument, int& protocol) {
#if PY_VERSION_HEX >= 0x030E0000
  constexpr int kDefaultProtocol = 5;
#else
  constexpr int kDefaultProtocol = 4;
#endif
  if (argument == nullptr || argument == Py_None) {
    protocol = kDefaultProtocol;
    return true;
  }
  const long asked = PyLong_AsLong(argument);
  if (asked == -1 && PyErr_Occurred() != nullptr) return false;
  if (asked > kHighestProtocol) {
    PyErr_Format(PyExc_ValueError, "pickle protocol must be <= %d", kHighestProtocol);
    return false;
  }
  protocol = asked < 0 ? kHighestProtocol : static_cast<int>(asked);
  return true;
}

bool Saver::error(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyErr_FormatV(state_.PicklingError, format, arguments);
  va_end(arguments);
  return false;
}

bool Saver::dump(PyObject* object) {
  if (protocol_ >= 2 && !out_.op(Opcode::PROTO, static_cast<std::uint8_t>(protocol_))) return false;
  out_.set_framing(protocol_ >= 4);
  const bool good = save(object) && out_.op(Opcode::STOP);
  out_.close_frame();
  out_.set_framing(false);
  return good;
}

// --- Memo -----------------------------------------------------------------------------------------------------------

bool Saver::put(Py_ssize_t index) {
  if (protocol_ >= 4) return out_.op(Opcode::MEMOIZE);
  if (protocol_ == 0) return out_.line(Opcode::PUT, std::to_string(index));
  if (index < 256) return out_.op(Opcode::BINPUT, static_cast<std::uint8_t>(index));
  if (static_cast<std::uint64_t>(index) <= 0xFFFFFFFF) return out_.op(Opcode::LONG_BINPUT, static_cast<std::uint32_t>(index));
  return error("memo id too large for LONG_BINPUT");
}

bool Saver::get(Py_ssize_t index) {
  if (protocol_ == 0) return out_.line(Opcode::GET, std::to_string(index));
  if (index < 256) return out_.op(Opcode::BINGET, static_cast<std::uint8_t>(index));
  if (static_cast<std::uint64_t>(index) <= 0xFFFFFFFF) return out_.op(Opcode::LONG_BINGET, static_cast<std::uint32_t>(index));
  return error("memo id too large for LONG_BINGET");
}

bool Saver::memoize(PyObject* object, Alone alone) {
  if (options_.fast) return true;
  const Py_ssize_t index = memo_.size();
  if (alone == Alone::kYes) memo_.insert_alone(object);
  else memo_.set(object, index);
  return put(index);
}

// For an object that is gone once it is written, whose index counts all the same.
bool Saver::memoize_virtual() {
  const Py_ssize_t index = memo_.size();
  if (options_.memo_is_seen) {
    const Ref stand_in(PyObject_CallNoArgs(reinterpret_cast<PyObject*>(&PyBaseObject_Type)));
    if (!stand_in) return false;
    memo_.hold();
    memo_.set(stand_in.get(), index);
  } else {
    memo_.insert_virtual();
  }
  return put(index);
}

// --- save -----------------------------------------------------------------------------------------------------------

bool Saver::save(PyObject* object, Alone alone) {
  if (!out_.boundary()) [[unlikely]] return false;
  if (options_.persistent_id != nullptr) [[unlikely]] {
    bool saved = false;
    if (!save_persistent(object, saved)) return false;
    if (saved) return true;
  }
  return save_unless_persistent(object, alone);
}

bool Saver::save_unless_persistent(PyObject* object, Alone alone) {
  PyTypeObject* type = Py_TYPE(object);
  if (type == &PyUnicode_Type) return save_str(object, alone);
  if (type == &PyLong_Type) return save_int(object);
  if (type == &PyFloat_Type) return save_float(object);
  if (object == Py_None) return out_.op(Opcode::NONE);
  if (type == &PyBool_Type) return save_bool(object);
  if (alone == Alone::kNo) {
    const PointerMemo::Entry* entry = memo_.find(object);
    if (entry->key != nullptr) return get(entry->index);
  }
  if (type == &PyBytes_Type) return save_bytes(object, alone);
  return save_complex(object, type, alone);
}

bool Saver::save_complex(PyObject* object, PyTypeObject* type, Alone alone) {
  const Level level;
  if (!level) return false;
  if (type == &PyDict_Type) return save_dict(object, alone);
  if (type == &PyTuple_Type) return save_tuple(object, alone);
  if (type == &PyList_Type) return save_list(object, alone);
  if (type == &PySet_Type) return save_set(object, alone);
  if (type == &PyFrozenSet_Type) return save_frozenset(object);
  if (type == &PyByteArray_Type) return save_bytearray(object);
  if (type == &PyPickleBuffer_Type) return save_buffer(object);
  return save_object(object, type, alone);
}

bool Saver::save_object(PyObject* object, PyTypeObject* type, Alone alone) {
  if (plain_) {
    const TypeFacts& facts = facts_of(type);
    if (facts.type == nullptr) return false;
    const Tried tried = facts.pickled == Pickled::kAsItSays   ? Tried::kNotMine
                        : facts.pickled == Pickled::kDefault ||
                              facts.pickled == Pickled::kNamedTuple ? save_instance(object, facts, alone)
                                                                    : save_known(object, facts, alone);
    if (tried != Tried::kNotMine) return tried == Tried::kSaved;
  }
  if (options_.reducer_override != nullptr) {
    Ref value;
    {
      const Outside outside(*this);
      value = Ref(PyObject_CallOneArg(options_.reducer_override, object));
    }
    if (!value) return false;
    if (value.get() != Py_NotImplemented) return save_reduced(value.get(), object);
  }
  if (type == &PyType_Type) return save_type(object);
  if (type == &PyFunction_Type) return save_global(object, nullptr);
  Ref value;
  if (!reduce_value(object, type, value)) return false;
  return value ? save_reduced(value.get(), object) : save_global(object, nullptr);
}

// --- Atoms ------------------------------------------------------------------------------------------------------------

bool Saver::save_bool(PyObject* boolean) {
  const bool value = boolean == Py_True;
  if (protocol_ >= 2) return out_.op(value ? Opcode::NEWTRUE : Opcode::NEWFALSE);
  return out_.line(Opcode::INT, value ? "01" : "00");
}

inline bool Saver::save_int(PyObject* integer) {
  long value;
  return is_four_bytes(integer, value) ? write_int(value) : save_big_int(integer);
}

bool Saver::write_int(long value) {
  if (protocol_ == 0) return out_.line(Opcode::INT, std::to_string(value));
  char* p = out_.room(kIntSize);
  if (p == nullptr) return false;
  out_.advance(put_int(p, value));
  return true;
}

inline bool Saver::save_float(PyObject* number) {
  const double value = PyFloat_AS_DOUBLE(number);
  if (protocol_ >= 1) {
    char* p = out_.room(kFloatSize);
    if (p != nullptr) out_.advance(put_float(p, value));
    return p != nullptr;
  }
  return save_float_line(value);
}

inline bool Saver::save_str(PyObject* text, Alone alone) {
  if (alone == Alone::kYes) return write_text(text) && memoize(text, alone);
  PointerMemo::Entry* entry = memo_.find(text);
  if (entry->key != nullptr) return get(entry->index);
  if (!write_text(text)) return false;
  if (options_.fast) return true;
  const Py_ssize_t index = memo_.size();
  memo_.set(text, index);
  return put(index);
}

// --- Containers -------------------------------------------------------------------------------------------------------

class Saver::FastGuard {
 public:
  FastGuard(Saver& saver, PyObject* object) : saver_(saver), object_(object) {
    if (!saver.options_.fast) return;
    if (++saver.fast_nesting_ < kLimit) return;
    if (!saver.fast_seen_) saver.fast_seen_ = Ref(PyDict_New());
    const Ref key(PyLong_FromVoidPtr(object));
    const int seen = saver.fast_seen_ && key ? PyDict_Contains(saver.fast_seen_.get(), key.get()) : -1;
    if (seen > 0) {
      PyErr_Format(PyExc_ValueError, "fast mode: can't pickle cyclic objects including object type %.200s at %p",
                   Py_TYPE(object)->tp_name, object);
    }
    good_ = seen == 0 && PyDict_SetItem(saver.fast_seen_.get(), key.get(), Py_None) == 0;
    listed_ = good_;
  }
  ~FastGuard() {
    if (!saver_.options_.fast) return;
    --saver_.fast_nesting_;
    if (!listed_) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    const Ref key(PyLong_FromVoidPtr(object_));
    if (!key || PyDict_DelItem(saver_.fast_seen_.get(), key.get()) < 0) PyErr_Clear();
    PyErr_Restore(type, value, traceback);
  }
  FastGuard(const FastGuard&) = delete;
  FastGuard& operator=(const FastGuard&) = delete;
  explicit operator bool() const { return good_; }

 private:
  static constexpr int kLimit = 50;  // FAST_NESTING_LIMIT
  Saver& saver_;
  PyObject* object_;
  bool good_ = true;
  bool listed_ = false;
};

// The opcode that makes a tuple of what lies on the stack.
bool Saver::end_tuple(Py_ssize_t size) {
  constexpr std::array kSmall{Opcode::EMPTY_TUPLE, Opcode::TUPLE1, Opcode::TUPLE2, Opcode::TUPLE3};
  return out_.op(needs_mark(size) ? Opcode::TUPLE : kSmall[static_cast<std::size_t>(size)]);
}

// Those of a tuple that is alone itself may be: another is in the memo only after them, and could be met again among them.
bool Saver::save_tuple_items(PyObject* tuple, Alone alone) {
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  for (Py_ssize_t i = 0; i < size; ++i) {
    PyObject* item = PyTuple_GET_ITEM(tuple, i);
    if (!save(item, alone_if(alone == Alone::kYes, item, 1))) return false;
  }
  return true;
}

bool Saver::save_tuple(PyObject* tuple, Alone alone) {
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  if (size == 0) {
    if (protocol_ >= 1) return out_.op(Opcode::EMPTY_TUPLE);
    return out_.op(Opcode::MARK) && out_.op(Opcode::TUPLE);
  }
  const bool small = !needs_mark(size);
  if (!small && !out_.op(Opcode::MARK)) return false;
  if (!save_tuple_items(tuple, alone)) return false;
  if (is_still(alone)) return end_tuple(size) && memoize(tuple, alone);
  // A tuple that is in the memo by now contains itself: what was written is dropped for the one that is there.
  if (const PointerMemo::Entry* entry = memo_.find(tuple); entry->key != nullptr) {
    const Py_ssize_t index = entry->index;
    if (!small && protocol_ >= 1) return out_.op(Opcode::POP_MARK) && get(index);
    for (Py_ssize_t i = small ? 1 : 0; i <= size; ++i) {
      if (!out_.op(Opcode::POP)) return false;
    }
    return get(index);
  }
  return end_tuple(size) && memoize(tuple);
}

bool Saver::save_list(PyObject* list, Alone alone) {
  const FastGuard guard(*this, list);
  if (!guard) return false;
  if (!(protocol_ >= 1 ? out_.op(Opcode::EMPTY_LIST) : out_.op(Opcode::MARK) && out_.op(Opcode::LIST))) return false;
  if (!memoize(list, alone)) return false;
  if (PyList_GET_SIZE(list) == 0) return true;
  const Level level;
  if (!level) return false;
  if (protocol_ >= 1) return save_list_items(list);
  const Ref iterator(PyObject_GetIter(list));
  return iterator && append_all(iterator.get());
}

bool Saver::save_list_items(PyObject* list) {
  if (PyList_GET_SIZE(list) == 1) {
    const Ref item = Ref::of(PyList_GET_ITEM(list, 0));
    return save(item.get(), alone_if(true, item.get(), 2)) && out_.op(Opcode::APPEND);
  }
  const bool asked = options_.persistent_id != nullptr;
  Py_ssize_t done = 0;
  do {
    if (!out_.op(Opcode::MARK)) return false;
    const Py_ssize_t end = done + static_cast<Py_ssize_t>(kBatchSize);
    while (done < end && done < PyList_GET_SIZE(list)) {
      const Ref item = Ref::of(PyList_GET_ITEM(list, done));  // the list may change while it is saved
      if (!asked && is_number(item.get())) {
        if (!save_numbers(list, static_cast<std::uint64_t>(end - done), done)) return false;
      } else {
        if (!save(item.get(), alone_if(true, item.get(), 2))) return false;
        ++done;
      }
    }
    if (!out_.op(Opcode::APPENDS)) return false;
  } while (done < PyList_GET_SIZE(list));
  return true;
}

bool Saver::save_dict(PyObject* dict, Alone alone) {
  const FastGuard guard(*this, dict);
  if (!guard) return false;
  if (!(protocol_ >= 1 ? out_.op(Opcode::EMPTY_DICT) : out_.op(Opcode::MARK) && out_.op(Opcode::DICT))) return false;
  if (!memoize(dict, alone)) return false;
  if (PyDict_GET_SIZE(dict) == 0) return true;
  const Level level;
  if (!level) return false;
  if (protocol_ >= 1) return save_dict_items(dict);
  const Ref items(PyObject_CallMethodNoArgs(dict, state_.s_items));
  const Ref iterator(items ? PyObject_GetIter(items.get()) : nullptr);
  return iterator && set_all(iterator.get());
}

bool Saver::save_dict_items(PyObject* dict) {
  const Py_ssize_t size = PyDict_GET_SIZE(dict);
  Py_ssize_t position = 0;
  PyObject *next_key, *next_value;
  const auto save_pair = [&] {
    const Ref key = Ref::of(next_key), value = Ref::of(next_value);
    // Not so the keys: instances of a class share them, and count for one.
    return save(key.get()) && save(value.get(), alone_if(true, value.get(), 2));
  };
  if (size == 1) {
    PyDict_Next(dict, &position, &next_key, &next_value);
    return save_pair() && out_.op(Opcode::SETITEM);
  }
  std::uint64_t batch;
  do {
    if (!out_.op(Opcode::MARK)) return false;
    batch = 0;
    while (PyDict_Next(dict, &position, &next_key, &next_value)) {
      if (!save_pair()) return false;
      if (++batch == kBatchSize) break;
    }
    if (!out_.op(Opcode::SETITEMS)) return false;
    if (PyDict_GET_SIZE(dict) != size) {
      PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
      return false;
    }
  } while (batch == kBatchSize);
  return true;
}

// Below protocol 4 sets have no opcodes: a call of the type with a list.
bool Saver::save_as_list_call(PyTypeObject* type, PyObject* set) {
  const Ref items(PySequence_List(set));
  const Ref args(items ? PyTuple_Pack(1, items.get()) : nullptr);
  return args && save_call(reinterpret_cast<PyObject*>(type), args.get(), set);
}

bool Saver::save_set(PyObject* set, Alone alone) {
  if (protocol_ < 4) return save_as_list_call(&PySet_Type, set);
  if (!out_.op(Opcode::EMPTY_SET) || !memoize(set, alone)) return false;
  const Py_ssize_t size = PySet_GET_SIZE(set);
  if (size == 0) return true;
  std::uint64_t batch = 0;
  if (!out_.op(Opcode::MARK)) return false;
  const auto end_batch = [&] {
    if (!out_.op(Opcode::ADDITEMS)) return false;
    if (PySet_GET_SIZE(set) == size) return true;
    PyErr_SetString(PyExc_RuntimeError, "set changed size during iteration");
    return false;
  };
  const bool good = for_each_in_set(set, [&](PyObject* item) {
    if (batch == kBatchSize) {
      if (!end_batch() || !out_.op(Opcode::MARK)) return false;
      batch = 0;
    }
    ++batch;
    return save(item);
  });
  if (!good || !end_batch()) return false;
  // CPython looks for more only after a full batch, and then writes an empty one.
  return batch != kBatchSize || (out_.op(Opcode::MARK) && out_.op(Opcode::ADDITEMS));
}

bool Saver::save_frozenset(PyObject* set) {
  const FastGuard guard(*this, set);
  if (!guard) return false;
  if (protocol_ < 4) return save_as_list_call(&PyFrozenSet_Type, set);
  if (!out_.op(Opcode::MARK)) return false;
  if (!for_each_in_set(set, [&](PyObject* item) { return save(item); })) return false;
  if (const PointerMemo::Entry* entry = memo_.find(set); entry->key != nullptr) {
    const Py_ssize_t index = entry->index;
    return out_.op(Opcode::POP_MARK) && get(index);
  }
  return out_.op(Opcode::FROZENSET) && memoize(set);
}

// Calls `each` for the items of an iterator, with `one` after a single last one and MARK and `many` around batches.
template <class Next, class Each>
static bool in_batches(Output& out, Opcode one, Opcode many, Next&& next, Each&& each) {
  std::uint64_t batch;
  do {
    Ref first, item;
    if (!next(first)) return false;
    if (!first) return true;
    if (!next(item)) return false;
    if (!item) return each(first.get()) && out.op(one);
    if (!out.op(Opcode::MARK) || !each(first.get())) return false;
    first = Ref();
    for (batch = 1; item;) {
      if (!each(item.get())) return false;
      item = Ref();
      if (++batch == kBatchSize) break;
      if (!next(item)) return false;
    }
    if (!out.op(many)) return false;
  } while (batch == kBatchSize);
  return true;
}

bool Saver::append_all(PyObject* iterator) {
  const auto next = [&](Ref& item) {
    const Outside outside(*this);
    item = Ref(PyIter_Next(iterator));
    return item || PyErr_Occurred() == nullptr;
  };
  if (protocol_ >= 1) {
    return in_batches(out_, Opcode::APPEND, Opcode::APPENDS, next, [&](PyObject* item) { return save(item); });
  }
  for (Ref item; next(item);) {
    if (!item) return true;
    if (!save(item.get()) || !out_.op(Opcode::APPEND)) return false;
  }
  return false;
}

bool Saver::set_all(PyObject* iterator) {
  const auto next = [&](Ref& item) {
    const Outside outside(*this);
    item = Ref(PyIter_Next(iterator));
    if (item && (!PyTuple_Check(item.get()) || PyTuple_GET_SIZE(item.get()) != 2)) {
      PyErr_SetString(PyExc_TypeError, "dict items iterator must return 2-tuples");
      return false;
    }
    return item || PyErr_Occurred() == nullptr;
  };
  const auto each = [&](PyObject* pair) {
    return save(PyTuple_GET_ITEM(pair, 0)) && save(PyTuple_GET_ITEM(pair, 1));
  };
  if (protocol_ >= 1) return in_batches(out_, Opcode::SETITEM, Opcode::SETITEMS, next, each);
  for (Ref pair; next(pair);) {
    if (!pair) return true;
    if (!each(pair.get()) || !out_.op(Opcode::SETITEM)) return false;
  }
  return false;
}

}  // namespace cppickle::python
