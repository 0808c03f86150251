// Every cell of a document once, without recursion.
#ifndef CPPICKLE_DOCUMENT_WALK_H_
#define CPPICKLE_DOCUMENT_WALK_H_

#include <unordered_set>
#include <vector>

#include "document/cell.h"
#include "document/graph.h"

namespace cppickle {

// Calls visit(Cell) for each cell that the document's pickles hold, nodes before what they hold. References are visited
// and not followed. Stops when visit returns false. The order is not that of the stream.
template <class Visit>
void for_each_cell(const Graph& graph, Visit&& visit) {
  std::vector<Cell> open;
  // Only what a program built or edited holds a node in several places, even in itself.
  bool may_repeat = false;
  for (const Stream& stream : graph.streams) may_repeat = may_repeat || stream.built || stream.restructured;
  std::unordered_set<const Node*> seen;
  for (const Stream& stream : graph.streams) open.push_back(stream.root);
  while (!open.empty()) {
    const Cell cell = open.back();
    open.pop_back();
    if (!visit(cell)) return;
    if (!is_node(cell.tag()) || (may_repeat && !seen.insert(cell.node()).second)) continue;
    const Node& node = *cell.node();
    open.insert(open.end(), node.span().begin(), node.span().end());
    for_each_change(node, [&open](const Change& change) {
      const bool holds_values = change.kind != Change::kVia && change.kind != Change::kRaw &&
                                change.kind != Change::kNested && change.kind != tag_of(Opcode::MEMOIZE);
      if (holds_values) open.insert(open.end(), change.span().begin(), change.span().end());
      return true;
    });
  }
}

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_WALK_H_
