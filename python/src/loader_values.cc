// Numbers, text, bytes and buffers.
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "large_memory.h"
#include "loader.h"

namespace cppickle::python {

// The instruction's only line with its newline, NUL-terminated and ours to change.
const char* Loader::line(const Instruction& in, std::size_t& size) {
  line_.assign(reinterpret_cast<const char*>(in.argument), static_cast<std::size_t>(in.end - in.argument));
  size = line_.size();
  return line_.c_str();
}

// As line(); an empty line is a cut pickle to CPython. nullptr with an exception.
const char* Loader::filled_line(const Instruction& in, std::size_t& size) {
  const char* s = line(in, size);
  return size >= 2 || error("pickle data was truncated") ? s : nullptr;
}

PyObject* Loader::text_int(const Instruction& in) {
  std::size_t size;
  const char* s = filled_line(in, size);
  if (s == nullptr) return nullptr;
  errno = 0;
  char* end;
  const long value = std::strtol(s, &end, 0);
  if (errno == 0 && (*end == '\n' || *end == '\0')) {
    return size == 3 && (value == 0 || value == 1) ? PyBool_FromLong(value) : PyLong_FromLong(value);
  }
  errno = 0;
  PyObject* made = PyLong_FromString(s, nullptr, 0);
  if (made == nullptr) PyErr_SetString(PyExc_ValueError, "could not convert string to int");
  return made;
}

PyObject* Loader::text_long(const Instruction& in) {
  std::size_t size;
  if (filled_line(in, size) == nullptr) return nullptr;
  if (line_[size - 2] == 'L') line_[size - 2] = '\0';
  return PyLong_FromString(line_.c_str(), nullptr, 0);
}

PyObject* Loader::text_float(const Instruction& in) {
  std::size_t size;
  const char* s = filled_line(in, size);
  if (s == nullptr) return nullptr;
  errno = 0;
  char* end;
  const double value = PyOS_string_to_double(s, &end, PyExc_OverflowError);
  if (value == -1.0 && PyErr_Occurred() != nullptr) return nullptr;
  if (*end != '\n' && *end != '\0') {
    PyErr_SetString(PyExc_ValueError, "could not convert string to float");
    return nullptr;
  }
  return PyFloat_FromDouble(value);
}

PyObject* Loader::text_string(const Instruction& in) {
  std::size_t size;
  const char* s = line(in, size);
  --size;  // the newline
  if (size < 2 || s[0] != s[size - 1] || (s[0] != '\'' && s[0] != '"')) {
    error("the STRING opcode argument must be quoted");
    return nullptr;
  }
  const Ref decoded(PyBytes_DecodeEscape(s + 1, static_cast<Py_ssize_t>(size - 2), nullptr, 0, nullptr));
  if (!decoded) return nullptr;
  return byte_string(PyBytes_AS_STRING(decoded.get()), static_cast<std::size_t>(PyBytes_GET_SIZE(decoded.get())));
}

PyObject* Loader::text_unicode(const Instruction& in) {
  return PyUnicode_DecodeRawUnicodeEscape(reinterpret_cast<const char*>(in.argument), in.end - in.argument - 1,
                                          nullptr);
}

// Python 2's str: text in the encoding that was asked for, or bytes.
PyObject* Loader::byte_string(const char* data, std::size_t size) {
  const auto length = static_cast<Py_ssize_t>(size);
  if (std::strcmp(options_.encoding, "bytes") == 0) return PyBytes_FromStringAndSize(data, length);
  const Outside outside(*this);
  return PyUnicode_Decode(data, length, options_.encoding, options_.errors);
}

PyObject* Loader::bytes(const Instruction& in, std::size_t header) {
  const std::uint64_t size = payload_size(in, header);
  PyObject* made = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size));
  return made != nullptr ? filled(made, PyBytes_AS_STRING(made), in, header, size) : nullptr;
}

PyObject* Loader::bytearray(const Instruction& in) {
  constexpr std::size_t kHeader = 8;
  const std::uint64_t size = payload_size(in, kHeader);
  PyObject* made = PyByteArray_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size));
  return made != nullptr ? filled(made, PyByteArray_AS_STRING(made), in, kHeader, size) : nullptr;
}

std::uint64_t Loader::payload_size(const Instruction& in, std::size_t header) const {
  return input_.payload_is_here() ? static_cast<std::uint64_t>(in.end - in.argument) - header : input_.pending();
}

// Copies the payload of `size` bytes into `to`, the memory of `made`.
PyObject* Loader::filled(PyObject* made, char* to, const Instruction& in, std::size_t header, std::uint64_t size) {
  expect_fill(to, size);
  if (input_.payload_is_here()) {
    std::memcpy(to, in.argument + header, size);
  } else if (!input_.read_payload(to, size)) {
    Py_DECREF(made);
    return nullptr;
  }
  return made;
}

PyObject* Loader::next_buffer() {
  if (options_.buffers == nullptr) {
    error("pickle stream refers to out-of-band data but no *buffers* argument was given");
    return nullptr;
  }
  const Outside outside(*this);
  PyObject* buffer = PyIter_Next(options_.buffers);
  if (buffer == nullptr && PyErr_Occurred() == nullptr) error("not enough out-of-band buffers");
  return buffer;
}

PyObject* Loader::readonly_buffer(PyObject* buffer) {
  Ref held(buffer);
  const Outside outside(*this);
  Ref view(PyMemoryView_FromObject(buffer));
  if (!view) return nullptr;
  if (PyMemoryView_GET_BUFFER(view.get())->readonly) return held.release();
  PyMemoryView_GET_BUFFER(view.get())->readonly = 1;
  return view.release();
}

bool Loader::text_index(const Instruction& in, Py_ssize_t& index) {
  std::size_t size;
  const char* s = filled_line(in, size);
  if (s == nullptr) return false;
  const Ref key(PyLong_FromString(s, nullptr, 10));
  if (!key) return false;
  index = PyLong_AsSsize_t(key.get());
  return index != -1 || PyErr_Occurred() == nullptr;
}

}  // namespace cppickle::python
