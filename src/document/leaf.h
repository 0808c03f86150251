// Leaves as instructions, and instructions as leaves: for whoever makes values that no stream held.
#ifndef CPPICKLE_DOCUMENT_LEAF_H_
#define CPPICKLE_DOCUMENT_LEAF_H_

#include <string_view>

#include "cppickle/error.h"
#include "document/cell.h"
#include "document/graph.h"

namespace cppickle {

// The argument of a leaf as its instruction would hold it, count or newline included.
std::string_view argument_bytes(const Graph& graph, Cell leaf);

// The leaf that `instruction`, an opcode and its argument and nothing more, would be read as. The bytes are copied into the graph.
// An error for what no reader would accept, and for opcodes that make no leaf.
Result<Cell> leaf_of(Graph& graph, std::string_view instruction);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_LEAF_H_
