#include "utf8_text.h"

#include <cstring>

namespace cppickle::python {
namespace {

bool is_ascii(const std::uint8_t* p, std::size_t size) {
  std::uint64_t high = 0, word;
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) high |= p[i];
    return (high & 0x80) == 0;
  }
  for (std::size_t i = 0; i + 8 <= size; i += 8) {
    std::memcpy(&word, p + i, 8);
    high |= word;
  }
  std::memcpy(&word, p + size - 8, 8);
  return ((high | word) & 0x8080808080808080) == 0;
}

// What a first pass finds in text of the Basic Multilingual Plane.
struct Shape {
  std::size_t characters = 0;
  std::uint32_t most = 0;  // at least the largest code point, and of its kind
};

bool is_tail(std::uint8_t byte) { return (byte & 0xC0) == 0x80; }

// False for what is left to CPython: four-byte sequences, surrogates, errors.
bool measure(const std::uint8_t* p, const std::uint8_t* end, Shape& shape) {
  while (p < end) {
    const std::uint8_t lead = *p;
    if (lead < 0x80) {
      ++p;
    } else if (lead >= 0xE0) {
      if (lead > 0xEF || end - p < 3 || !is_tail(p[1]) || !is_tail(p[2])) return false;
      if (lead == 0xE0 && p[1] < 0xA0) return false;   // overlong
      if (lead == 0xED && p[1] >= 0xA0) return false;  // a surrogate
      shape.most = 0xFFFF;
      p += 3;
    } else {
      if (lead < 0xC2 || end - p < 2 || !is_tail(p[1])) return false;
      shape.most |= lead < 0xC4 ? 0xFF : 0x7FF;
      p += 2;
    }
    ++shape.characters;
  }
  return true;
}

template <class Unit>
void decode(const std::uint8_t* p, const std::uint8_t* end, Unit* to) {
  while (p < end) {
    const std::uint8_t lead = *p;
    if (lead < 0x80) {
      *to++ = lead;
      ++p;
    } else if (lead >= 0xE0) {
      *to++ = static_cast<Unit>((lead & 0xF) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F));
      p += 3;
    } else {
      *to++ = static_cast<Unit>((lead & 0x1F) << 6 | (p[1] & 0x3F));
      p += 2;
    }
  }
}

}  // namespace

PyObject* text_of_utf8(const std::uint8_t* utf8, std::size_t size) {
  const auto by_python = [&] {
    return PyUnicode_DecodeUTF8(reinterpret_cast<const char*>(utf8), static_cast<Py_ssize_t>(size), "surrogatepass");
  };
  if (size < 2) return by_python();  // which keeps one object for the empty str and for each of one Latin-1 character
  if (is_ascii(utf8, size)) {
    PyObject* made = PyUnicode_New(static_cast<Py_ssize_t>(size), 0x7F);
    if (made != nullptr) std::memcpy(PyUnicode_DATA(made), utf8, size);
    return made;
  }
  constexpr std::size_t kLong = 4096;  // CPython is as fast there
  Shape shape;
  if (size > kLong || !measure(utf8, utf8 + size, shape) || shape.characters < 2) return by_python();
  PyObject* made = PyUnicode_New(static_cast<Py_ssize_t>(shape.characters), shape.most);
  if (made == nullptr) return nullptr;
  if (shape.most < 0x100) decode(utf8, utf8 + size, static_cast<Py_UCS1*>(PyUnicode_DATA(made)));
  else decode(utf8, utf8 + size, static_cast<Py_UCS2*>(PyUnicode_DATA(made)));
  return made;
}

}  // namespace cppickle::python
