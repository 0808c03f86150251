// Python's repr() of what instructions carry: text, bytes and floats, as CPython 3.11 writes them (Unicode 14).
#ifndef CPPICKLE_PICKLE_PYTHON_REPR_H_
#define CPPICKLE_PICKLE_PYTHON_REPR_H_

#include <cstdint>
#include <string_view>

#include "pickle/text_buffer.h"

namespace cppickle {

// str.isprintable() of one character.
bool is_printable(std::uint32_t code_point);

// 'text', which must be UTF-8; lone surrogates are allowed.
void append_text_repr(TextBuffer& out, std::string_view utf8);

// As above for text of which each byte is the code point of the same number.
void append_latin1_repr(TextBuffer& out, std::string_view latin1);

// b'bytes'
void append_bytes_repr(TextBuffer& out, std::string_view bytes);

// bytearray(b'bytes'), which escapes single quotes inside double ones too.
void append_bytearray_repr(TextBuffer& out, std::string_view bytes);

// Writes the shortest digits that read back; returns the end. At most 32 characters.
char* write_float_repr(char* p, double value);

char* write_decimal(char* p, std::uint64_t value);
char* write_decimal(char* p, std::int64_t value);

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_PYTHON_REPR_H_
