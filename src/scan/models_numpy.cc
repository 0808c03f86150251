#include "scan/models_numpy.h"

#include <algorithm>
#include <charconv>

namespace cppickle::scanning {
namespace {

constexpr std::string_view kDtype = "numpy:dtype";
constexpr std::size_t kMostAxes = 64;       // NPY_MAXDIMS of numpy 2
constexpr std::size_t kMostFields = 4096;
constexpr int kDeepest = 8;                 // structures in structures
constexpr std::int64_t kHoldsObjects = 1;   // NPY_ITEM_REFCOUNT
constexpr std::int64_t kListPickle = 2;     // NPY_LIST_PICKLE
constexpr std::int64_t kIsPointer = 4;      // NPY_ITEM_IS_POINTER
constexpr std::int64_t kLeastFlags = -0x80;
constexpr std::int64_t kMostFlags = 0xFFFF;

constexpr std::string_view kStringDtype = "numpy.dtypes:StringDType";

bool is_dtype(Judge& judge, Symbol symbol) {
  const Entry* type = judge.class_of(symbol);
  if (type == nullptr || (type->key != kDtype && type->key != kStringDtype)) return false;
  symbol.object()->marks |= kReliedOn;  // from here on a BUILD would change it under what uses it
  return true;
}

bool is_flag(Symbol symbol) { return symbol.is(bit(Kind::kBool) | bit(Kind::kInt)); }

// The number of items that a shape means, 1 for ().
std::optional<std::uint64_t> items_in(Judge& judge, Symbol shape) {
  if (shape.kind() != Kind::kTuple) return {};
  std::uint64_t count = 1;
  const auto axes = items_of(shape);
  if (axes.size() > kMostAxes) return {};
  for (const Symbol axis : axes) {
    const auto length = judge.integer(axis);
    if (!length || *length < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(*length), &count)) return {};
  }
  return count;
}

// "f8", "U12", "O", "V56"; as arraydescr_reduce writes them: a letter and a size in bytes, for U in characters.
struct TypeCode {
  char letter;
  std::uint64_t size;
};
std::optional<TypeCode> parse_code(std::string_view text) {
  constexpr std::string_view kLetters = "?bBhHiIlLqQpPefdgFDGcSaUVOMmu";
  if (!text.empty() && std::string_view("<>=|").find(text[0]) != std::string_view::npos) text.remove_prefix(1);
  if (text.empty() || kLetters.find(text[0]) == std::string_view::npos) return {};
  TypeCode code{text[0], 0};
  text.remove_prefix(1);
  if (!text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code.size);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return code;
  }
  // Single letters with a size of their own (numpy/ndarraytypes.h).
  constexpr std::string_view kSizes[] = {"?bBc", "hHe", "iIf", "lLqQpPdF", "gD", "G"};
  constexpr std::uint64_t kBytes[] = {1, 2, 4, 8, 16, 32};
  for (std::size_t i = 0; i < std::size(kSizes); ++i) {
    if (kSizes[i].find(code.letter) != std::string_view::npos) code.size = kBytes[i];
  }
  if (code.letter == 'O') code.size = 8;
  return code;
}

// What a dtype makes of an array's bytes.
struct ItemType {
  std::uint64_t size;
  bool has_objects;
};

std::optional<ItemType> item_type(Judge& judge, Symbol dtype, int depth = 0);

// numpy.record in place of a code: a structure whose items are records (recarray).
bool is_record(Judge& judge, Symbol type) {
  const Entry* entry = judge.entry_of(type);
  return entry != nullptr && (entry->key == "numpy:record" || entry->key == "numpy:void" || entry->key == "numpy.rec:record" ||
                              entry->key.ends_with(".records:record"));
}

std::optional<ItemType> subarray_type(Judge& judge, Symbol subarray, int depth) {
  const auto parts = items_of(subarray);
  if (parts.size() != 2) return {};
  const auto base = item_type(judge, parts[0], depth + 1);
  std::uint64_t count = 0;
  if (const auto length = judge.integer(parts[1]); length && *length >= 0) {
    count = static_cast<std::uint64_t>(*length);
  } else if (const auto items = items_in(judge, parts[1])) {
    count = *items;
  } else {
    return {};
  }
  std::uint64_t size = 0;
  if (!base || __builtin_mul_overflow(base->size, count, &size)) return {};
  return ItemType{size, base->has_objects};
}

