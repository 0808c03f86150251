// Which class an object is of, and where the parts of it lie in the graph.
#include "cppickle/python_value.h"

#include <algorithm>
#include <cstdio>

#include "cppickle/bytes_view.h"
#include "document/class_names.h"

namespace cppickle {
namespace {

struct KnownClass {
  std::string_view module;
  std::string_view qualname;
  ObjectKind kind;
};

// By canonical name, sorted.
constexpr KnownClass kKnown[] = {
    {"_codecs", "encode", ObjectKind::kBytes},
    {"builtins", "bytearray", ObjectKind::kByteArray},
    {"builtins", "bytes", ObjectKind::kBytes},
    {"builtins", "complex", ObjectKind::kComplex},
    {"builtins", "dict", ObjectKind::kDict},
    {"builtins", "frozenset", ObjectKind::kFrozenSet},
    {"builtins", "getattr", ObjectKind::kAttribute},
    {"builtins", "list", ObjectKind::kList},
    {"builtins", "range", ObjectKind::kRange},
    {"builtins", "set", ObjectKind::kSet},
    {"builtins", "slice", ObjectKind::kSlice},
    {"builtins", "tuple", ObjectKind::kTuple},
    {"collections", "ChainMap", ObjectKind::kChainMap},
    {"collections", "Counter", ObjectKind::kCounter},
    {"collections", "OrderedDict", ObjectKind::kOrderedDict},
    {"collections", "defaultdict", ObjectKind::kDefaultDict},
    {"collections", "deque", ObjectKind::kDeque},
    {"datetime", "date", ObjectKind::kDate},
    {"datetime", "datetime", ObjectKind::kDateTime},
    {"datetime", "time", ObjectKind::kTime},
    {"datetime", "timedelta", ObjectKind::kTimeDelta},
    {"datetime", "timezone", ObjectKind::kTimeZone},
    {"dateutil.tz", "tzfile", ObjectKind::kTimeZone},
    {"dateutil.tz", "tzlocal", ObjectKind::kTimeZone},
    {"dateutil.tz", "tzoffset", ObjectKind::kTimeZone},
    {"dateutil.tz", "tzutc", ObjectKind::kTimeZone},
    {"decimal", "Decimal", ObjectKind::kDecimal},
    {"fractions", "Fraction", ObjectKind::kFraction},
    {"functools", "partial", ObjectKind::kPartial},
    {"joblib.numpy_pickle", "NumpyArrayWrapper", ObjectKind::kArray},
    {"numpy", "dtype", ObjectKind::kDType},
    {"numpy._core._internal", "_convert_to_stringdtype_kwargs", ObjectKind::kDType},
    {"numpy._core.multiarray", "_reconstruct", ObjectKind::kArray},
    {"numpy._core.multiarray", "scalar", ObjectKind::kArrayScalar},
    {"numpy._core.numeric", "_frombuffer", ObjectKind::kArray},
    {"numpy.ma.core", "_mareconstruct", ObjectKind::kMaskedArray},
    {"numpy.ma.mrecords", "_mrreconstruct", ObjectKind::kMaskedArray},
    {"numpy.random", "__RandomState_ctor", ObjectKind::kRandomState},
    {"numpy.random._pickle", "__bit_generator_ctor", ObjectKind::kBitGenerator},
    {"numpy.random._pickle", "__generator_ctor", ObjectKind::kGenerator},
    {"numpy.random._pickle", "__randomstate_ctor", ObjectKind::kRandomState},
    {"numpy.random.bit_generator", "__pyx_unpickle_SeedSequence", ObjectKind::kSeedSequence},
    {"pathlib", "Path", ObjectKind::kPath},
    {"pathlib", "PosixPath", ObjectKind::kPath},
    {"pathlib", "PurePath", ObjectKind::kPath},
    {"pathlib", "PurePosixPath", ObjectKind::kPath},
    {"pathlib", "PureWindowsPath", ObjectKind::kPath},
    {"pathlib", "WindowsPath", ObjectKind::kPath},
    {"pytz", "_UTC", ObjectKind::kTimeZone},
    {"pytz", "_p", ObjectKind::kTimeZone},
    {"types", "SimpleNamespace", ObjectKind::kSimpleNamespace},
    {"uuid", "UUID", ObjectKind::kUuid},
    {"zoneinfo", "ZoneInfo", ObjectKind::kTimeZone},
    {"zoneinfo", "ZoneInfo._unpickle", ObjectKind::kTimeZone},
};

constexpr bool before(const KnownClass& row, const Global& name) {
  const auto order = row.module <=> name.module;
  return order == 0 ? row.qualname < name.qualname : order < 0;
}

static_assert(std::ranges::is_sorted(kKnown, [](const KnownClass& a, const KnownClass& b) {
  return before(a, Global{b.module, b.qualname});
}));

bool is_exception(const Global& name) {
  if (name.module != "builtins") return false;
  static constexpr std::string_view kOthers[] = {"BaseExceptionGroup", "GeneratorExit", "KeyboardInterrupt", "StopAsyncIteration",
                                                 "StopIteration",      "SystemExit",    "ExceptionGroup"};
  return name.qualname.ends_with("Error") || name.qualname.ends_with("Exception") || name.qualname.ends_with("Warning") ||
         std::ranges::find(kOthers, name.qualname) != std::end(kOthers);
}

ObjectKind kind_of(const Global& name, ObjectKind otherwise) {
  const KnownClass* const row = std::lower_bound(std::begin(kKnown), std::end(kKnown), name, before);
  if (row != std::end(kKnown) && row->module == name.module && row->qualname == name.qualname) return row->kind;
  return is_exception(name) ? ObjectKind::kException : otherwise;
}

bool is_none_or_dict(const Value& value) { return value.kind() == Kind::kNone || value.kind() == Kind::kDict; }

// What pickle's load_build makes of a state for a class without __setstate__.
void set_state(ObjectView& view, const Value& state) {
  if (state.kind() == Kind::kDict) {
    view.attributes = state;
    return;
  }
  if (state.kind() == Kind::kTuple) {
    const Arguments both(state, false, 0);
    const auto first = both[0];
    const auto second = both[1];
    if (first && second && !both[2] && is_none_or_dict(*first) && is_none_or_dict(*second)) {
      if (first->kind() == Kind::kDict) view.attributes = first;
      if (second->kind() == Kind::kDict) view.slots = second;
      return;
    }
  }
  view.state = state;
}

// A mapping or sequence whose content was given to the constructor, not appended afterwards.
void set_content(ObjectView& view) {
  const auto first = view.args[0];
  if (!first) return;
  const Kind of = first->kind();
  const bool is_sequence = of == Kind::kList || of == Kind::kTuple;
  switch (view.kind) {
    case ObjectKind::kSet:
    case ObjectKind::kFrozenSet:
    case ObjectKind::kList:
    case ObjectKind::kTuple:
    case ObjectKind::kDeque:
      if (is_sequence && !first->items().empty()) view.items_in = *first;
      return;
    case ObjectKind::kOrderedDict:
    case ObjectKind::kCounter:
    case ObjectKind::kDict:
      if (of == Kind::kDict) view.pairs_in = *first;
      if (is_sequence && !first->items().empty()) {
        view.items_in = *first;
        view.items_are_pairs = true;
      }
      return;
    default: return;
  }
}

// What copyreg's functions say of the object: class, base and arguments.
void set_by_copyreg(ObjectView& view, const Value& arguments, std::string_view function) {
  const Arguments all = view.args;
  const auto type = all[0];
  view.type = type ? type->global().value_or(Global{}) : Global{};
  view.kind = kind_of(canonical(view.type), ObjectKind::kInstance);
  const auto second = all[1];
  const auto third = all[2];
  if (function == "__newobj__") {
    view.args = Arguments(arguments, false, 1);
  } else if (function == "__newobj_ex__") {
    if (second) view.args = Arguments(*second, false, 0);
    view.kwargs = third;
  } else {
    const auto base = second ? canonical_name(*second) : std::nullopt;
    view.args = Arguments(arguments, false, 3);
    if (!base || !third || is_named(*base, "builtins", "object")) return;
    view.base = second->global();
    view.items_in = view.pairs_in = *third;
    if (is_named(*base, "builtins", "tuple")) {
      view.args = Arguments(*third, false, 0);
      if (view.kind == ObjectKind::kInstance) view.kind = ObjectKind::kNamedTuple;
    } else if (third->kind() != Kind::kList && third->kind() != Kind::kDict) {
      view.args = Arguments(arguments, false, 2);  // the number, text or set it is
    }
  }
}

// getattr(class, 'name')(...): the class and the name.
void set_by_getattr(ObjectView& view, const Value& callable) {
  const auto inner = callable.callable();
  const auto name = inner ? canonical_name(*inner) : std::nullopt;
  const auto args = callable.args();
  if (!name || !args || !is_named(*name, "builtins", "getattr")) return;
  const Arguments both(*args, false, 0);
  const auto owner = both[0];
  const auto attribute = both[1];
  if (!owner || !attribute || !owner->global()) return;
  view.type = *owner->global();
  view.method = attribute->text();
  if (view.method == "_unpickle" && is_named(canonical(view.type), "zoneinfo", "ZoneInfo")) view.kind = ObjectKind::kTimeZone;
}

bool has_two(const Arguments& args) { return args[1].has_value(); }

}  // namespace

std::string_view name_of(ObjectKind kind) {
  static constexpr std::string_view kNames[] = {
      "instance",  "call",     "namedtuple",    "date",       "time",         "datetime",    "timedelta", "timezone",
      "decimal",   "fraction", "complex",       "uuid",       "range",        "slice",       "bytes",     "bytearray",
      "set",       "frozenset", "list",         "tuple",      "dict",         "deque",       "ordereddict", "defaultdict",
      "counter",   "chainmap", "path",          "exception",  "namespace",    "partial",     "attribute", "array",
      "maskedarray", "scalar", "dtype",         "randomstate", "generator",   "bitgenerator", "seedsequence"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(ObjectKind::kSeedSequence) + 1);
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<Value> Arguments::operator[](std::size_t index) const {
  Values::Iterator at = all_.begin();
  for (std::size_t i = 0; i < skip_ + index && at != std::default_sentinel; ++i) ++at;
  if (at == std::default_sentinel) return {};
  return *at;
}

std::optional<Value> ObjectView::attribute(std::string_view name) const {
  for (const std::optional<Value>& dict : {attributes, slots}) {
    if (!dict) continue;
    std::optional<Value> found;
    const Pairs all = dict->pairs();
    for (const auto [key, value] : all) {
      if (key.text() == name && key.kind() != Kind::kBytes) found = value;  // the last one counts
    }
    if (found) return found;
  }
  return {};
}

std::optional<ObjectView> object_view(const Value& value) {
  if (value.kind() != Kind::kObject) return {};
  const auto callable = value.callable();
  const auto arguments = value.args();
  ObjectView view{.kind = ObjectKind::kCall,
                  .type = {},
                  .method = {},
                  .base = {},
                  .args = arguments ? Arguments(*arguments, false, 0) : Arguments(value, true, 0),
                  .kwargs = value.kwargs(),
                  .attributes = {},
                  .slots = {},
                  .state = {},
                  .items_are_pairs = false,
                  .items_in = value,
                  .pairs_in = value};
  const bool is_new = value.opcode().starts_with("NEWOBJ");
  if (const auto state = value.state()) set_state(view, *state);
  const auto written = callable ? callable->global() : std::nullopt;
  if (!written) {
    if (callable) set_by_getattr(view, *callable);
    return view;
  }
  const Global name = canonical(*written);
  const bool is_copyreg = arguments && !is_new && name.module == "copyreg" &&
                          (name.qualname == "_reconstructor" || name.qualname.starts_with("__newobj"));
  if (is_copyreg) {
    set_by_copyreg(view, *arguments, name.qualname);
  } else {
    view.type = *written;
    // Python 2's old-style classes are made without a call where there are no arguments.
    view.kind = kind_of(name, is_new || (!arguments && view.args.empty()) ? ObjectKind::kInstance : ObjectKind::kCall);
  }
  const bool stateless = !view.attributes && !view.slots && !view.state && !view.kwargs;
  if (view.kind == ObjectKind::kInstance && stateless && !view.base && has_two(view.args) && view.items().empty() &&
      view.pairs().empty()) {
    view.kind = ObjectKind::kNamedTuple;
  }
  set_content(view);
  return view;
}

std::optional<DateTime> date_time(const ObjectView& object) {
  const auto first = object.args[0];
  const auto bytes = first ? bytes_of(*first, 16) : std::nullopt;
  if (!bytes) return {};
  const std::string_view text = bytes->bytes;
  const auto byte = [text](std::size_t i) { return static_cast<int>(static_cast<unsigned char>(text[i])); };
  const bool has_date = object.kind == ObjectKind::kDate || object.kind == ObjectKind::kDateTime;
  const bool has_time = object.kind == ObjectKind::kTime || object.kind == ObjectKind::kDateTime;
  const std::size_t clock = has_date ? 4 : 0;
  if ((!has_date && !has_time) || text.size() != clock + (has_time ? 6 : 0)) return {};
  DateTime time;
  time.has_date = has_date;
  time.has_time = has_time;
  if (has_date) {
    time.year = byte(0) << 8 | byte(1);
    time.month = byte(2);
    time.day = byte(3);
    // PEP 495: the fold stands in the highest bit of the month.
    time.fold = has_time && time.month > 127;
    if (time.fold) time.month -= 128;
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (time.year < 1 || time.year > 9999 || time.month < 1 || time.month > 12) return {};
    const bool is_leap = time.month == 2 && time.year % 4 == 0 && (time.year % 100 != 0 || time.year % 400 == 0);
    if (time.day < 1 || time.day > kDays[time.month - 1] + (is_leap ? 1 : 0)) return {};
  }
  if (has_time) {
    time.hour = byte(clock);
    if (!has_date && time.hour > 127) {
      time.fold = true;
      time.hour -= 128;
    }
    time.minute = byte(clock + 1);
    time.second = byte(clock + 2);
    time.microsecond = byte(clock + 3) << 16 | byte(clock + 4) << 8 | byte(clock + 5);
    if (time.hour > 23 || time.minute > 59 || time.second > 59 || time.microsecond > 999'999) return {};
    const auto zone = object.args[1];
    if (zone && zone->kind() != Kind::kNone) time.zone = zone;
  }
  return time;
}

std::string DateTime::to_string() const {
  char text[64];
  int size = 0;
  const auto add = [&](const char* format, auto... numbers) {
    size += std::snprintf(text + size, sizeof text - static_cast<std::size_t>(size), format, numbers...);
  };
  if (has_date) add("%04d-%02d-%02d", year, month, day);
  if (has_date && has_time) add("T");
  if (has_time) add("%02d:%02d:%02d", hour, minute, second);
  if (microsecond != 0) add(".%06d", microsecond);
  return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace cppickle
