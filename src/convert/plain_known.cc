#include "convert/plain_known.h"

#include <cstdio>
#include <cstring>
#include <vector>

#include "base/utf8.h"
#include "base/json_text.h"
#include "convert/plain_text.h"
#include "cppickle/dtype.h"
#include "document/class_names.h"

namespace cppickle {
namespace {

constexpr std::int64_t kMostDays = 999'999'999;  // datetime.timedelta's own bound
constexpr std::size_t kMostText = 4096;

// A timedelta in microseconds; its bound keeps that within 67 bits, so days stay apart.
struct TimeDelta {
  std::int64_t days = 0;
  std::int64_t microseconds = 0;
};

std::optional<TimeDelta> time_delta(const ObjectView& object) {
  std::int64_t parts[3] = {0, 0, 0};  // days, seconds, microseconds
  std::size_t count = 0;
  for (const Value part : object.args) {
    const auto number = part.as_int();
    if (count == 3 || !number || *number > kMostDays || *number < -kMostDays) return {};
    parts[count++] = *number;
  }
  return TimeDelta{parts[0], parts[1] * 1'000'000 + parts[2]};
}

// ISO 8601: P2DT3.5S, -PT60S.
std::optional<std::string> duration_text(const ObjectView& object) {
  const auto delta = time_delta(object);
  if (!delta) return {};
  constexpr std::int64_t kDay = 86'400'000'000;
  std::int64_t days = delta->days + delta->microseconds / kDay;
  std::int64_t rest = delta->microseconds % kDay;
  std::string text;
  if (days < 0 && rest > 0) {
    ++days;
    rest -= kDay;
  }
  if (days > 0 && rest < 0) {
    --days;
    rest += kDay;
  }
  if (days < 0 || rest < 0) {
    text = "-";
    days = -days;
    rest = -rest;
  }
  text += "P";
  if (days != 0) text += std::to_string(days) + "D";
  if (rest == 0 && days != 0) return text;
  text += "T" + std::to_string(rest / 1'000'000);
  if (rest % 1'000'000 != 0) {
    std::string digits = std::to_string(rest % 1'000'000 + 1'000'000).substr(1);
    digits.resize(digits.find_last_not_of('0') + 1);
    text += "." + digits;
  }
  return text + "S";
}

// "+02:00" where the offset is known, "[Europe/Berlin]" (RFC 9557) where there is a name.
std::string zone_text(const Value& value) {
  const auto zone = object_view(value);
  if (zone && zone->kind == ObjectKind::kTimeZone) {
    const Global type = canonical(zone->type);
    if (type.qualname == "_UTC" || type.qualname == "tzutc") return "+00:00";
    const auto first = zone->args[0];
    const auto offset = first && type.qualname == "timezone" ? object_view(*first) : std::nullopt;
    const auto delta = offset && offset->kind == ObjectKind::kTimeDelta ? time_delta(*offset) : std::nullopt;
    const std::int64_t minutes = delta ? delta->days * 1440 + delta->microseconds / 60'000'000 : 0;
    if (delta && delta->microseconds % 60'000'000 == 0 && minutes > -1440 && minutes < 1440) {
      char text[16];
      const int absolute = static_cast<int>(minutes < 0 ? -minutes : minutes);
      std::snprintf(text, sizeof text, "%c%02d:%02d", minutes < 0 ? '-' : '+', absolute / 60, absolute % 60);
      return text;
    }
    if (first && first->kind() == Kind::kString) return "[" + std::string(first->text()) + "]";
  }
  return "[" + summary(value, 100) + "]";
}

std::optional<std::string> date_text(const ObjectView& object) {
  const auto time = date_time(object);
  if (!time) return {};
  return time->to_string() + (time->zone ? zone_text(*time->zone) : "");
}

std::optional<std::string> uuid_text(const ObjectView& object) {
  const auto number = object.attribute("int");
  if (!number || number->kind() != Kind::kInt) return {};
  unsigned char bytes[17] = {};
  if (const auto small = number->as_int()) {
    if (*small < 0) return {};
    std::memcpy(bytes, &*small, 8);
  } else {
    const std::string_view wide = number->int_bytes();
    const bool is_binary = number->opcode() == "LONG1" || number->opcode() == "LONG4";
    if (!is_binary || wide.size() > 17) return {};
    std::memcpy(bytes, wide.data(), wide.size());
    if (bytes[16] != 0) return {};
  }
  std::string text;
  for (int i = 15; i >= 0; --i) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
    text += digits;
    if (i == 12 || i == 10 || i == 8 || i == 6) text += '-';
  }
  return text;
}

std::optional<std::string> path_text(const ObjectView& object) {
  std::string text;
  for (const Value part : object.args) {
    if (part.kind() != Kind::kString && part.kind() != Kind::kByteString) return {};
    if (!text.empty() && text.back() != '/' && text.back() != '\\') text += '/';
    text += part.text();
  }
  return text.empty() ? "." : text;
}

std::optional<std::string> number_text(const ObjectView& object) {
  const auto first = object.args[0];
  const auto second = object.args[1];
  const bool is_text = first && (first->kind() == Kind::kString || first->kind() == Kind::kByteString);
  if (is_text && !second) return std::string(first->text());
  if (object.kind != ObjectKind::kFraction || !first || !second) return {};
  if (first->kind() != Kind::kInt || second->kind() != Kind::kInt) return {};
  return first->as_decimal() + "/" + second->as_decimal();
}

std::string_view without_zeros(std::string_view bytes, std::size_t unit) {
  while (bytes.size() >= unit && bytes.substr(bytes.size() - unit).find_first_not_of('\0') == std::string_view::npos) {
    bytes.remove_suffix(unit);
  }
  return bytes;
}

// UCS-4 of the array's byte order.
std::string ucs4_text(std::string_view bytes, char order) {
  bytes = without_zeros(bytes, 4);
  std::string text;
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t c;
    std::memcpy(&c, bytes.data() + i, 4);
    if (order == '>') c = __builtin_bswap32(c);
    append_utf8(text, c < 0x110000 ? c : 0xFFFD);
  }
  return without_surrogates(text);
}

