// What is known about a type for as long as it does not change: whether its instances are pickled by CPython's defaults.
#ifndef CPPICKLE_PYTHON_TYPE_FACTS_H_
#define CPPICKLE_PYTHON_TYPE_FACTS_H_

#include "ref.h"

#include <cstdint>

#include "internals.h"
#include "small_table.h"
#include "state.h"
#include "watcher.h"

namespace cppickle::python {

enum class Pickled : std::uint8_t {
  kAsItSays,    // its own reducer must be asked
  kDefault,     // object.__reduce_ex__: NEWOBJ without arguments, then the state
  kNamedTuple,  // NEWOBJ with the items as arguments
  kDate,
  kTime,
  kDateTime,
  kTimeDelta,
  kDecimal,
  kArray,  // numpy.ndarray
};

struct TypeFacts {
  const void* key() const { return type; }

  PyTypeObject* type = nullptr;
  unsigned version = 0;
  std::uint64_t epoch = 0;  // when this was last found true
  Pickled pickled = Pickled::kAsItSays;
  bool has_dict = false;
  bool has_getstate = false;  // kDefault, but that __getstate__ of the class says the state
  PyObject* slots = nullptr;  // a list of names, borrowed from the type; nullptr if it has none
};

// Finds out. Python code that runs for it (copyreg._slotnames, a metaclass, an import) is told to the watcher. False with an
// exception.
bool find_facts(const State& state, PyTypeObject* type, TypeFacts& facts, Watcher& watcher);

// Whether a class is hashed and compared, and its attributes are found, without running Python code: its metaclass is `type`
// or leaves that as it is.
bool is_plain_class(const State& state, PyTypeObject* type);

// The facts of the types met last.
using FactsTable = SmallTable<TypeFacts, 64>;

// True if a plain class's __dict__ is what obj.__dict__ gives.
bool has_plain_dict(const State& state, PyTypeObject* type);

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_TYPE_FACTS_H_
