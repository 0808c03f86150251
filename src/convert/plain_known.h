// What plain JSON writes for the objects that everybody knows.
#ifndef CPPICKLE_CONVERT_PLAIN_KNOWN_H_
#define CPPICKLE_CONVERT_PLAIN_KNOWN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "convert/losses.h"
#include "cppickle/array_view.h"
#include "cppickle/python_value.h"

namespace cppickle {

using Lose = std::function<void(Loss, std::string_view)>;

// Dates in ISO 8601, Decimal as its digits, UUID, path, range ...; empty for objects that are not written as one text.
std::optional<std::string> known_text(const Value& value, const ObjectView& object);

// True for an array or scalar of numbers, texts or structures whose bytes are at hand.
bool can_write_array(const ArrayView& array);

// Nested lists of numbers and text; null where an element is masked, not finite or no time. Rows of arrays of several
// dimensions begin with `new_row`.
void append_array(std::string& out, const ArrayView& array, std::string_view new_row, const Lose& lose);

}  // namespace cppickle

#endif  // CPPICKLE_CONVERT_PLAIN_KNOWN_H_
