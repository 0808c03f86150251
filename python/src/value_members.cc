// How a value is looked into: by key, by number, by name.
#include <algorithm>

#include "document_error.h"
#include "no_throw.h"
#include "value_object.h"
#include "value_scalar.h"

namespace cppickle::python {
namespace {

using Form = Contents::Form;

// Up to so many members are looked through each time; of more a table is made once.
constexpr std::uint64_t kFew = 16;

// The table of a container. nullptr with an exception.
const Members* members_of(const State& state, ValueObject* self, const Contents& contents, bool by_key) {
  auto& all = self->place().data().members;
  const std::uint64_t identity = self->get().identity();
  const auto known = all.find(identity);
  if (known != all.end() && (known->second.positions || !by_key)) return &known->second;
  Members made;
  Cursor cursor(contents);
  const bool is_mapping = contents.form == Form::kMapping;
  for (Value key = contents.holder, value = key; cursor.next(key, value);) {
    made.values.push_back(value);
    if (is_mapping) made.keys.push_back(key);
  }
  if (by_key) {
    Ref positions(PyDict_New());
    if (!positions) return nullptr;
    const std::vector<Value>& keys = is_mapping ? made.keys : made.values;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      Ref key;
      if (!hashable_of(state, keys[i], key)) return nullptr;
      if (!key) continue;
      const Ref number(PyLong_FromSize_t(i));
      if (!number || PyDict_SetItem(positions.get(), key.get(), number.get()) != 0) return nullptr;
    }
    made.positions = std::move(positions);
  }
  Members& kept = all[identity];
  if (kept.values.empty()) {
    kept.values = std::move(made.values);
    kept.keys = std::move(made.keys);
  }
  if (!kept.positions) kept.positions = std::move(made.positions);
  return &kept;
}

// Whether a key or member of the file is what somebody asks for: 1, 0, or -1 with an exception.
int is_equal(const State& state, const Value& value, PyObject* wanted) {
  if (Py_IS_TYPE(wanted, state.Value)) return is_same(value, as_value(wanted)->get()) ? 1 : 0;
  if (value.kind() == Kind::kString && PyUnicode_CheckExact(wanted)) {
    Py_ssize_t size;
    const char* text = PyUnicode_AsUTF8AndSize(wanted, &size);
    if (text != nullptr)
      return value.text() == std::string_view(text, static_cast<std::size_t>(size)) ? 1 : 0;
    PyErr_Clear();  // lone surrogates
  }
  Ref object;
  if (!hashable_of(state, value, object)) return -1;
  return object ? PyObject_RichCompareBool(object.get(), wanted, Py_EQ) : 0;
}

// Of a mapping the last pair counts.
struct Found {
  std::optional<Value> value;
  std::uint64_t key_cell = 0;
  std::uint64_t number = 0;
};

bool search(const State& state, ValueObject* self, const Contents& contents, PyObject* wanted, Found& found) {
  const bool is_mapping = contents.form == Form::kMapping;
  Cursor cursor(contents);
  std::uint64_t number = 0;
  // What is no plain key is found only by looking at each.
  const bool one_by_one = Py_IS_TYPE(wanted, state.Value) || contents.form == Form::kSequence;
  if (!one_by_one && PyObject_Hash(wanted) == -1) return false;
  bool is_small = true;
  for (Value key = contents.holder, value = key; cursor.next(key, value); ++number) {
    if (number == kFew && !one_by_one) {
      is_small = false;
      break;
    }
    const int equal = is_equal(state, is_mapping ? key : value, wanted);
    if (equal < 0) return false;
    if (equal == 1) found = {value, key.cell(), number};
    if (equal == 1 && !is_mapping) break;
  }
  if (is_small) return true;
  found = {};
  const Members* members = members_of(state, self, contents, true);
  if (members == nullptr) return false;
  PyObject* position = PyDict_GetItemWithError(members->positions.get(), wanted);
  if (position == nullptr) return PyErr_Occurred() == nullptr;
  const std::size_t at = PyLong_AsSize_t(position);
  found = {members->values[at], is_mapping ? members->keys[at].cell() : 0, at};
  return true;
}

PyObject* slice_of(const State& state, ValueObject* self, const Contents& contents, PyObject* slice) {
  Py_ssize_t begin, end, step;
  if (PySlice_Unpack(slice, &begin, &end, &step) != 0) return nullptr;
  const Members* members = members_of(state, self, contents, false);
  if (members == nullptr) return nullptr;
  const Py_ssize_t count =
      PySlice_AdjustIndices(static_cast<Py_ssize_t>(members->values.size()), &begin, &end, step);
  Ref list(PyList_New(count));
  for (Py_ssize_t i = 0; list && i < count; ++i, begin += step) {
    const auto number = static_cast<std::size_t>(begin);
    PyObject* item = navigated(state, self, members->values[number], Step::kIndex, number);
    if (item == nullptr) return nullptr;
    PyList_SET_ITEM(list.get(), i, item);
  }
  return list.release();
}

PyObject* no_members(const Value& value) {
  const auto object = object_view(value);
  const bool is_array =
      object && (object->kind == ObjectKind::kArray || object->kind == ObjectKind::kMaskedArray);
  return PyErr_Format(
      PyExc_TypeError,
      is_array ? "a %s has its elements in numpy(): numpy.asarray(value)" : "a %s has no members",
      type_text(value).c_str());
}

PyObject* subscript(const State& state, ValueObject* self, PyObject* key) {
  const Contents contents = contents_of(self->get());
  if (contents.form == Form::kMapping) {
    Ref found;
    if (!find_key(state, self, contents, key, found)) return nullptr;
    if (!found) PyErr_SetObject(PyExc_KeyError, key);
    return found.release();
  }
  if (contents.form == Form::kNone) return no_members(self->get());
  if (contents.form == Form::kSet) return PyErr_Format(PyExc_TypeError, "a set's members have no numbers");
  if (PySlice_Check(key)) return slice_of(state, self, contents, key);
  if (!PyIndex_Check(key)) {
    return PyErr_Format(PyExc_TypeError, "%s indices must be integers or slices, not %.200s",
                        type_text(self->get()).c_str(), Py_TYPE(key)->tp_name);
  }
  const Py_ssize_t number = PyNumber_AsSsize_t(key, PyExc_IndexError);
  if (number == -1 && PyErr_Occurred() != nullptr) return nullptr;
  Ref found;
  if (!find_member(state, self, contents, number, found)) return nullptr;
  if (!found) PyErr_Format(PyExc_IndexError, "%s index out of range", type_text(self->get()).c_str());
  return found.release();
}

// Calls visit(name, key, value) for each attribute until it returns false.
template <class Visit>
void for_each_attribute(const Value& value, Visit&& visit) {
  const auto object = object_view(value);
  if (!object) return;
  for (const std::optional<Value>& dict : {object->attributes, object->slots}) {
    if (!dict) continue;
    for (const auto [key, member] : dict->pairs()) {
      const bool is_name = key.kind() == Kind::kString || key.kind() == Kind::kByteString;
      if (is_name && !visit(key.text(), key, member)) return;
    }
  }
}

}  // namespace

