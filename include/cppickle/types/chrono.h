// std::chrono::sys_time: datetime.datetime in UTC, with a fixed offset, or without a zone (then it is taken as UTC), and
// datetime.date; sys_days is written as a date, others as a datetime without a zone. std::chrono::duration: timedelta.
// Reading into whole seconds, minutes ... is an error if the value has more; writing rounds down to microseconds.
#ifndef CPPICKLE_TYPES_CHRONO_H_
#define CPPICKLE_TYPES_CHRONO_H_

#include <chrono>
#include <cmath>
#include <cstdint>
#include <ratio>
#include <string_view>
#include <type_traits>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/writer.h"

namespace cppickle::detail {

// A count of microseconds as ticks of another duration, and back.
template <class Rep, class Period>
struct Ticks {
  using PerMicrosecond = std::ratio_divide<std::micro, Period>;
  static constexpr std::int64_t kUp = PerMicrosecond::num, kDown = PerMicrosecond::den;

  static bool read(Decoder& decoder, std::int64_t microseconds, Rep& out) {
    if constexpr (std::is_floating_point_v<Rep>) {
      out = static_cast<Rep>(microseconds) * static_cast<Rep>(kUp) / static_cast<Rep>(kDown);
    } else {
      if (microseconds % kDown != 0) return decoder.fail(ErrorCode::kTypeMismatch, "the time has a part below the type's unit");
      if (__builtin_mul_overflow(microseconds / kDown, kUp, &out)) {
        return decoder.fail(ErrorCode::kTypeMismatch, "the time is out of the type's range");
      }
    }
    return true;
  }

  // False if it is out of range.
  static bool microseconds(Rep ticks, std::int64_t& out) {
    if constexpr (std::is_floating_point_v<Rep>) {
      const double exact = static_cast<double>(ticks) * static_cast<double>(kDown) / static_cast<double>(kUp);
      if (!(std::abs(exact) < 9.2e18)) return false;
      out = std::llround(exact);
    } else {
      if (__builtin_mul_overflow(ticks, kDown, &out)) return false;
      out = out / kUp - (out % kUp < 0 ? 1 : 0);
    }
    return true;
  }
};

}  // namespace cppickle::detail

namespace cppickle {

template <class Rep, class Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  static constexpr std::string_view kName = "timedelta";
  static constexpr Kinds kExact = kinds(Kind::kObject);
  static constexpr Kinds kOther = 0;

  static bool read(Decoder& decoder, const Value& value, std::chrono::duration<Rep, Period>& out) {
    std::int64_t microseconds = 0;
    Rep ticks{};
    if (!decoder.duration(value, microseconds)) return false;
    if (!detail::Ticks<Rep, Period>::read(decoder, microseconds, ticks)) return false;
    out = std::chrono::duration<Rep, Period>(ticks);
    return true;
  }

  static void write(Writer& writer, std::chrono::duration<Rep, Period> value) {
    std::int64_t microseconds = 0;
    if (!detail::Ticks<Rep, Period>::microseconds(value.count(), microseconds)) {
      return writer.fail(ErrorCode::kUnsupported, "a duration that timedelta cannot hold");
    }
    writer.duration(microseconds);
  }
};

template <class Rep, class Period>
struct Codec<std::chrono::sys_time<std::chrono::duration<Rep, Period>>> {
  using Duration = std::chrono::duration<Rep, Period>;

  static constexpr std::string_view kName = "datetime";
  static constexpr Kinds kExact = kinds(Kind::kObject);
  static constexpr Kinds kOther = 0;

  static bool read(Decoder& decoder, const Value& value, std::chrono::sys_time<Duration>& out) {
    std::int64_t microseconds = 0;
    Rep ticks{};
    if (!decoder.time_point(value, microseconds)) return false;
    if (!detail::Ticks<Rep, Period>::read(decoder, microseconds, ticks)) return false;
    out = std::chrono::sys_time<Duration>(Duration(ticks));
    return true;
  }

  static void write(Writer& writer, std::chrono::sys_time<Duration> value) {
    std::int64_t microseconds = 0;
    if constexpr (std::is_same_v<Duration, std::chrono::days>) {
      writer.date(value.time_since_epoch().count());
    } else if (detail::Ticks<Rep, Period>::microseconds(value.time_since_epoch().count(), microseconds)) {
      writer.time_point(microseconds);
    } else {
      writer.fail(ErrorCode::kUnsupported, "a time outside the years 1 to 9999");
    }
  }
};

}  // namespace cppickle

#endif  // CPPICKLE_TYPES_CHRONO_H_
