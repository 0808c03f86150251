// What a value holds to Python: the members of a list, the pairs of a dict, however its protocol wrote them.
#ifndef CPPICKLE_PYTHON_VALUE_CONTENTS_H_
#define CPPICKLE_PYTHON_VALUE_CONTENTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/python_value.h"
#include "state.h"

namespace cppickle::python {

struct Contents {
  enum class Form : std::uint8_t { kNone, kSequence, kSet, kMapping };
  Form form;
  Value holder;                          // whose items() or pairs() they are
  bool pairs_are_listed = false;         // a mapping whose items() are [key, value]
  std::optional<Arguments> fields = {};  // of a namedtuple, in place of holder
};

Contents contents_of(const Value& value);

// Goes through the contents once; copies are cheap. The graph outlives it.
class Cursor {
 public:
  explicit Cursor(const Contents& contents);
  // False at the end. Of a sequence or set, `key` is not touched. Listed pairs that are none are left out.
  bool next(Value& key, Value& value);

 private:
  bool is_mapping_;
  bool pairs_are_listed_;
  Values::Iterator at_;
  Pairs::Iterator pair_;
};

std::uint64_t count_members(const Contents& contents);

// A container's members by number and by key, made when it is large and somebody asks for one of them.
struct Members {
  std::vector<Value> values;
  std::vector<Value> keys;  // of a mapping
  Ref positions;            // of a mapping: a dict of keys to numbers; the last pair of a key counts
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_VALUE_CONTENTS_H_
