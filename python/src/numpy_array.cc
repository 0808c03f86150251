// Arrays of a document as numpy's. numpy is imported when somebody asks for one.
#include "array_export.h"
#include "document_error.h"
#include "no_throw.h"
#include "to_python.h"

namespace cppickle::python {
namespace {

PyObject* text(const std::string& characters) {
  return PyUnicode_FromStringAndSize(characters.data(), static_cast<Py_ssize_t>(characters.size()));
}

// What numpy.dtype() takes for a type. Structures nest as deep as read_dtype() allows, which is little.
class TypeSpec {
 public:
  explicit TypeSpec(const State& state) : state_(state) {}

  PyObject* of(const DType& type) const {
    if (type.type && !type.is_struct)
      return raise(state_, ErrorCode::kUnsupported, "a dtype of another library");
    if (type.base) {
      const Ref base(of(*type.base));
      const Ref shape(shape_tuple(type.base_shape));
      return base && shape ? PyTuple_Pack(2, base.get(), shape.get()) : nullptr;
    }
    if (type.is_struct) return structure(type);
    const std::string order(type.order == '|' ? 0 : 1, type.order);
    switch (type.kind) {
      case 'm':
      case 'M': {
        std::string code = order + type.kind + "8";
        if (type.unit != "generic") {
          code += "[" + (type.multiplier == 1 ? std::string() : std::to_string(type.multiplier)) +
                  std::string(type.unit) + "]";
        }
        return text(code);
      }
      case 'U': return text(order + "U" + std::to_string(type.size / 4));
      case 'O': return text("O");
      case 'T': return raise(state_, ErrorCode::kUnsupported, "an array of numpy's StringDType");
      default: return text(order + type.kind + std::to_string(type.size));
    }
  }

 private:
  PyObject* structure(const DType& type) const {
    const Ref names(PyList_New(0)), formats(PyList_New(0)), offsets(PyList_New(0)), titles(PyList_New(0));
    bool has_titles = false;
    for (const DType::Field& field : type.fields) {
      const Ref name(text_object(field.name));
      const Ref format(of(*field.type));
      const Ref offset(PyLong_FromUnsignedLongLong(field.offset));
      const Ref title(field.title.empty() ? new_ref(Py_None) : text_object(field.title));
      has_titles = has_titles || !field.title.empty();
      if (!name || !format || !offset || !title || PyList_Append(names.get(), name.get()) != 0 ||
          PyList_Append(formats.get(), format.get()) != 0 ||
          PyList_Append(offsets.get(), offset.get()) != 0 || PyList_Append(titles.get(), title.get()) != 0) {
        return nullptr;
      }
    }
    Ref spec(Py_BuildValue("{sOsOsOsK}", "names", names.get(), "formats", formats.get(), "offsets",
                           offsets.get(), "itemsize", static_cast<unsigned long long>(type.size)));
    if (spec && has_titles && PyDict_SetItemString(spec.get(), "titles", titles.get()) != 0) return nullptr;
    if (spec && type.aligned_struct && PyDict_SetItemString(spec.get(), "aligned", Py_True) != 0)
      return nullptr;
    return spec.release();
  }

