// Calls of what many files call a thousand times, made without the detour through Python's calling: numpy's arrays,
// timedelta, namedtuples. Each gives what the call would give, or leaves it to the call.
#include "loader.h"

#include <datetime.h>

#include <cstring>
#include <string_view>

#include "numpy_functions.h"

namespace cppickle::python {
namespace {

constexpr int kMostDimensions = 32;  // of numpy 1

struct Shape {
  Py_ssize_t lengths[kMostDimensions];
  int dimensions = 0;
  Py_ssize_t count = 1;  // of items; checked against what there is, so that it may not overflow
};

bool is_int(PyObject* object, long& value) { return PyLong_CheckExact(object) && small_int(object, value); }

bool parse_shape(PyObject* tuple, Shape& shape) {
  if (!PyTuple_CheckExact(tuple) || PyTuple_GET_SIZE(tuple) > kMostDimensions) return false;
  shape.dimensions = static_cast<int>(PyTuple_GET_SIZE(tuple));
  for (int i = 0; i < shape.dimensions; ++i) {
    long length;
    if (!is_int(PyTuple_GET_ITEM(tuple, i), length) || length < 0) return false;
    shape.lengths[i] = length;
    if (__builtin_mul_overflow(shape.count, length, &shape.count)) return false;
  }
  return true;
}

// Bytes of an item, for native numbers that are nothing but their bytes; 0 for other types.
Py_ssize_t item_size(const NumpyFunctions& numpy, PyObject* dtype) {
  // NPY_BOOL, NPY_BYTE, ... NPY_CDOUBLE (numpy/ndarraytypes.h)
  static constexpr Py_ssize_t kSizes[] = {1, 1, 1, sizeof(short), sizeof(short), sizeof(int), sizeof(int), sizeof(long),
                                          sizeof(long), sizeof(long long), sizeof(long long), 4, 8, 0, 8, 16};
  constexpr int kHalf = 23;
  if (!PyObject_TypeCheck(dtype, numpy.descr)) return 0;
  const auto* descr = reinterpret_cast<const NumpyDescr*>(dtype);
  if (descr->byteorder != '=' && descr->byteorder != '|') return 0;
  if (descr->number == kHalf) return 2;
  return descr->number >= 0 && descr->number < static_cast<int>(std::size(kSizes)) ? kSizes[descr->number] : 0;
}

bool is_one_letter(PyObject* text, char letter) {
  return PyUnicode_CheckExact(text) && PyUnicode_GET_LENGTH(text) == 1 &&
         PyUnicode_READ_CHAR(text, 0) == static_cast<Py_UCS4>(letter);
}

// numpy's own function, and not one that somebody put in its place:
//   def _frombuffer(buf, dtype, shape, order): return frombuffer(buf, dtype=dtype).reshape(shape, order=order)
// numpy 2.4 has one more argument, for an order that is neither C nor Fortran.
bool is_frombuffer(PyObject* callable) {
  const Ref code(PyObject_GetAttrString(callable, "__code__"));
  const Ref name(code ? PyObject_GetAttrString(code.get(), "co_name") : nullptr);
  const Ref file(name ? PyObject_GetAttrString(code.get(), "co_filename") : nullptr);
  const Ref globals(file ? PyObject_GetAttrString(callable, "__globals__") : nullptr);
  PyObject* inner = globals && PyDict_Check(globals.get()) ? PyDict_GetItemString(globals.get(), "frombuffer") : nullptr;
  const char* path = inner != nullptr && PyUnicode_Check(file.get()) ? PyUnicode_AsUTF8(file.get()) : nullptr;
  const bool good = path != nullptr && PyCFunction_Check(inner) && PyUnicode_Check(name.get()) &&
                    PyUnicode_CompareWithASCIIString(name.get(), "_frombuffer") == 0 &&
                    (std::string_view(path).ends_with("numpy/_core/numeric.py") ||
                     std::string_view(path).ends_with("numpy/core/numeric.py"));
  PyErr_Clear();
  return good;
}

// timedelta(days, seconds, microseconds)
PyObject* make_timedelta(PyObject* arguments) {
  long days, seconds, microseconds;
  if (PyTuple_GET_SIZE(arguments) != 3 || !is_int(PyTuple_GET_ITEM(arguments, 0), days) ||
      !is_int(PyTuple_GET_ITEM(arguments, 1), seconds) || !is_int(PyTuple_GET_ITEM(arguments, 2), microseconds)) {
    return nullptr;
  }
  return PyDelta_FromDSU(static_cast<int>(days), static_cast<int>(seconds), static_cast<int>(microseconds));
}

// _frombuffer(bytearray or bytes, dtype, shape, 'C' or 'F')
PyObject* make_from_buffer(const NumpyFunctions& numpy, PyObject* arguments) {
  if (PyTuple_GET_SIZE(arguments) != 4) return nullptr;
  PyObject* buffer = PyTuple_GET_ITEM(arguments, 0);
  PyObject* dtype = PyTuple_GET_ITEM(arguments, 1);
  PyObject* order = PyTuple_GET_ITEM(arguments, 3);
  const bool fortran = is_one_letter(order, 'F');
  Shape shape;
  if ((!PyByteArray_CheckExact(buffer) && !PyBytes_CheckExact(buffer)) || item_size(numpy, dtype) == 0 ||
      !parse_shape(PyTuple_GET_ITEM(arguments, 2), shape) || (!fortran && !is_one_letter(order, 'C'))) {
    return nullptr;
  }
  const Ref flat(numpy.from_buffer(buffer, new_ref(dtype), -1, 0));
  NumpyShape lengths{shape.lengths, shape.dimensions};
  return flat ? numpy.reshape(flat.get(), &lengths, fortran ? kNumpyFortran : kNumpyC) : nullptr;
}

// _reconstruct(ndarray, (0,), b'b'): an empty array, which gets its type and shape with its state.
PyObject* make_empty_array(const NumpyFunctions& numpy, PyObject* arguments) {
  if (PyTuple_GET_SIZE(arguments) != 3 ||
      PyTuple_GET_ITEM(arguments, 0) != reinterpret_cast<PyObject*>(numpy.array)) {
    return nullptr;
  }
  PyObject* type = PyTuple_GET_ITEM(arguments, 2);
  Shape shape;
  if (!parse_shape(PyTuple_GET_ITEM(arguments, 1), shape) || shape.dimensions != 1 || shape.count != 0 ||
      !PyBytes_CheckExact(type) || PyBytes_GET_SIZE(type) != 1 || *PyBytes_AS_STRING(type) != 'b') {
    return nullptr;
  }
  constexpr int kByte = 1;
  return numpy.make(numpy.array, numpy.descr_from_number(kByte), 1, shape.lengths, nullptr, nullptr, 0, nullptr);
}

// The number of fields if the class's __new__ is the one that collections.namedtuple evaluates, else -1:
//   lambda _cls, a, b: _tuple_new(_cls, (a, b))
// It is known by its globals, which hold nothing else to call.
Py_ssize_t find_namedtuple(const State& state, PyTypeObject* type) {
  PyObject* method = type_lookup(type, state.s_new);
  if (method == nullptr || !Py_IS_TYPE(method, &PyStaticMethod_Type)) return -1;
  const Ref function(PyObject_GetAttrString(method, "__func__"));
  if (!function || !PyFunction_Check(function.get())) return -1;
  PyObject* globals = PyFunction_GET_GLOBALS(function.get());
  PyObject* maker = PyDict_GetItemString(globals, "_tuple_new");
  PyObject* builtins = PyDict_GetItemString(globals, "__builtins__");
  PyObject* name = PyDict_GetItemString(globals, "__name__");
  if (maker == nullptr || maker != type_lookup(&PyTuple_Type, state.s_new) || PyDict_GET_SIZE(globals) != 3 ||
      builtins == nullptr || !PyDict_CheckExact(builtins) || PyDict_GET_SIZE(builtins) != 0 || name == nullptr) {
    return -1;
  }
  const Ref arguments(PyObject_GetAttrString(PyFunction_GET_CODE(function.get()), "co_argcount"));
  return arguments ? PyLong_AsSsize_t(arguments.get()) - 1 : -1;
}

KnownCall recognize(PyObject* callable) {
  if (PyType_Check(callable)) {
    if (std::strcmp(reinterpret_cast<PyTypeObject*>(callable)->tp_name, "datetime.timedelta") != 0) return KnownCall::kNone;
    if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
    if (PyDateTimeAPI == nullptr) PyErr_Clear();
    else if (callable == reinterpret_cast<PyObject*>(PyDateTimeAPI->DeltaType)) return KnownCall::kTimeDelta;
  } else if (PyCFunction_Check(callable)) {
    const NumpyFunctions* numpy = numpy_functions();
    if (numpy != nullptr && PyCFunction_GET_FUNCTION(callable) == numpy->reconstruct) return KnownCall::kReconstruct;
  } else if (PyFunction_Check(callable)) {
    if (is_frombuffer(callable) && numpy_functions() != nullptr) return KnownCall::kFromBuffer;
  }
  return KnownCall::kNone;
}

}  // namespace

KnownCall Loader::known_call(PyObject* callable) {
  Known& known = instances().known.place(callable);
  if (known.callable.get() == callable) return known.call;
  known.call = recognize(callable);
  known.callable = Ref::of(callable);
  return known.call;
}

// nullptr, without an exception, if it must be called.
PyObject* Loader::call_known(PyObject* callable, PyObject* arguments) {
  if (made_ < kManyMade || !PyTuple_CheckExact(arguments)) return nullptr;
  PyObject* made = nullptr;
  switch (known_call(callable)) {
    case KnownCall::kNone: return nullptr;
    case KnownCall::kTimeDelta: made = make_timedelta(arguments); break;
    case KnownCall::kFromBuffer: made = make_from_buffer(*numpy_functions(), arguments); break;
    case KnownCall::kReconstruct: made = empty_array_ = make_empty_array(*numpy_functions(), arguments); break;
  }
  if (made == nullptr) PyErr_Clear();  // the call will say it
  return made;
}

// The state that ndarray.__reduce__ gives, (1, shape, dtype, is_fortran, bytes), for the array that was made empty a moment
// ago and that nobody else has: a filled one takes its place. False if it must be set.
bool Loader::fill_array(PyObject*& array, PyObject* state) {
  if (array != empty_array_ || array == nullptr || Py_REFCNT(array) != 1) return false;
  const NumpyFunctions& numpy = *numpy_functions();
  long version;
  Shape shape;
  if (!PyTuple_CheckExact(state) || PyTuple_GET_SIZE(state) != 5 || !is_int(PyTuple_GET_ITEM(state, 0), version) ||
      version != 1 || !parse_shape(PyTuple_GET_ITEM(state, 1), shape)) {
    return false;
  }
  PyObject* dtype = PyTuple_GET_ITEM(state, 2);
  PyObject* fortran = PyTuple_GET_ITEM(state, 3);
  PyObject* bytes = PyTuple_GET_ITEM(state, 4);
  const Py_ssize_t size = item_size(numpy, dtype);
  constexpr Py_ssize_t kCopied = 1000;  // numpy refers to larger ones, see array_setstate
  if (size == 0 || !PyBool_Check(fortran) || !PyBytes_CheckExact(bytes) || PyBytes_GET_SIZE(bytes) == 0 ||
      PyBytes_GET_SIZE(bytes) > kCopied || PyBytes_GET_SIZE(bytes) % size != 0 ||
      PyBytes_GET_SIZE(bytes) / size != shape.count) {
    return false;
  }
  PyObject* made = numpy.make(numpy.array, new_ref(dtype), shape.dimensions, shape.lengths, nullptr, nullptr,
                              fortran == Py_True, nullptr);
  if (made == nullptr) {
    PyErr_Clear();
    return false;
  }
  std::memcpy(reinterpret_cast<NumpyArray*>(made)->data, PyBytes_AS_STRING(bytes),
              static_cast<std::size_t>(PyBytes_GET_SIZE(bytes)));
  empty_array_ = nullptr;
  Py_DECREF(std::exchange(array, made));
  return true;
}

// NEWOBJ of a namedtuple class. nullptr, without an exception, if its __new__ must be called.
PyObject* Loader::new_namedtuple(PyTypeObject* type, PyObject* arguments) {
  if (made_ < kManyMade) return nullptr;
  LoadFacts& facts = facts_of(type);
  if (facts.fields == LoadFacts::kUnknown) {
    facts.fields = find_namedtuple(state_, type);
    PyErr_Clear();
  }
  if (facts.fields != PyTuple_GET_SIZE(arguments)) return nullptr;
  const Ref whole(PyTuple_Pack(1, arguments));
  PyObject* made = whole ? PyTuple_Type.tp_new(type, whole.get(), nullptr) : nullptr;
  if (made == nullptr) PyErr_Clear();
  return made;
}

}  // namespace cppickle::python
