// The largest leaves with their paths: a walk along what each node holds, in order, that knows its way.
#include <algorithm>

#include "document/content_counts.h"
#include "document/graph.h"
#include "document/path.h"
#include "pickle/argument.h"

namespace cppickle {
namespace {

// A node on the way, and which of its members comes next.
struct Place {
  enum class Step : std::uint8_t { kNone, kIndex, kKey, kArgument };

  const Node* node;
  Tag tag;
  Step step = Step::kNone;         // to the member that was given last
  const Change* change = nullptr;  // whose cells are next; null for the node's own
  std::uint32_t at = 0;
  std::uint64_t items = 0;         // given so far
  Cell key;
};

// Names and ids are no values, and a call's function is not part of its result.
bool has_values(Tag tag) {
  return is_node(tag) && tag != tag_of(Opcode::STACK_GLOBAL) && tag != tag_of(Opcode::BINPERSID) &&
         tag != tag_of(Opcode::READONLY_BUFFER);
}

class LargestSearch {
 public:
  LargestSearch(const Graph& graph, std::size_t most, std::uint64_t least) : graph_(graph), most_(most), least_(least) {}

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

  std::vector<LargeValue> take() { return std::move(found_); }

 private:
  static bool next_change(Place& place) {
    const Change* const last = place.node->last;
    if (last == nullptr || place.change == last) return false;
    place.change = place.change == nullptr ? last->next : place.change->next;
    place.at = 0;
    return true;
  }

  // Whether the cell that was taken from the place is a value of it; sets the step that leads there.
  bool step_to(Place& place, Cell cell) {
    using Step = Place::Step;
    const auto pair = [&] {
      if (place.at % 2 == 1) place.key = cell;
      place.step = Step::kKey;
      return place.at % 2 == 0;
    };
    const auto item = [&] {
      place.step = Step::kIndex;
      ++place.items;
      return true;
    };
    if (place.change == nullptr) {
      switch (static_cast<Opcode>(place.tag)) {
        case Opcode::DICT: return pair();
        case Opcode::REDUCE:
        case Opcode::NEWOBJ:
        case Opcode::NEWOBJ_EX:
        case Opcode::OBJ:
        case Opcode::INST: place.step = Step::kArgument; return place.at > 1;
        default: break;
      }
      if (place.tag != Tag::kChanged && place.tag != Tag::kPreceded && place.tag != Tag::kLeftover) return item();
      place.step = Step::kNone;
      return place.at == 1;
    }
    switch (static_cast<Opcode>(place.change->kind)) {
      case Opcode::APPEND:
      case Opcode::APPENDS:
      case Opcode::ADDITEMS: return item();
      case Opcode::SETITEM:
      case Opcode::SETITEMS: return pair();
      case Opcode::BUILD: place.step = Step::kNone; return true;
      default: break;
    }
    if (place.change->kind == Change::kRaw && place.at == 1) {
      place.step = Step::kNone;
      consider(Kind::kObject, place.change->cells[1].number() - place.change->cells[2].number());
    }
    if (place.change->kind == Change::kNested) {
      place.step = Step::kNone;
      see(graph_.streams[cell.number()].root);
    }
    return false;
  }

  void see(Cell cell) {
    if (has_values(cell.tag())) {
      way_.push_back({.node = cell.node(), .tag = cell.tag(), .key = {}});
      return;
    }
    if (is_node(cell.tag()) || is_get(cell.tag()) || cell.tag() == tag_of(Opcode::DUP)) return;
    const Value value(graph_, cell.bits());
    const Kind kind = value.kind();
    consider(kind, kind == Kind::kInt ? value.int_bytes().size() : value.text().size());
  }

  void consider(Kind kind, std::uint64_t bytes) {
    if (bytes < least_ || (found_.size() == most_ && bytes <= found_.back().bytes)) return;
    if (found_.size() == most_) found_.pop_back();
    const auto smaller = [bytes](const LargeValue& other) { return other.bytes < bytes; };
    found_.insert(std::ranges::find_if(found_, smaller), {path(), kind, bytes});
  }

  // The middle of a long one is left out.
  std::string path() const {
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

  // (dict, dict), a state whose parts are no steps of a path.
  bool is_state_of_slots(std::size_t i) const {
    if (i == 0 || way_[i].tag != tag_of(Opcode::TUPLE2)) return false;
    return way_[i - 1].change != nullptr && way_[i - 1].change->kind == tag_of(Opcode::BUILD);
  }

  const Graph& graph_;
  const std::size_t most_;
  const std::uint64_t least_;
  std::vector<Place> way_;
  std::vector<LargeValue> found_;
};

}  // namespace

std::vector<LargeValue> largest_values(const Document& document, std::size_t most, std::uint64_t least) {
  LargestSearch search(document.graph(), most, least);
  for (std::size_t i = 0; i < document.pickles(); ++i) search.walk(Cell::from_bits(document.root(i).cell()));
  return search.take();
}

}  // namespace cppickle
