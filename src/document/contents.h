// What a node holds: its own cells, and those that changes of some kinds brought.
#ifndef CPPICKLE_DOCUMENT_CONTENTS_H_
#define CPPICKLE_DOCUMENT_CONTENTS_H_

#include <span>

#include "document/cell.h"

namespace cppickle {

constexpr unsigned kAppends = 1;
constexpr unsigned kSets = 2;
constexpr unsigned kAdds = 4;

inline unsigned change_kind(Tag kind) {
  switch (static_cast<Opcode>(kind)) {
    case Opcode::APPEND:
    case Opcode::APPENDS: return kAppends;
    case Opcode::SETITEM:
    case Opcode::SETITEMS: return kSets;
    case Opcode::ADDITEMS: return kAdds;
    default: return 0;
  }
}

// Calls visit(std::span<const Cell>) for each run of cells that changes of these kinds brought, in order, until it
// returns false; then returns false.
template <class Visit>
bool for_each_run(const Node& node, unsigned changes, Visit&& visit) {
  bool go_on = true;
  const auto look = [&](const Change& change) {
    if ((change_kind(change.kind) & changes) != 0) go_on = visit(change.span());
    return go_on;
  };
  for_each_change(node, [&](const Change& change) {
    if (change.kind != Change::kVia) return look(change);
    for_each_change(*change.cells[0].node(), look);
    return go_on;
  });
  return go_on;
}

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_CONTENTS_H_
