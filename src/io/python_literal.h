// A Python literal (numbers, text, tuples, lists, dicts, True, False, None) as .npy headers hold one. Read
// without recursion and without evaluating anything.
#ifndef CPPICKLE_IO_PYTHON_LITERAL_H_
#define CPPICKLE_IO_PYTHON_LITERAL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/error.h"

namespace cppickle {

struct LiteralNode {
  enum class Kind : std::uint8_t { kNone, kTrue, kFalse, kInteger, kText, kTuple, kList, kDict };

  Kind kind = Kind::kNone;
  std::string_view source;        // as written, brackets and quotes included
  std::uint32_t child_count = 0;  // of a dict: keys and values in turn
  std::uint32_t after = 0;        // index of the node after this one and all that is in it
};

// A tree in the order of the text: the children of node i begin at i + 1, and the next sibling is at `after`.
struct PythonLiteral {
  std::vector<LiteralNode> nodes;

  const LiteralNode& operator[](std::size_t i) const { return nodes[i]; }
  std::uint32_t next(std::uint32_t i) const { return nodes[i].after; }
};

// At most `depth` brackets may be open. Error code kBadText, with offsets in `text`.
Result<PythonLiteral> parse_python_literal(std::string_view text, std::size_t depth = 32);

// The text of a kText node, with escapes resolved (\xNN and \uNNNN become UTF-8).
std::string text_of(const LiteralNode& node);

// The number of a kInteger node that is not negative and fits; Python 2's suffix L is let pass.
std::optional<std::uint64_t> unsigned_of(const LiteralNode& node);

}  // namespace cppickle

#endif  // CPPICKLE_IO_PYTHON_LITERAL_H_
