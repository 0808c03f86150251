// What the classes of Python's library and numpy's are in one line.
#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/quote.h"
#include "cppickle/array_view.h"
#include "cppickle/bytes_view.h"
#include "document/class_names.h"
#include "document/integer.h"
#include "document/repr.h"
#include "document/summary_line.h"

namespace cppickle {
namespace {

constexpr std::size_t kMostDigits = 40;

std::string byte_count(std::uint64_t bytes) {
  static constexpr std::string_view kUnits[] = {" B", " kB", " MB", " GB", " TB", " PB", " EB"};
  std::size_t unit = 0;
  double size = static_cast<double>(bytes);
  while (size >= 999.5 && unit + 1 < std::size(kUnits)) {
    size /= 1000;
    ++unit;
  }
  const bool tenths = unit != 0 && size < 9.95;
  const double rounded = tenths ? static_cast<double>(static_cast<std::uint64_t>(size * 10 + 0.5)) / 10
                                : static_cast<double>(static_cast<std::uint64_t>(size + 0.5));
  std::string text = float_repr(rounded);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text.append(kUnits[unit]);
}

std::string offset_text(std::int64_t seconds) {
  if (seconds == 0) return "UTC";
  std::string text = seconds < 0 ? "UTC-" : "UTC+";
  const std::int64_t size = seconds < 0 ? -seconds : seconds;
  const auto two = [&text](std::int64_t number) {
    text += static_cast<char>('0' + number / 10 % 10);
    text += static_cast<char>('0' + number % 10);
  };
  two(size / 3600);
  text += ':';
  two(size / 60 % 60);
  if (size % 60 != 0) {
    text += ':';
    two(size % 60);
  }
  return text;
}

}  // namespace

bool SummaryLine::add_library(const Value& value, const ObjectView& object, unsigned depth) {
  switch (object.kind) {
    case ObjectKind::kDate:
    case ObjectKind::kTime:
    case ObjectKind::kDateTime: return add_date(object, depth);
    case ObjectKind::kTimeDelta: return add_time_delta(object);
    case ObjectKind::kTimeZone: return add_zone(object, false);
    case ObjectKind::kUuid: return add_uuid(object);
    case ObjectKind::kPath: return add_path(object);
    case ObjectKind::kPartial: return add_partial(object, depth);
    case ObjectKind::kBytes:
    case ObjectKind::kByteArray: {
      const auto bytes = bytes_of(value, left());
      if (!bytes) return false;
      if (object.kind == ObjectKind::kByteArray) out_ += "bytearray(";
      out_ += bytes_repr(bytes->bytes, std::max<std::size_t>(left(), 8));
      if (bytes->cut) out_ += "...";
      if (object.kind == ObjectKind::kByteArray) out_ += ')';
      return true;
    }
    case ObjectKind::kDecimal: {
      const auto digits = object.args[0];
      if (!digits || digits->text().empty()) return false;
      out_.append("Decimal(").append(quote(digits->text(), std::max<std::size_t>(left(), 8))) += ')';
      return true;
    }
    case ObjectKind::kFraction: {
      const auto first = object.args[0];
      if (!first) return false;
      const std::string_view text = first->text();  // '1/3' before Python 3.12
      const std::size_t slash = text.find('/');
      out_ += "Fraction(";
      if (!text.empty() && slash != std::string_view::npos && slash < kMostDigits) {
        out_.append(printable_name(text.substr(0, slash))).append(", ").append(printable_name(text.substr(slash + 1)));
      } else {
        add_members(object.args, depth);
      }
      out_ += ')';
      return true;
    }
    case ObjectKind::kSimpleNamespace:
      if (object.args[0]) return false;
      out_ += "SimpleNamespace(";
      if (object.attributes) add_attributes(*object.attributes, depth, true);
      out_ += ')';
      return true;
    case ObjectKind::kAttribute: {
      const auto owner = object.args[0];
      const auto name = object.args[1];
      if (!owner || !name || name->text().empty()) return false;
      add(*owner, depth + 1);
      out_.append(".").append(printable_name(name->text()));
      return true;
    }
    default: return false;
  }
}

bool SummaryLine::add_date(const ObjectView& object, unsigned depth) {
  const auto time = date_time(object);
  if (!time) return false;
  out_ += !time->has_time ? "datetime.date(" : time->has_date ? "datetime.datetime(" : "datetime.time(";
  if (time->has_date) {
    out_ += std::to_string(time->year) + ", " + std::to_string(time->month) + ", " + std::to_string(time->day);
    if (time->has_time) out_ += ", ";
  }
  if (time->has_time) {
    out_ += std::to_string(time->hour) + ", " + std::to_string(time->minute);
    if (time->second != 0 || time->microsecond != 0) out_ += ", " + std::to_string(time->second);
    if (time->microsecond != 0) out_ += ", " + std::to_string(time->microsecond);
    if (time->fold) out_ += ", fold=1";
  }
  if (time->zone) {
    out_ += ", tzinfo=";
    const std::size_t before = out_.size();
    const auto zone = object_view(*time->zone);
    if (!zone || zone->kind != ObjectKind::kTimeZone || !add_zone(*zone, true)) {
      out_.resize(before);
      add(*time->zone, depth + 1);
    }
  }
  out_ += ')';
  return true;
}

// timedelta(days, seconds, microseconds)
bool SummaryLine::add_time_delta(const ObjectView& object) {
  static constexpr std::string_view kNames[] = {"days", "seconds", "microseconds"};
  std::string text;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto part = object.args[i];
    const auto number = part ? part->as_int() : std::nullopt;
    if (!number) return false;
    if (*number == 0) continue;
    if (!text.empty()) text += ", ";
    text.append(kNames[i]).append("=").append(std::to_string(*number));
  }
  out_.append("datetime.timedelta(").append(text.empty() ? "0" : text) += ')';
  return true;
}

