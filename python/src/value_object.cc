#include "value_object.h"

#include "arguments.h"
#include "document_error.h"
#include "no_throw.h"
#include "value_scalar.h"

namespace cppickle::python {
namespace {

PyObject* make_value(const State& state, const StreamPlace& place, ValueObject* parent, const Value& value,
                     Step step, std::uint64_t number) {
  auto* object = PyObject_New(ValueObject, state.Value);
  if (object == nullptr) return nullptr;
  Py_INCREF(place.document);
  Py_XINCREF(parent);
  object->document = place.document;
  object->parent = parent;
  object->graph = &value.graph();
  object->cell = value.cell();
  object->step_number = number;
  object->stream = static_cast<std::uint32_t>(place.number);
  object->step = step;
  return reinterpret_cast<PyObject*>(object);
}

// Who walks down a deep file makes a long chain of parents: it is let go one after the other.
void value_dealloc(PyObject* self) {
  while (self != nullptr) {
    ValueObject* parent = std::exchange(as_value(self)->parent, nullptr);
    Py_DECREF(as_value(self)->document);
    free_object(self);
    if (parent == nullptr || Py_REFCNT(parent) > 1) {
      Py_XDECREF(parent);
      return;
    }
    // What Py_DECREF would do, without the recursion: give the last reference to the loop.
    self = reinterpret_cast<PyObject*>(parent);
  }
}

PyObject* value_repr(PyObject* self) {
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    const Ref text(text_object(summary(as_value(self)->get(), 70)));
    const Ref path(value_path(as_value(self)));
    return text && path ? PyUnicode_FromFormat("<cppickle.Value %U: %U>", path.get(), text.get()) : nullptr;
  });
}

PyObject* value_compare(PyObject* self, PyObject* other, int operation) {
  if ((operation != Py_EQ && operation != Py_NE) || !Py_IS_TYPE(other, Py_TYPE(self)))
    Py_RETURN_NOTIMPLEMENTED;
  return PyBool_FromLong(is_same(as_value(self)->get(), as_value(other)->get()) == (operation == Py_EQ));
}

Py_hash_t value_hash(PyObject* self) {
  const std::uint64_t identity = as_value(self)->get().identity();
  const std::uint64_t number = identity != 0 ? identity : as_value(self)->cell;
  const auto hash = static_cast<Py_hash_t>((number * 0x9E3779B97F4A7C15) >> 1);
  return hash == -1 ? -2 : hash;
}

// --- Attributes --------------------------------------------------------------------------------

PyObject* value_getattr(PyObject* self, PyObject* name) {
  PyObject* own = PyObject_GenericGetAttr(self, name);
  if (own != nullptr || !PyErr_ExceptionMatches(PyExc_AttributeError) || is_special_name(name)) return own;
  Ref raised[3];
  PyErr_Fetch(raised[0].out(), raised[1].out(), raised[2].out());
  Ref found;
  const bool good = no_throw(
      false, [&] { return find_attribute(state_of_type(Py_TYPE(self)), as_value(self), name, found); });
  if (!good) return nullptr;
  if (found) return found.release();
  PyErr_Restore(raised[0].release(), raised[1].release(), raised[2].release());
  return nullptr;
}

PyObject* value_attr(PyObject* self, PyObject* args) {
  PyObject *name, *otherwise = nullptr;
  if (!PyArg_ParseTuple(args, "U|O:attr", &name, &otherwise)) return nullptr;
  Ref found;
  const bool good = no_throw(
      false, [&] { return find_attribute(state_of_type(Py_TYPE(self)), as_value(self), name, found); });
  if (!good) return nullptr;
  if (found) return found.release();
  if (otherwise != nullptr) return new_ref(otherwise);
  PyErr_SetObject(PyExc_AttributeError, name);
  return nullptr;
}

PyObject* value_dir(PyObject* self, PyObject*) {
  const Ref names(no_throw<PyObject*>(nullptr, [&] { return attribute_names(as_value(self)); }));
  Ref own(PyObject_CallMethod(reinterpret_cast<PyObject*>(&PyBaseObject_Type), "__dir__", "O", self));
  if (!names || !own) return nullptr;
  return PySequence_InPlaceConcat(own.get(), names.get());
}

PyObject* get_type(PyObject* self, void*) {
  return no_throw<PyObject*>(nullptr, [&] { return text_object(type_text(as_value(self)->get())); });
}

PyObject* get_kind(PyObject* self, void*) {
  const Value value = as_value(self)->get();
  const auto object = object_view(value);
  return text_object(object ? name_of(object->kind) : name_of(value.kind()));
}

PyObject* get_path(PyObject* self, void*) {
  return no_throw<PyObject*>(nullptr, [&] { return value_path(as_value(self)); });
}

PyObject* get_document(PyObject* self, void*) {
  return new_ref(reinterpret_cast<PyObject*>(as_value(self)->document));
}

// The name of an object's class or function, or the name that a global is.
PyObject* get_class_name(PyObject* self, void*) {
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    const Value value = as_value(self)->get();
    auto name = value.global();
    if (const auto object = object_view(value)) {
      if (!object->type.qualname.empty()) name = object->type;
    }
    if (!name) Py_RETURN_NONE;
    return text_object(name->to_string());
  });
}