void append_float(std::string& out, std::string text, const Lose& lose) {
  if (text.find('n') == std::string::npos) {
    out += text;
    return;
  }
  text.find("nan") != std::string::npos ? lose(Loss::kNan, {}) : lose(Loss::kInfinity, text);
  out += "null";
}

void append_element(std::string& out, const ArrayView& array, std::uint64_t index, const Lose& lose) {
  const std::string_view bytes = array.element(index);
  switch (array.is_masked(index) ? '-' : array.dtype.kind) {
    case '-': out += "null"; return;
    case 'b': out += array.get<bool>(index).value_or(false) ? "true" : "false"; return;
    case 'i':
    case 'u': out += array.element_repr(index); return;
    case 'f': return append_float(out, array.element_repr(index), lose);
    case 'U': return append_json_string(out, ucs4_text(bytes, array.dtype.order));
    case 'S': return append_json_string(out, plain_bytes(without_zeros(bytes, 1), false).text);
    default: return append_json_string(out, array.element_repr(index, kMostText));
  }
}

}  // namespace

std::optional<std::string> known_text(const Value& value, const ObjectView& object) {
  switch (object.kind) {
    case ObjectKind::kDate:
    case ObjectKind::kTime:
    case ObjectKind::kDateTime: return date_text(object);
    case ObjectKind::kTimeDelta: return duration_text(object);
    case ObjectKind::kDecimal:
    case ObjectKind::kFraction: return number_text(object);
    case ObjectKind::kUuid: return uuid_text(object);
    case ObjectKind::kPath: return path_text(object);
    case ObjectKind::kTimeZone:
    case ObjectKind::kComplex:
    case ObjectKind::kRange:
    case ObjectKind::kSlice:
    case ObjectKind::kAttribute: return summary(value, kMostText);
    case ObjectKind::kDType: {
      const auto type = read_dtype(value);
      return type ? std::optional(type->to_string()) : std::nullopt;
    }
    default: return {};
  }
}

bool can_write_array(const ArrayView& array) {
  if (array.dtype.has_objects || array.data_is_cut) return false;
  return array.count == 0 || !array.element(array.count - 1).empty() || array.dtype.size == 0;
}

void append_array(std::string& out, const ArrayView& array, std::string_view new_row, const Lose& lose) {
  if (array.shape.empty()) return append_element(out, array, 0, lose);
  if (array.count == 0) {
    out += "[]";
    return;
  }
  std::vector<std::uint64_t> open(array.shape.size());  // how many elements each bracket holds
  std::uint64_t held = 1;
  for (std::size_t axis = array.shape.size(); axis-- > 0;) open[axis] = held *= array.shape[axis];
  for (std::uint64_t i = 0; i < array.count; ++i) {
    std::size_t begins = 0;
    std::size_t ends = 0;
    for (const std::uint64_t size : open) {
      begins += i % size == 0 ? 1u : 0u;
      ends += (i + 1) % size == 0 ? 1u : 0u;
    }
    const bool is_new_row = begins != 0 && array.shape.size() > 1 && !new_row.empty();
    if (i != 0) out += is_new_row ? "," : ", ";
    if (is_new_row) out += new_row;
    out.append(begins, '[');
    append_element(out, array, i, lose);
    out.append(ends, ']');
  }
}

}  // namespace cppickle
