// Lists, dicts and structs of Decoder: walks over the graph's cells, and what objects may stand for them.
#include <algorithm>
#include <array>

#include "base/quote.h"
#include "cppickle/decoder.h"
#include "document/class_names.h"
#include "document/contents.h"
#include "document/decoder_place.h"
#include "document/graph.h"

namespace cppickle {
namespace {

constexpr std::uint64_t kRoom = std::uint64_t{1} << 20;  // bytes, and for each item
constexpr std::uint64_t kRoomPerItem = 64;

std::optional<Value> argument(const Value& object, std::uint64_t n) {
  const auto arguments = object.args();
  if (!arguments) return {};
  const Values all = arguments->items();
  for (const Value value : all) {
    if (n-- == 0) return value;
  }
  return {};
}

bool is_result_of(const Value& object, std::string_view module, std::initializer_list<std::string_view> names) {
  const auto callable = object.callable();
  const auto name = callable ? canonical_name(*callable) : std::nullopt;
  return name && name->module == module && std::ranges::find(names, name->qualname) != names.end();
}

// Calls visit(std::span<const Cell>) for the members of a container, or for what was appended to or added to an object.
template <class Visit>
bool runs_of_items(const Value& value, Kind kind, Visit&& visit) {
  const Cell cell = value.graph().resolve(Cell::from_bits(value.cell()));
  if (!is_node(cell.tag())) return true;  // EMPTY_TUPLE
  const bool own = kind == Kind::kTuple || kind == Kind::kFrozenSet || kind == Kind::kList;
  if (own && !visit(cell.node()->span())) return false;
  return for_each_run(*cell.node(), kAppends | kAdds, visit);
}

// Calls visit(const Value& key, const Value& value) for a dict, or for what was set in an object.
template <class Visit>
bool each_pair(const Value& value, Kind kind, Visit&& visit) {
  const Graph& graph = value.graph();
  const Cell cell = graph.resolve(Cell::from_bits(value.cell()));
  if (!is_node(cell.tag())) return true;
  const auto pairs = [&](std::span<const Cell> cells) {
    for (std::size_t i = 0; i + 1 < cells.size(); i += 2) {
      if (!visit(Value(graph, cells[i].bits()), Value(graph, cells[i + 1].bits()))) return false;
    }
    return true;
  };
  if (kind == Kind::kDict && !pairs(cell.node()->span())) return false;
  return for_each_run(*cell.node(), kSets, pairs);
}

// The members that an object was made from, where its class is known to take them so; `known` for those that are empty.
std::optional<Value> first_members(const Value& object, Kinds allowed, bool& known) {
  const bool list = (allowed & kinds(Kind::kList)) != 0 && is_result_of(object, "collections", {"deque"});
  const bool set = (allowed & kinds(Kind::kSet)) != 0 && is_result_of(object, "builtins", {"set", "frozenset"});
  known = list || set;
  const auto first = known ? argument(object, 0) : std::nullopt;
  if (first && (first->kind() == Kind::kList || first->kind() == Kind::kTuple)) return first;
  return {};
}

// The values that an object holds by position: namedtuples, frozen dataclasses with slots.
std::optional<Value> positional(const Value& object) {
  if (const auto state = object.state(); state && state->kind() == Kind::kList) return state;
  const auto arguments = is_result_of(object, "copyreg", {"_reconstructor"}) ? argument(object, 2) : object.args();
  if (!arguments || arguments->kind() != Kind::kTuple || arguments->size() == 0) return {};
  return arguments;
}

// The field that `key` names, or their number.
std::size_t find_field(std::span<const Field> fields, std::span<std::uint64_t> known, std::size_t next, const Value& key) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (known[i] == key.cell()) return i;
  }
  if (key.kind() != Kind::kString && key.kind() != Kind::kByteString) return fields.size();
  const std::string_view name = key.text();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t at = (next + i) % fields.size();
    if (fields[at].name != name) continue;
    known[at] = key.cell();
    return at;
  }
  return fields.size();
}

}  // namespace

std::size_t Decoder::room_for(const Value& value, std::size_t item_bytes) {
  const std::uint64_t items = value.size();
  return static_cast<std::size_t>(std::min(items, (kRoom + items * kRoomPerItem) / item_bytes + 1));
}

bool Decoder::walk_items(const Value& value, Kinds allowed, std::string_view expected, Visitor visit) {
  const Kind kind = value.kind();
  if ((kinds(kind) & allowed) == 0) return mismatch(value, expected);
  bool known = true;
  const auto first = kind == Kind::kObject ? first_members(value, allowed, known) : std::nullopt;
  if (!known && value.items().empty()) return mismatch(value, expected);

  Entered entered(*this, Place::kItem);
  if (!entered.begin()) return false;
  entered.show();
  const Graph& graph = value.graph();
  const auto run = [&](std::span<const Cell> cells) {
    if (!visiting(cells.size())) return false;
    for (const Cell cell : cells) {
      if (!visit(Value(graph, cell.bits()))) return false;
      ++entered.place.index;
    }
    return true;
  };
  if (first && !runs_of_items(*first, first->kind(), run)) return false;
  return runs_of_items(value, kind, run);
}