PyObject* navigated_or_none(PyObject* self, const std::optional<Value>& value, Step step) {
  if (!value) Py_RETURN_NONE;
  return no_throw<PyObject*>(
      nullptr, [&] { return navigated(state_of_type(Py_TYPE(self)), as_value(self), *value, step); });
}

PyObject* get_callable(PyObject* self, void*) {
  return navigated_or_none(self, as_value(self)->get().callable(), Step::kCallable);
}
PyObject* get_state(PyObject* self, void*) {
  return navigated_or_none(self, as_value(self)->get().state(), Step::kState);
}
PyObject* get_persistent_id(PyObject* self, void*) {
  return navigated_or_none(self, as_value(self)->get().persistent_id(), Step::kPersistentId);
}
PyObject* get_keywords(PyObject* self, void*) {
  const auto object = object_view(as_value(self)->get());
  return navigated_or_none(self, object ? object->kwargs : std::nullopt, Step::kKeywords);
}

PyObject* get_args(PyObject* self, void*) {
  const State& state = state_of_type(Py_TYPE(self));
  const auto object = object_view(as_value(self)->get());
  Ref list(PyList_New(0));
  if (!object) return list ? PyList_AsTuple(list.get()) : nullptr;
  std::uint64_t number = 0;
  for (const Value argument : object->args) {
    const Ref item(no_throw<PyObject*>(
        nullptr, [&] { return navigated(state, as_value(self), argument, Step::kArgument, number++); }));
    if (!list || !item || PyList_Append(list.get(), item.get()) != 0) return nullptr;
  }
  return list ? PyList_AsTuple(list.get()) : nullptr;
}

// --- As a number --------------------------------------------------------------------------------

// What a scalar that is an object of the file means: numpy's numbers, Decimal and the like.
PyObject* get_value(PyObject* self, void*) {
  const bool is_container = no_throw(true, [&] { return value_length(self) >= 0; });
  if (is_container) return PyErr_Format(PyExc_TypeError, "it is no scalar: use to_python()");
  PyErr_Clear();
  const Ref whole(value_to_python(self, nullptr));
  if (!whole) return nullptr;
  const auto object = object_view(as_value(self)->get());
  if (object && object->kind == ObjectKind::kArrayScalar)
    return PyObject_CallMethod(whole.get(), "item", nullptr);
  return new_ref(whole.get());
}

PyObject* value_float(PyObject* self) {
  const Ref number(get_value(self, nullptr));
  return number ? PyNumber_Float(number.get()) : nullptr;
}

PyObject* value_int(PyObject* self) {
  const Ref number(get_value(self, nullptr));
  return number ? PyNumber_Long(number.get()) : nullptr;
}

int value_bool(PyObject* self) {
  const Value value = as_value(self)->get();
  const auto object = object_view(value);
  if (object && object->kind == ObjectKind::kArrayScalar) {
    const Ref number(get_value(self, nullptr));
    return number ? PyObject_IsTrue(number.get()) : -1;
  }
  return no_throw(-1, [&] {
    const Contents contents = contents_of(value);
    if (contents.form == Contents::Form::kNone) return 1;
    Value key = value;
    Value member = value;
    return Cursor(contents).next(key, member) ? 1 : 0;
  });
}

constexpr char kValueDoc[] =
    "A container or object of a Document. Dicts, lists, tuples and sets behave as Python's, without "
    "changing; objects\n"
    "have the attributes that the file gives them, and numbers, text and bytes come as Python's own.\n\n"
    "Where an attribute of the file has the name of a member of this class, value.attr('name') finds it. Two "
    "values are\n"
    "equal if they are the same object of the file.";

PyGetSetDef value_getsets[] = {
    {"type", get_type, nullptr, "'dict', 'list', 'numpy.ndarray', 'sklearn.svm.SVC'", nullptr},
    {"kind", get_kind, nullptr,
     "What sort of thing it is: 'dict', 'instance', 'call', 'array', 'datetime', 'global'", nullptr},
    {"path", get_path, nullptr, "Where it was reached: '$.runs[3].loss'. document.at(path) finds it again.",
     nullptr},
    {"document", get_document, nullptr, "The Document that it is part of.", nullptr},
    {"cls", get_class_name, nullptr,
     "The name of the class or function, as it is written: 'module.qualname'. None if it is no name.",
     nullptr},
    {"callable", get_callable, nullptr,
     "What is called to make the object: a Value of kind 'global', mostly.", nullptr},
    {"args", get_args, nullptr, "The arguments that it is called with, a tuple.", nullptr},
    {"kwargs", get_keywords, nullptr, "The keyword arguments, a Value of type dict, or None.", nullptr},
    {"state", get_state, nullptr, "What the object is given after it is made, or None.", nullptr},
    {"persistent_id", get_persistent_id, nullptr, "Of an object that lies outside the pickle, else None.",
     nullptr},
    {"value", get_value, nullptr,
     "The plain Python number, text or date that it is; an error for anything else.", nullptr},
    {"dtype", get_dtype, nullptr, "An array's element type as numpy prints it: 'float64'.", nullptr},
    {"shape", get_shape, nullptr, "An array's shape, a tuple of ints.", nullptr},
    {"objects", get_objects, nullptr, "The elements of an array of objects, in C order.", nullptr},
    {"__array__", get_array_method, nullptr, nullptr, nullptr},
    {}};

