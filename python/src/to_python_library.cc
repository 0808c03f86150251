// What Python's own library pickles as data: dates, decimals, paths, the containers of collections. Classes
// are imported by names that stand here, never by one that stands in a file.
#include "cppickle/bytes_view.h"
#include "document/class_names.h"
#include "document_error.h"
#include "to_python.h"
#include "value_scalar.h"

namespace cppickle::python {
namespace {

constexpr std::size_t kMostDigits = 4300;  // as sys.get_int_max_str_digits()
constexpr std::size_t kMostArguments = 64;
constexpr unsigned kMostNested = 3;  // a datetime's zone's offset

PyObject* import_from(const char* module, const char* name) {
  const Ref imported(PyImport_ImportModule(module));
  return imported ? PyObject_GetAttrString(imported.get(), name) : nullptr;
}

// module.name(arguments...)
PyObject* call(const char* module, const char* name, PyObject* arguments) {
  const Ref held(arguments);
  const Ref callable(held ? import_from(module, name) : nullptr);
  return callable ? PyObject_CallObject(callable.get(), held.get()) : nullptr;
}

class Library {
 public:
  explicit Library(const State& state) : state_(state) {}

  // The object, or nullptr, with an exception if there is one.
  PyObject* make(const ObjectView& object, unsigned depth) const {
    if (depth == kMostNested || object.slots || object.state) return nullptr;
    if (object.kind == ObjectKind::kUuid) return uuid(object);
    if (object.attributes) return nullptr;
    switch (object.kind) {
      case ObjectKind::kDate:
      case ObjectKind::kTime:
      case ObjectKind::kDateTime: return date(object, depth);
      case ObjectKind::kTimeDelta: return call("datetime", "timedelta", arguments(object, Take::kInts, 3));
      case ObjectKind::kTimeZone: return zone(object, depth);
      case ObjectKind::kDecimal: return call("decimal", "Decimal", arguments(object, Take::kText, 1));
      case ObjectKind::kFraction: return fraction(object);
      case ObjectKind::kRange: return call("builtins", "range", arguments(object, Take::kInts, 3));
      case ObjectKind::kSlice: return call("builtins", "slice", arguments(object, Take::kScalars, 3));
      case ObjectKind::kPath: return path(object);
      default: return nullptr;
    }
  }

 private:
  enum class Take : std::uint8_t { kInts, kText, kScalars };

  // A tuple, or nullptr where they are not what is expected.
  PyObject* arguments(const ObjectView& object, Take take, std::size_t most) const {
    Ref list(PyList_New(0));
    std::size_t count = 0;
    for (const Value argument : object.args) {
      const Kind kind = argument.kind();
      const bool is_text = kind == Kind::kString || kind == Kind::kByteString;
      if (++count > most || (take == Take::kInts && kind != Kind::kInt) || (take == Take::kText && !is_text))
        return nullptr;
      Ref scalar;
      if (!list || !scalar_of(state_, argument, scalar) || !scalar) return nullptr;
      if (PyList_Append(list.get(), scalar.get()) != 0) return nullptr;
    }
    return list ? PyList_AsTuple(list.get()) : nullptr;
  }

  PyObject* date(const ObjectView& object, unsigned depth) const {
    const auto time = date_time(object);
    if (!time) return nullptr;
    if (!time->has_time)
      return call("datetime", "date", Py_BuildValue("(iii)", time->year, time->month, time->day));
    Ref zone = Ref::of(Py_None);
    if (time->zone) {
      const auto inner = object_view(*time->zone);
      zone = Ref(inner ? make(*inner, depth + 1) : nullptr);
      if (!zone) return nullptr;
    }
    const Ref fold(Py_BuildValue("{si}", "fold", time->fold ? 1 : 0));
    const Ref type(import_from("datetime", time->has_date ? "datetime" : "time"));
    const Ref numbers(time->has_date
                          ? Py_BuildValue("(iiiiiiiO)", time->year, time->month, time->day, time->hour,
                                          time->minute, time->second, time->microsecond, zone.get())
                          : Py_BuildValue("(iiiiO)", time->hour, time->minute, time->second,
                                          time->microsecond, zone.get()));
    return fold && type && numbers ? PyObject_Call(type.get(), numbers.get(), fold.get()) : nullptr;
  }

