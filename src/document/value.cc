// What a value is and holds, read from its cell, its node and the node's changes.
#include <bit>
#include <charconv>

#include "cppickle/document.h"
#include "document/cell.h"
#include "document/contents.h"
#include "document/graph.h"
#include "document/integer.h"
#include "pickle/argument.h"

namespace cppickle {
namespace {

// The cell's argument as the bytes that it means.
std::string_view text_of(const Graph& graph, Cell cell) {
  if (cell.has(Cell::kDecoded)) {
    const auto* decoded = reinterpret_cast<const DecodedText*>(cell.argument());
    return {decoded->text, decoded->size};
  }
  std::string_view text = payload_again(cell.opcode(), cell.argument(), graph.bound(cell.argument()));
  if (cell.opcode() == Opcode::STRING && text.size() >= 2) text = text.substr(1, text.size() - 2);
  return text;
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kNone: return "None";
    case Kind::kBool: return "bool";
    case Kind::kInt: return "int";
    case Kind::kFloat: return "float";
    case Kind::kString: return "str";
    case Kind::kBytes: return "bytes";
    case Kind::kByteString: return "byte string";
    case Kind::kByteArray: return "bytearray";
    case Kind::kTuple: return "tuple";
    case Kind::kList: return "list";
    case Kind::kDict: return "dict";
    case Kind::kSet: return "set";
    case Kind::kFrozenSet: return "frozenset";
    case Kind::kGlobal: return "global";
    case Kind::kObject: return "object";
    case Kind::kPersistentId: return "persistent id";
    case Kind::kExtension: return "extension";
    case Kind::kBuffer: return "buffer";
  }
  return "unknown";
}

Kind Value::kind() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  switch (cell.opcode()) {
    case Opcode::NONE: return Kind::kNone;
    case Opcode::NEWTRUE:
    case Opcode::NEWFALSE: return Kind::kBool;
    case Opcode::INT:
      return is_text_bool(text_of(*graph_, cell)) ? Kind::kBool : Kind::kInt;
    case Opcode::BININT:
    case Opcode::BININT1:
    case Opcode::BININT2:
    case Opcode::LONG:
    case Opcode::LONG1:
    case Opcode::LONG4: return Kind::kInt;
    case Opcode::FLOAT:
    case Opcode::BINFLOAT: return Kind::kFloat;
    case Opcode::UNICODE:
    case Opcode::SHORT_BINUNICODE:
    case Opcode::BINUNICODE:
    case Opcode::BINUNICODE8: return Kind::kString;
    case Opcode::STRING:
    case Opcode::BINSTRING:
    case Opcode::SHORT_BINSTRING: return Kind::kByteString;
    case Opcode::BINBYTES:
    case Opcode::SHORT_BINBYTES:
    case Opcode::BINBYTES8: return Kind::kBytes;
    case Opcode::BYTEARRAY8: return Kind::kByteArray;
    case Opcode::EMPTY_TUPLE:
    case Opcode::TUPLE:
    case Opcode::TUPLE1:
    case Opcode::TUPLE2:
    case Opcode::TUPLE3: return Kind::kTuple;
    case Opcode::EMPTY_LIST:
    case Opcode::LIST: return Kind::kList;
    case Opcode::EMPTY_DICT:
    case Opcode::DICT: return Kind::kDict;
    case Opcode::EMPTY_SET: return Kind::kSet;
    case Opcode::FROZENSET: return Kind::kFrozenSet;
    case Opcode::GLOBAL:
    case Opcode::STACK_GLOBAL: return Kind::kGlobal;
    case Opcode::PERSID:
    case Opcode::BINPERSID: return Kind::kPersistentId;
    case Opcode::EXT1:
    case Opcode::EXT2:
    case Opcode::EXT4: return Kind::kExtension;
    case Opcode::NEXT_BUFFER:
    case Opcode::READONLY_BUFFER: return Kind::kBuffer;
    default: return Kind::kObject;
  }
}

bool Value::as_bool() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  return cell.opcode() == Opcode::NEWTRUE || (cell.opcode() == Opcode::INT && text_of(*graph_, cell) == "01");
}

std::optional<std::int64_t> Value::as_int() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  const std::uint8_t* p = cell.argument();
  std::int64_t value;
  switch (cell.opcode()) {
    case Opcode::BININT: return static_cast<std::int32_t>(OpcodeReader::load_u4(p));
    case Opcode::BININT1: return *p;
    case Opcode::BININT2: return OpcodeReader::load_u2(p);
    case Opcode::LONG1:
    case Opcode::LONG4: return int64_of_bytes(text_of(*graph_, cell));
    case Opcode::INT:
    case Opcode::LONG: {
      std::string_view digits = text_of(*graph_, cell);
      if (digits.ends_with('L')) digits.remove_suffix(1);
      if (parse_int64(digits, value)) return value;
      return {};
    }
    default: return {};
  }
}