// UTC, UTC+01:00 or Europe/Paris; with its class unless it stands in a datetime.
bool SummaryLine::add_zone(const ObjectView& object, bool short_form) {
  const Global name = canonical(object.type);
  const auto first = object.args[0];
  std::string text;
  if (name.module == "datetime") {
    const auto delta = first ? object_view(*first) : std::nullopt;
    if (!delta || delta->kind != ObjectKind::kTimeDelta) return false;
    const auto days = delta->args[0];
    const auto seconds = delta->args[1];
    const std::int64_t whole_days = days ? days->as_int().value_or(1) : 1;
    const std::int64_t rest = seconds ? seconds->as_int().value_or(-1) : -1;
    if (whole_days < -1 || whole_days > 0 || rest < 0 || rest >= 86400) return false;
    text = offset_text(whole_days * 86400 + rest);
    const auto given = object.args[1];
    if (given && !given->text().empty()) text = printable_name(given->text());
  } else if (name.qualname == "tzutc" || name.qualname == "_UTC") {
    text = "UTC";
  } else if (first && (name.module == "zoneinfo" || name.module == "pytz") && !first->text().empty()) {
    text = printable_name(first->text());
  } else {
    return false;
  }
  if (short_form) {
    out_ += text;
  } else {
    out_.append(name.module == "zoneinfo" ? "zoneinfo.ZoneInfo" : name.module == "datetime" ? "datetime.timezone" : name.module);
    out_.append("(").append(text) += ')';
  }
  return true;
}

bool SummaryLine::add_uuid(const ObjectView& object) {
  const auto number = object.attribute("int");
  if (!number || number->kind() != Kind::kInt) return false;
  std::string bytes(16, '\0');  // little-endian
  if (const auto small = number->as_int()) {
    if (*small < 0) return false;
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(*small >> (i * 8));
  } else {
    const std::string_view large = number->int_bytes();
    const bool is_text = number->opcode() == "INT" || number->opcode() == "LONG";
    std::string binary(large);
    if (large.size() > 48 || (is_text && !bytes_of_decimal(number->as_decimal(), binary))) return false;
    if (binary.size() > 17 || (binary.size() == 17 && binary[16] != '\0')) return false;
    if (binary.size() <= 16 && !binary.empty() && (binary.back() & 0x80) != 0) return false;  // negative
    bytes.replace(0, std::min<std::size_t>(binary.size(), 16), binary, 0, 16);
  }
  out_ += "UUID('";
  for (std::size_t i = 16; i-- > 0;) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out_ += "0123456789abcdef"[byte >> 4];
    out_ += "0123456789abcdef"[byte & 15];
    if (i == 12 || i == 10 || i == 8 || i == 6) out_ += '-';
  }
  out_ += "')";
  return true;
}