// The fields of a structure: whether any holds objects, if all lie within `size`.
std::optional<bool> fields_hold_objects(Judge& judge, Symbol names, Symbol fields, std::uint64_t size, int depth) {
  const auto list = items_of(names);
  if (list.size() > kMostFields) return {};
  bool objects = false;
  for (const Symbol name : list) {
    const auto text = judge.text(name);
    const auto field = text ? judge.under(fields, *text) : std::nullopt;
    if (!field) return {};
    const auto parts = items_of(*field);
    if (parts.size() != 2 && parts.size() != 3) return {};
    const auto type = item_type(judge, parts[0], depth + 1);
    const auto offset = judge.integer(parts[1]);
    if (!type || !offset || *offset < 0) return {};
    std::uint64_t end = 0;
    if (__builtin_add_overflow(static_cast<std::uint64_t>(*offset), type->size, &end) || end > size) return {};
    objects |= type->has_objects;
  }
  return objects;
}

// A state whose parts agree: the type that it makes of a dtype with `code`.
std::optional<ItemType> type_of_state(Judge& judge, TypeCode code, Symbol state, int depth) {
  const auto parts = items_of(state);
  if (parts.size() != 8 && parts.size() != 9) return {};
  const auto version = judge.integer(parts[0]);
  if (!version || *version < 3 || *version > 4) return {};
  const auto order = judge.text(parts[1]);
  if (!order || order->size() != 1 || std::string_view("<>|=").find((*order)[0]) == std::string_view::npos) return {};
  const auto size = judge.integer(parts[5]);
  const auto alignment = judge.integer(parts[6]);
  const auto flags = judge.integer(parts[7]);
  // Older versions wrote the flags as a signed char.
  if (!size || !alignment || !flags || *flags < kLeastFlags || *flags > kMostFlags || *size < -1) return {};
  if (parts.size() == 9 && !judge.is_plain(parts[8])) return {};
  const std::uint64_t written = code.letter == 'U' ? code.size * 4 : code.size;
  ItemType type{written, code.letter == 'O'};
  if (parts[2].kind() != Kind::kNone) {
    const auto subarray = subarray_type(judge, parts[2], depth);
    if (!subarray || code.letter != 'V' || parts[4].kind() != Kind::kNone) return {};
    type = *subarray;
  } else if (parts[4].kind() != Kind::kNone) {
    if (code.letter != 'V' || *size < 0) return {};
    const auto objects = fields_hold_objects(judge, parts[3], parts[4], static_cast<std::uint64_t>(*size), depth);
    if (!objects) return {};
    type = {static_cast<std::uint64_t>(*size), *objects};
  } else if (parts[3].kind() != Kind::kNone) {
    return {};
  }
  if (*size >= 0 && static_cast<std::uint64_t>(*size) != type.size) return {};
  if (type.has_objects) {
    const bool told = (*flags & kHoldsObjects) != 0 && (*flags & kListPickle) != 0;
    return told ? std::optional(type) : std::nullopt;
  }
  const bool none = (*flags & (kHoldsObjects | kListPickle | kIsPointer)) == 0;
  return none ? std::optional(type) : std::nullopt;
}

std::optional<TypeCode> code_of(Judge& judge, Symbol dtype) {
  const auto args = items_of(dtype.object()->args);
  if (args.empty()) return {};
  if (is_record(judge, args[0])) return TypeCode{'V', 0};
  const auto text = judge.text(args[0]);
  return text ? parse_code(*text) : std::nullopt;
}

std::optional<ItemType> item_type(Judge& judge, Symbol dtype, int depth) {
  if (depth > kDeepest || !is_dtype(judge, dtype)) return {};
  if (judge.class_of(dtype)->key == kStringDtype) return ItemType{16, true};  // its items are written as a list of str
  const auto code = code_of(judge, dtype);
  if (!code) return {};
  const Symbol state = dtype.object()->state;
  if (state.kind() != Kind::kNothing) return type_of_state(judge, *code, state, depth);
  return ItemType{code->letter == 'U' ? code->size * 4 : code->size, code->letter == 'O'};
}

// Where it is known: not of what a call gives, nor of text, which is encoded first.
std::optional<std::uint64_t> size_of_bytes(Judge& judge, Symbol data) {
  const auto bytes = judge.contents(data);
  return bytes ? std::optional<std::uint64_t>(bytes->size()) : std::nullopt;
}

// The subclasses that _reconstruct may make are those whose states are arrays' states.
bool has_state_model(Judge& judge, Symbol type, std::string_view model) {
  const Entry* entry = judge.entry_of(type);
  return entry != nullptr && std::ranges::any_of(entry->rules, [&](const Rule& rule) {
           return rule.use == Use::kBuild && rule.model == model;
         });
}

bool is_array_class(Judge& judge, Symbol type) { return has_state_model(judge, type, "array_state"); }

