// Iteration over a value: a dict's keys, values or items, a list's members.
#include <new>

#include "no_throw.h"
#include "value_object.h"

namespace cppickle::python {
namespace {

enum class Yield : std::uint8_t { kMembers, kKeys, kValues, kPairs };

struct IteratorObject {
  PyObject_HEAD ValueObject* over;
  Cursor cursor;
  std::uint64_t number;
  Yield yield;
  bool is_set;
};
static_assert(std::is_trivially_destructible_v<Cursor>);

IteratorObject* as_iterator(PyObject* self) { return reinterpret_cast<IteratorObject*>(self); }

void iterator_dealloc(PyObject* self) {
  Py_DECREF(as_iterator(self)->over);
  free_object(self);
}

PyObject* iterator_next(PyObject* self) {
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    IteratorObject* iterator = as_iterator(self);
    const State& state = state_of_type(Py_TYPE(self));
    ValueObject* over = iterator->over;
    Value key = over->get();
    Value value = key;
    if (!iterator->cursor.next(key, value)) return nullptr;
    const std::uint64_t number = iterator->number++;
    if (iterator->yield == Yield::kMembers) {
      return iterator->is_set ? navigated_key(state, over, value)
                              : navigated(state, over, value, Step::kIndex, number);
    }
    if (iterator->yield == Yield::kKeys) return navigated_key(state, over, key);
    Ref found(navigated(state, over, value, Step::kKey, key.cell()));
    if (iterator->yield == Yield::kValues || !found) return found.release();
    const Ref plain(navigated_key(state, over, key));
    return plain ? PyTuple_Pack(2, plain.get(), found.get()) : nullptr;
  });
}

PyObject* iterate(PyObject* self, Yield yield, bool is_method) {
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    const Contents contents = contents_of(as_value(self)->get());
    const bool is_mapping = contents.form == Contents::Form::kMapping;
    if (contents.form == Contents::Form::kNone || (is_method && !is_mapping)) {
      return PyErr_Format(PyExc_TypeError,
                          is_method ? "a %s is no dict" : "a %s has no members to iterate over",
                          type_text(as_value(self)->get()).c_str());
    }
    auto* iterator = PyObject_New(IteratorObject, state_of_type(Py_TYPE(self)).ValueIterator);
    if (iterator == nullptr) return nullptr;
    Py_INCREF(self);
    iterator->over = as_value(self);
    new (&iterator->cursor) Cursor(contents);
    iterator->number = 0;
    iterator->yield = is_mapping ? yield : Yield::kMembers;
    iterator->is_set = contents.form == Contents::Form::kSet;
    return reinterpret_cast<PyObject*>(iterator);
  });
}

PyType_Slot iterator_slots[] = {{Py_tp_new, reinterpret_cast<void*>(refuse_new)},
                                {Py_tp_dealloc, reinterpret_cast<void*>(iterator_dealloc)},
                                {Py_tp_iter, reinterpret_cast<void*>(PyObject_SelfIter)},
                                {Py_tp_iternext, reinterpret_cast<void*>(iterator_next)},
                                {}};

}  // namespace

PyType_Spec value_iterator_spec = {"cppickle.ValueIterator", sizeof(IteratorObject), 0, Py_TPFLAGS_DEFAULT,
                                   iterator_slots};

PyObject* value_iter(PyObject* self) { return iterate(self, Yield::kKeys, false); }
PyObject* value_keys(PyObject* self, PyObject*) { return iterate(self, Yield::kKeys, true); }
PyObject* value_values(PyObject* self, PyObject*) { return iterate(self, Yield::kValues, true); }
PyObject* value_items(PyObject* self, PyObject*) { return iterate(self, Yield::kPairs, true); }

}  // namespace cppickle::python
