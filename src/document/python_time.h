// Python's datetime objects as counts of microseconds since 1970, and back.
#ifndef CPPICKLE_DOCUMENT_PYTHON_TIME_H_
#define CPPICKLE_DOCUMENT_PYTHON_TIME_H_

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "cppickle/document.h"

namespace cppickle {

// The argument of datetime.datetime as pickles hold it (datetime.c): year, month, day, hour, minute, second, microseconds,
// big-endian; of datetime.date the first four. The month's high bit is `fold`.
using DatetimeBytes = std::array<char, 10>;

// Empty outside the years 1 to 9999.
std::optional<DatetimeBytes> datetime_bytes(std::int64_t microseconds);

// A datetime.datetime in UTC, with a fixed offset or without a zone, or a datetime.date; or what else it is.
std::expected<std::int64_t, std::string> microseconds_of_time(const Value& value);

// A datetime.timedelta that 64 bits hold.
std::optional<std::int64_t> microseconds_of_timedelta(const Value& value);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_PYTHON_TIME_H_
