// Python's repr of floats and bytes, for text that people read.
#ifndef CPPICKLE_DOCUMENT_REPR_H_
#define CPPICKLE_DOCUMENT_REPR_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace cppickle {

// The fewest digits that read back as the same number of the same size: 0.1, 1e+16, -0.0, nan.
std::string float_repr(double value);
std::string float_repr(float value);
std::string float_repr(long double value);

// (1+2j), as Python writes a complex number of these parts.
std::string complex_repr(std::string real, bool real_is_zero, std::string imaginary);

// b'text'; what lies past `most` bytes is left out and "..." says so.
std::string bytes_repr(std::string_view bytes, std::size_t most = 80);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_REPR_H_
