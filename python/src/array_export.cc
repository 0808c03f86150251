// Arrays of a document as buffers: PEP 3118, read-only, over the document's own bytes.
#include "array_export.h"

#include <bit>
#include <memory>

#include "document_error.h"
#include "no_throw.h"
#include "to_python.h"

namespace cppickle::python {
namespace {

static_assert(std::endian::native == std::endian::little);

// What a Py_buffer of ours points to.
struct Exported {
  ArrayView array;
  std::vector<Py_ssize_t> shape;
  std::vector<Py_ssize_t> strides;
  std::string format;
};

// The struct module's letter for a number, in PEP 3118's words; empty for what they cannot say.
std::string letter_of(const DType& type) {
  switch (type.kind) {
    case 'b': return "?";
    case 'i':
      return type.size == 1 ? "b" : type.size == 2 ? "h" : type.size == 4 ? "i" : type.size == 8 ? "q" : "";
    case 'u':
      return type.size == 1 ? "B" : type.size == 2 ? "H" : type.size == 4 ? "I" : type.size == 8 ? "Q" : "";
    case 'f': return type.size == 2 ? "e" : type.size == 4 ? "f" : type.size == 8 ? "d" : "";
    case 'c': return type.size == 8 ? "Zf" : type.size == 16 ? "Zd" : "";
    case 'S': return type.size > 0 ? std::to_string(type.size) + "s" : "";
    case 'U': return type.size > 0 ? std::to_string(type.size / 4) + "w" : "";
    default: return "";
  }
}

// Native numbers have no mark, so that a memoryview can read them too.
std::string format_of(const DType& type) {
  const std::string letter = letter_of(type);
  if (letter.empty()) return {};
  if (type.order == '>') return ">" + letter;
  return type.kind == 'U' ? "<" + letter : letter;
}

bool is_contiguous(const Exported& exported, char order) {
  Py_ssize_t expected = static_cast<Py_ssize_t>(exported.array.dtype.size);
  const std::size_t count = exported.shape.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t axis = order == 'F' ? i : count - 1 - i;
    if (exported.shape[axis] > 1 && exported.strides[axis] != expected) return false;
    expected *= exported.shape[axis];
  }
  return true;
}

PyObject* refuse(const char* why) {
  PyErr_SetString(PyExc_BufferError, why);
  return nullptr;
}

// nullptr with BufferError.
std::unique_ptr<Exported> exported_of(const Value& value) {
  auto array = array_view(value);
  if (!array) return refuse("not an array whose data is at hand"), nullptr;
  auto exported = std::make_unique<Exported>();
  exported->array = *std::move(array);
  const ArrayView& view = exported->array;
  if (view.objects || view.buffer || view.form == ArrayView::Form::kMasked) {
    return refuse("an array of objects, a masked one or one whose data is elsewhere has no buffer"), nullptr;
  }
  exported->format = format_of(view.dtype);
  if (exported->format.empty())
    return refuse("a buffer cannot say this type of elements: use numpy()"), nullptr;
  for (const std::uint64_t length : view.shape) exported->shape.push_back(static_cast<Py_ssize_t>(length));
  for (const std::int64_t stride : view.strides) exported->strides.push_back(static_cast<Py_ssize_t>(stride));
  return exported;
}

int fill(PyObject* self, Py_buffer* buffer, int flags) {
  buffer->obj = nullptr;
  if ((flags & PyBUF_WRITABLE) != 0) return refuse("a document's arrays are read-only"), -1;
  std::unique_ptr<Exported> exported = exported_of(as_value(self)->get());
  if (!exported) return -1;
  const bool is_c = is_contiguous(*exported, 'C');
  const bool is_fortran = is_contiguous(*exported, 'F');
  const auto wants = [flags](int flag) { return (flags & flag) == flag; };
  const bool fits = wants(PyBUF_C_CONTIGUOUS)     ? is_c
                    : wants(PyBUF_F_CONTIGUOUS)   ? is_fortran
                    : wants(PyBUF_ANY_CONTIGUOUS) ? is_c || is_fortran
                                                  : wants(PyBUF_STRIDES) || is_c;
  if (!fits) return refuse("the array's elements lie in another order"), -1;
  const ArrayView& view = exported->array;
  buffer->buf = const_cast<char*>(view.data.empty() ? "" : view.data.data());
  buffer->len = static_cast<Py_ssize_t>(view.data.size());
  buffer->itemsize = static_cast<Py_ssize_t>(view.dtype.size);
  buffer->readonly = 1;
  buffer->ndim = static_cast<int>(exported->shape.size());
  buffer->format = wants(PyBUF_FORMAT) ? exported->format.data() : nullptr;
  buffer->shape = wants(PyBUF_ND) ? exported->shape.data() : nullptr;
  buffer->strides = wants(PyBUF_STRIDES) ? exported->strides.data() : nullptr;
  buffer->suboffsets = nullptr;
  buffer->internal = exported.release();
  buffer->obj = new_ref(self);
  return 0;
}

// --- Raw bytes: what numpy() builds arrays over ------------------------------------------------------------

struct RawBytesObject {
  PyObject_HEAD DocumentObject* keeper;
  const char* data;
  Py_ssize_t size;
  std::shared_ptr<const std::string>* owner;  // of data that was decoded
};

RawBytesObject* as_raw(PyObject* self) { return reinterpret_cast<RawBytesObject*>(self); }

void raw_dealloc(PyObject* self) {
  Py_DECREF(as_raw(self)->keeper);
  delete as_raw(self)->owner;
  free_object(self);
}

int raw_get_buffer(PyObject* self, Py_buffer* buffer, int flags) {
  return PyBuffer_FillInfo(buffer, self, const_cast<char*>(as_raw(self)->data), as_raw(self)->size, 1, flags);
}

PyType_Slot raw_slots[] = {{Py_tp_new, reinterpret_cast<void*>(refuse_new)},
                           {Py_tp_dealloc, reinterpret_cast<void*>(raw_dealloc)},
                           {Py_bf_getbuffer, reinterpret_cast<void*>(raw_get_buffer)},
                           {}};

Result<ArrayView> glance_at(PyObject* self) {
  return array_view(as_value(self)->get(), ArrayOptions::glance());
}

PyObject* no_attribute(const char* name) {
  PyErr_SetString(PyExc_AttributeError, name);
  return nullptr;
}

// value.__array__(dtype=None, copy=None): numpy calls it where there is no buffer.
PyObject* array_method(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"dtype", "copy", nullptr};
  PyObject *dtype = Py_None, *copy = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|OO:__array__", const_cast<char**>(names), &dtype, &copy))
    return nullptr;
  Ref array(value_numpy(self, nullptr));
  if (!array) return nullptr;
  if (dtype != Py_None)
    array = Ref(PyObject_CallMethod(array.get(), "astype", "O", dtype));
  else if (copy == Py_True)
    array = Ref(PyObject_CallMethod(array.get(), "copy", nullptr));
  return array.release();
}

