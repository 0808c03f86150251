// What JSON and UBJSON both hold: a tree of objects, lists, numbers and texts, as boosters write their models.
#ifndef CPPICKLE_DOCUMENT_DATA_TREE_H_
#define CPPICKLE_DOCUMENT_DATA_TREE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/error.h"

namespace cppickle {

// Numbers of one type, as UBJSON has them (big-endian), or doubles of this machine.
struct NumberSpan {
  char type = 'n';  // i int8, U uint8, I int16, l int32, L int64, d float, D double; n: double of this machine
  const char* data = nullptr;
  std::size_t count = 0;

  double operator[](std::size_t i) const;
  static std::size_t size_of(char type);  // 0 for what is no type
};

struct DataNode {
  enum class Kind : std::uint8_t { kNull, kBool, kNumber, kText, kNumbers, kList, kObject };
  Kind kind = Kind::kNull;
  std::string_view key;            // in an object
  std::string_view text;           // of kText
  double number = 0;               // of kNumber and kBool
  NumberSpan numbers;              // of kNumbers: a list of numbers or booleans that is not empty
  std::vector<DataNode> members;   // of kList and kObject

  const DataNode* find(std::string_view name) const;  // null where there is none, or no object here
  // A list of numbers, whatever its length; empty for anything else.
  std::optional<NumberSpan> as_numbers() const;
};

// Views lie in the bytes that were read, or in the tree.
struct DataTree {
  DataNode root;
  std::deque<std::string> texts;
  std::deque<std::vector<double>> doubles;
};

// Errors: kCorrupt for what is cut or not well-formed, kLimit past `most_values` values (numbers in lists are no values
// here) or 64 levels.
Result<void> read_ubjson(std::string_view bytes, std::size_t most_values, DataTree& tree);
Result<void> read_json_tree(std::string_view json, std::size_t most_values, DataTree& tree);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_DATA_TREE_H_
