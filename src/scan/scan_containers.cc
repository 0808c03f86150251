// The scanner's tuples, lists, dicts and sets: what they hold, and whether what goes in is judged.
#include <algorithm>
#include <bit>
#include <ranges>

#include "scan/scan_builder.h"

namespace cppickle::scanning {
namespace {

constexpr Kinds kUnhashable = bit(Kind::kList) | bit(Kind::kDict) | bit(Kind::kSet) | bit(Kind::kByteArray);

// A tuple hashes its items each time, shared ones again and again (tupleobject.c: tuple_hash).
constexpr float kMostHashed = 1e9F;

float weight_of(Symbol symbol) {
  if (symbol.kind() != Kind::kTuple || symbol.tuple() == nullptr) return 1;
  return std::bit_cast<float>(std::uint32_t{symbol.tuple()->weight} << 16);
}

bool holds_names(Symbol symbol) {
  if (symbol.kind() == Kind::kGlobal) return true;
  return symbol.kind() == Kind::kTuple && symbol.tuple() != nullptr && (symbol.tuple()->marks & kHasNames) != 0;
}

bool is_kept(const Container& contents, Symbol item) { return !item.is_leaf() || contents.count() < kLiteralsKept; }

}  // namespace

Symbol ScanBuilder::new_container(Kind kind) {
  auto* slot = static_cast<Container**>(stream_.arena.allocate(sizeof(Container*)));
  *slot = nullptr;
  return Symbol(kind, slot);
}

bool ScanBuilder::make_tuple(const Instruction& in, std::span<const Symbol> items, Symbol& out) {
  if (items.size() >= ~std::uint32_t{0}) return too_many(in);
  if (items.empty()) {
    out = Symbol(Kind::kTuple, std::uint64_t{0});
    return true;
  }
  auto* tuple = static_cast<Tuple*>(stream_.arena.allocate(sizeof(Tuple) + items.size_bytes()));
  tuple->count = static_cast<std::uint32_t>(items.size());
  tuple->marks = std::ranges::any_of(items, holds_names) ? kHasNames : 0;
  float weight = 1;
  for (const Symbol item : items) weight += weight_of(item);
  tuple->weight = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(weight) >> 16);
  std::ranges::copy(items, tuple->items());
  out = Symbol(Kind::kTuple, tuple);
  return true;
}

bool ScanBuilder::append(const Instruction& in, Symbol target, std::span<const Symbol> items, bool is_many) {
  if (is_many && items.empty()) return true;  // _pickle.c looks no further, whatever the target
  switch (target.kind()) {
    case Kind::kList: return extend(in, target, items);
    case Kind::kByteArray:
      return std::ranges::all_of(items, [](Symbol item) { return item.is(bit(Kind::kInt)); }) ||
             bad_operand(in, "bytes take numbers only, and this is given", items.front());
    case Kind::kForeign:
    case Kind::kObject:
    case Kind::kGlobal: return give_items(in, target, items, false);
    default: return bad_operand(in, "nothing can be appended to", target);
  }
}

bool ScanBuilder::put_items(const Instruction& in, Symbol target, std::span<const Symbol> pairs) {
  if (pairs.empty()) return true;
  switch (target.kind()) {
    case Kind::kDict: return set_items(in, target, pairs);
    case Kind::kForeign:
    case Kind::kObject:
    case Kind::kGlobal: return give_items(in, target, pairs, true);
    // list[0] = value: no pickler writes it.
    default: return bad_operand(in, "items are set by key of", target);
  }
}

bool ScanBuilder::add_items(const Instruction& in, Symbol target, std::span<const Symbol> members) {
  if (members.empty()) return true;
  switch (target.kind()) {
    case Kind::kSet: return add_members(in, target, members);
    case Kind::kForeign:
    case Kind::kObject:
    case Kind::kGlobal: return give_items(in, target, members, false);
    default: return bad_operand(in, "members are added to", target);
  }
}

