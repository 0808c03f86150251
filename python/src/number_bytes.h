// Ints and floats as the instructions that make them (protocol 1 and later).
#ifndef CPPICKLE_PYTHON_NUMBER_BYTES_H_
#define CPPICKLE_PYTHON_NUMBER_BYTES_H_

#include "ref.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "pickle/opcode.h"

#include "internals.h"

namespace cppickle::python {

inline bool is_number(PyObject* object) { return PyLong_CheckExact(object) || PyFloat_CheckExact(object); }

// The value of an exact int that BININT can hold.
inline bool is_four_bytes(PyObject* integer, long& value) {
  if (small_int(integer, value)) return true;
  int overflow = 0;
  value = PyLong_AsLongAndOverflow(integer, &overflow);
  return overflow == 0 && value <= 0x7FFFFFFF && value >= -0x7FFFFFFF - 1L;
}

// Writes BININT1, BININT2 or BININT, of at most kIntSize bytes; returns where it ends.
inline constexpr std::size_t kIntSize = 5;
inline char* put_int(char* p, long value) {
  const auto bits = static_cast<std::uint32_t>(value);
  std::memcpy(p + 1, &bits, 4);
  if (bits <= 0xFF) {
    *p = static_cast<char>(Opcode::BININT1);
    return p + 2;
  }
  if (bits <= 0xFFFF) {
    *p = static_cast<char>(Opcode::BININT2);
    return p + 3;
  }
  *p = static_cast<char>(Opcode::BININT);
  return p + kIntSize;
}

inline constexpr std::size_t kFloatSize = 9;
inline char* put_float(char* p, double value) {
  const std::uint64_t bits = __builtin_bswap64(std::bit_cast<std::uint64_t>(value));
  *p = static_cast<char>(Opcode::BINFLOAT);
  std::memcpy(p + 1, &bits, sizeof bits);
  return p + kFloatSize;
}

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_NUMBER_BYTES_H_