PyMethodDef value_methods[] = {
    {"attr", value_attr, METH_VARARGS,
     "attr($self, name, default=..., /)\n--\n\nAn attribute of the object, whatever its name. AttributeError "
     "if there is none."},
    {"at", value_at, METH_O,
     "at($self, path, /)\n--\n\nThe value at a path below this one: 'runs[3].loss', \"['x y']\"."},
    {"get", value_get, METH_VARARGS,
     "get($self, key, default=None, /)\n--\n\nA dict's value, or the default."},
    {"keys", value_keys, METH_NOARGS, "keys($self, /)\n--\n\nAn iterator over a dict's keys."},
    {"values", value_values, METH_NOARGS, "values($self, /)\n--\n\nAn iterator over a dict's values."},
    {"items", value_items, METH_NOARGS, "items($self, /)\n--\n\nAn iterator over a dict's (key, value)."},
    {"show", as_method(value_show), METH_VARARGS | METH_KEYWORDS,
     "show($self, /, depth=6, width=100, items=20)\n--\n\nThe tree below it, as text."},
    {"_repr_html_", value_html, METH_NOARGS, "_repr_html_($self, /)\n--\n\nThe tree for a notebook."},
    {"to_python", value_to_python, METH_NOARGS,
     "to_python($self, /)\n--\n\n"
     "Pure data as Python's own objects, with shared values and cycles as they are; arrays as numpy's. "
     "Nothing of the\n"
     "file is imported: whatever is not data of the standard library or numpy raises cppickle.Error with its "
     "path."},
    {"numpy", value_numpy, METH_NOARGS,
     "numpy($self, /)\n--\n\nAn array without a copy of its data: it is read-only and keeps the document "
     "alive."},
    {"__dir__", value_dir, METH_NOARGS, "__dir__($self, /)\n--\n\nMembers and the file's attributes."},
    {}};

PyType_Slot value_slots[] = {{Py_tp_new, reinterpret_cast<void*>(refuse_new)},
                             {Py_tp_dealloc, reinterpret_cast<void*>(value_dealloc)},
                             {Py_tp_repr, reinterpret_cast<void*>(value_repr)},
                             {Py_tp_getattro, reinterpret_cast<void*>(value_getattr)},
                             {Py_tp_richcompare, reinterpret_cast<void*>(value_compare)},
                             {Py_tp_hash, reinterpret_cast<void*>(value_hash)},
                             {Py_tp_iter, reinterpret_cast<void*>(value_iter)},
                             {Py_mp_length, reinterpret_cast<void*>(value_length)},
                             {Py_mp_subscript, reinterpret_cast<void*>(value_subscript)},
                             {Py_sq_contains, reinterpret_cast<void*>(value_contains)},
                             {Py_nb_bool, reinterpret_cast<void*>(value_bool)},
                             {Py_nb_int, reinterpret_cast<void*>(value_int)},
                             {Py_nb_float, reinterpret_cast<void*>(value_float)},
                             {Py_tp_methods, value_methods},
                             {Py_tp_getset, value_getsets},
                             {Py_tp_doc, const_cast<char*>(kValueDoc)},
                             {Py_bf_getbuffer, reinterpret_cast<void*>(value_get_buffer)},
                             {Py_bf_releasebuffer, reinterpret_cast<void*>(value_release_buffer)},
                             {}};

}  // namespace

bool is_same(const Value& one, const Value& other) {
  if (&one.graph() != &other.graph()) return false;
  const std::uint64_t identity = one.identity();
  return identity != 0 ? identity == other.identity() : one.cell() == other.cell();
}

PyType_Spec value_spec = {"cppickle.Value", sizeof(ValueObject), 0, Py_TPFLAGS_DEFAULT, value_slots};

bool is_special_name(PyObject* name) {
  if (!PyUnicode_Check(name) || PyUnicode_GET_LENGTH(name) < 4) return false;
  const Py_ssize_t last = PyUnicode_GET_LENGTH(name) - 1;
  return PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_READ_CHAR(name, 1) == '_' &&
         PyUnicode_READ_CHAR(name, last) == '_' && PyUnicode_READ_CHAR(name, last - 1) == '_';
}

PyObject* navigated(const State& state, ValueObject* parent, const Value& value, Step step,
                    std::uint64_t number) {
  Ref scalar;
  if (!scalar_of(state, value, scalar)) return nullptr;
  return scalar ? scalar.release() : make_value(state, parent->place(), parent, value, step, number);
}

PyObject* navigated_root(const State& state, const StreamPlace& place, const Value& value) {
  Ref scalar;
  if (!scalar_of(state, value, scalar)) return nullptr;
  return scalar ? scalar.release() : make_value(state, place, nullptr, value, Step::kRoot, 0);
}

}  // namespace cppickle::python