// append(), extend(), add() or __setitem__() of something that is no builtin container.
bool ScanBuilder::give_items(const Instruction& in, Symbol target, std::span<const Symbol> items, bool are_pairs) {
  note(Use::kItems, target, in);
  if (target.kind() == Kind::kGlobal) {
    use_name(target, Use::kItems, items, in);
    refuse("name-state", Use::kItems, target, items, "puts items into a class, module or other global object", in);
    return true;
  }
  for (const Symbol item : items) place(in, item);
  if (target.kind() == Kind::kForeign) return true;
  const Entry& entry = *target.object()->entry;
  const bool fits = std::ranges::any_of(entry.rules, [&](const Rule& rule) {
    if (rule.use != Use::kItems || rule.patterns.size() != (are_pairs ? 2U : 1U)) return false;
    if (are_pairs) return stream_.judge.fit_pairs(rule.patterns[0], rule.patterns[1], items);
    return std::ranges::all_of(items, [&](Symbol item) { return stream_.judge.fits(rule.patterns[0], item); });
  });
  if (!fits) refuse("arguments", Use::kItems, target, items, "is given items that its pack does not list", in);
  if (!are_pairs) return true;
  for (std::size_t i = 0; i < items.size(); i += 2) {
    if (!check_key(in, items[i])) return false;
  }
  return true;
}

// Contents that may still grow: what a model relied on may not.
Container& ScanBuilder::contents_of(const Instruction& in, Symbol container) {
  Container*& contents = container.contents();
  if (contents == nullptr) {
    contents = static_cast<Container*>(stream_.arena.allocate(sizeof(Container)));
    *contents = Container();
  } else if (contents->has(kReliedOn)) [[unlikely]] {
    refuse("late-change", Use::kNone, container, {},
           "a container changes after it was passed to a call or became a state", in);
  }
  return *contents;
}

// A place for `count` kept items, side by side.
Symbol* ScanBuilder::room_for(Container& contents, std::uint32_t count) {
  if (count == 1 && contents.keeps_nothing()) return contents.make_single();
  Piece* piece = contents.last();
  if (piece == nullptr || piece->room - piece->count < count) {
    const Symbol* single = contents.single();
    const std::uint32_t room = std::max(count + 1, piece == nullptr ? 0 : std::min<std::uint32_t>(piece->room * 2, 1024));
    auto* next = static_cast<Piece*>(stream_.arena.allocate(sizeof(Piece) + room * sizeof(Symbol)));
    next->before = piece;
    next->count = 0;
    next->room = room;
    if (single != nullptr) next->items()[next->count++] = *single;
    contents.set_last(piece = next);
  }
  Symbol* place = piece->items() + piece->count;
  piece->count += count;
  return place;
}

bool ScanBuilder::extend(const Instruction& in, Symbol list, std::span<const Symbol> items) {
  if (items.empty()) return true;
  Container& contents = contents_of(in, list);
  for (const Symbol item : items) {
    contents.add_kind(item.kind());
    if (!item.is_leaf()) place(in, item);
    if (is_kept(contents, item)) *room_for(contents, 1) = item;
    contents.count_one();
  }
  return true;
}

bool ScanBuilder::set_items(const Instruction& in, Symbol dict, std::span<const Symbol> pairs) {
  if (pairs.empty()) return true;
  Container& contents = contents_of(in, dict);
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const Symbol key = pairs[i];
    const Symbol value = pairs[i + 1];
    if (!check_key(in, key)) return false;
    contents.add_kind(key.kind());
    contents.add_value_kind(value.kind());
    place(in, key);
    place(in, value);
    // An instance may pass for the text that it equals.
    if (key.is(bit(Kind::kObject) | bit(Kind::kForeign)) || stream_.judge.text(key) == "__setstate__") {
      contents.set(kOddKeys);
    }
    if (is_kept(contents, key) || !value.is_leaf()) {
      Symbol* kept = room_for(contents, 2);
      kept[0] = key;
      kept[1] = value;
    }
    contents.count_one();
  }
  return true;
}

