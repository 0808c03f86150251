#include "value_scalar.h"

#include "base/utf8.h"
#include "cppickle/bytes_view.h"
#include "document_error.h"
#include "internals.h"

namespace cppickle::python {
namespace {

constexpr std::size_t kMostDigits = 4300;  // sys.get_int_max_str_digits(): more take quadratic time

PyObject* bytearray_object(std::string_view bytes) {
  return PyByteArray_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size()));
}

bool is_bare(const ObjectView& object) { return !object.attributes && !object.slots && !object.state; }

// complex(real, imaginary)
PyObject* complex_of(const ObjectView& object) {
  double parts[2] = {0, 0};
  std::size_t count = 0;
  for (const Value part : object.args) {
    if (count == 2) return nullptr;
    if (part.kind() == Kind::kFloat)
      parts[count++] = part.as_double();
    else if (const auto number = part.as_int())
      parts[count++] = static_cast<double>(*number);
    else
      return nullptr;
  }
  return PyComplex_FromDoubles(parts[0], parts[1]);
}

PyObject* object_scalar(const Value& value) {
  const auto object = object_view(value);
  if (!object || !is_bare(*object)) return nullptr;
  if (object->kind == ObjectKind::kComplex) return complex_of(*object);
  if (object->kind != ObjectKind::kBytes && object->kind != ObjectKind::kByteArray) return nullptr;
  const auto bytes = bytes_of(value);
  if (!bytes) return nullptr;
  return object->kind == ObjectKind::kBytes ? bytes_object(bytes->bytes) : bytearray_object(bytes->bytes);
}

}  // namespace

PyObject* int_of(const State& state, const Value& value) {
  if (const auto small = value.as_int()) return PyLong_FromLongLong(*small);
  const std::string_view bytes = value.int_bytes();
  const std::string_view opcode = value.opcode();
  if (opcode == "LONG1" || opcode == "LONG4") {
    return int_from_bytes(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  if (bytes.size() > kMostDigits) {
    return raise(state, ErrorCode::kLimit, "an int of " + std::to_string(bytes.size()) + " digits");
  }
  const std::string digits = value.as_decimal();
  PyObject* number = PyLong_FromString(digits.c_str(), nullptr, 10);
  if (number != nullptr || !PyErr_ExceptionMatches(PyExc_ValueError)) return number;
  PyErr_Clear();
  return raise(state, ErrorCode::kBadArgument, "an int that is no number");
}

bool scalar_of(const State& state, const Value& value, Ref& scalar) {
  switch (value.kind()) {
    case Kind::kNone: scalar = Ref::of(Py_None); return true;
    case Kind::kBool: scalar = Ref::of(value.as_bool() ? Py_True : Py_False); return true;
    case Kind::kInt: scalar = Ref(int_of(state, value)); break;
    case Kind::kFloat: scalar = Ref(PyFloat_FromDouble(value.as_double())); break;
    case Kind::kString: scalar = Ref(text_object(value.text())); break;
    case Kind::kByteString: {
      const std::string_view text = value.text();
      scalar = Ref(is_ascii(text) ? text_object(text) : bytes_object(text));
      break;
    }
    case Kind::kBytes: scalar = Ref(bytes_object(value.text())); break;
    case Kind::kByteArray: scalar = Ref(bytearray_object(value.text())); break;
    case Kind::kObject: scalar = Ref(object_scalar(value)); return scalar || PyErr_Occurred() == nullptr;
    default: return true;
  }
  return static_cast<bool>(scalar);
}

}  // namespace cppickle::python
