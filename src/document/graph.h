// What a Document holds: the memory of its cells and nodes, the memo, and one entry per pickle.
#ifndef CPPICKLE_DOCUMENT_GRAPH_H_
#define CPPICKLE_DOCUMENT_GRAPH_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "cppickle/document.h"
#include "document/cell.h"
#include "document/inline_array.h"
#include "pickle/opcode_reader.h"

namespace cppickle {

// How a pickler writes memo entries: all picklers keep to one form, so it is kept per pickle and not per entry.
enum class PutForm : std::uint8_t { kNone, kText, kBinary, kMemoize };

// One pickle: what its nodes do not say.
struct Stream {
  Cell root;
  std::uint8_t protocol = 0;         // of PROTO, else 0 or 1 by the opcodes in use
  bool has_proto = false;            // PROTO is its first instruction
  PutForm put_form = PutForm::kNone;
  std::uint64_t first_key = 0;       // the memo key of its first entry
  std::uint32_t entries = 0;
  std::uint64_t begin = 0;           // offsets in the source
  std::uint64_t end = 0;
  std::uint64_t instructions = 0;
  bool continues_memo = false;       // written by the pickler of the pickle before it, with the same memo
  bool nested = false;               // lies between the instructions of another (joblib's object arrays)
  bool restructured = false;         // edited so that frames cannot be where they were
  bool built = false;                // made by a program: it has no forms to keep
  std::vector<FrameExtent> frames;
  std::vector<std::pair<std::uint64_t, std::uint8_t>> later_protos;  // instruction number, version
};

// A memo entry whose instruction is not the one its pickle's form and order would give.
struct OddPut {
  std::uint32_t entry;
  Opcode opcode;
  std::uint64_t key;
};

// The graph is written by one thread (reading, editing) and may then be read by many.
struct Graph {
  std::shared_ptr<const void> owner;  // keeps the source alive; may be null where the caller does
  const std::uint8_t* source = nullptr;
  const std::uint8_t* source_end = nullptr;
  Arena arena;
  GrowingArray<Cell> memo;            // entry -> the cell it stands for, never itself a reference
  std::vector<Stream> streams;
  std::vector<std::uint32_t> roots;   // the streams that are no nested pickles
  std::vector<OddPut> odd_puts;       // by entry
  std::vector<Note> notes;
  std::vector<InlineExtent> inline_extents;  // in the source, in order
  std::vector<std::pair<Node*, Change*>> vias;  // while a pickle is read: nodes that it gave a kVia change, and the last
                                                // change of each before
  std::uint64_t end = 0;              // where reading stopped in the source

  Node* make_node(std::span<const Cell> cells) {
    auto* node = static_cast<Node*>(arena.allocate(sizeof(Node) + cells.size_bytes()));
    node->last = nullptr;
    node->count = static_cast<std::uint32_t>(cells.size());
    node->entry = Node::kNoEntry;
    std::copy(cells.begin(), cells.end(), node->cells);
    return node;
  }

  Change* add_change(Node& node, Tag kind, std::span<const Cell> cells) {
    auto* change = static_cast<Change*>(arena.allocate(sizeof(Change) + cells.size_bytes()));
    change->count = static_cast<std::uint32_t>(cells.size());
    change->kind = kind;
    std::copy(cells.begin(), cells.end(), change->cells);
    if (node.last == nullptr) {
      change->next = change;
    } else {
      change->next = node.last->next;
      node.last->next = change;
    }
    node.last = change;
    return change;
  }

  // A pickle that turned out to be none has changed nothing, values of the pickles before it included.
  void undo_vias() {
    for (; !vias.empty(); vias.pop_back()) {
      const auto [node, before] = vias.back();
      if (before != nullptr) before->next = node->last->next;
      node->last = before;
    }
  }

  // Null for an entry that is put as its pickle's form and order say.
  const OddPut* odd_put(std::uint32_t entry) const {
    const auto found = std::ranges::lower_bound(odd_puts, entry, {}, &OddPut::entry);
    return found != odd_puts.end() && found->entry == entry ? &*found : nullptr;
  }

  // The cell that `cell` stands for: a leaf or a node with content, neither a reference nor a wrapper.
  Cell resolve(Cell cell) const;

  // Where `argument` must end at the latest.
  const std::uint8_t* bound(const std::uint8_t* argument) const {
    return argument >= source && argument < source_end ? source_end : reinterpret_cast<const std::uint8_t*>(~0ULL >> 17);
  }
};

// A document of a graph that was made by other means than reading a stream.
Document make_document(std::unique_ptr<Graph> graph);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_GRAPH_H_
