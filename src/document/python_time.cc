#include "document/python_time.h"

#include <chrono>
#include <vector>

#include "cppickle/bytes_view.h"
#include "document/class_names.h"

namespace cppickle {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::sys_days;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86400 * kSecond;

std::optional<Global> called(const Value& object) {
  const auto callable = object.callable();
  return callable ? canonical_name(*callable) : std::nullopt;
}

// The arguments, if they are few.
std::vector<Value> few_arguments(const Value& object) {
  std::vector<Value> few;
  const auto arguments = object.args();
  if (!arguments || arguments->size() > 3) return few;
  const Values all = arguments->items();
  for (const Value value : all) few.push_back(value);
  return few;
}

std::optional<sys_days> day_of(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const std::chrono::year_month_day date(std::chrono::year(at(0) << 8 | at(1)), std::chrono::month(at(2) & 0x7F),
                                         std::chrono::day(at(3)));
  if (!date.ok() || date.year() < std::chrono::year(1)) return {};
  return sys_days(date);
}

std::optional<std::int64_t> datetime_of(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return std::int64_t{static_cast<unsigned char>(bytes[i])}; };
  const auto day = bytes.size() == 10 ? day_of(bytes) : std::nullopt;
  const std::int64_t micro = day ? at(7) << 16 | at(8) << 8 | at(9) : 0;
  if (!day || at(4) > 23 || at(5) > 59 || at(6) > 59 || micro >= kSecond) return {};
  return day->time_since_epoch().count() * kDay + (at(4) * 3600 + at(5) * 60 + at(6)) * kSecond + micro;
}

// Of a zone with a fixed offset from UTC.
std::optional<std::int64_t> offset_of(const Value& zone) {
  const auto name = called(zone);
  if (!name) return {};
  if (is_named(*name, "pytz", "_UTC")) return 0;
  const auto arguments = few_arguments(zone);
  if (!is_named(*name, "datetime", "timezone") || arguments.empty()) return {};
  const auto offset = microseconds_of_timedelta(arguments[0]);
  return offset && *offset > -kDay && *offset < kDay ? offset : std::nullopt;
}

}  // namespace

std::optional<DatetimeBytes> datetime_bytes(std::int64_t since_epoch) {
  const auto day = std::chrono::floor<days>(std::chrono::sys_time<microseconds>(microseconds(since_epoch)));
  const std::chrono::year_month_day date(day);
  if (date.year() < std::chrono::year(1) || date.year() > std::chrono::year(9999)) return {};
  const std::int64_t rest = since_epoch - day.time_since_epoch().count() * kDay;
  const auto year = static_cast<int>(date.year());
  const std::int64_t seconds = rest / kSecond;
  const std::int64_t micro = rest % kSecond;
  const auto byte = [](std::int64_t value) { return static_cast<char>(value & 0xFF); };
  return DatetimeBytes{byte(year >> 8),
                       byte(year),
                       byte(static_cast<unsigned>(date.month())),
                       byte(static_cast<unsigned>(date.day())),
                       byte(seconds / 3600),
                       byte(seconds / 60 % 60),
                       byte(seconds % 60),
                       byte(micro >> 16),
                       byte(micro >> 8),
                       byte(micro)};
}

std::expected<std::int64_t, std::string> microseconds_of_time(const Value& value) {
  const auto name = value.kind() == Kind::kObject ? called(value) : std::nullopt;
  const bool is_date = name && is_named(*name, "datetime", "date");
  if (!is_date && !(name && is_named(*name, "datetime", "datetime"))) return std::unexpected(std::string());
  const auto arguments = few_arguments(value);
  const auto bytes = !arguments.empty() ? bytes_of(arguments[0], 16) : std::nullopt;
  if (!bytes || arguments.size() > 2) return std::unexpected("expected datetime, found one with other arguments");
  if (is_date) {
    const auto day = bytes->bytes.size() == 4 ? day_of(bytes->bytes) : std::nullopt;
    if (!day) return std::unexpected("expected date, found one that does not exist");
    return day->time_since_epoch().count() * kDay;
  }
  const auto time = datetime_of(bytes->bytes);
  if (!time) return std::unexpected("expected datetime, found one that does not exist");
  if (arguments.size() == 1 || arguments[1].kind() == Kind::kNone) return *time;
  const auto offset = offset_of(arguments[1]);
  if (!offset) return std::unexpected("expected datetime in UTC, found one in a zone");
  return *time - *offset;
}

std::optional<std::int64_t> microseconds_of_timedelta(const Value& value) {
  const auto name = value.kind() == Kind::kObject ? called(value) : std::nullopt;
  const auto arguments = few_arguments(value);
  if (!name || !is_named(*name, "datetime", "timedelta") || arguments.size() > 3) return {};
  __extension__ using Wide = __int128;
  Wide sum = 0;  // days alone may go below what the sum of all does
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    constexpr std::int64_t kUnits[] = {kDay, kSecond, 1};
    const auto count = arguments[i].kind() == Kind::kInt ? arguments[i].as_int() : std::nullopt;
    if (!count) return {};
    sum += Wide{*count} * kUnits[i];
  }
  if (sum < INT64_MIN || sum > INT64_MAX) return {};
  return static_cast<std::int64_t>(sum);
}

}  // namespace cppickle