// ((0,), b'b'): what arrays are reconstructed from before they get their state.
bool is_empty_array(Judge& judge, Symbol shape, Symbol code) {
  const auto axes = items_of(shape);
  return axes.size() == 1 && judge.integer(axes[0]) == 0 &&
         code.is(bit(Kind::kText) | bit(Kind::kByteString) | bit(Kind::kBytes));
}

// The four parts that tell an array: shape, dtype, is_fortran, data.
bool is_array(Judge& judge, std::span<const Symbol> parts);

// A generator's state: numbers, arrays and scalars of numbers, in dicts and tuples.
bool is_generator_state(Judge& judge, Symbol symbol, int depth) {
  constexpr int kDeepestState = 3;
  const auto is_part = [&](Symbol part) { return is_generator_state(judge, part, depth + 1); };
  if (const Entry* type = judge.class_of(symbol)) {
    return type->key == "numpy:ndarray" || type->key == "numpy:generic" || type->key.ends_with(":SeedSequence");
  }
  if (depth > kDeepestState) return false;
  if (symbol.kind() == Kind::kTuple) return std::ranges::all_of(items_of(symbol), is_part);
  if (symbol.kind() != Kind::kDict) return judge.is_plain(symbol);
  const auto position = judge.under(symbol, "pos");
  constexpr std::int64_t kWords = 624;  // of MT19937, which indexes them by it
  const auto at = position ? judge.integer(*position) : std::optional<std::int64_t>(0);
  if (!at || *at < 0 || *at > kWords) return false;
  return for_each_kept_pair(symbol, [&](Symbol key, Symbol value) { return judge.text(key).has_value() && is_part(value); });
}

bool is_array_or_memmap(Judge& judge, Symbol type) {
  const Entry* entry = judge.entry_of(type);
  if (entry == nullptr) return false;
  return is_array_class(judge, type) || entry->key == "numpy:memmap" || entry->key == "numpy.core.memmap:memmap" ||
         entry->key == "numpy._core.memmap:memmap";
}

}  // namespace

bool array_reconstruct(Judge& judge, const Request& request) {
  const auto& args = request.arguments;
  return args.size() == 3 && is_array_class(judge, args[0]) && is_empty_array(judge, args[1], args[2]);
}

bool array_state(Judge& judge, const Request& request) {
  auto parts = items_of(request.arguments[0]);
  if (parts.size() == 5) {
    if (!judge.integer(parts[0])) return false;
    parts = parts.subspan(1);
  }
  return is_array(judge, parts);
}

bool masked_reconstruct(Judge& judge, const Request& request) {
  const auto& args = request.arguments;
  if (args.size() != 4 || !has_state_model(judge, args[0], "masked_state")) return false;
  const Entry* base = judge.entry_of(args[1]);
  return base != nullptr && (base->key == "numpy:ndarray" || base->key == "numpy:matrix") &&
         is_empty_array(judge, args[2], args[3]);
}

bool masked_state(Judge& judge, const Request& request) {
  const auto parts = items_of(request.arguments[0]);
  if (parts.size() != 7 || !judge.integer(parts[0])) return false;
  const bool has_mask = parts[5].is(bit(Kind::kBytes) | bit(Kind::kByteString) | bit(Kind::kByteArray) | bit(Kind::kList)) ||
                        judge.class_of(parts[5]) != nullptr;
  return has_mask && is_array(judge, parts.subspan(1, 4)) && judge.fits(Pattern(), parts[6]);
}

bool bit_generator(Judge& judge, const Request& request) {
  constexpr std::string_view kNames[] = {"MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"};
  const auto& args = request.arguments;
  if (args.size() > 2) return false;
  if (!args.empty()) {
    std::string_view name;
    const Entry* type = judge.entry_of(args[0]);
    if (const auto text = judge.text(args[0])) name = *text;
    if (type != nullptr && type->key.starts_with("numpy.random._")) name = type->key.substr(type->key.find(':') + 1);
    const Entry* made = judge.class_of(args[0]);
    const bool is_made = made != nullptr && made->key == "numpy.random.bit_generator:BitGenerator";
    if (!is_made && std::ranges::find(kNames, name) == std::end(kNames)) return false;
  }
  const Entry* maker = args.size() == 2 ? judge.entry_of(args[1]) : nullptr;
  return args.size() < 2 || (maker != nullptr && maker->key == "numpy.random._pickle:__bit_generator_ctor");
}

bool random_state(Judge& judge, const Request& request) {
  return request.arguments[0].kind() == Kind::kNone || is_generator_state(judge, request.arguments[0], 0);
}

