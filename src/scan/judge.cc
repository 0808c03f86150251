#include "scan/judge.h"

#include <algorithm>
#include <cstring>

#include "pickle/argument.h"
#include "pickle/opcode.h"
#include "pickle/opcode_reader.h"

namespace cppickle::scanning {
namespace {

Opcode opcode_of(Symbol literal) { return static_cast<Opcode>(*literal.instruction()); }

// Leaf kinds that a pattern takes: those of literals that were not kept must be among them.
Kinds taken_kinds(const Pattern& pattern) {
  switch (pattern.type) {
    case Pattern::Type::kSafe: return ~Kinds{0};
    case Pattern::Type::kPlain: return pattern.kinds;
    case Pattern::Type::kAlternatives: {
      Kinds all = 0;
      for (const Pattern& part : pattern.parts) all |= taken_kinds(part);
      return all;
    }
    default: return 0;
  }
}

// Instances of these are made by a call where the protocol has no opcode for them.
constexpr std::string_view kBuiltinValues[] = {
    "builtins:bytes", "builtins:bytearray", "builtins:complex", "builtins:set",   "builtins:frozenset",
    "builtins:list",  "builtins:tuple",     "builtins:dict",    "builtins:range", "builtins:slice"};

}  // namespace

bool is_builtin_value(const Entry& type) {
  return std::ranges::find(kBuiltinValues, type.key) != std::end(kBuiltinValues);
}

std::optional<std::string_view> bytes_of(Symbol symbol, const std::uint8_t* end) {
  if (!symbol.is(bit(Kind::kText) | bit(Kind::kByteString) | bit(Kind::kBytes) | bit(Kind::kByteArray))) return {};
  if (symbol.instruction() == nullptr || opcode_of(symbol) == Opcode::NEXT_BUFFER) return {};
  return payload_again(opcode_of(symbol), symbol.instruction() + 1, end);
}

std::optional<std::string_view> text_of(Symbol symbol, const std::uint8_t* end, std::string& scratch) {
  if (!symbol.is(bit(Kind::kText) | bit(Kind::kByteString))) return {};
  const auto bytes = bytes_of(symbol, end);
  if (!bytes) return {};
  switch (opcode_of(symbol)) {
    case Opcode::STRING: return decode_string_escape(*bytes, scratch) ? std::optional<std::string_view>(scratch) : std::nullopt;
    case Opcode::UNICODE:
      return decode_raw_unicode_escape(*bytes, scratch) ? std::optional<std::string_view>(scratch) : std::nullopt;
    default: return bytes;
  }
}

std::optional<std::string_view> contents_of(Symbol symbol, const std::uint8_t* end, std::string& scratch) {
  if (symbol.kind() == Kind::kByteString) return text_of(symbol, end, scratch);
  const auto written = bytes_of(symbol, end);
  if (!written || symbol.kind() == Kind::kText) return {};
  const bool is_text = info(opcode_of(symbol)).name.find("UNICODE") != std::string_view::npos;
  if (!is_text) return written;
  std::string utf8;
  const auto text = text_of(Symbol(Kind::kText, symbol.instruction()), end, utf8);
  if (!text) return {};
  scratch.clear();
  for (std::size_t i = 0; i < text->size(); ++i) {
    const auto byte = static_cast<std::uint8_t>((*text)[i]);
    if (byte < 0x80) {
      scratch += static_cast<char>(byte);
    } else if ((byte == 0xC2 || byte == 0xC3) && i + 1 < text->size()) {
      scratch += static_cast<char>(((byte & 3) << 6) | (static_cast<std::uint8_t>((*text)[++i]) & 0x3F));
    } else {
      return {};  // no Latin-1: encoding fails
    }
  }
  return scratch;
}

std::optional<std::int64_t> integer_of(Symbol symbol, const std::uint8_t* end) {
  if (!symbol.is(bit(Kind::kInt) | bit(Kind::kBool))) return {};
  const Opcode opcode = opcode_of(symbol);
  const std::uint8_t* argument = symbol.instruction() + 1;
  switch (opcode) {
    case Opcode::NEWTRUE: return 1;
    case Opcode::NEWFALSE: return 0;
    case Opcode::BININT1: return *argument;
    case Opcode::BININT2: return OpcodeReader::load_u2(argument);
    case Opcode::BININT: return static_cast<std::int32_t>(OpcodeReader::load_u4(argument));
    default: break;
  }
  std::string_view text = payload_again(opcode, argument, end);
  std::int64_t value = 0;
  if (opcode == Opcode::LONG1 || opcode == Opcode::LONG4) {
    if (text.size() > sizeof value) return {};
    std::memcpy(&value, text.data(), text.size());
    const auto unused = static_cast<int>(64 - 8 * text.size());
    return text.empty() ? 0 : static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << unused) >> unused;
  }
  if (text.ends_with('L')) text.remove_suffix(1);
  if (is_text_bool(text)) return text == "01";
  return parse_int64(text, value) ? std::optional(value) : std::nullopt;
}

