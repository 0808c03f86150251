// UTF-8 to str, faster than PyUnicode_DecodeUTF8 for the short texts that pickles hold.
#ifndef CPPICKLE_PYTHON_UTF8_TEXT_H_
#define CPPICKLE_PYTHON_UTF8_TEXT_H_

#include "ref.h"

#include <cstddef>
#include <cstdint>

namespace cppickle::python {

// A new str, the same that PyUnicode_DecodeUTF8(utf8, size, "surrogatepass") gives; nullptr with its exception.
PyObject* text_of_utf8(const std::uint8_t* utf8, std::size_t size);

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_UTF8_TEXT_H_
