#include "document/datetime_text.h"

#include <algorithm>
#include <iterator>

namespace cppickle {
namespace {

__extension__ using Wide = __int128;

struct Unit {
  std::string_view letters;
  std::string_view name;
  std::int64_t seconds;        // of those of a day and below
  std::int64_t per_second;     // of those below a second
  int decimals;
};

constexpr Unit kUnits[] = {
    {"Y", "years", 0, 0, 0},
    {"M", "months", 0, 0, 0},
    {"W", "weeks", 604800, 0, 0},
    {"D", "days", 86400, 0, 0},
    {"h", "hours", 3600, 0, 0},
    {"m", "minutes", 60, 0, 0},
    {"s", "seconds", 1, 1, 0},
    {"ms", "milliseconds", 0, 1'000, 3},
    {"us", "microseconds", 0, 1'000'000, 6},
    {"ns", "nanoseconds", 0, 1'000'000'000, 9},
    {"ps", "picoseconds", 0, 1'000'000'000'000, 12},
    {"fs", "femtoseconds", 0, 1'000'000'000'000'000, 15},
    {"as", "attoseconds", 0, 1'000'000'000'000'000'000, 18},
};

const Unit* find_unit(std::string_view letters) {
  const Unit* const unit = std::ranges::find(kUnits, letters, &Unit::letters);
  return unit == std::end(kUnits) ? nullptr : unit;
}

// Digits, at least `width`.
void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  if (value < 0) out += '-';
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  out += digits;
}

std::int64_t floor_divide(Wide value, std::int64_t by, std::int64_t& rest) {
  Wide quotient = value / by;
  rest = static_cast<std::int64_t>(value % by);
  if (rest < 0) {
    rest += by;
    --quotient;
  }
  return static_cast<std::int64_t>(quotient);
}

// The day `days` after 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
void append_date(std::string& out, std::int64_t days) {
  std::int64_t day_of_era = 0;
  const std::int64_t era = floor_divide(Wide{days} + 719468, 146097, day_of_era);
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  append_padded(out, year_of_era + era * 400 + (month <= 2 ? 1 : 0), 4);
  out += '-';
  append_padded(out, month, 2);
  out += '-';
  append_padded(out, day_of_year - (153 * shifted_month + 2) / 5 + 1, 2);
}

void append_time(std::string& out, std::int64_t second_of_day, std::string_view unit) {
  out += 'T';
  append_padded(out, second_of_day / 3600, 2);
  if (unit == "h") return;
  out += ':';
  append_padded(out, second_of_day / 60 % 60, 2);
  if (unit == "m") return;
  out += ':';
  append_padded(out, second_of_day % 60, 2);
}

}  // namespace

std::string datetime64_text(std::int64_t value, std::string_view unit, std::int64_t multiplier) {
  if (value == kNotATime) return "NaT";
  const Unit* const known = find_unit(unit);
  std::int64_t scaled = 0;
  // Years past what 64 bits count in days are shown as the number they are.
  if (known == nullptr || __builtin_mul_overflow(value, multiplier, &scaled) ||
      (known->seconds > 86400 / 24 && (scaled > INT64_MAX / 604800 || scaled < INT64_MIN / 604800))) {
    return timedelta64_text(value, unit, multiplier);
  }
  std::string text;
  if (unit == "Y" || unit == "M") {
    std::int64_t month = 0;
    const std::int64_t year = unit == "Y" ? scaled : floor_divide(scaled, 12, month);
    if (year > INT64_MAX - 1970) return timedelta64_text(value, unit, multiplier);
    append_padded(text, year + 1970, 4);
    if (unit == "M") append_padded(text += '-', month + 1, 2);
    return text;
  }
  std::int64_t fraction = 0;
  const Wide seconds = known->decimals == 0 ? Wide{scaled} * known->seconds
                                            : Wide{floor_divide(scaled, known->per_second, fraction)};
  std::int64_t second_of_day = 0;
  append_date(text, floor_divide(seconds, 86400, second_of_day));
  if (unit == "W" || unit == "D") return text;
  append_time(text, second_of_day, unit);
  if (known->decimals != 0) append_padded(text += '.', fraction, static_cast<std::size_t>(known->decimals));
  return text;
}

std::string timedelta64_text(std::int64_t value, std::string_view unit, std::int64_t multiplier) {
  if (value == kNotATime) return "NaT";
  const Unit* const known = find_unit(unit);
  std::int64_t scaled = 0;
  std::string text;
  if (__builtin_mul_overflow(value, multiplier, &scaled)) {
    text = std::to_string(value) + " * " + std::to_string(multiplier);
  } else {
    text = std::to_string(scaled);
  }
  text += ' ';
  return text += known == nullptr ? "generic units" : known->name;
}

}  // namespace cppickle
