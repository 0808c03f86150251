// Pure data of a document as Python's own objects.
#ifndef CPPICKLE_PYTHON_TO_PYTHON_H_
#define CPPICKLE_PYTHON_TO_PYTHON_H_

#include <string>
#include <unordered_map>
#include <vector>

#include "cppickle/array_view.h"
#include "value_contents.h"
#include "value_object.h"

namespace cppickle::python {

// Builds the objects of one value and what it holds, each once: shared values stay shared. Mutable containers
// are made empty and filled when nothing else is open, so that cycles through tuples close; nothing recurses
// over the file.
class PythonBuilder {
 public:
  PythonBuilder(const State& state, std::uint64_t most_nodes) : state_(state), left_(most_nodes) {}

  // nullptr with an exception, whose `where` is a path below `where`.
  PyObject* run(const Value& root, std::string where);
  // That hashing the object, which it made, is cheap: hashing tuples recurses, and looks at shared ones again
  // and again. False with an exception.
  bool check_key(PyObject* key);

 private:
  enum class Sort : std::uint8_t { kTuple, kFrozenSet, kList, kSet, kDict, kMapping, kDeque, kArray };
  enum class Seen : std::uint8_t { kFailed, kDone, kOpened };

  // Where a container stands: what paths in errors are made of.
  struct Place {
    std::uint32_t parent;
    bool is_key;
    std::uint64_t number;  // an index, or the key's cell; of the member that the walk is at
  };
  // A container that was made and is not yet filled.
  struct Unfilled {
    Value value;
    PyObject* object;  // held by made_
    std::uint32_t place;
    Sort sort;
  };
  // A container whose members are on their way into it.
  struct Frame {
    Value value;
    Cursor cursor;
    Ref target;     // the container, or a list of what becomes an immutable one
    Value waiting;  // of a mapping: the value whose key is known
    std::uint32_t place;
    Sort sort;
    std::uint64_t identity = 0;
    std::uint64_t number = 0;  // of members so far
    std::uint64_t key_cell = 0;
    Ref key = {};  // of the pair on its way
  };

  Seen visit(const Value& value, Ref& object);
  Seen visit_object(const Value& value, std::uint64_t identity, Ref& object);
  Seen open(const Value& value, std::uint64_t identity, Sort sort, Ref made, Ref& object);
  Seen open_array(const Value& value, std::uint64_t identity, Ref& object);
  bool step();
  bool accept(Frame& frame, Ref child);
  bool accept_member(Frame& frame, PyObject* child);
  bool finish();
  bool fail(ErrorCode code, std::string what);
  bool fail_with_exception();
  std::string path() const;
  static bool is_mapping(Sort sort) { return sort == Sort::kDict || sort == Sort::kMapping; }

  const State& state_;
  std::uint64_t left_;
  std::string where_;
  const Graph* graph_ = nullptr;
  std::unordered_map<std::uint64_t, Ref> made_;  // by identity; empty for an immutable one that is open
  std::vector<Frame> frames_;
  std::vector<Unfilled> unfilled_;
  std::vector<Place> places_;
  Ref result_;  // of an immutable root
};

// A date, Decimal, UUID and what else Python's own library pickles as pure data. Empty for other objects.
// False with an exception of that library where it refuses.
bool library_value(const State& state, const Value& value, const ObjectView& object, Ref& made);

// An empty container of the collections module. Empty for other objects; false with an exception.
bool library_container(const State& state, const ObjectView& object, Ref& made);

// numpy_array.cc: an array over the document's bytes, which it keeps alive; with nullptr one of its own. Of a
// scalar numpy's scalar. nullptr with an exception.
PyObject* numpy_array(const State& state, const Value& value, DocumentObject* keeper);
PyObject* numpy_dtype(const State& state, const Value& value);
// An empty array of objects of the shape, and a flat view of it. False with an exception.
bool object_array(const ArrayView& array, Ref& whole, Ref& flat);
// The module, or an Error that says it is needed. nullptr with an exception.
PyObject* import_numpy(const State& state);

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_TO_PYTHON_H_
