// How a document holds what was read: cells of 8 bytes, nodes for what is made of others, and changes.
//
// The graph keeps the order of the stream: a node knows what it was made of (`cells`) and, in order, what was done to
// it afterwards (`Change`). Emitting a node's parts in that order gives the instructions it came from, so re-writing
// is a walk, and a document's memory is a small multiple of its file.
#ifndef CPPICKLE_DOCUMENT_CELL_H_
#define CPPICKLE_DOCUMENT_CELL_H_

#include <cstdint>
#include <span>

#include "pickle/opcode.h"

namespace cppickle {

struct Node;

// What a cell is. Leaves and nodes are tagged with the opcode that made them; these tags are no opcodes.
enum class Tag : std::uint8_t {
  kNothing = 0x00,
  kEntry = 0x01,      // a leaf that was put in the memo: the entry's number; the leaf itself lies in the memo
  kChanged = 0x02,    // a node that holds a value which is no node of its own (a leaf, a reference) and its changes
  kPreceded = 0x03,   // a node that holds a value, and what was discarded before it
  kLeftover = 0x04,   // a node that holds the root, and what lay under it at STOP
};

constexpr Tag tag_of(Opcode opcode) { return static_cast<Tag>(opcode); }

// A tag, eight flags and a pointer or number of 48 bits (user addresses of x86-64 and AArch64 fit). Trivial to copy.
//   leaf        points to its argument, in the source or in the document's own memory; numbers and text are read from
//               there when somebody asks
//   GET, kEntry the number of a memo entry
//   DUP         points to the duplicated cell
//   otherwise   points to a Node
class Cell {
 public:
  static constexpr std::uint8_t kDecoded = 1;  // points to a DecodedText instead of to its argument
  static constexpr std::uint8_t kOddForm = 2;  // an opcode that a pickler would not have chosen for this argument

  constexpr Cell() = default;
  Cell(Tag tag, const void* pointer, std::uint8_t flags = 0)
      : Cell(tag, static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(pointer)), flags) {}
  constexpr Cell(Tag tag, std::uint64_t number, std::uint8_t flags = 0)
      : bits_(number << 16 | std::uint64_t{flags} << 8 | static_cast<std::uint8_t>(tag)) {}
  static constexpr Cell from_bits(std::uint64_t bits) {
    Cell cell;
    cell.bits_ = bits;
    return cell;
  }

  constexpr Tag tag() const { return static_cast<Tag>(bits_ & 0xFF); }
  constexpr Opcode opcode() const { return static_cast<Opcode>(bits_ & 0xFF); }
  constexpr bool has(std::uint8_t flag) const { return (bits_ >> 8 & flag) != 0; }
  constexpr std::uint64_t number() const { return bits_ >> 16; }
  const std::uint8_t* argument() const { return reinterpret_cast<const std::uint8_t*>(bits_ >> 16); }
  Node* node() const { return reinterpret_cast<Node*>(bits_ >> 16); }
  constexpr std::uint64_t bits() const { return bits_; }
  constexpr explicit operator bool() const { return bits_ != 0; }
  friend constexpr bool operator==(Cell, Cell) = default;

 private:
  std::uint64_t bits_ = 0;
};
static_assert(sizeof(Cell) == 8);

// Text of a UNICODE or STRING line whose escapes are resolved.
struct DecodedText {
  const std::uint8_t* argument;
  std::uint64_t size;
  __extension__ char text[];  // UTF-8, or the bytes of a Python 2 string
};

// What was done to a node after it was made. Changes of one node form a ring; the node points to the last.
struct Change {
  // The kinds that are no opcodes are kVia and kRaw.
  static constexpr Tag kVia = static_cast<Tag>(0x05);  // one cell: a kChanged node with changes through a reference
  static constexpr Tag kRaw = static_cast<Tag>(0x06);  // three cells: where bytes between instructions begin, their
                                                       // count, and how many of them are padding before the array
  static constexpr Tag kNested = static_cast<Tag>(0x07);  // one cell: the number of a nested pickle

  Change* next;
  std::uint32_t count;
  Tag kind;  // APPEND... BUILD, POP and POP_MARK (an effect: discarded cells), MEMOIZE (one cell: the entry), or above
  __extension__ Cell cells[];

  std::span<Cell> span() { return {cells, count}; }
  std::span<const Cell> span() const { return {cells, count}; }
};

struct Node {
  static constexpr std::uint32_t kNoEntry = ~std::uint32_t{0};

  Change* last;         // of the ring of changes, or null
  std::uint32_t count;  // of cells
  std::uint32_t entry;  // the memo entry it was put under when it was made, or kNoEntry
  __extension__ Cell cells[];

  std::span<Cell> span() { return {cells, count}; }
  std::span<const Cell> span() const { return {cells, count}; }
};

// True where a cell of this tag points to a Node.
constexpr bool is_node(Tag tag) {
  switch (static_cast<Opcode>(tag)) {
    case Opcode::EMPTY_LIST:
    case Opcode::EMPTY_DICT:
    case Opcode::EMPTY_SET:
    case Opcode::LIST:
    case Opcode::DICT:
    case Opcode::FROZENSET:
    case Opcode::TUPLE:
    case Opcode::TUPLE1:
    case Opcode::TUPLE2:
    case Opcode::TUPLE3:
    case Opcode::REDUCE:
    case Opcode::NEWOBJ:
    case Opcode::NEWOBJ_EX:
    case Opcode::OBJ:
    case Opcode::INST:
    case Opcode::STACK_GLOBAL:
    case Opcode::BINPERSID:
    case Opcode::READONLY_BUFFER: return true;
    default: return tag == Tag::kChanged || tag == Tag::kPreceded || tag == Tag::kLeftover;
  }
}

// What was discarded in a frame that held nothing else: a kPreceded node without a value.
inline bool is_only_effects(Cell cell) { return cell.tag() == Tag::kPreceded && cell.node()->count == 0; }

constexpr bool is_get(Tag tag) {
  return tag == tag_of(Opcode::GET) || tag == tag_of(Opcode::BINGET) || tag == tag_of(Opcode::LONG_BINGET);
}

// Calls visit(Change&) for each change in order, until it returns false.
template <class Visit>
void for_each_change(const Node& node, Visit&& visit) {
  if (node.last == nullptr) return;
  for (Change* change = node.last->next;; change = change->next) {
    if (!visit(*change) || change == node.last) return;
  }
}

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_CELL_H_
