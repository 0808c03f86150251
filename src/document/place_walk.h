// Every value of a document once, in the order in which it holds them, with the way that leads there. Without
// recursion.
#ifndef CPPICKLE_DOCUMENT_PLACE_WALK_H_
#define CPPICKLE_DOCUMENT_PLACE_WALK_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "document/cell.h"
#include "document/graph.h"
#include "document/path.h"

namespace cppickle {

// A node on the way, and which of its members comes next.
struct Place {
  enum class Step : std::uint8_t { kNone, kIndex, kKey, kArgument };

  const Node* node;
  Tag tag;
  Step step = Step::kNone;         // to the member that was given last
  const Change* change = nullptr;  // whose cells are next; null for the node's own
  std::uint32_t at = 0;
  std::uint64_t items = 0;  // given so far
  Cell key;

  // The object or container itself.
  Value value(const Graph& graph) const { return Value(graph, Cell(tag, node).bits()); }
  bool is_pair() const { return tag == tag_of(Opcode::TUPLE2) || (tag == tag_of(Opcode::TUPLE) && node->count == 2); }
  bool gives_state() const { return change != nullptr && change->kind == tag_of(Opcode::BUILD); }
};

// Calls visitor.value(Cell) for each value before what it holds, references too, which are not followed, and
// visitor.raw(bytes) for arrays between instructions. Where Visitor::kWalksAll, also for keys, for what is called and
// for what is discarded, under the path of what holds them.
template <class Visitor>
class PlaceWalk {
 public:
  static constexpr std::size_t kAnyDepth = std::numeric_limits<std::size_t>::max();

  PlaceWalk(const Graph& graph, Visitor& visitor, std::size_t most_depth = kAnyDepth)
      : graph_(graph), visitor_(visitor), most_depth_(most_depth) {}

  void walk(Cell root) {
    see(root);
    while (!way_.empty()) {
      Place& place = way_.back();
      const std::span<const Cell> cells = place.change != nullptr ? place.change->span() : place.node->span();
      if (place.at < cells.size()) {
        const Cell cell = cells[place.at++];
        if (step_to(place, cell)) see(cell);
      } else if (!next_change(place)) {
        way_.pop_back();
      }
    }
  }

  // To the value that is being visited; its last place holds it.
  std::span<const Place> way() const { return way_; }
  // Whether something lies deeper than was looked at.
  bool was_too_deep() const { return was_too_deep_; }

  // Of the value that is being visited. The middle of a long one is left out. append_key(path, key) adds a step.
  template <class AppendKey>
  std::string path(AppendKey&& append_key) const {
    constexpr std::size_t kMostSteps = 16;
    std::string path = "$";
    for (std::size_t i = 0; i < way_.size(); ++i) {
      if (way_.size() > 2 * kMostSteps && i == kMostSteps) {
        i = way_.size() - kMostSteps;
        path += "...";
      }
      const Place& place = way_[i];
      if (place.step == Place::Step::kIndex && !is_state_of_slots(i)) append_index(path, place.items - 1);
      if (place.step == Place::Step::kArgument) path += ".__args__";
      if (place.step == Place::Step::kKey) append_key(path, Value(graph_, place.key.bits()));
    }
    return path;
  }

 private:
  static constexpr bool kWalksAll = Visitor::kWalksAll;

  static bool next_change(Place& place) {
    const Change* const last = place.node->last;
    if (last == nullptr || place.change == last) return false;
    place.change = place.change == nullptr ? last->next : place.change->next;
    place.at = 0;
    return true;
  }

  static bool is_wrapper(Tag tag) { return tag == Tag::kChanged || tag == Tag::kPreceded || tag == Tag::kLeftover; }

  // Names are no values, and where not everything is walked, neither are ids.
  static bool has_values(Tag tag) {
    return is_node(tag) && tag != tag_of(Opcode::STACK_GLOBAL) && tag != tag_of(Opcode::READONLY_BUFFER) &&
           (kWalksAll || tag != tag_of(Opcode::BINPERSID));
  }

  // Whether the cell that was taken from the place is a value of it; sets the step that leads there.
  bool step_to(Place& place, Cell cell) {
    return place.change == nullptr ? step_to_own(place) : step_to_change(place, cell);
  }

  static bool step_to_pair(Place& place, Cell cell) {
    const bool is_key = place.at % 2 == 1;
    if (is_key) place.key = cell;
    place.step = is_key ? Place::Step::kNone : Place::Step::kKey;
    return !is_key || kWalksAll;
  }

  static bool step_to_item(Place& place) {
    place.step = Place::Step::kIndex;
    ++place.items;
    return true;
  }

  static bool step_to_own(Place& place) {
    using Step = Place::Step;
    switch (static_cast<Opcode>(place.tag)) {
      case Opcode::DICT: return step_to_pair(place, place.node->cells[place.at - 1]);
      case Opcode::REDUCE:
      case Opcode::NEWOBJ:
      case Opcode::NEWOBJ_EX:
      case Opcode::OBJ:
      case Opcode::INST: place.step = place.at > 1 ? Step::kArgument : Step::kNone; return kWalksAll || place.at > 1;
      case Opcode::BINPERSID: place.step = Step::kNone; return true;
      default: break;
    }
    if (!is_wrapper(place.tag)) return step_to_item(place);
    place.step = Step::kNone;
    return kWalksAll || place.at == 1;
  }

  bool step_to_change(Place& place, Cell cell) {
    using Step = Place::Step;
    switch (static_cast<Opcode>(place.change->kind)) {
      case Opcode::APPEND:
      case Opcode::APPENDS:
      case Opcode::ADDITEMS: return step_to_item(place);
      case Opcode::SETITEM:
      case Opcode::SETITEMS: return step_to_pair(place, cell);
      case Opcode::BUILD: place.step = Step::kNone; return true;
      case Opcode::POP:
      case Opcode::POP_MARK: place.step = Step::kNone; return kWalksAll;
      default: break;
    }
    if (place.change->kind == Change::kRaw && place.at == 1) {
      place.step = Step::kNone;
      visitor_.raw(place.change->cells[1].number() - place.change->cells[2].number());
    }
    if (place.change->kind == Change::kNested) {
      place.step = Step::kNone;
      see(graph_.streams[cell.number()].root);
    }
    return false;
  }

  void see(Cell cell) {
    if (cell && !is_wrapper(cell.tag())) visitor_.value(cell);
    if (!has_values(cell.tag())) return;
    if (way_.size() < most_depth_) {
      way_.push_back({.node = cell.node(), .tag = cell.tag(), .key = {}});
    } else {
      was_too_deep_ = true;
    }
  }

  // (dict, dict), a state whose parts are no steps of a path.
  bool is_state_of_slots(std::size_t i) const { return i > 0 && way_[i].is_pair() && way_[i - 1].gives_state(); }

  const Graph& graph_;
  Visitor& visitor_;
  std::size_t most_depth_;
  bool was_too_deep_ = false;
  std::vector<Place> way_;
};

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_PLACE_WALK_H_