std::string Value::as_decimal() const {
  if (const auto small = as_int()) return std::to_string(*small);
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  std::string_view text = text_of(*graph_, cell);
  if (cell.opcode() == Opcode::LONG1 || cell.opcode() == Opcode::LONG4) return decimal_of_bytes(text);
  if (text.ends_with('L')) text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  return std::string(text);
}

std::string_view Value::int_bytes() const {
  return kind() == Kind::kInt ? text_of(*graph_, graph_->resolve(Cell::from_bits(cell_))) : std::string_view{};
}

double Value::as_double() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  double value = 0;
  if (cell.opcode() == Opcode::BINFLOAT) {
    return std::bit_cast<double>(__builtin_bswap64(OpcodeReader::load_u8(cell.argument())));
  }
  if (cell.opcode() == Opcode::FLOAT) parse_double(text_of(*graph_, cell), value);
  return value;
}

std::string_view Value::text() const {
  switch (kind()) {
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kByteString:
    case Kind::kByteArray: return text_of(*graph_, graph_->resolve(Cell::from_bits(cell_)));
    default: return {};
  }
}

Values Value::items() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  if (!is_node(cell.tag())) return Values(*graph_, nullptr, 0, false, 0);
  switch (kind()) {
    case Kind::kTuple:
    case Kind::kFrozenSet: return Values(*graph_, cell.node(), 0, true, 0);
    case Kind::kList: return Values(*graph_, cell.node(), 0, true, kAppends);
    case Kind::kSet: return Values(*graph_, cell.node(), 0, false, kAdds);
    case Kind::kObject: return Values(*graph_, cell.node(), 0, false, kAppends | kAdds);
    default: return Values(*graph_, nullptr, 0, false, 0);
  }
}

Pairs Value::pairs() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  const Kind of = kind();
  if (of == Kind::kDict) return Pairs(Values(*graph_, cell.node(), 0, true, kSets));
  if (of == Kind::kObject) return Pairs(Values(*graph_, cell.node(), 0, false, kSets));
  return Pairs(Values(*graph_, nullptr, 0, false, 0));
}

std::uint64_t Value::size() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  if (!is_node(cell.tag())) return 0;
  const Kind of = kind();
  const Node& node = *cell.node();
  const unsigned wanted = of == Kind::kDict ? kSets : kAppends | kAdds;
  std::uint64_t count = of == Kind::kObject || of == Kind::kGlobal || of == Kind::kPersistentId ? 0 : node.count;
  const auto add = [&](const Change& change) {
    if (change_kind(change.kind) & wanted) count += change.count;
    return true;
  };
  for_each_change(node, [&](const Change& change) {
    if (change.kind == Change::kVia) for_each_change(*change.cells[0].node(), add);
    return add(change);
  });
  return of == Kind::kDict ? count / 2 : count;
}

std::optional<Global> Value::global() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  if (cell.opcode() == Opcode::GLOBAL) {
    const auto [module, name] = line_pair(cell.argument(), graph_->bound(cell.argument()));
    return Global{module, name};
  }
  if (cell.opcode() != Opcode::STACK_GLOBAL) return {};
  const Value module(*graph_, cell.node()->cells[0].bits());
  const Value name(*graph_, cell.node()->cells[1].bits());
  const auto is_text = [](const Value& v) { return v.kind() == Kind::kString || v.kind() == Kind::kByteString; };
  if (!is_text(module) || !is_text(name)) return {};
  return Global{module.text(), name.text()};
}

std::optional<Value> Value::callable() const {
  if (kind() != Kind::kObject) return {};
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  if (!is_node(cell.tag()) || cell.node()->count == 0) return {};
  return Value(*graph_, cell.node()->cells[0].bits());
}

std::optional<Value> Value::args() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  switch (cell.opcode()) {
    case Opcode::REDUCE:
    case Opcode::NEWOBJ:
    case Opcode::NEWOBJ_EX: return Value(*graph_, cell.node()->cells[1].bits());
    default: return {};
  }
}

Values Value::direct_args() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  const bool direct = cell.opcode() == Opcode::OBJ || cell.opcode() == Opcode::INST;
  return Values(*graph_, direct ? cell.node() : nullptr, 1, true, 0);
}

std::optional<Value> Value::kwargs() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  if (cell.opcode() != Opcode::NEWOBJ_EX) return {};
  return Value(*graph_, cell.node()->cells[2].bits());
}

std::optional<Value> Value::state() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  std::optional<Value> found;
  if (!is_node(cell.tag())) return found;
  const auto look = [&](const Change& change) {
    if (change.kind == tag_of(Opcode::BUILD)) found = Value(*graph_, change.cells[0].bits());
    return true;
  };
  for_each_change(*cell.node(), [&](const Change& change) {
    if (change.kind == Change::kVia) for_each_change(*change.cells[0].node(), look);
    return look(change);
  });
  return found;
}