  const State& state_;
};

PyObject* dtype_object(const State& state, PyObject* numpy, const DType& type) {
  const Ref spec(TypeSpec(state).of(type));
  return spec ? PyObject_CallMethod(numpy, "dtype", "O", spec.get()) : nullptr;
}

// numpy.ndarray(shape, dtype, buffer, 0, strides)
PyObject* over(PyObject* numpy, const std::vector<std::uint64_t>& shape, PyObject* dtype, PyObject* buffer,
               PyObject* strides) {
  const Ref lengths(shape_tuple(shape));
  return lengths ? PyObject_CallMethod(numpy, "ndarray", "OOOiO", lengths.get(), dtype, buffer, 0, strides)
                 : nullptr;
}

PyObject* bytes_for(const State& state, DocumentObject* keeper, std::string_view data,
                    std::shared_ptr<const std::string> owner) {
  if (keeper != nullptr) return make_raw_bytes(state, keeper, data, std::move(owner));
  return PyByteArray_FromStringAndSize(data.data(), static_cast<Py_ssize_t>(data.size()));
}

PyObject* strides_of(const ArrayView& array) {
  if (array.count == 0) return new_ref(Py_None);
  return tuple_of(array.strides.size(), [&](std::size_t i) { return PyLong_FromLongLong(array.strides[i]); });
}

// numpy.ma.MaskedArray(data, mask, fill_value=...)
PyObject* masked(const State& state, PyObject* numpy, const ArrayView& array, PyObject* data,
                 DocumentObject* keeper) {
  if (array.mask_size != 1) return raise(state, ErrorCode::kUnsupported, "a masked array of structures");
  const Ref buffer(bytes_for(state, keeper, array.mask, array.mask_owner));
  const Ref boolean(PyUnicode_FromString("?"));
  const Ref lengths(shape_tuple(array.shape));
  if (!buffer || !boolean || !lengths) return nullptr;
  const Ref mask(PyObject_CallMethod(numpy, "ndarray", "OOOiOs", lengths.get(), boolean.get(), buffer.get(),
                                     0, Py_None, array.order == 'F' ? "F" : "C"));
  const Ref module(PyImport_ImportModule("numpy.ma"));
  if (!mask || !module) return nullptr;
  return PyObject_CallMethod(module.get(), "MaskedArray", "OO", data, mask.get());
}

}  // namespace

PyObject* shape_tuple(const std::vector<std::uint64_t>& shape) {
  return tuple_of(shape.size(), [&](std::size_t i) { return PyLong_FromUnsignedLongLong(shape[i]); });
}

PyObject* import_numpy(const State& state) {
  PyObject* numpy = PyImport_ImportModule("numpy");
  if (numpy != nullptr || !PyErr_ExceptionMatches(PyExc_ImportError)) return numpy;
  PyErr_Clear();
  return raise(state, ErrorCode::kUnsupported, "an array, and numpy is not there to hold it");
}

PyObject* numpy_array(const State& state, const Value& value, DocumentObject* keeper) {
  const auto array = array_view(value);
  if (!array) return raise(state, array.error());
  if (array->objects)
    return raise(state, ErrorCode::kUnsupported, "an array of objects: use objects or to_python()");
  if (array->buffer) return raise(state, ErrorCode::kUnsupported, "an array whose data is not in the file");
  const Ref numpy(import_numpy(state));
  if (!numpy) return nullptr;
  const Ref dtype(dtype_object(state, numpy.get(), array->dtype));
  const Ref buffer(dtype ? bytes_for(state, keeper, array->data, array->owner) : nullptr);
  const Ref strides(strides_of(*array));
  if (!buffer || !strides) return nullptr;
  Ref data(over(numpy.get(), array->shape, dtype.get(), buffer.get(), strides.get()));
  if (!data || array->form == ArrayView::Form::kArray) return data.release();
  if (array->form == ArrayView::Form::kMasked) return masked(state, numpy.get(), *array, data.get(), keeper);
  const Ref nothing(PyTuple_New(0));
  return nothing ? PyObject_GetItem(data.get(), nothing.get()) : nullptr;
}

PyObject* numpy_dtype(const State& state, const Value& value) {
  const auto type = read_dtype(value);
  if (!type) return raise(state, type.error());
  const Ref numpy(import_numpy(state));
  return numpy ? dtype_object(state, numpy.get(), *type) : nullptr;
}

bool object_array(const ArrayView& array, Ref& whole, Ref& flat) {
  const Ref numpy(PyImport_ImportModule("numpy"));
  const Ref shape(shape_tuple(array.shape));
  if (!numpy || !shape) return false;
  whole = Ref(PyObject_CallMethod(numpy.get(), "empty", "Os", shape.get(), "O"));
  flat = Ref(whole ? PyObject_CallMethod(whole.get(), "reshape", "i", -1) : nullptr);
  if (!flat) whole = Ref();
  return static_cast<bool>(flat);
}

PyObject* value_numpy(PyObject* self, PyObject*) {
  return no_throw<PyObject*>(nullptr, [&] {
    return numpy_array(state_of_type(Py_TYPE(self)), as_value(self)->get(), as_value(self)->document);
  });
}

}  // namespace cppickle::python
