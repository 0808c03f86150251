// The parts of an object as plain JSON writes them.
#ifndef CPPICKLE_CONVERT_OBJECT_PARTS_H_
#define CPPICKLE_CONVERT_OBJECT_PARTS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "cppickle/document.h"

namespace cppickle {

struct ObjectParts {
  explicit ObjectParts(const Value& object);

  std::string class_name;          // "module.Class"; empty where the callable is no name
  std::optional<Value> callable;   // where it is none
  Values args;
  std::size_t skip = 0;            // of args: the class and what else copyreg's functions take
  std::optional<Value> kwargs;
  std::optional<Value> attributes; // dicts
  std::optional<Value> slots;
  std::optional<Value> state;      // of another form
};

}  // namespace cppickle

#endif  // CPPICKLE_CONVERT_OBJECT_PARTS_H_