// PosixPath('/', 'tmp', 'x') before Python 3.13, PosixPath('/tmp/x') or the like since.
bool SummaryLine::add_path(const ObjectView& object) {
  const char separator = object.type.qualname.contains("Windows") ? '\\' : '/';
  std::string path;
  for (const Value part : object.args) {
    if (part.kind() != Kind::kString && part.kind() != Kind::kByteString) return false;
    if (!path.empty() && path.back() != separator) path += separator;
    path += part.text().substr(0, 4096);
    if (path.size() > 4096) break;
  }
  if (path.empty()) path = ".";
  out_.append(printable_name(object.type.qualname)).append("(");
  out_.append(quote(path, std::max<std::size_t>(left(), 8))) += ')';
  return true;
}

// partial(function) and the state (function, args, keywords, attributes).
bool SummaryLine::add_partial(const ObjectView& object, unsigned depth) {
  if (!object.state || object.state->kind() != Kind::kTuple) return false;
  const Arguments parts(*object.state, false, 0);
  const auto function = parts[0];
  const auto args = parts[1];
  const auto keywords = parts[2];
  if (!function || !args || !keywords) return false;
  out_ += "functools.partial(";
  add(*function, depth + 1);
  bool all = add_members(args->items(), depth, false);
  if (all && keywords->kind() == Kind::kDict) add_attributes(*keywords, depth, false);
  out_ += ')';
  return true;
}

void SummaryLine::add_array(const Value& value) {
  const auto array = array_view(value, ArrayOptions::glance());
  if (!array) {
    out_ += "a damaged numpy array (" + array.error().message + ")";
    return;
  }
  out_.append(printable_name(array->subclass.qualname)).append(" ");
  out_ += shortened(array->dtype.to_string(), std::max<std::size_t>(left() / 2, 16));
  out_ += " (";
  for (std::size_t axis = 0; axis < array->shape.size(); ++axis) {
    if (axis != 0) out_ += ", ";
    out_ += std::to_string(array->shape[axis]);
  }
  if (array->shape.size() == 1) out_ += ',';
  out_ += ')';
  if (array->shape.size() > 1) (out_ += ' ') += array->order;
  if (!array->dtype.has_objects) (out_ += ' ').append(byte_count(array->count * array->dtype.size));
  if (array->buffer) out_ += " out-of-band";
}

// numpy.float64(1.5)
void SummaryLine::add_scalar(const Value& value, unsigned depth) {
  const auto scalar = array_view(value, ArrayOptions::glance());
  if (!scalar) {
    out_ += "a damaged numpy scalar (" + scalar.error().message + ")";
    return;
  }
  const DType& type = scalar->dtype;
  std::string name;
  switch (type.kind) {
    case 'U': name = "str_"; break;
    case 'S': name = "bytes_"; break;
    case 'V': name = type.type ? printable_name(type.type->qualname) : "void"; break;
    case 'M': name = "datetime64"; break;
    case 'm': name = "timedelta64"; break;
    default: {
      DType native = type;
      native.order = '<';
      name = native.to_string();
    }
  }
  out_.append("numpy.").append(name) += '(';
  if (scalar->objects) {
    add(*scalar->objects, depth + 1);
  } else {
    const std::string text = scalar->element_repr(0, std::max<std::size_t>(left(), 16));
    out_ += type.kind == 'M' ? quote(text) : text;
  }
  out_ += ')';
}

}  // namespace cppickle
