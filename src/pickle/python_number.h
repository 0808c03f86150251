// Numbers of any size and spelling as Python reads and prints them.
#ifndef CPPICKLE_PICKLE_PYTHON_NUMBER_H_
#define CPPICKLE_PICKLE_PYTHON_NUMBER_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace cppickle {

// What int(text) accepts (blanks around, a sign, zeros in front, single underscores) as str() prints it: "-12".
// False if int() raises a ValueError. Takes time linear in the text, however long.
bool normalize_decimal(std::string_view text, std::string& decimal);

// What float(text) accepts.
bool parse_python_float(std::string_view text, double& value);

// Work that turning numbers into decimal may still cost, in steps of about 5 ns; it grows with the square of a number's
// length, and a stream has many numbers.
struct DecimalBudget {
  std::uint64_t steps = std::uint64_t{1} << 27;
};

// A little-endian two's complement number (LONG1, LONG4) in decimal, or in hexadecimal ("-0x1f") where it has more than
// 4300 digits and the budget does not suffice.
std::string integer_text(std::string_view little_endian, DecimalBudget& budget);

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_PYTHON_NUMBER_H_