namespace {

bool is_array(Judge& judge, std::span<const Symbol> parts) {
  if (parts.size() != 4) return false;
  const auto items = items_in(judge, parts[0]);
  const auto type = item_type(judge, parts[1]);
  if (!items || !type || !is_flag(parts[2])) return false;
  const Symbol data = parts[3];
  if (type->has_objects) {
    if (data.kind() != Kind::kList) return false;
    const Container* contents = data.contents();
    const std::uint64_t count = contents == nullptr ? 0 : contents->count();
    return count == std::min(*items, Container::kMostCount);
  }
  // b'' as protocols below 3 write it.
  const Entry* made_by = judge.class_of(data);
  if (made_by != nullptr && made_by->key == "builtins:bytes") return *items == 0 || type->size == 0;
  if (!data.is(bit(Kind::kBytes) | bit(Kind::kByteString) | bit(Kind::kByteArray) | bit(Kind::kText))) return false;
  std::uint64_t size = 0;
  if (__builtin_mul_overflow(*items, type->size, &size)) return false;
  const auto found = size_of_bytes(judge, data);
  return !found || *found == size;
}

}  // namespace

bool numpy_dtype(Judge& judge, const Request& request) {
  const auto& args = request.arguments;
  if (args.empty() || args.size() > 3) return false;
  const auto text = judge.text(args[0]);
  const bool is_known = is_record(judge, args[0]) || (text && parse_code(*text));
  return is_known && std::ranges::all_of(args.subspan(1), is_flag);
}

bool numpy_dtype_state(Judge& judge, const Request& request) {
  const Object& object = *request.subject.object();
  const bool is_fresh = (object.marks & kReliedOn) == 0 && object.state.kind() == Kind::kNothing;
  if (!is_fresh) return false;
  const auto code = code_of(judge, request.subject);
  return code && type_of_state(judge, *code, request.arguments[0], 0);
}

bool numpy_scalar(Judge& judge, const Request& request) {
  const auto& args = request.arguments;
  if (args.size() != 2) return false;
  const auto type = item_type(judge, args[0]);
  if (!type || type->has_objects) return false;
  if (!args[1].is(bit(Kind::kBytes) | bit(Kind::kByteString))) return false;
  const auto size = size_of_bytes(judge, args[1]);
  return !size || *size == type->size || type->size == 0;
}

bool numpy_frombuffer(Judge& judge, const Request& request) {
  const auto& args = request.arguments;
  if (args.size() != 4) return false;
  const auto type = item_type(judge, args[1]);
  return args[0].is(bit(Kind::kBytes) | bit(Kind::kByteArray)) && type && !type->has_objects &&
         items_in(judge, args[2]) && judge.text(args[3]);
}

std::optional<std::string_view> array_bytes(Judge& judge, Symbol array) {
  const Entry* type = judge.class_of(array);
  if (type == nullptr || type->key != "numpy:ndarray") return {};
  array.object()->marks |= kReliedOn;
  const auto state = items_of(array.object()->state);
  if (!state.empty()) return judge.contents(state.back());
  const auto args = items_of(array.object()->args);
  return args.size() == 4 ? judge.contents(args[0]) : std::nullopt;
}

std::optional<std::uint64_t> array_length(Judge& judge, Symbol array) {
  const Entry* type = judge.class_of(array);
  if (type == nullptr || type->key != "numpy:ndarray") return {};
  auto state = items_of(array.object()->state);
  const auto args = items_of(array.object()->args);
  Symbol shape;
  if (state.size() == 4 || state.size() == 5) {
    shape = state[state.size() - 4];
  } else if (args.size() == 4) {
    shape = args[2];  // _frombuffer
  } else if (args.size() == 1) {
    shape = args[0];  // of joblib's wrapper
  }
  const auto axes = items_of(shape);
  const auto length = axes.empty() ? std::nullopt : judge.integer(axes[0]);
  return length && *length >= 0 ? std::optional(static_cast<std::uint64_t>(*length)) : std::nullopt;
}

bool joblib_wrapper_state(Judge& judge, const Request& request) { return wrapped_array(judge, request.arguments[0]).has_value(); }

std::optional<WrappedArray> wrapped_array(Judge& judge, Symbol state) {
  const auto subclass = judge.under(state, "subclass");
  const auto shape = judge.under(state, "shape");
  const auto dtype = judge.under(state, "dtype");
  const auto padding = judge.under(state, "numpy_array_alignment_bytes");
  if (!subclass || !shape || !dtype || !is_array_or_memmap(judge, *subclass)) return {};
  const auto items = items_in(judge, *shape);
  const auto type = item_type(judge, *dtype);
  WrappedArray array{};
  if (!items || !type || __builtin_mul_overflow(*items, type->size, &array.bytes)) return {};
  array.has_objects = type->has_objects;
  array.is_padded = padding && padding->kind() == Kind::kInt;
  return array;
}

}  // namespace cppickle::scanning