bool Decoder::walk_exactly(std::uint64_t count, const Value& value, std::string_view expected, Visitor visit) {
  const auto members = value.kind() == Kind::kObject ? positional(value) : value;
  if (!members || (kinds(members->kind()) & kinds(Kind::kList, Kind::kTuple)) == 0) return mismatch(value, expected);
  if (members->size() != count) {
    return fail(ErrorCode::kTypeMismatch, "expected " + std::string(expected) + " of " + std::to_string(count) +
                                              (count == 1 ? " item" : " items") + ", found " + std::to_string(members->size()));
  }
  return walk_items(*members, kinds(Kind::kList, Kind::kTuple), expected, visit);
}

bool Decoder::walk_pairs(const Value& value, Visitor visit) {
  const Kind kind = value.kind();
  std::optional<Value> first;
  if (kind == Kind::kObject) {
    const bool known = is_result_of(value, "collections", {"OrderedDict", "defaultdict", "Counter"});
    if (!known && value.pairs().empty()) return mismatch(value, "dict");
    if (known) first = argument(value, 0);
  } else if (kind != Kind::kDict) {
    return mismatch(value, "dict");
  }

  Entered entered(*this, Place::kKey);
  if (!entered.begin()) return false;
  entered.show();
  entered.place.graph = &value.graph();
  const auto pair = [&](const Value& key, const Value& mapped) {
    entered.place.what = Place::kKey;
    if (!visiting(1) || !visit(key, true)) return false;
    entered.place.what = Place::kValue;
    entered.place.key = key.cell();
    return visit(mapped);
  };
  if (first && first->kind() == Kind::kDict && !each_pair(*first, Kind::kDict, pair)) return false;
  if (first && first->kind() == Kind::kList) {  // Python 2's OrderedDict: a list of lists of two
    const Values all = first->items();
    for (const Value two : all) {
      if (two.size() != 2 || (two.kind() != Kind::kList && two.kind() != Kind::kTuple)) return mismatch(two, "key and value");
      const Values both = two.items();
      auto at = both.begin();
      const Value key = *at;
      if (!pair(key, *++at)) return false;
    }
  }
  return each_pair(value, kind, pair);
}

bool Decoder::keyed_fields(const Value& holder, std::span<const Field> fields, void* object, std::span<bool> seen) {
  Entered entered(*this, Place::kField);
  if (!entered.begin()) return false;
  if (!known_keys_) known_keys_ = std::make_unique<KnownKeys>();
  const std::span<std::uint64_t> known = known_keys_->of(fields);
  std::size_t next = 0;  // dicts are mostly in the order of the struct
  return each_pair(holder, holder.kind(), [&](const Value& key, const Value& value) {
    if (!visiting(1)) return false;
    if (next == fields.size()) next = 0;
    const bool expected = next < fields.size() && known[next] == key.cell();
    const std::size_t at = expected ? next : find_field(fields, known, next, key);
    if (at == fields.size()) {
      return options_.extra_keys || fail(ErrorCode::kTypeMismatch, "unexpected key " + quote(key.text()));
    }
    next = at + 1;
    seen[at] = true;
    entered.place.name = fields[at].name;
    entered.show();
    const bool read = fields[at].read(*this, value, object);
    entered.hide();
    return read;
  });
}

bool Decoder::positional_fields(const Value& members, std::span<const Field> fields, void* object) {
  if (members.size() != fields.size()) {
    return fail(ErrorCode::kTypeMismatch, "expected an object of " + std::to_string(fields.size()) +
                                              " values by position, found " + std::to_string(members.size()));
  }
  Entered entered(*this, Place::kField);
  if (!entered.begin() || !visiting(fields.size())) return false;
  entered.show();
  const Field* field = fields.data();
  return runs_of_items(members, members.kind(), [&](std::span<const Cell> cells) {
    for (const Cell cell : cells) {
      entered.place.name = field->name;
      if (!field->read(*this, Value(members.graph(), cell.bits()), object)) return false;
      ++field;
    }
    return true;
  });
}

bool Decoder::fields(const Value& value, std::span<const Field> fields, void* object) {
  std::array<bool, kMostFields> storage;
  const std::span<bool> seen = std::span(storage).first(fields.size());
  std::ranges::fill(seen, false);
  const auto state = value.kind() == Kind::kObject ? value.state() : std::nullopt;
  if (value.kind() == Kind::kDict || !value.pairs().empty()) {
    if (!keyed_fields(value, fields, object, seen)) return false;
  } else if (state && state->kind() == Kind::kDict) {
    if (!keyed_fields(*state, fields, object, seen)) return false;
  } else if (state && state->kind() == Kind::kTuple) {  // of the __dict__ and the slots, either may be None
    const Values both = state->items();
    for (const Value part : both) {
      if (part.kind() == Kind::kNone) continue;
      if (part.kind() != Kind::kDict) return mismatch(value, "dict or object with attributes");
      if (!keyed_fields(part, fields, object, seen)) return false;
    }
  } else if (const auto members = value.kind() == Kind::kObject ? positional(value) : std::nullopt) {
    return positional_fields(*members, fields, object);
  } else {
    return mismatch(value, "dict or object with attributes");
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].required && !seen[i]) return fail(ErrorCode::kTypeMismatch, "missing " + quote(fields[i].name));
  }
  return true;
}

}  // namespace cppickle
