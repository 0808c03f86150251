// Dates as text: numpy's datetime64 and timedelta64 in their units.
#ifndef CPPICKLE_DOCUMENT_DATETIME_TEXT_H_
#define CPPICKLE_DOCUMENT_DATETIME_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace cppickle {

// numpy's missing datetime and timedelta.
constexpr std::int64_t kNotATime = INT64_MIN;

// ISO 8601 as far as the unit goes: 2024, 2024-05, 2024-05-01T12:30, 2024-05-01T12:30:00.000000001; NaT.
std::string datetime64_text(std::int64_t value, std::string_view unit, std::int64_t multiplier);

// 90 seconds, 1 days, NaT.
std::string timedelta64_text(std::int64_t value, std::string_view unit, std::int64_t multiplier);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_DATETIME_TEXT_H_