std::vector<Symbol> first_items(Symbol container, std::size_t most) {
  std::vector<Piece*> pieces;
  std::vector<Symbol> items;
  if (container.contents() == nullptr) return items;
  if (const Symbol* single = container.contents()->single()) return {*single};
  for (Piece* piece = container.contents()->last(); piece != nullptr; piece = piece->before) pieces.push_back(piece);
  for (std::size_t i = pieces.size(); i-- > 0 && items.size() < most;) {
    const std::size_t count = std::min<std::size_t>(pieces[i]->count, most - items.size());
    items.insert(items.end(), pieces[i]->items(), pieces[i]->items() + count);
  }
  return items;
}

std::optional<Symbol> value_under(Symbol dict, std::string_view key, const std::uint8_t* end) {
  if (dict.kind() != Kind::kDict || dict.contents() == nullptr) return {};
  std::string scratch;
  std::optional<Symbol> found;
  for (Piece* piece = dict.contents()->last(); piece != nullptr && !found; piece = piece->before) {
    for (std::uint32_t i = 0; i + 1 < piece->count; i += 2) {
      if (text_of(piece->items()[i], end, scratch) == key) found = piece->items()[i + 1];  // the last one counts
    }
  }
  return found;
}

bool Judge::spend(std::uint64_t steps) {
  budget_ -= std::min(budget_, steps);
  return budget_ != 0;
}

const Entry* Judge::entry_of(Symbol symbol) const {
  return symbol.kind() == Kind::kGlobal ? names_[symbol.name()].entry : nullptr;
}

void Judge::use_as(Symbol symbol, Use use) { names_[symbol.name()].uses |= 1U << static_cast<unsigned>(use); }

bool Judge::fits(const Pattern& pattern, Symbol symbol) {
  if (!spend(1)) return false;
  switch (pattern.type) {
    case Pattern::Type::kSafe: return symbol.kind() != Kind::kForeign && may_be_stored(symbol);
    case Pattern::Type::kPlain: {
      const Entry* type = class_of(symbol);
      if (type != nullptr) return (pattern.kinds & kContainerKinds) != 0 && is_plain(symbol);
      return symbol.is(pattern.kinds) && is_plain(symbol);
    }
    case Pattern::Type::kText: return text(symbol) == pattern.text;
    case Pattern::Type::kNumber: return integer(symbol) == pattern.number;
    case Pattern::Type::kTuple: {
      return symbol.kind() == Kind::kTuple && fit(pattern.parts, items_of(symbol));
    }
    case Pattern::Type::kItems: return fits_items(pattern, symbol);
    case Pattern::Type::kPairs: return fits_pairs(pattern, symbol);
    case Pattern::Type::kName: {
      const Entry* entry = entry_of(symbol);
      if (entry == nullptr || entry->key != pattern.text) return false;
      use_as(symbol, Use::kArgument);
      return true;
    }
    case Pattern::Type::kInstance: {
      const Entry* entry = class_of(symbol);
      if (entry == nullptr || entry->key != pattern.text) return false;
      symbol.object()->marks |= kReliedOn;
      return true;
    }
    case Pattern::Type::kObject: return symbol.kind() == Kind::kObject;
    case Pattern::Type::kClass: {
      const Entry* entry = entry_of(symbol);
      if (entry == nullptr || !entry->is_inert) return false;
      use_as(symbol, Use::kArgument);
      return true;
    }
    case Pattern::Type::kGlobal: {
      const Entry* entry = entry_of(symbol);
      if (entry == nullptr || !entry->is_value) return false;
      use_as(symbol, Use::kArgument);
      return true;
    }
    case Pattern::Type::kAlternatives:
      return std::ranges::any_of(pattern.parts, [&](const Pattern& part) { return fits(part, symbol); });
  }
  return false;
}

// Names, by themselves or in tuples. What other containers hold was judged when it was put there.
bool Judge::may_be_stored(Symbol symbol) {
  if (symbol.kind() == Kind::kGlobal) {
    use_as(symbol, Use::kValue);
    return entry_of(symbol) != nullptr && entry_of(symbol)->is_value;
  }
  const auto needs_look = [](Symbol item) {
    return item.kind() == Kind::kTuple && item.tuple() != nullptr &&
           (item.tuple()->marks & (kHasNames | kPlaced)) == kHasNames;
  };
  if (!needs_look(symbol)) return true;
  std::vector<Symbol> open{symbol};
  while (!open.empty()) {
    Tuple* tuple = open.back().tuple();
    open.pop_back();
    if (!spend(tuple->count)) return false;
    for (const Symbol item : tuple->span()) {
      if (item.kind() == Kind::kGlobal && !may_be_stored(item)) return false;
      if (needs_look(item)) open.push_back(item);
    }
  }
  return true;
}

