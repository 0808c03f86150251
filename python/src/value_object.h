// cppickle.Value: a container or object of a document, and how one gets to the next.
#ifndef CPPICKLE_PYTHON_VALUE_OBJECT_H_
#define CPPICKLE_PYTHON_VALUE_OBJECT_H_

#include "document_object.h"

namespace cppickle::python {

// How a value hangs from the one that it was reached from.
enum class Step : std::uint8_t {
  kRoot,
  kIndex,
  kKey,
  kArgument,
  kKeywords,
  kState,
  kCallable,
  kPersistentId,
  kObjects,
  kKeyItself
};

struct ValueObject {
  PyObject_HEAD DocumentObject* document;
  ValueObject* parent;  // what it was reached from; nullptr for a root
  const Graph* graph;
  std::uint64_t cell;
  std::uint64_t step_number;  // kIndex, kArgument: the number; kKey: the key's cell
  std::uint32_t stream;
  Step step;

  Value get() const { return Value(*graph, cell); }
  StreamPlace place() const { return {document, stream}; }
};

inline ValueObject* as_value(PyObject* self) { return reinterpret_cast<ValueObject*>(self); }

// A scalar as itself, anything else as a Value. nullptr with an exception.
PyObject* navigated(const State& state, ValueObject* parent, const Value& value, Step step,
                    std::uint64_t number = 0);
PyObject* navigated_root(const State& state, const StreamPlace& place, const Value& value);

// A key or a member of a set: as Python's own data if it is hashable and pure data, else as a Value.
PyObject* navigated_key(const State& state, ValueObject* parent, const Value& key);

// value_members.cc: v[key], key in v.
PyObject* value_subscript(PyObject* self, PyObject* key);
int value_contains(PyObject* self, PyObject* key);
Py_ssize_t value_length(PyObject* self);
PyObject* value_get(PyObject* self, PyObject* args);
// By key, number (also below 0) or name. False with an exception; empty if there is none.
bool find_key(const State& state, ValueObject* self, const Contents& contents, PyObject* key, Ref& found);
bool find_member(const State& state, ValueObject* self, const Contents& contents, std::int64_t number,
                 Ref& found);
bool find_attribute(const State& state, ValueObject* self, PyObject* name, Ref& found);
// The names of an object's attributes. nullptr with an exception.
PyObject* attribute_names(ValueObject* self);
// The same object of the file.
bool is_same(const Value& one, const Value& other);

// value_iterator.cc
PyObject* value_iter(PyObject* self);
PyObject* value_keys(PyObject* self, PyObject*);
PyObject* value_values(PyObject* self, PyObject*);
PyObject* value_items(PyObject* self, PyObject*);
extern PyType_Spec value_iterator_spec;

// value_path.cc
PyObject* value_path(ValueObject* self);
PyObject* value_at(PyObject* self, PyObject* path);

// value_type.cc: 'dict', 'numpy.ndarray', 'sklearn.svm.SVC'.
std::string type_text(const Value& value);

// array_export.cc
int value_get_buffer(PyObject* self, Py_buffer* buffer, int flags);
void value_release_buffer(PyObject* self, Py_buffer* buffer);
PyObject* get_dtype(PyObject* self, void*);
PyObject* get_shape(PyObject* self, void*);
PyObject* get_objects(PyObject* self, void*);
PyObject* get_array_method(PyObject* self, void*);
PyObject* value_numpy(PyObject* self, PyObject*);
extern PyType_Spec raw_bytes_spec;

// to_python.cc
PyObject* value_to_python(PyObject* self, PyObject*);
// What may be a key of a dict: a scalar, tuples and frozensets of such, dates and the like. Empty for any
// other value. False with an exception.
bool hashable_of(const State& state, const Value& value, Ref& hashable);

// document_text.cc
PyObject* value_show(PyObject* self, PyObject* args, PyObject* keywords);
PyObject* value_html(PyObject* self, PyObject*);

// Names with two underscores on each side are the interpreter's, never the file's.
bool is_special_name(PyObject* name);

extern PyType_Spec value_spec;

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_VALUE_OBJECT_H_
