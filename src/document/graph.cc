#include "document/graph.h"

#include <cstring>

namespace cppickle {

Node* Graph::make_node(std::span<const Cell> cells) {
  auto* node = static_cast<Node*>(arena.allocate(sizeof(Node) + cells.size_bytes()));
  node->last = nullptr;
  node->count = static_cast<std::uint32_t>(cells.size());
  node->entry = Node::kNoEntry;
  if (!cells.empty()) std::memcpy(static_cast<void*>(node->cells), cells.data(), cells.size_bytes());
  return node;
}

Change* Graph::add_change(Node& node, Tag kind, std::span<const Cell> cells) {
  auto* change = static_cast<Change*>(arena.allocate(sizeof(Change) + cells.size_bytes()));
  change->count = static_cast<std::uint32_t>(cells.size());
  change->kind = kind;
  if (!cells.empty()) std::memcpy(static_cast<void*>(change->cells), cells.data(), cells.size_bytes());
  if (node.last == nullptr) {
    change->next = change;
  } else {
    change->next = node.last->next;
    node.last->next = change;
  }
  node.last = change;
  return change;
}

Cell Graph::resolve(Cell cell) const {
  for (;;) {
    if (cell.tag() == Tag::kEntry || is_get(cell.tag())) {
      cell = memo[cell.number()];
    } else if (cell.tag() == tag_of(Opcode::DUP)) {
      std::memcpy(static_cast<void*>(&cell), cell.argument(), sizeof cell);
    } else if (cell.tag() == Tag::kChanged || cell.tag() == Tag::kPreceded || cell.tag() == Tag::kLeftover) {
      cell = cell.node()->cells[0];
    } else {
      return cell;
    }
  }
}

}  // namespace cppickle