std::optional<Value> Value::persistent_id() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  if (cell.opcode() == Opcode::BINPERSID) return Value(*graph_, cell.node()->cells[0].bits());
  // PERSID's line is a string of its own: a quoted line without the quotes would be one, UNICODE reads it as it is.
  if (cell.opcode() == Opcode::PERSID) return Value(*graph_, Cell(tag_of(Opcode::UNICODE), cell.argument()).bits());
  return {};
}

std::uint32_t Value::extension_code() const {
  const Cell cell = graph_->resolve(Cell::from_bits(cell_));
  switch (cell.opcode()) {
    case Opcode::EXT1: return *cell.argument();
    case Opcode::EXT2: return OpcodeReader::load_u2(cell.argument());
    case Opcode::EXT4: return OpcodeReader::load_u4(cell.argument());
    default: return 0;
  }
}

bool Value::is_read_only_buffer() const {
  return graph_->resolve(Cell::from_bits(cell_)).opcode() == Opcode::READONLY_BUFFER;
}

std::string_view Value::opcode() const {
  return kOpcodes[static_cast<std::uint8_t>(graph_->resolve(Cell::from_bits(cell_)).tag())].name;
}

namespace {

// The first change of `kind` in the node that `cell` stands for, or null.
const Change* find_change(const Graph& graph, Cell cell, Tag kind) {
  const Cell meant = graph.resolve(cell);
  if (!is_node(meant.tag())) return nullptr;
  const Change* found = nullptr;
  for_each_change(*meant.node(), [&](const Change& change) {
    if (change.kind == kind) found = &change;
    return found == nullptr;
  });
  return found;
}

}  // namespace

std::string_view Value::raw_bytes() const {
  const Change* raw = find_change(*graph_, Cell::from_bits(cell_), Change::kRaw);
  if (raw == nullptr) return {};
  const std::uint64_t padding = raw->cells[2].number();
  return {reinterpret_cast<const char*>(raw->cells[0].argument()) + padding, raw->cells[1].number() - padding};
}

std::optional<Value> Value::nested() const {
  const Change* nested = find_change(*graph_, Cell::from_bits(cell_), Change::kNested);
  if (nested == nullptr) return {};
  return Value(*graph_, graph_->streams[nested->cells[0].number()].root.bits());
}

bool Value::same_object(const Value& other) const {
  return graph_ == other.graph_ && identity() != 0 && identity() == other.identity();
}

std::uint64_t Value::identity() const {
  Cell cell = Cell::from_bits(cell_);
  while (cell.tag() == Tag::kChanged || cell.tag() == Tag::kPreceded || cell.tag() == Tag::kLeftover) {
    cell = cell.node()->cells[0];
  }
  const Cell meant = graph_->resolve(cell);
  if (is_node(meant.tag())) return meant.bits();
  if (cell.tag() == Tag::kEntry || is_get(cell.tag())) return cell.number() << 8 | static_cast<std::uint8_t>(Tag::kEntry);
  return 0;
}

bool Value::is_reference() const {
  const Cell cell = Cell::from_bits(cell_);
  return is_get(cell.tag()) || cell.tag() == tag_of(Opcode::DUP);
}

Values::Iterator Values::begin() const {
  Iterator at;
  if (node_ == nullptr) return at;
  at.graph_ = graph_;
  at.node_ = node_;
  at.kinds_ = kinds_;
  const auto own = own_ ? node_->span().subspan(first_) : std::span<const Cell>{};
  at.cell_ = own.data();
  at.end_ = own.data() + own.size();
  if (own.empty()) at.settle();
  return at;
}

Value Values::Iterator::operator*() const { return Value(*graph_, cell_->bits()); }

Values::Iterator& Values::Iterator::operator++() {
  if (++cell_ == end_) settle();
  return *this;
}

void Values::Iterator::settle() {
  for (;;) {
    const Node* node = through_ != nullptr ? through_ : node_;
    const Change* next = nullptr;
    if (node->last != nullptr && change_ != node->last) next = change_ != nullptr ? change_->next : node->last->next;
    if (next == nullptr) {
      if (through_ == nullptr) {
        cell_ = end_ = nullptr;
        return;
      }
      through_ = nullptr;
      change_ = return_;
      continue;
    }
    change_ = next;
    if (next->kind == Change::kVia && through_ == nullptr) {
      return_ = next;
      through_ = next->cells[0].node();
      change_ = nullptr;
    } else if ((change_kind(next->kind) & kinds_) != 0 && next->count > 0) {
      cell_ = next->cells;
      end_ = next->cells + next->count;
      return;
    }
  }
}

}  // namespace cppickle
