// Errors, paths and leaves of Decoder.
#include "cppickle/decoder.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/quote.h"
#include "base/utf8.h"
#include "cppickle/array_view.h"
#include "cppickle/bytes_view.h"
#include "document/cell.h"
#include "document/decoder_place.h"
#include "document/graph.h"
#include "document/python_time.h"

namespace cppickle {
namespace {

constexpr std::size_t kPathEnds = 12;  // how much of a long path is shown at either end

bool is_identifier(std::string_view name) {
  if (name.empty() || name.size() > 80 || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name) {
    if (!(c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) return false;
  }
  return true;
}

void append_key(std::string& path, std::string_view text) {
  if (is_identifier(text)) {
    (path += '.') += text;
  } else {
    ((path += '[') += quote(text)) += ']';
  }
}

std::string class_of(const Value& object) {
  const auto callable = object.callable();
  const auto global = callable ? callable->global() : std::nullopt;
  return global ? quote(global->to_string()) + " object" : std::string(name_of(object.kind()));
}

}  // namespace

Decoder::Decoder(const DecodeOptions& options)
    : options_(options), error_{ErrorCode::kTypeMismatch, {}, Error::kNoOffset, {}, {}} {}
Decoder::~Decoder() = default;

void Decoder::Place::append_to(std::string& text) const {
  switch (what) {
    case kItem: text += '[' + std::to_string(index) + ']'; break;
    case kField: append_key(text, name); break;
    case kKey: break;
    case kValue: {
      const Value at(*graph, key);
      if (at.kind() == Kind::kInt) {
        text += '[' + at.as_decimal() + ']';
      } else if (at.kind() == Kind::kString || at.kind() == Kind::kByteString) {
        append_key(text, at.text());
      } else {
        text += '[' + std::string(name_of(at.kind())) + ']';
      }
    }
  }
}

std::string Decoder::path() const {
  std::vector<const Place*> places;
  for (const Place* place = place_; place != nullptr; place = place->outer) places.push_back(place);
  std::string text = "$";
  for (std::size_t left = places.size(); left-- > 0;) {
    if (left >= kPathEnds && left + kPathEnds < places.size()) {
      text += "...";
      left = kPathEnds;
    } else {
      places[left]->append_to(text);
    }
  }
  return text;
}

bool Decoder::fail(ErrorCode code, std::string message) {
  error_.code = code;
  if (trials_ > 0 && code != ErrorCode::kLimit) return false;
  for (const Place* place = place_; place != nullptr; place = place->outer) {
    if (place->what == Place::kKey) message.insert(0, "key: ");
  }
  error_.message = std::move(message);
  error_.where = path();
  return false;
}

bool Decoder::mismatch(const Value& found, std::string_view expected) {
  if (trials_ > 0) return fail(ErrorCode::kTypeMismatch, {});
  const std::string what = found.kind() == Kind::kObject ? class_of(found) : std::string(name_of(found.kind()));
  return fail(ErrorCode::kTypeMismatch, "expected " + std::string(expected) + ", found " + what);
}

bool Decoder::collision() {
  return fail(ErrorCode::kLimit, "more than " + std::to_string(kMostCollisions) + " keys with one hash; read an ordered type");
}

bool Decoder::too_many_visits() {
  return fail(ErrorCode::kLimit, "more values than the limit output_nodes=" + std::to_string(options_.limits.output_nodes));
}

bool Decoder::copying(std::uint64_t bytes) {
  if (bytes > options_.limits.allocation - copied_) {
    return fail(ErrorCode::kLimit, "more bytes than the limit allocation=" + std::to_string(options_.limits.allocation));
  }
  copied_ += bytes;
  return true;
}

Error Decoder::take_error() { return std::move(error_); }

namespace {

Cell leaf_of(const Value& value) { return value.graph().resolve(Cell::from_bits(value.cell())); }

// A bool or number that numpy wrote as a scalar.
std::optional<ArrayView> numpy_scalar(const Value& value) {
  if (value.kind() != Kind::kObject) return {};
  auto view = array_view(value, ArrayOptions::glance());
  if (!view || view->form != ArrayView::Form::kScalar) return {};
  return std::move(*view);
}

std::optional<std::uint64_t> natural_of(const Value& value) {
  if (const auto number = value.as_int()) return *number < 0 ? std::nullopt : std::optional<std::uint64_t>(*number);
  std::uint64_t number = 0;
  const std::string digits = value.as_decimal();
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? std::optional(number) : std::nullopt;
}

std::string out_of_range(const Value& value, std::string_view least, std::string_view most) {
  std::string digits = value.kind() == Kind::kInt ? value.as_decimal() : "a number of numpy's outside it";
  if (digits.size() > 40) digits = "one of more digits";
  return "expected int from " + std::string(least) + " to " + std::string(most) + ", found " + digits;
}

}  // namespace

bool Decoder::boolean(const Value& value, bool& out) {
  const Cell leaf = leaf_of(value);
  if (leaf.opcode() == Opcode::NEWTRUE || leaf.opcode() == Opcode::NEWFALSE) {
    out = leaf.opcode() == Opcode::NEWTRUE;
    return true;
  }
  if (value.kind() == Kind::kBool) {
    out = value.as_bool();
    return true;
  }
  const auto scalar = numpy_scalar(value);
  const auto found = scalar ? scalar->get<bool>(0) : std::nullopt;
  out = found.value_or(false);
  return found || mismatch(value, "bool");
}

bool Decoder::integer(const Value& value, std::int64_t& out, std::int64_t least, std::int64_t most) {
  std::optional<std::int64_t> number;
  const Cell leaf = leaf_of(value);  // looked at for the usual forms, without a second walk to it
  if (leaf.opcode() == Opcode::BININT1) {
    number = *leaf.argument();
  } else if (leaf.opcode() == Opcode::BININT) {
    number = static_cast<std::int32_t>(OpcodeReader::load_u4(leaf.argument()));
  } else if (value.kind() == Kind::kInt) {
    number = value.as_int();
  } else {
    const auto scalar = numpy_scalar(value);
    if (!scalar || (scalar->dtype.kind != 'i' && scalar->dtype.kind != 'u')) return mismatch(value, "int");
    number = scalar->get<std::int64_t>(0);
  }
  if (!number || *number < least || *number > most) {
    if (trials_ > 0) return fail(ErrorCode::kTypeMismatch, {});
    return fail(ErrorCode::kTypeMismatch, out_of_range(value, std::to_string(least), std::to_string(most)));
  }
  out = *number;
  return true;
}

bool Decoder::integer(const Value& value, std::uint64_t& out, std::uint64_t most) {
  std::optional<std::uint64_t> number;
  if (value.kind() == Kind::kInt) {
    number = natural_of(value);
  } else {
    const auto scalar = numpy_scalar(value);
    if (!scalar || (scalar->dtype.kind != 'i' && scalar->dtype.kind != 'u')) return mismatch(value, "int");
    number = scalar->get<std::uint64_t>(0);
  }
  if (!number || *number > most) {
    if (trials_ > 0) return fail(ErrorCode::kTypeMismatch, {});
    return fail(ErrorCode::kTypeMismatch, out_of_range(value, "0", std::to_string(most)));
  }
  out = *number;
  return true;
}

bool Decoder::real(const Value& value, double& out) {
  const Cell leaf = leaf_of(value);
  if (leaf.opcode() == Opcode::BINFLOAT) {
    out = std::bit_cast<double>(__builtin_bswap64(OpcodeReader::load_u8(leaf.argument())));
    return true;
  }
  if (value.kind() == Kind::kFloat) {
    out = value.as_double();
    return true;
  }
  if (value.kind() == Kind::kInt) {
    const auto number = value.as_int();
    out = number ? static_cast<double>(*number) : 0;
    if (number && out < 0x1p63 && static_cast<std::int64_t>(out) == *number) return true;
    return fail(ErrorCode::kTypeMismatch, "expected float, found an int that is no float");
  }
  const auto scalar = numpy_scalar(value);
  const auto found = scalar && scalar->dtype.kind == 'f' ? scalar->get<double>(0) : std::nullopt;
  out = found.value_or(0);
  return found || mismatch(value, "float");
}

bool Decoder::real(const Value& value, float& out) {
  double wide = 0;
  if (!real(value, wide)) return false;
  out = static_cast<float>(wide);
  if (value.kind() == Kind::kInt && static_cast<double>(out) != wide) {
    return fail(ErrorCode::kTypeMismatch, "expected float, found an int that is no float of 32 bits");
  }
  if (std::isinf(out) && !std::isinf(wide)) {
    return fail(ErrorCode::kTypeMismatch, "expected float of 32 bits, found a larger one");
  }
  return true;
}

bool Decoder::text(const Value& value, std::string_view& out) {
  const Cell leaf = leaf_of(value);
  if (leaf.opcode() == Opcode::SHORT_BINUNICODE) {
    out = {reinterpret_cast<const char*>(leaf.argument()) + 1, *leaf.argument()};
    return true;
  }
  switch (value.kind()) {
    case Kind::kString: out = value.text(); return true;
    case Kind::kByteString:
      out = value.text();
      return is_utf8(out) || fail(ErrorCode::kTypeMismatch, "expected str, found a byte string that is not UTF-8");
    default: return mismatch(value, "str");
  }
}

bool Decoder::text(const Value& value, std::string& out) {
  std::string_view text;
  if (!this->text(value, text) || !copying(text.size())) return false;
  out = text;
  return true;
}

bool Decoder::bytes(const Value& value, std::string_view& out, std::shared_ptr<const void>& owner) {
  auto found = bytes_of(value, options_.limits.allocation - copied_);
  if (!found) return mismatch(value, "bytes");
  if (found->cut) return copying(options_.limits.allocation);
  out = found->bytes;
  owner = std::move(found->owner);
  return true;
}

bool Decoder::array(const Value& value, NumberType type, NumericArray& out) {
  const std::string expected = std::string("array of '") + type.kind + std::to_string(type.bytes) + "'";
  const auto view = is_array(value) ? array_view(value, {options_.limits.allocation - copied_, {}}) : std::unexpected(Error{});
  if (!view) return is_array(value) ? fail(ErrorCode::kTypeMismatch, view.error().message) : mismatch(value, expected);
  if (view->data_is_cut) return copying(options_.limits.allocation);
  const char native = std::endian::native == std::endian::little ? '<' : '>';
  const DType& dtype = view->dtype;
  const bool same = dtype.kind == type.kind && dtype.size == type.bytes && (dtype.order == native || dtype.order == '|');
  if (!same || view->form != ArrayView::Form::kArray) {
    return fail(ErrorCode::kTypeMismatch, "expected " + expected + ", found one of " + dtype.to_string());
  }
  if (view->order != 'C' && view->shape.size() > 1) {
    return fail(ErrorCode::kTypeMismatch, "expected " + expected + " in C order, found one in Fortran's");
  }
  if (view->buffer) return fail(ErrorCode::kTypeMismatch, "the array's data lies outside the pickle");
  out = {view->count, view->shape.size(), view->data, view->owner};
  return true;
}

bool Decoder::is_array(const Value& value) {
  if (value.kind() != Kind::kObject) return false;
  const auto view = array_view(value, ArrayOptions::glance());
  return view ? view->form != ArrayView::Form::kScalar : view.error().code != ErrorCode::kTypeMismatch;
}

bool Decoder::time_point(const Value& value, std::int64_t& microseconds) {
  auto found = microseconds_of_time(value);
  if (!found) return found.error().empty() ? mismatch(value, "datetime") : fail(ErrorCode::kTypeMismatch, found.error());
  microseconds = *found;
  return true;
}

bool Decoder::duration(const Value& value, std::int64_t& microseconds) {
  const auto found = microseconds_of_timedelta(value);
  microseconds = found.value_or(0);
  return found || mismatch(value, "timedelta");
}

}  // namespace cppickle
