// Paths to values: `runs[3].loss`, `['x y']`, `[-1]`.
#ifndef CPPICKLE_DOCUMENT_PATH_H_
#define CPPICKLE_DOCUMENT_PATH_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/error.h"
#include "document/cell.h"

namespace cppickle {

struct PathStep {
  enum class Kind : std::uint8_t { kName, kKey, kNumber };  // .a, ['a'], [3]
  Kind kind;
  std::string text;
  std::int64_t number;
};

Result<std::vector<PathStep>> parse_path(std::string_view path);

// Where the value at `path` below `place` is held.
Result<const Cell*> find_place(const Graph& graph, const Cell* place, std::string_view path);

// The steps of a path as text: "[3]"; ".name", "['any text']", or "[1]" for a key that is no text.
void append_index(std::string& path, std::uint64_t index);
void append_name(std::string& path, std::string_view name);
void append_key(std::string& path, const Value& key);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_PATH_H_
