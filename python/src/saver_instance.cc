// Instances that object.__reduce_ex__ would describe: written without making the description.
#include "saver.h"

namespace cppickle::python {
namespace {

// An attribute of the instance can stand for a method that pickling looks up: all of those have two underscores.
bool may_override(const State& state, PyObject* dict) {
  constexpr Py_ssize_t kFew = 64;
  if (PyDict_GET_SIZE(dict) > kFew) {
    for (PyObject* name : {state.s_reduce_ex, state.s_reduce, state.s_getstate, state.s_getnewargs_ex,
                           state.s_getnewargs, state.s_class}) {
      if (PyDict_Contains(dict, name) != 0) return true;
    }
    return false;
  }
  PyObject *key, *value;
  for (Py_ssize_t position = 0; PyDict_Next(dict, &position, &key, &value);) {
    if (!PyUnicode_CheckExact(key)) return true;
    if (!PyUnicode_IS_COMPACT_ASCII(key) || PyUnicode_GET_LENGTH(key) < 2) continue;
    const char* text = static_cast<const char*>(PyUnicode_DATA(key));
    if (text[0] == '_' && text[1] == '_') return true;
  }
  return false;
}

}  // namespace

const TypeFacts& Saver::facts_of(PyTypeObject* type) {
  if (facts_ == nullptr) facts_ = std::make_unique<FactsTable>();
  TypeFacts& facts = facts_->place(type);
  if (facts.type == type) {
    if (facts.epoch == epoch_) return facts;
    // Other code has run since: the facts hold if the type is unchanged, and nobody registered a reducer for it.
    if (facts.version != 0 && facts.version == type_version(type) && PyDict_GET_SIZE(state_.dispatch_table) == registered_) {
      facts.epoch = epoch_;
      return facts;
    }
  }
  TypeFacts found;
  if (!find_facts(state_, type, found, *this)) {
    facts = TypeFacts{};
    return facts;
  }
  registered_ = PyDict_GET_SIZE(state_.dispatch_table);
  found.version = type_version(type);
  found.epoch = epoch_;
  return facts = found;
}

Saver::Tried Saver::save_instance(PyObject* object, const TypeFacts& its_facts, Alone alone) {
  const TypeFacts facts = its_facts;  // the table may change while parts are saved
  if (facts.has_getstate) return save_with_getstate(object, facts);
  Ref dict;
  if (facts.has_dict) {
    dict = Ref(PyObject_GenericGetDict(object, nullptr));
    if (!dict) return Tried::kFailed;
    if (!PyDict_CheckExact(dict.get()) || may_override(state_, dict.get())) return Tried::kNotMine;
    if (PyDict_GET_SIZE(dict.get()) == 0) dict = Ref();  // an empty __dict__ is no state
  }
  std::vector<SlotValue> slots;
  if (facts.slots != nullptr && !slot_values(object, facts.slots, slots)) return Tried::kFailed;
  if (slots.size() > kBatchSize) return Tried::kNotMine;
  const auto save_parts = [&] {
    if (!save(reinterpret_cast<PyObject*>(facts.type))) return false;
    if (facts.pickled == Pickled::kNamedTuple ? !save_items_as_args(object, alone)
                                              : !out_.boundary() || !out_.op(Opcode::EMPTY_TUPLE)) {
      return false;
    }
    bool recursive = false;
    if (!finish_made(Opcode::NEWOBJ, object, alone, recursive)) return false;
    if (recursive || (!dict && slots.empty())) return true;
    return save_state(dict.get(), slots) && out_.op(Opcode::BUILD);
  };
  return save_parts() ? Tried::kSaved : Tried::kFailed;
}

// As save_instance, with the state that the class says. None is no state.
Saver::Tried Saver::save_with_getstate(PyObject* object, const TypeFacts& facts) {
  if (facts.has_dict) {
    const Ref dict(PyObject_GenericGetDict(object, nullptr));
    if (!dict) return Tried::kFailed;
    if (!PyDict_CheckExact(dict.get()) || may_override(state_, dict.get())) return Tried::kNotMine;
  }
  Ref state;
  {
    const Outside outside(*this);
    state = Ref(PyObject_CallMethodNoArgs(object, state_.s_getstate));
  }
  if (!state) return Tried::kFailed;
  bool recursive = false;
  const bool good = save(reinterpret_cast<PyObject*>(facts.type)) && out_.boundary() && out_.op(Opcode::EMPTY_TUPLE) &&
                    finish_made(Opcode::NEWOBJ, object, Alone::kNo, recursive) &&
                    (recursive || state.get() == Py_None || (save(state.get()) && out_.op(Opcode::BUILD)));
  return good ? Tried::kSaved : Tried::kFailed;
}

// The instruction that makes an object, then its memo entry; or what is in the memo, if its parts contained it.
bool Saver::finish_made(Opcode opcode, PyObject* object, Alone alone, bool& recursive) {
  if (!out_.op(opcode)) return false;
  if (is_still(alone)) return memoize(object, alone);
  PointerMemo::Entry* entry = memo_.find(object);
  if (entry->key != nullptr) {
    recursive = true;
    const Py_ssize_t index = entry->index;
    return out_.op(Opcode::POP) && get(index);
  }
  const Py_ssize_t index = memo_.size();
  memo_.insert(entry, object, index);
  return put(index);
}

bool Saver::slot_values(PyObject* object, PyObject* slots, std::vector<SlotValue>& values) {
  const Ref held = Ref::of(slots);
  values.reserve(static_cast<std::size_t>(PyList_GET_SIZE(slots)));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(slots); ++i) {
    PyObject* name = PyList_GET_ITEM(slots, i);
    Ref value;
    if (!lookup_attr(object, name, value)) return false;
    if (value) values.push_back({name, std::move(value)});
  }
  return true;
}

// The __dict__, None, or with slots a tuple of that and a dict of slots.
bool Saver::save_state(PyObject* dict, const std::vector<SlotValue>& slots) {
  if (slots.empty()) return save(dict, alone_if(true, dict, 2));
  if (!out_.boundary()) return false;
  const Level level;
  const bool saved = level && (dict != nullptr ? save(dict, alone_if(true, dict, 2)) : save(Py_None));
  return saved && save_slots(slots) && out_.op(Opcode::TUPLE2) && memoize_virtual();
}

bool Saver::save_slots(const std::vector<SlotValue>& slots) {
  if (!out_.boundary()) return false;
  const Level level, inner;
  if (!level || !inner || !out_.op(Opcode::EMPTY_DICT) || !memoize_virtual()) return false;
  if (slots.size() > 1 && !out_.op(Opcode::MARK)) return false;
  for (const SlotValue& slot : slots) {
    if (!save(slot.name) || !save(slot.value.get(), alone_if(true, slot.value.get(), 2))) return false;
  }
  return out_.op(slots.size() > 1 ? Opcode::SETITEMS : Opcode::SETITEM);
}

// A new tuple of the items, that is gone once it is written.
bool Saver::save_items_as_args(PyObject* tuple, Alone alone) {
  if (!out_.boundary()) return false;
  const Level level;
  if (!level) return false;
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  if (size == 0) return out_.op(Opcode::EMPTY_TUPLE);
  if (needs_mark(size) && !out_.op(Opcode::MARK)) return false;
  return save_tuple_items(tuple, alone) && end_tuple(size) && memoize_virtual();
}

}  // namespace cppickle::python
