#include "document/graph.h"

#include <cstring>

namespace cppickle {

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