bool find_key(const State& state, ValueObject* self, const Contents& contents, PyObject* key, Ref& found) {
  Found at;
  if (!search(state, self, contents, key, at)) return false;
  if (!at.value) return true;
  found = Ref(navigated(state, self, *at.value, Step::kKey, at.key_cell));
  return static_cast<bool>(found);
}

bool find_member(const State& state, ValueObject* self, const Contents& contents, std::int64_t number,
                 Ref& found) {
  std::optional<Value> member;
  if (number >= 0 && number < static_cast<std::int64_t>(kFew)) {
    Cursor cursor(contents);
    Value key = contents.holder;
    Value value = key;
    std::int64_t left = number;
    bool more = cursor.next(key, value);
    for (; more && left > 0; --left) more = cursor.next(key, value);
    if (more) member = value;
  } else {
    const Members* members = members_of(state, self, contents, false);
    if (members == nullptr) return false;
    const auto size = static_cast<std::int64_t>(members->values.size());
    if (number < 0) number += size;
    if (number >= 0 && number < size) member = members->values[static_cast<std::size_t>(number)];
  }
  if (!member) return true;
  found = Ref(navigated(state, self, *member, Step::kIndex, static_cast<std::uint64_t>(number)));
  return static_cast<bool>(found);
}

bool find_attribute(const State& state, ValueObject* self, PyObject* name, Ref& found) {
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(name, &size);
  if (text == nullptr) return false;
  const std::string_view wanted(text, static_cast<std::size_t>(size));
  Found at;
  for_each_attribute(self->get(), [&](std::string_view known, const Value& key, const Value& value) {
    if (known == wanted) at = {value, key.cell()};
    return true;  // the last one counts
  });
  if (!at.value) return true;
  found = Ref(navigated(state, self, *at.value, Step::kKey, at.key_cell));
  return static_cast<bool>(found);
}

