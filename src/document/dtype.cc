#include "cppickle/dtype.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <utility>

#include "base/quote.h"
#include "cppickle/bytes_view.h"
#include "document/class_names.h"

namespace cppickle {
namespace {

constexpr unsigned kMostNesting = 32;      // structures in structures
constexpr std::size_t kMostDimensions = 64;  // numpy's NPY_MAXDIMS
constexpr std::int64_t kHasObjects = 1;    // NPY_ITEM_REFCOUNT
constexpr std::int64_t kAlignedStruct = 0x80;

std::unexpected<Error> corrupt(std::string message) {
  return std::unexpected(Error{ErrorCode::kCorrupt, "dtype: " + std::move(message)});
}

// The members of a tuple, at most 16: None of the tuples that are read here is longer.
std::vector<Value> members(const Value& tuple) {
  std::vector<Value> all;
  const Values items = tuple.items();
  for (const Value item : items) {
    all.push_back(item);
    if (all.size() == 16) break;
  }
  return all;
}

std::uint32_t natural_alignment(char kind, std::uint64_t size) {
  switch (kind) {
    case 'S':
    case 'V': return 1;
    case 'U': return 4;
    case 'O':
    case 'T': return 8;
    case 'c': size /= 2; break;
    default: break;
  }
  return size == 0 ? 1 : static_cast<std::uint32_t>(std::min<std::uint64_t>(std::bit_floor(size), 16));
}

bool size_fits(char kind, std::uint64_t size) {
  switch (kind) {
    case 'b': return size == 1;
    case 'i':
    case 'u': return size == 1 || size == 2 || size == 4 || size == 8;
    case 'f': return size == 2 || size == 4 || size == 8 || size == 12 || size == 16;
    case 'c': return size == 8 || size == 16 || size == 24 || size == 32;
    case 'm':
    case 'M': return size == 8;
    case 'O': return size == 4 || size == 8;
    default: return true;
  }
}

// C's letters for the types of this machine's numpy: "l" is what 64-bit Linux and macOS mean by it.
std::string_view of_letter(char letter) {
  switch (letter) {
    case '?': return "b1";
    case 'b': return "i1";
    case 'B': return "u1";
    case 'h': return "i2";
    case 'H': return "u2";
    case 'i': return "i4";
    case 'I': return "u4";
    case 'l':
    case 'q': return "i8";
    case 'L':
    case 'Q': return "u8";
    case 'e': return "f2";
    case 'f': return "f4";
    case 'd': return "f8";
    case 'g': return "f16";
    case 'F': return "c8";
    case 'D': return "c16";
    case 'G': return "c32";
    case 'm': return "m8";
    case 'M': return "M8";
    case 'O': return "O8";
    case 'S':
    case 'a': return "S0";
    case 'U': return "U0";
    case 'V': return "V0";
    default: return {};
  }
}

// As text that lives forever; empty if numpy has no such unit.
std::string_view known_unit(std::string_view unit) {
  static constexpr std::string_view kUnits[] = {"Y",  "M",  "W",  "D",  "h",  "m",  "s",
                                                "ms", "us", "ns", "ps", "fs", "as", "generic"};
  const auto* const known = std::ranges::find(kUnits, unit);
  return known == std::end(kUnits) ? std::string_view{} : *known;
}

void set_order(DType& type, char order) {
  const bool has_none = type.kind == 'S' || type.kind == 'V' || type.kind == 'O' || type.kind == 'T' ||
                        ((type.kind == 'b' || type.kind == 'i' || type.kind == 'u') && type.size == 1);
  type.order = has_none ? '|' : order == '>' ? '>' : '<';
}

class Reader {
 public:
  explicit Reader(const DTypeOptions& options) : options_(options), left_(options.most_fields) {}

  Result<DType> read(const Value& value, unsigned depth);

 private:
  Result<DType> read_code(const Value& code);
  Result<void> read_state(const Value& state, DType& type, unsigned depth);
  Result<void> read_unit(const Value& extra, DType& type);
  Result<void> read_fields(const Value& names, const Value& fields, DType& type, unsigned depth);
  Result<void> read_subarray(const Value& subarray, DType& type, unsigned depth);
  Result<DType::Field> read_field(std::string_view name, const Value& field, const DType& outer, unsigned depth);

