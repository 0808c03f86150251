// What an instruction's argument means: numbers, text and spans, read from where the argument lies.
//
// The readers of text follow what *all* of CPython's readers accept (pickle.py, _pickle.c of Python 2 and 3); text
// on which they differ (octal-looking or underscored integers, signs in memo keys) is refused by check_argument.
#ifndef CPPICKLE_PICKLE_ARGUMENT_H_
#define CPPICKLE_PICKLE_ARGUMENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "pickle/opcode.h"
#include "pickle/opcode_reader.h"

namespace cppickle {

// The bytes of a counted argument after its count, or of a line without its newline.
std::string_view payload(Opcode opcode, const std::uint8_t* argument, const std::uint8_t* end);

// As above where the end is not at hand: counts are read again, lines are searched for again.
// `input_end` bounds the answer, should the bytes have changed since they were checked.
std::string_view payload_again(Opcode opcode, const std::uint8_t* argument, const std::uint8_t* input_end);

// GLOBAL and INST: module and name.
std::pair<std::string_view, std::string_view> line_pair(const std::uint8_t* argument, const std::uint8_t* input_end);

// Checks what the layout leaves open: digits, floats, quotes, escapes, UTF-8. Records an error and returns false.
bool check_argument(const Instruction& in, OpcodeReader& reader);

// True for "00" and "01": INT writes booleans so.
inline bool is_text_bool(std::string_view text) { return text == "00" || text == "01"; }

// Decimal digits with an optional sign, at most what 64 bits hold. False if it does not fit.
bool parse_int64(std::string_view digits, std::int64_t& value);

// A memo key: digits only, below 2^63.
bool parse_index(std::string_view digits, std::uint64_t& value);

// Python's repr of a float, nan and inf with sign included.
bool parse_double(std::string_view text, double& value);

// The bytes of a Python 2 string literal (STRING) without its quotes, escapes resolved. False at a bad escape.
bool decode_string_escape(std::string_view literal, std::string& bytes);

// raw-unicode-escape (UNICODE) to UTF-8. False at a bad escape.
bool decode_raw_unicode_escape(std::string_view text, std::string& utf8);

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_ARGUMENT_H_
