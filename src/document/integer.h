// Integers of any size as pickles hold them: little-endian two's complement of the fewest bytes (PEP 307, LONG1).
#ifndef CPPICKLE_DOCUMENT_INTEGER_H_
#define CPPICKLE_DOCUMENT_INTEGER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cppickle {

// Empty if the number needs more than 64 bits.
std::optional<std::int64_t> int64_of_bytes(std::string_view little_endian);

// Without the bytes at the end that only repeat the sign.
std::string_view shortest_int(std::string_view little_endian);

// The fewest bytes; zero has none.
std::string bytes_of_int64(std::int64_t value);

// Decimal where CPython would convert it too (4300 digits, sys.set_int_max_str_digits), else hexadecimal with sign: the
// conversion takes quadratic time.
std::string decimal_of_bytes(std::string_view little_endian);

// The reverse of the above for "[-]digits" and "[-]0xhex". False if it is neither, or too long in decimal.
bool bytes_of_decimal(std::string_view text, std::string& little_endian);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_INTEGER_H_