  DTypeOptions options_;
  std::uint64_t left_;
};

Result<DType> Reader::read(const Value& value, unsigned depth) {
  const std::unexpected<Error> mismatch(Error{ErrorCode::kTypeMismatch, "not a numpy dtype"});
  if (depth > kMostNesting) return corrupt("more than " + std::to_string(kMostNesting) + " structures nested");
  const auto callable = value.callable();
  const auto name = callable ? canonical_name(*callable) : std::nullopt;
  const auto arguments = value.args();
  if (!name || !arguments) return mismatch;
  const std::vector<Value> args = members(*arguments);
  if (is_named(*name, "numpy._core._internal", "_convert_to_stringdtype_kwargs")) {
    DType type;
    type.kind = 'T';
    type.size = 16;
    type.alignment = 8;
    type.has_objects = true;
    if (args.size() > 1) type.missing = args[1];
    return type;
  }
  if (!is_named(*name, "numpy", "dtype") || args.empty()) return mismatch;
  Result<DType> type = read_code(args[0]);
  if (!type) return type;
  if (const auto state = value.state()) {
    if (auto done = read_state(*state, *type, depth); !done) return std::unexpected(done.error());
  }
  if (!size_fits(type->kind, type->size)) {
    return corrupt("no type of kind '" + std::string(1, type->kind) + "' has " + std::to_string(type->size) + " bytes");
  }
  return type;
}

Result<DType> Reader::read_code(const Value& code) {
  if (const auto global = code.global()) {  // numpy.record, or a type of another library; its size is in the state
    DType type;
    type.type = global;
    type.is_struct = false;
    return type;
  }
  const auto text = bytes_of(code);
  const std::string_view letters = text ? text->bytes : code.text();
  std::optional<DType> type = dtype_of_code(letters);
  if (!type) return corrupt("no type has the code " + quote(letters, 20));
  return *std::move(type);
}

// (version, order, subarray, names, fields, itemsize, alignment, flags[, metadata]): numpy's arraydescr_setstate.
Result<void> Reader::read_state(const Value& state, DType& type, unsigned depth) {
  const std::vector<Value> parts = members(state);
  if (state.kind() != Kind::kTuple || parts.size() < 7 || parts.size() > 9) {
    return corrupt("its state is not one that numpy 1.3 or later writes");
  }
  const auto order = bytes_of(parts[1]);
  const std::string_view order_text = order ? order->bytes : parts[1].text();
  const auto size = parts[5].as_int();
  const auto alignment = parts[6].as_int();
  const auto flags = parts.size() > 7 ? parts[7].as_int() : 0;
  if (order_text.size() != 1 || !size || !alignment || !flags) return corrupt("its state has a member of the wrong type");
  const bool is_flexible = type.kind == 'S' || type.kind == 'U' || type.kind == 'V';
  if (is_flexible && *size >= 0) {
    type.size = static_cast<std::uint64_t>(*size);
    if (*alignment > 0 && *alignment <= 64 && std::has_single_bit(static_cast<std::uint64_t>(*alignment))) {
      type.alignment = static_cast<std::uint32_t>(*alignment);
    }
  }
  if (type.kind == 'U' && type.size % 4 != 0) return corrupt("the size of a U type is not a multiple of 4");
  set_order(type, order_text[0]);
  type.has_objects = type.has_objects || (*flags & kHasObjects) != 0;
  type.aligned_struct = (*flags & kAlignedStruct) != 0;
  if (parts.size() > 8) {
    if (auto done = read_unit(parts[8], type); !done) return done;
  }
  if (parts[2].kind() != Kind::kNone) {
    if (auto done = read_subarray(parts[2], type, depth); !done) return done;
  }
  if (parts[3].kind() != Kind::kNone) return read_fields(parts[3], parts[4], type, depth);
  return {};
}

// Of datetimes (metadata, (unit, multiplier, denominator, event)), else the metadata.
Result<void> Reader::read_unit(const Value& extra, DType& type) {
  const auto keep = [&type](const Value& metadata) {
    if (metadata.kind() != Kind::kNone && !(metadata.kind() == Kind::kDict && metadata.pairs().empty())) {
      type.metadata = metadata;
    }
  };
  if (type.kind != 'm' && type.kind != 'M') {
    keep(extra);
    return {};
  }
  const std::vector<Value> both = members(extra);
  const std::vector<Value> parts = both.size() == 2 ? members(both[1]) : std::vector<Value>{};
  if (parts.size() < 2) return corrupt("a datetime type without its unit");
  keep(both[0]);
  const auto unit = bytes_of(parts[0]);
  const auto multiplier = parts[1].as_int();
  const std::string_view letters = unit ? unit->bytes : parts[0].text();
  type.unit = known_unit(letters);
  if (type.unit.empty()) return corrupt("no datetime unit is called " + quote(letters, 20));
  if (!multiplier || *multiplier < 1) return corrupt("a datetime unit with a multiplier below 1");
  type.multiplier = *multiplier;
  return {};
}

Result<void> Reader::read_subarray(const Value& subarray, DType& type, unsigned depth) {
  const std::vector<Value> parts = members(subarray);
  if (parts.size() != 2 || type.kind != 'V') return corrupt("a subarray that is not (dtype, shape)");
  auto base = read(parts[0], depth + 1);
  if (!base) return std::unexpected(base.error());
  std::uint64_t size = base->size;
  const auto add = [&](const Value& length) {
    const auto n = length.as_int();
    if (!n || *n < 0 || type.base_shape.size() == kMostDimensions) return false;
    type.base_shape.push_back(static_cast<std::uint64_t>(*n));
    return !__builtin_mul_overflow(size, static_cast<std::uint64_t>(*n), &size);
  };
  if (parts[1].kind() == Kind::kInt) {
    if (!add(parts[1])) return corrupt("a subarray of a size that no type can have");
  } else {
    const Values lengths = parts[1].items();
    for (const Value length : lengths) {
      if (!add(length)) return corrupt("a subarray of a size that no type can have");
    }
  }
  if (size != type.size) {
    return corrupt("a subarray of " + std::to_string(size) + " bytes in a type of " + std::to_string(type.size));
  }
  type.has_objects = type.has_objects || base->has_objects;
  type.base = std::make_shared<const DType>(*std::move(base));
  return {};
}

Result<void> Reader::read_fields(const Value& names, const Value& fields, DType& type, unsigned depth) {
  type.is_struct = true;
  if (type.kind != 'V' || names.kind() != Kind::kTuple || fields.kind() != Kind::kDict) {
    return corrupt("a structure whose names are no tuple or whose fields are no dict");
  }
  std::uint64_t count = 0;
  const Values all_names = names.items();
  for (auto name = all_names.begin(); name != all_names.end() && count <= left_; ++name) ++count;
  if (count > left_) {
    if (!options_.leave_out_more) return corrupt("more than " + std::to_string(options_.most_fields) + " fields");
    type.fields_left_out = true;
    return {};
  }
  left_ -= count;
  // Name or title -> field, sorted: hashes of hostile names may all be the same.
  std::vector<std::pair<std::string_view, Value>> by_name;
  const Pairs all_fields = fields.pairs();
  for (const auto [key, value] : all_fields) {
    if (by_name.size() > count * 2) return corrupt("a structure with more fields than names");
    by_name.emplace_back(key.text(), value);
  }
  std::ranges::stable_sort(by_name, {}, [](const auto& entry) { return entry.first; });
  for (const Value name : all_names) {
    const auto found = std::ranges::upper_bound(by_name, name.text(), {}, [](const auto& entry) { return entry.first; });
    if (found == by_name.begin() || std::prev(found)->first != name.text()) {
      return corrupt("no field is called " + quote(name.text(), 40));
    }
    auto field = read_field(name.text(), std::prev(found)->second, type, depth);
    if (!field) return std::unexpected(field.error());
    type.has_objects = type.has_objects || field->type->has_objects;
    type.fields.push_back(*std::move(field));
  }
  return {};
}

Result<DType::Field> Reader::read_field(std::string_view name, const Value& field, const DType& outer, unsigned depth) {
  const std::vector<Value> parts = members(field);
  const auto offset = parts.size() >= 2 ? parts[1].as_int() : std::nullopt;
  if (parts.size() < 2 || parts.size() > 3 || !offset || *offset < 0) {
    return corrupt("the field " + quote(name, 40) + " is not (dtype, offset)");
  }
  auto type = read(parts[0], depth + 1);
  if (!type) return std::unexpected(type.error());
  std::uint64_t end = 0;
  if (__builtin_add_overflow(static_cast<std::uint64_t>(*offset), type->size, &end) || end > outer.size) {
    return corrupt("the field " + quote(name, 40) + " ends outside the " + std::to_string(outer.size) + " bytes of its type");
  }
  const std::string_view title = parts.size() == 3 ? parts[2].text() : std::string_view{};
  return DType::Field{name, title, static_cast<std::uint64_t>(*offset), std::make_shared<const DType>(*std::move(type))};
}

}  // namespace

std::optional<DType> dtype_of_code(std::string_view code) {
  char order = '<';
  if (!code.empty() && std::string_view("<>|=").contains(code[0])) {
    order = code[0];
    code.remove_prefix(1);
  }
  std::string_view unit;
  if (const std::size_t bracket = code.find('['); bracket != std::string_view::npos && code.ends_with(']')) {
    unit = code.substr(bracket + 1, code.size() - bracket - 2);
    code = code.substr(0, bracket);
  }
  if (code.size() == 1) code = of_letter(code[0]);
  if (code.size() < 2 || !std::string_view("biufcmMOSUVa").contains(code[0])) return {};
  DType type;
  type.kind = code[0] == 'a' ? 'S' : code[0];
  const auto [end, error] = std::from_chars(code.data() + 1, code.data() + code.size(), type.size);
  if (error != std::errc{} || end != code.data() + code.size()) return {};
  if (type.kind == 'U' && __builtin_mul_overflow(type.size, std::uint64_t{4}, &type.size)) return {};
  if (!size_fits(type.kind, type.size)) return {};
  if (type.kind == 'm' || type.kind == 'M') {
    const auto [unit_begin, no_number] = std::from_chars(unit.data(), unit.data() + unit.size(), type.multiplier);
    if (no_number != std::errc{}) type.multiplier = 1;
    type.unit = known_unit(unit.empty() ? "generic" : unit.substr(static_cast<std::size_t>(unit_begin - unit.data())));
    if (type.unit.empty() || type.multiplier < 1) return {};
  }
  type.alignment = natural_alignment(type.kind, type.size);
  type.has_objects = type.kind == 'O';
  set_order(type, order);
  return type;
}

Result<DType> read_dtype(const Value& value, const DTypeOptions& options) { return Reader(options).read(value, 0); }

}  // namespace cppickle