PyMethodDef array_method_definition = {
    "__array__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(array_method)),
    METH_VARARGS | METH_KEYWORDS, "__array__(dtype=None, copy=None)\n--\n\nAs numpy()."};

}  // namespace

PyType_Spec raw_bytes_spec = {"cppickle.RawBytes", sizeof(RawBytesObject), 0, Py_TPFLAGS_DEFAULT, raw_slots};

int value_get_buffer(PyObject* self, Py_buffer* buffer, int flags) {
  return no_throw(-1, [&] { return fill(self, buffer, flags); });
}

void value_release_buffer(PyObject*, Py_buffer* buffer) {
  delete static_cast<Exported*>(std::exchange(buffer->internal, nullptr));
}

PyObject* make_raw_bytes(const State& state, DocumentObject* keeper, std::string_view data,
                         std::shared_ptr<const std::string> owner) {
  auto holder = std::make_unique<std::shared_ptr<const std::string>>(std::move(owner));
  auto* raw = PyObject_New(RawBytesObject, state.RawBytes);
  if (raw == nullptr) return nullptr;
  Py_INCREF(keeper);
  raw->keeper = keeper;
  raw->data = data.empty() ? "" : data.data();
  raw->size = static_cast<Py_ssize_t>(data.size());
  raw->owner = holder.release();
  return reinterpret_cast<PyObject*>(raw);
}

PyObject* get_dtype(PyObject* self, void*) {
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    const Value value = as_value(self)->get();
    const auto object = object_view(value);
    if (object && object->kind == ObjectKind::kDType) {
      const auto type = read_dtype(value);
      return type ? text_object(type->to_string()) : no_attribute("dtype");
    }
    const auto array = glance_at(self);
    return array ? text_object(array->dtype.to_string()) : no_attribute("dtype");
  });
}

PyObject* get_shape(PyObject* self, void*) {
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    const auto array = glance_at(self);
    return array ? shape_tuple(array->shape) : no_attribute("shape");
  });
}

PyObject* get_objects(PyObject* self, void*) {
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    const auto array = glance_at(self);
    if (!array || !array->objects) return no_attribute("objects");
    return navigated(state_of_type(Py_TYPE(self)), as_value(self), *array->objects, Step::kObjects);
  });
}

// Only arrays have it: what has no such attribute numpy takes as one object.
PyObject* get_array_method(PyObject* self, void*) {
  const bool is_array = no_throw(false, [&] { return glance_at(self).has_value(); });
  return is_array ? PyCFunction_New(&array_method_definition, self) : no_attribute("__array__");
}

}  // namespace cppickle::python
