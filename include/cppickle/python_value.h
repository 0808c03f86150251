// What an object of a document is to Python: its class, arguments, attributes and content, however its protocol wrote
// them, and what the classes of Python's own library mean by them.
#ifndef CPPICKLE_PYTHON_VALUE_H_
#define CPPICKLE_PYTHON_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cppickle/document.h"

namespace cppickle {

enum class ObjectKind : std::uint8_t {
  kInstance,    // of a class whose meaning is not known here, made without calling it (NEWOBJ, copyreg._reconstructor)
  kCall,        // the result of calling a class or function
  kNamedTuple,  // an instance with positional arguments and no state: what namedtuples and other tuple subclasses are
  kDate, kTime, kDateTime, kTimeDelta, kTimeZone,  // kTimeZone: also zoneinfo's, pytz's and dateutil's
  kDecimal, kFraction, kComplex, kUuid, kRange, kSlice,
  kBytes, kByteArray, kSet, kFrozenSet, kList, kTuple, kDict,  // the built-in ones, written as calls
  kDeque, kOrderedDict, kDefaultDict, kCounter, kChainMap,
  kPath, kException, kSimpleNamespace, kPartial,
  kAttribute,   // getattr(object, 'name'): members of classes, enumerations
  kArray, kMaskedArray, kArrayScalar, kDType,  // numpy's: see array_view.h
  kRandomState, kGenerator, kBitGenerator, kSeedSequence,
};
std::string_view name_of(ObjectKind kind);

// The arguments of a call, without the class where copyreg's functions take it as an argument.
class Arguments {
 public:
  Arguments(const Value& holder, bool direct, std::size_t skip)
      : all_(direct ? holder.direct_args() : holder.items()), skip_(skip) {}
  Values::Iterator begin() const {
    Values::Iterator at = all_.begin();
    for (std::size_t i = 0; i < skip_ && at != std::default_sentinel; ++i) ++at;
    return at;
  }
  std::default_sentinel_t end() const { return {}; }
  bool empty() const { return begin() == end(); }
  std::optional<Value> operator[](std::size_t index) const;  // empty past the end; takes time of the index

 private:
  Values all_;
  std::size_t skip_;
};

// Made by object_view(), which copies nothing and looks at no member.
struct ObjectView {
  ObjectKind kind;
  Global type;                      // the class or function, as written; empty names where it is no name
  std::string_view method;          // of `type`, where that was called: getattr(type, method)(arguments)
  std::optional<Global> base;       // protocol 0 and 1: the built-in class that the class derives from
  Arguments args;
  std::optional<Value> kwargs;      // a dict
  std::optional<Value> attributes;  // a dict: what BUILD puts into __dict__
  std::optional<Value> slots;       // a dict: what it sets by setattr
  std::optional<Value> state;       // a state of another form, for the class's own __setstate__

  // Members of a sequence or set, appended or given to the constructor; empty of other objects.
  Values items() const { return items_in.items(); }
  // Of a mapping, set or given to the constructor as a dict.
  Pairs pairs() const { return pairs_in.pairs(); }
  // True where a mapping was given to its constructor as a list of [key, value]: items() are these lists or tuples.
  bool items_are_pairs = false;

  Value items_in;
  Value pairs_in;

  // An attribute by name, in __dict__ or slots. Takes time of their number.
  std::optional<Value> attribute(std::string_view name) const;
};

// Empty if the value is no kObject.
std::optional<ObjectView> object_view(const Value& value);

struct DateTime {
  bool has_date = false;
  bool has_time = false;
  int year = 0, month = 0, day = 0;
  int hour = 0, minute = 0, second = 0, microsecond = 0;
  bool fold = false;
  std::optional<Value> zone;  // its tzinfo

  std::string to_string() const;  // ISO 8601, without the zone
};

// Of a date, time or datetime that Python would accept.
std::optional<DateTime> date_time(const ObjectView& object);

// One line for people: None, 1.5, 'text', [1, 2, 3], datetime.datetime(2024, 5, 1, 12, 30, tzinfo=UTC), Decimal('1.50'),
// ndarray float64 (400, 300) C 960 kB. Text past about `most` bytes is left out, "..." says so. Takes time of `most`,
// not of the value.
std::string summary(const Value& value, std::size_t most = 120);

}  // namespace cppickle

#endif  // CPPICKLE_PYTHON_VALUE_H_