PyObject* attribute_names(ValueObject* self) {
  Ref names(PyList_New(0));
  bool good = static_cast<bool>(names);
  for_each_attribute(self->get(), [&](std::string_view name, const Value&, const Value&) {
    const Ref text(good ? text_object(name) : nullptr);
    good = text && PyList_Append(names.get(), text.get()) == 0;
    return good;
  });
  return good ? names.release() : nullptr;
}

PyObject* value_subscript(PyObject* self, PyObject* key) {
  return no_throw<PyObject*>(nullptr,
                             [&] { return subscript(state_of_type(Py_TYPE(self)), as_value(self), key); });
}

int value_contains(PyObject* self, PyObject* key) {
  return no_throw(-1, [&] {
    const Contents contents = contents_of(as_value(self)->get());
    if (contents.form == Form::kNone) {
      no_members(as_value(self)->get());
      return -1;
    }
    Found found;
    if (!search(state_of_type(Py_TYPE(self)), as_value(self), contents, key, found)) return -1;
    return found.value ? 1 : 0;
  });
}

Py_ssize_t value_length(PyObject* self) {
  return no_throw<Py_ssize_t>(-1, [&]() -> Py_ssize_t {
    const Value value = as_value(self)->get();
    const Contents contents = contents_of(value);
    if (contents.form != Form::kNone) return static_cast<Py_ssize_t>(count_members(contents));
    const Ref shape(get_shape(self, nullptr));
    if (shape && PyTuple_GET_SIZE(shape.get()) > 0) return PyLong_AsSsize_t(PyTuple_GET_ITEM(shape.get(), 0));
    PyErr_Clear();
    PyErr_Format(PyExc_TypeError, "a %s has no len()", type_text(value).c_str());
    return -1;
  });
}

PyObject* value_get(PyObject* self, PyObject* args) {
  PyObject *key, *otherwise = Py_None;
  if (!PyArg_ParseTuple(args, "O|O:get", &key, &otherwise)) return nullptr;
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    const Contents contents = contents_of(as_value(self)->get());
    if (contents.form != Form::kMapping) {
      return PyErr_Format(PyExc_TypeError, "a %s is no dict", type_text(as_value(self)->get()).c_str());
    }
    Ref found;
    if (!find_key(state_of_type(Py_TYPE(self)), as_value(self), contents, key, found)) return nullptr;
    return found ? found.release() : new_ref(otherwise);
  });
}

PyObject* navigated_key(const State& state, ValueObject* parent, const Value& key) {
  Ref plain;
  if (!hashable_of(state, key, plain)) return nullptr;
  return plain ? plain.release() : navigated(state, parent, key, Step::kKeyItself, key.cell());
}

}  // namespace cppickle::python
