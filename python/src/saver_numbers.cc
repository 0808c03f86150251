// Numbers that do not take the shortest way: long ints, text, and whole lists of numbers.
#include "saver.h"

#include <algorithm>

#include "number_bytes.h"

namespace cppickle::python {

bool Saver::save_big_int(PyObject* integer) {
  if (protocol_ < 2) {
    const Ref text(PyObject_Repr(integer));
    Py_ssize_t size = 0;
    const char* digits = text ? PyUnicode_AsUTF8AndSize(text.get(), &size) : nullptr;
    return digits != nullptr && out_.op(Opcode::LONG) && out_.raw({digits, static_cast<std::size_t>(size)}) &&
           out_.raw("L\n");
  }
  constexpr std::size_t kShort = 255;
  char* p = out_.room(2 + kShort);
  if (p == nullptr) return false;
  const Py_ssize_t size = int_to_bytes(integer, reinterpret_cast<unsigned char*>(p + 2), kShort);
  if (size < 0) return false;
  if (size <= static_cast<Py_ssize_t>(kShort)) {
    *p = static_cast<char>(Opcode::LONG1);
    p[1] = static_cast<char>(size);
    out_.advance(p + 2 + size);
    return true;
  }
  if (size > 0x7FFFFFFF) {
    PyErr_SetString(PyExc_OverflowError, "int too large to pickle");
    return false;
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  const Py_ssize_t exact = int_to_bytes(integer, reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
  if (exact < 0) return false;
  bytes.resize(static_cast<std::size_t>(exact));
  // Unlike other payloads, CPython writes a long int into the frame, whatever its size.
  return (bytes.size() < 256 ? out_.op(Opcode::LONG1, static_cast<std::uint8_t>(bytes.size()))
                             : out_.op(Opcode::LONG4, static_cast<std::uint32_t>(bytes.size()))) &&
         out_.raw(bytes);
}

bool Saver::save_float_line(double value) {
  char* text = PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, nullptr);
  if (text == nullptr) {
    PyErr_NoMemory();
    return false;
  }
  const bool good = out_.line(Opcode::FLOAT, text);
  PyMem_Free(text);
  return good;
}

// The numbers in a list from `done` on, up to the next that is something else, at most `most`: lists of numbers are
// long, and in a loop of their own the output's position stays in a register. Nobody is asked for them (persistent_id).
bool Saver::save_numbers(PyObject* list, std::uint64_t most, Py_ssize_t& done) {
  constexpr std::uint64_t kAtOnce = 32;
  const auto number_is_next = [&] { return done < PyList_GET_SIZE(list) && is_number(PyList_GET_ITEM(list, done)); };
  while (most != 0 && number_is_next()) {
    // A frame may end before a value, but not behind the last; and write(), which may run here, may change the list.
    if (!out_.boundary()) return false;
    if (!number_is_next()) return true;
    const std::uint64_t count = std::min({most, static_cast<std::uint64_t>(PyList_GET_SIZE(list) - done), kAtOnce});
    char* p = out_.room(count * kFloatSize);
    if (p == nullptr) return false;
    const char* const limit = out_.frame_limit();
    std::uint64_t written = 0;
    do {
      PyObject* item = PyList_GET_ITEM(list, done + static_cast<Py_ssize_t>(written));
      long value;
      if (PyFloat_CheckExact(item)) p = put_float(p, PyFloat_AS_DOUBLE(item));
      else if (PyLong_CheckExact(item) && is_four_bytes(item, value)) p = put_int(p, value);
      else break;
    } while (++written < count && p < limit);
    out_.advance(p);
    if (written == 0) {
      const Ref big = Ref::of(PyList_GET_ITEM(list, done));
      if (!save_big_int(big.get())) return false;
      written = 1;
    }
    done += static_cast<Py_ssize_t>(written);
    most -= written;
  }
  return true;
}

}  // namespace cppickle::python