bool Judge::fit(std::span<const Pattern> patterns, std::span<const Symbol> symbols) {
  std::size_t at = 0;
  for (const Symbol symbol : symbols) {
    if (at == patterns.size()) return false;
    if (!fits(patterns[at], symbol)) return false;
    if (!patterns[at].repeated) ++at;
  }
  return at == patterns.size() || patterns[at].repeated || patterns[at].optional;
}

bool Judge::fit_pairs(const Pattern& keys, const Pattern& values, std::span<const Symbol> pairs) {
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    if (!fits(keys, pairs[i]) || !fits(values, pairs[i + 1])) return false;
  }
  return true;
}

bool Judge::fits_items(const Pattern& pattern, Symbol symbol) {
  if (!symbol.is(pattern.kinds)) return false;
  if (symbol.contents() == nullptr) return true;
  const Pattern* parts[] = {&pattern.parts[0]};
  const Kinds seen[] = {symbol.contents()->kinds()};
  return fits_each(symbol, parts, seen);
}

bool Judge::fits_pairs(const Pattern& pattern, Symbol symbol) {
  if (symbol.kind() != Kind::kDict) return false;
  if (symbol.contents() == nullptr) return true;
  const Pattern* parts[] = {&pattern.parts[0], &pattern.parts[1]};
  const Kinds seen[] = {symbol.contents()->kinds(), symbol.contents()->value_kinds()};
  return fits_each(symbol, parts, seen);
}

bool Judge::fits_each(Symbol container, std::span<const Pattern* const> patterns, std::span<const Kinds> seen) {
  container.contents()->set(kReliedOn);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if ((seen[i] & kLeafKinds & ~taken_kinds(*patterns[i])) != 0 &&
        container.contents()->count() > kLiteralsKept * patterns.size()) {
      return false;
    }
  }
  std::size_t at = 0;
  return for_each_kept(container, [&](Symbol item) { return fits(*patterns[at++ % patterns.size()], item); });
}

// One verdict for all that was looked at: the marks make a second look free, and a failure is never forgotten.
bool Judge::is_plain(Symbol symbol) {
  if (symbol.is_leaf()) return true;
  std::vector<Symbol> open{symbol};
  std::vector<Symbol> seen;
  bool plain = true;
  const auto look = [&](Symbol item) {
    if (!item.is_leaf()) open.push_back(item);
    return true;
  };
  while (plain && !open.empty()) {
    const Symbol next = open.back();
    open.pop_back();
    if (!spend(1)) return false;
    if (next.is_leaf()) continue;
    if (next.kind() == Kind::kObject) {
      if (!is_builtin_value(*next.object()->entry)) plain = false;
      open.push_back(next.object()->args);
      if ((next.object()->marks & kReliedOn) != 0) open.pop_back();
      next.object()->marks |= kReliedOn;
    } else if (next.kind() == Kind::kTuple) {
      Tuple* tuple = next.tuple();
      if (tuple == nullptr || (tuple->marks & kReliedOn) != 0) continue;
      if ((tuple->marks & kNotPlain) != 0) plain = false;
      tuple->marks |= kReliedOn;
      seen.push_back(next);
      if (!spend(tuple->count)) return false;
      for (const Symbol item : tuple->span()) look(item);
    } else if (next.is(kContainerKinds)) {
      Container* contents = next.contents();
      if (contents == nullptr || contents->has(kReliedOn)) continue;
      if (contents->has(kNotPlain)) plain = false;
      contents->set(kReliedOn);
      seen.push_back(next);
      if (!spend(contents->count())) return false;
      for_each_kept(next, look);
    } else {
      plain = false;
    }
  }
  if (plain) return true;
  for (const Symbol item : seen) {
    if (item.kind() == Kind::kTuple) {
      item.tuple()->marks = static_cast<std::uint8_t>((item.tuple()->marks & ~kReliedOn) | kNotPlain);
    } else {
      item.contents()->set(kNotPlain);
      item.contents()->clear(kReliedOn);
    }
  }
  return false;
}

bool Judge::may_be_made(const Entry& entry, std::span<const Symbol> arguments) {
  return std::ranges::any_of(entry.rules, [&](const Rule& rule) {
    return rule.use == Use::kNew && rule.model.empty() && fit(rule.patterns, arguments);
  });
}

}  // namespace cppickle::scanning
