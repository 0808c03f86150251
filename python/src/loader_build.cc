// BUILD: an object gets its state.
#include "loader.h"
#include "type_facts.h"

namespace cppickle::python {

LoadFacts& Loader::facts_of(PyTypeObject* type) {
  LoadFacts& facts = instances().facts.place(type);
  if (facts.type == type) {
    if (facts.epoch == epoch_) return facts;
    if (facts.version != 0 && facts.version == type_version(type)) {
      facts.epoch = epoch_;
      return facts;
    }
  }
  facts = LoadFacts{};
  facts.type = type;
  facts.epoch = epoch_;
  const bool sets_state = type_lookup(type, state_.s_setstate) != nullptr;  // gives the type a version, too
  facts.plain_build = !sets_state && type->tp_getattro == PyObject_GenericGetAttr && type->tp_dictoffset != 0 &&
                      has_plain_dict(state_, type);
  facts.version = type_version(type);
  return facts;
}

// Whether the instance was made by NEWOBJ a moment ago, and no other code ran since: its __dict__ is empty.
bool Loader::is_fresh(PyObject* instance) {
  std::vector<PyObject*>& fresh = instances().fresh;
  for (std::size_t i = fresh.size(); i > 0; --i) {
    if (fresh[i - 1] != instance) continue;
    fresh.resize(i - 1);
    return true;
  }
  return false;
}

// instance.__dict__[key] = value for the state's key of that number: by the way that attributes are set, which is shorter,
// unless a data descriptor of the class would catch it.
bool Loader::set_attribute(PyObject* instance, LoadFacts& facts, std::size_t number, PyObject* key, PyObject* value) {
  auto& known = facts.attributes;
  if (number < known.size() && known[number].came.get() == key) {
    return PyObject_GenericSetAttr(instance, known[number].name.get(), value) == 0;
  }
  PyObject* name = new_ref(key);
  PyUnicode_InternInPlace(&name);
  Ref held(name);
  PyObject* descriptor = type_lookup(facts.type, name);
  if (descriptor != nullptr && Py_TYPE(descriptor)->tp_descr_set != nullptr) {
    const Ref dict(PyObject_GenericGetDict(instance, nullptr));
    return dict && PyDict_SetItem(dict.get(), name, value) == 0;
  }
  constexpr std::size_t kMost = 64;
  if (number == known.size() && number < kMost) known.emplace_back();
  if (number < known.size()) known[number] = {Ref::of(key), Ref::of(name), -1};
  return PyObject_GenericSetAttr(instance, name, value) == 0;
}

bool Loader::set_attributes(PyObject* instance, LoadFacts& facts, std::span<Value> items) {
  InstanceValues values(instance);
  if (values.keys() != facts.keys) {
    facts.keys = values.keys();
    for (LoadFacts::Attribute& attribute : facts.attributes) attribute.place = -1;
  }
  for (std::size_t number = 0; number * 2 < items.size(); ++number) {
    PyObject *key = items[number * 2], *value = items[number * 2 + 1];
    auto& known = facts.attributes;
    if (number < known.size() && known[number].place >= 0 && known[number].came.get() == key &&
        values.store(known[number].place, value)) {
      continue;
    }
    if (!set_attribute(instance, facts, number, key, value)) return false;
    values = InstanceValues(instance);
    if (number < known.size() && known[number].came.get() == key && values.keys() == facts.keys) {
      known[number].place = values.last_place(value);
    }
  }
  return true;
}

bool Loader::items_then_build(Value instance, Value state, std::span<Value> items) {
  if (!PyDict_CheckExact(state) || Py_REFCNT(state) != 1 || PyDict_GET_SIZE(state) != 0 || items.empty()) return false;
  LoadFacts& facts = facts_of(Py_TYPE(instance));
  if (!facts.plain_build) return false;
  for (std::size_t i = 0; i < items.size(); i += 2) {
    if (!PyUnicode_CheckExact(items[i])) return false;
  }
  if (!is_fresh(instance)) return false;
  if (!set_attributes(instance, facts, items)) {
    PyErr_Clear();  // out of memory: the long way will say so, or succeed
    return false;
  }
  for (Value item : items) Py_DECREF(item);
  if (spare_dict_ == nullptr) spare_dict_ = state;
  else Py_DECREF(state);
  return true;
}

bool Loader::build(PyObject*& instance, PyObject* state) {
  const Ref held(state);
  if (fill_array(instance, state)) return true;
  const LoadFacts& facts = facts_of(Py_TYPE(instance));
  if (!facts.plain_build || !is_fresh(instance)) {
    const Outside outside(*this);
    Ref setstate;
    if (!lookup_attr(instance, state_.s_setstate, setstate)) return false;
    if (setstate) return static_cast<bool>(Ref(PyObject_CallOneArg(setstate.get(), state)));
  }
  return build_default(instance, state);
}

bool Loader::build_default(PyObject* instance, PyObject* state) {
  PyObject* dict_state = state;
  PyObject* slot_state = nullptr;
  if (PyTuple_Check(state) && PyTuple_GET_SIZE(state) == 2) {
    dict_state = PyTuple_GET_ITEM(state, 0);
    slot_state = PyTuple_GET_ITEM(state, 1);
  }
  return (dict_state == Py_None || fill_dict(instance, dict_state)) &&
         (slot_state == nullptr || fill_slots(instance, slot_state));
}

bool Loader::fill_dict(PyObject* instance, PyObject* state) {
  if (!PyDict_Check(state)) return error("state is not a dictionary");
  PyObject *key, *value;
  Py_ssize_t position = 0;
  LoadFacts& facts = facts_of(Py_TYPE(instance));
  if (facts.plain_build) {
    const std::uint64_t epoch = epoch_;
    std::size_t place = 0;
    while (epoch == epoch_ && PyDict_Next(state, &position, &key, &value)) {
      if (!PyUnicode_CheckExact(key)) break;
      const Ref key_held = Ref::of(key), value_held = Ref::of(value);
      if (!set_attribute(instance, facts, place++, key, value)) return false;
    }
    if (static_cast<Py_ssize_t>(place) == PyDict_GET_SIZE(state)) return true;
    position = 0;
  }
  const Outside outside(*this);
  const Ref dict(PyObject_GetAttr(instance, state_.s_dict));
  if (!dict) return false;
  while (PyDict_Next(state, &position, &key, &value)) {
    PyObject* name = new_ref(key);
    const Ref held = Ref::of(value);
    if (PyUnicode_CheckExact(name)) PyUnicode_InternInPlace(&name);
    const Ref name_held(name);
    if (PyObject_SetItem(dict.get(), name, value) < 0) return false;
  }
  return true;
}

bool Loader::fill_slots(PyObject* instance, PyObject* state) {
  if (!PyDict_Check(state)) return error("slot state is not a dictionary");
  const Outside outside(*this);
  PyObject *key, *value;
  for (Py_ssize_t position = 0; PyDict_Next(state, &position, &key, &value);) {
    const Ref name = Ref::of(key), held = Ref::of(value);
    if (PyObject_SetAttr(instance, name.get(), value) < 0) return false;
  }
  return true;
}

}  // namespace cppickle::python
