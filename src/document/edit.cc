// Building and editing documents.
#include <array>
#include <cassert>

#include "base/utf8.h"
#include "cppickle/document.h"
#include "document/graph.h"
#include "document/leaf.h"
#include "document/path.h"
#include "document/walk.h"
#include "pickle/encoder.h"

namespace cppickle {
namespace {

// Every container that a program makes has a memo entry, as in CPython's pickler: it may be put in several places.
std::uint32_t new_entry(Graph& graph, Cell cell) {
  graph.memo.push_back(cell);
  return static_cast<std::uint32_t>(graph.memo.size() - 1);
}

// What is edited may stand in any pickle: where, nobody knows without a walk.
void restructure_all(Graph& graph) {
  for (Stream& stream : graph.streams) stream.restructured = true;
}

// The cell to put in one more place. A PUT that is new where it stood first moves the keys after it.
Cell placed(Graph& graph, const Value& value) {
  assert(&value.graph() == &graph);
  const Cell cell = Cell::from_bits(value.cell());
  if (cell.tag() == Tag::kEntry) return cell;
  const Cell meant = graph.resolve(cell);
  if (is_node(meant.tag()) && meant.node()->entry == Node::kNoEntry) {
    meant.node()->entry = new_entry(graph, meant);
    restructure_all(graph);
  }
  return meant;
}

bool is_fetched(const Graph& graph, std::uint64_t entry) {
  bool fetched = false;
  for_each_cell(graph, [&](Cell cell) {
    fetched = is_get(cell.tag()) && cell.number() == entry;
    return !fetched;
  });
  return fetched;
}

}  // namespace

Document::Document(int protocol) : graph_(std::make_unique<Graph>()) {
  Stream& stream = graph_->streams.emplace_back();
  stream.protocol = static_cast<std::uint8_t>(protocol);
  stream.has_proto = protocol >= 2;
  stream.built = true;
  graph_->roots.push_back(0);
  stream.root = Cell::from_bits(none().cell());
}

Value Document::leaf(std::string_view instruction) {
  return Value(*graph_, leaf_of(*graph_, instruction)->bits());
}

Value Document::none() { return leaf("N"); }

Value Document::boolean(bool value) { return leaf(value ? "\x88" : "\x89"); }

Value Document::integer(std::int64_t value) {
  std::string instruction;
  Encoder(instruction, graph_->streams[0].protocol, {}).integer(value);
  return leaf(instruction);
}

Value Document::real(double value) {
  std::string instruction;
  Encoder(instruction, graph_->streams[0].protocol, {}).real(value);
  return leaf(instruction);
}

Value Document::string(std::string_view utf8) {
  std::string instruction;
  Encoder(instruction, graph_->streams[0].protocol, {}).text(is_utf8(utf8) ? utf8 : latin1_to_utf8(utf8));
  return leaf(instruction);
}

Value Document::bytes(std::string_view value) {
  std::string instruction;
  Encoder(instruction, 4, {}).bytes(value);
  return leaf(instruction);
}

Value Document::node(std::uint8_t opcode, std::span<const Value> values) {
  std::vector<Cell> cells;
  for (const Value& value : values) cells.push_back(placed(*graph_, value));
  Node* made = graph_->make_node(cells);
  const Cell cell(static_cast<Tag>(opcode), made);
  made->entry = new_entry(*graph_, cell);
  return Value(*graph_, cell.bits());
}

void Document::change(Value target, std::uint8_t opcode, std::span<const Value> values) {
  std::vector<Cell> cells;
  for (const Value& value : values) cells.push_back(placed(*graph_, value));
  graph_->add_change(*graph_->resolve(Cell::from_bits(target.cell())).node(), static_cast<Tag>(opcode), cells);
  restructure_all(*graph_);
}

Value Document::tuple(std::span<const Value> items) {
  return items.empty() ? leaf(")") : node(byte_of(Opcode::TUPLE), items);
}

Value Document::list(std::span<const Value> items) {
  const Value made = node(byte_of(Opcode::EMPTY_LIST), {});
  if (!items.empty()) change(made, byte_of(Opcode::APPENDS), items);
  return made;
}

Value Document::dict(std::span<const Pair> pairs) {
  const Value made = node(byte_of(Opcode::EMPTY_DICT), {});
  std::vector<Value> flat;
  for (const Pair& pair : pairs) flat.insert(flat.end(), {pair.key, pair.value});
  if (!flat.empty()) change(made, byte_of(Opcode::SETITEMS), flat);
  return made;
}

Value Document::set(std::span<const Value> items) {
  const Value made = node(byte_of(Opcode::EMPTY_SET), {});
  if (!items.empty()) change(made, byte_of(Opcode::ADDITEMS), items);
  return made;
}

Value Document::frozen_set(std::span<const Value> items) { return node(byte_of(Opcode::FROZENSET), items); }

Value Document::global(std::string_view module, std::string_view qualname) {
  const std::array names{string(module), string(qualname)};
  return node(byte_of(Opcode::STACK_GLOBAL), names);
}

Value Document::call(Value callable, Value args) {
  const std::array parts{callable, args};
  return node(byte_of(Opcode::REDUCE), parts);
}

Value Document::new_object(Value type, Value args, std::optional<Value> state) {
  const std::array parts{type, args};
  const Value made = node(byte_of(Opcode::NEWOBJ), parts);
  if (state) change(made, byte_of(Opcode::BUILD), {&*state, 1});
  return made;
}

void Document::set_root(Value value, std::size_t pickle) {
  Stream& stream = graph_->streams[graph_->roots.at(pickle)];
  stream.root = placed(*graph_, value);
  stream.restructured = true;
}

Result<void> Document::append(Value list, Value item) {
  if (list.kind() != Kind::kList) {
    return std::unexpected(Error{ErrorCode::kTypeMismatch, "expected list, found " + std::string(name_of(list.kind()))});
  }
  change(list, byte_of(Opcode::APPEND), {&item, 1});
  return {};
}

Result<void> Document::set_item(Value dict, Value key, Value value) {
  if (dict.kind() != Kind::kDict) {
    return std::unexpected(Error{ErrorCode::kTypeMismatch, "expected dict, found " + std::string(name_of(dict.kind()))});
  }
  const std::array pair{key, value};
  change(dict, byte_of(Opcode::SETITEM), pair);
  return {};
}

Result<void> Document::replace(std::string_view path, Value value, std::size_t pickle) {
  Stream& stream = graph_->streams[graph_->roots.at(pickle)];
  const auto found = find_place(*graph_, &stream.root, path);
  if (!found) return std::unexpected(found.error());
  Cell& place = const_cast<Cell&>(**found);  // the graph is this document's own
  const Cell now = placed(*graph_, value);
  const bool leaf_for_leaf = !is_node(place.tag()) && !is_node(now.tag());
  if (leaf_for_leaf && place.tag() == Tag::kEntry && now.tag() != Tag::kEntry && !is_fetched(*graph_, place.number())) {
    graph_->memo[place.number()] = now;  // the place keeps its PUT, so that later keys stay as they are
    return {};
  }
  if (!leaf_for_leaf || place.tag() == Tag::kEntry || now.tag() == Tag::kEntry) stream.restructured = true;
  place = now;
  return {};
}

}  // namespace cppickle