  PyObject* zone(const ObjectView& object, unsigned depth) const {
    const Global type = canonical(object.type);
    const auto first = object.args[0];
    const auto second = object.args[1];
    if (!first) return nullptr;
    if (type.module == "zoneinfo") {
      Ref key;
      if (first->kind() != Kind::kString || !scalar_of(state_, *first, key)) return nullptr;
      return call("zoneinfo", "ZoneInfo", PyTuple_Pack(1, key.get()));
    }
    if (!is_named(type, "datetime", "timezone")) return nullptr;
    const auto delta = object_view(*first);
    const Ref offset(delta && delta->kind == ObjectKind::kTimeDelta ? make(*delta, depth + 1) : nullptr);
    if (!offset) return nullptr;
    if (!second) return call("datetime", "timezone", PyTuple_Pack(1, offset.get()));
    Ref name;
    if (second->kind() != Kind::kString || !scalar_of(state_, *second, name)) return nullptr;
    return call("datetime", "timezone", PyTuple_Pack(2, offset.get(), name.get()));
  }

  // '1/3' before Python 3.12, then two numbers. Text with an exponent would be a number of any size.
  PyObject* fraction(const ObjectView& object) const {
    const auto first = object.args[0];
    if (!first) return nullptr;
    if (first->kind() == Kind::kInt) return call("fractions", "Fraction", arguments(object, Take::kInts, 2));
    const std::string_view text = first->text();
    if (text.size() > kMostDigits || text.find_first_not_of("-0123456789/") != std::string_view::npos)
      return nullptr;
    return call("fractions", "Fraction", arguments(object, Take::kText, 1));
  }

  PyObject* uuid(const ObjectView& object) const {
    const auto number = object.attribute("int");
    if (!number || number->kind() != Kind::kInt) return nullptr;
    const Ref integer(int_of(state_, *number));
    const Ref type(integer ? import_from("uuid", "UUID") : nullptr);
    const Ref keywords(type ? Py_BuildValue("{sO}", "int", integer.get()) : nullptr);
    const Ref none(keywords ? PyTuple_New(0) : nullptr);
    return none ? PyObject_Call(type.get(), none.get(), keywords.get()) : nullptr;
  }

  PyObject* path(const ObjectView& object) const {
    const std::string name(canonical(object.type).qualname);
    return call("pathlib", name.c_str(), arguments(object, Take::kText, kMostArguments));
  }

  const State& state_;
};

// The type that a defaultdict makes its values with: one of those that hold pure data.
PyObject* factory_of(const ObjectView& object) {
  const auto first = object.args[0];
  if (!first || first->kind() == Kind::kNone) return new_ref(Py_None);
  const auto name = canonical_name(*first);
  if (!name || name->module != "builtins") return nullptr;
  static constexpr const char* kTypes[] = {"bool", "bytes", "dict", "float", "int",
                                           "list", "set",   "str",  "tuple"};
  for (const char* type : kTypes) {
    if (name->qualname == type) return import_from("builtins", type);
  }
  return nullptr;
}

}  // namespace

bool library_value(const State& state, const Value&, const ObjectView& object, Ref& made) {
  made = Ref(Library(state).make(object, 0));
  return made || PyErr_Occurred() == nullptr;
}

bool library_container(const State& state, const ObjectView& object, Ref& made) {
  switch (object.kind) {
    case ObjectKind::kOrderedDict: made = Ref(call("collections", "OrderedDict", PyTuple_New(0))); break;
    case ObjectKind::kCounter: made = Ref(call("collections", "Counter", PyTuple_New(0))); break;
    case ObjectKind::kDefaultDict: {
      const Ref factory(factory_of(object));
      made = Ref(factory ? call("collections", "defaultdict", PyTuple_Pack(1, factory.get())) : nullptr);
      break;
    }
    case ObjectKind::kDeque: {
      Ref length = Ref::of(Py_None);
      const auto second = object.args[1];
      if (second && !scalar_of(state, *second, length)) return false;
      made = Ref(length ? call("collections", "deque", Py_BuildValue("(()O)", length.get())) : nullptr);
      break;
    }
    default: return true;
  }
  return made || PyErr_Occurred() == nullptr;
}

}  // namespace cppickle::python