bool ScanBuilder::add_members(const Instruction& in, Symbol set, std::span<const Symbol> members) {
  if (members.empty()) return true;
  for (const Symbol member : members) {
    if (!check_key(in, member)) return false;
  }
  return extend(in, set, members);
}

// A key is hashed, and compared with others of the same hash: code of its class, and of the classes of what it holds.
bool ScanBuilder::check_key(const Instruction& in, Symbol key) {
  if (key.kind() == Kind::kInt) return check_number_key(in, key);
  if (key.is(kUnhashable)) return bad_operand(in, "a key that cannot be hashed:", key);
  if (key.is(kLeafKinds) || key.kind() == Kind::kFrozenSet) return true;
  if (weight_of(key) > kMostHashed) {
    refuse("endless-hash", Use::kKey, key, {}, "hashing this key takes CPython more than 10^9 steps", in);
  }
  std::vector<Symbol> open{key};
  while (!open.empty()) {
    const Symbol next = open.back();
    open.pop_back();
    if (next.kind() == Kind::kTuple) {
      Tuple* tuple = next.tuple();
      const bool is_known = tuple == nullptr || ((tuple->marks & kHashable) != 0 && stream_.events == nullptr);
      if (is_known) continue;
      tuple->marks |= kHashable;
      for (const Symbol item : std::views::reverse(tuple->span())) {
        if (!item.is_leaf()) open.push_back(item);
        if (item.is(kUnhashable)) return bad_operand(in, "a key that cannot be hashed:", item);
      }
    } else if (next.is(bit(Kind::kGlobal) | bit(Kind::kObject) | bit(Kind::kForeign))) {
      note(Use::kKey, next, in);
      if (next.kind() == Kind::kGlobal) use_name(next, Use::kKey, {}, in);
      const Entry* entry = stream_.judge.class_of(next);
      if (entry != nullptr && !entry->is_key) {
        refuse("role", Use::kKey, next, {}, "is hashed and compared, which its pack does not list", in);
      }
    }
  }
  return true;
}

bool ScanBuilder::check_number_key(const Instruction& in, Symbol key) {
  constexpr std::size_t kLarge = 8;  // bytes, or digits: below that numbers are their own hashes
  const auto opcode = static_cast<Opcode>(*key.instruction());
  const bool is_binary = opcode == Opcode::LONG1 || opcode == Opcode::LONG4;
  if (!is_binary && opcode != Opcode::INT && opcode != Opcode::LONG) return true;
  const std::string_view number = payload_again(opcode, key.instruction() + 1, stream_.judge.end());
  if (number.size() < kLarge) return true;
  const bool good = is_binary ? stream_.key_hashes.add_binary(number) : stream_.key_hashes.add_decimal(number);
  if (!good) refuse("endless-hash", Use::kKey, {}, {}, "too many integer keys that have one hash: CPython compares them all", in);
  return true;
}

// _pickle.c makes a table as long as the largest key (before gh-115952, 3.14).
void ScanBuilder::sparse_key(const Instruction& in) {
  refuse("sparse-memo", Use::kNone, {}, {}, "a memo key that makes CPython take gigabytes of memory", in);
}

// A name that is stored, by itself or in tuples.
void ScanBuilder::place(const Instruction& in, Symbol value) {
  if (!holds_names(value)) return;
  std::vector<Symbol> open{value};
  while (!open.empty()) {
    const Symbol next = open.back();
    open.pop_back();
    if (next.kind() == Kind::kGlobal) {
      use_name(next, Use::kValue, {}, in);
      continue;
    }
    Tuple* tuple = next.tuple();
    if ((tuple->marks & kPlaced) != 0) continue;
    tuple->marks |= kPlaced;
    for (const Symbol item : tuple->span()) {
      if (holds_names(item)) open.push_back(item);
    }
  }
}

}  // namespace cppickle::scanning
