// Lossless JSON to a document's graph.
#include <simdjson.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "base/quote.h"
#include "base/utf8.h"
#include "base/json_text.h"
#include "convert/lossless_json.h"
#include "cppickle/json.h"
#include "document/document_builder.h"
#include "document/graph.h"
#include "document/integer.h"
#include "document/leaf.h"
#include "pickle/encoder.h"

namespace cppickle {
namespace {

using namespace lossless_json;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

// What went wrong, as an exception that never leaves this file: the checks are many and all alike.
struct Bad : std::bad_alloc {
  explicit Bad(std::string text) : message(std::move(text)) {}
  std::string message;
};

[[noreturn]] void bad(std::string message) { throw Bad(std::move(message)); }

class JsonReader {
 public:
  JsonReader(Graph& graph, const Limits& limits, std::uint64_t size)
      : graph_(graph), limits_(limits), most_entries_(size / kShortestPut + 1024) {}

  void run(const element& top) {
    const object root = as_object(top, "the document");
    if (text(root, "format") != kFormat) bad("\"format\" is not \"" + std::string(kFormat) + "\"");
    const array pickles = list(root, "pickles");
    const array nodes = list(root, "nodes");
    for (const element pickle : pickles) begin_pickle(as_object(pickle, "a pickle"));
    for (const element node : nodes) begin_node(as_object(node, "a node"));
    std::size_t number = 0;
    for (const element pickle : pickles) {
      place_ = "pickle " + std::to_string(number);
      set_stream(number);
      graph_.streams[number].root = cell(as_object(pickle, "a pickle").at_key("root"));
      check_value(graph_.streams[number].root, false);
      if (!graph_.streams[number].nested) graph_.roots.push_back(static_cast<std::uint32_t>(number));
      ++number;
    }
    number = 0;
    for (const element node : nodes) {
      place_ = "node " + std::to_string(number);
      set_stream(streams_of_nodes_[number]);
      fill_node(number, as_object(node, "a node"));
      ++number;
    }
    finish();
  }

 private:
  // --- Reading of fields ---
  object as_object(const element& value, std::string_view what) {
    object found;
    if (value.get(found) != simdjson::SUCCESS) bad(std::string(what) + " is no object");
    return found;
  }
  bool has(const object& from, std::string_view key) { return from.at_key(key).error() == simdjson::SUCCESS; }
  std::string_view text(const object& from, std::string_view key) {
    std::string_view found;
    if (from.at_key(key).get(found) != simdjson::SUCCESS) bad("\"" + std::string(key) + "\" is no string");
    return found;
  }
  array list(const object& from, std::string_view key) {
    array found;
    if (from.at_key(key).get(found) != simdjson::SUCCESS) bad("\"" + std::string(key) + "\" is no array");
    return found;
  }
  std::uint64_t number(const object& from, std::string_view key) {
    std::uint64_t found;
    if (from.at_key(key).get(found) != simdjson::SUCCESS) bad("\"" + std::string(key) + "\" is no number");
    return found;
  }
  bool flag(const object& from, std::string_view key, bool otherwise) {
    bool found;
    return from.at_key(key).get(found) == simdjson::SUCCESS ? found : otherwise;
  }

  void set_stream(std::size_t stream) {
    if (stream >= graph_.streams.size()) bad("a node that no pickle holds");
    stream_ = stream;
  }

  // --- Pickles ---
  void begin_pickle(const object& from) {
    Stream& stream = graph_.streams.emplace_back();
    const std::uint64_t protocol = number(from, "protocol");
    if (protocol > kHighestProtocol) bad("protocol " + std::to_string(protocol));
    stream.protocol = static_cast<std::uint8_t>(protocol);
    stream.has_proto = flag(from, "proto", true);
    const std::string_view form = text(from, "memo");
    bool known = false;
    for (const PutFormName& entry : kPutForms) {
      if (entry.name == form) stream.put_form = entry.form;
      known = known || entry.name == form;
    }
    if (!known) bad("\"memo\" is none of none, text, binary, memoize");
    if (has(from, "first_key")) stream.first_key = number(from, "first_key");
    stream.continues_memo = flag(from, "continues_memo", false);
    stream.nested = flag(from, "nested", false);
    if (has(from, "frames")) {
      for (const element pair : list(from, "frames")) {
        const auto [first, count] = two_numbers(pair);
        stream.frames.push_back({first, count});
      }
    }
    if (has(from, "later_protos")) {
      for (const element pair : list(from, "later_protos")) {
        const auto [at, version] = two_numbers(pair);
        if (version > kHighestProtocol) bad("protocol " + std::to_string(version));
        stream.later_protos.emplace_back(at, static_cast<std::uint8_t>(version));
      }
    }
  }

  std::pair<std::uint64_t, std::uint64_t> two_numbers(const element& pair) {
    array both;
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    if (pair.get(both) != simdjson::SUCCESS || both.size() != 2 || both.at(0).get(first) != simdjson::SUCCESS ||
        both.at(1).get(second) != simdjson::SUCCESS) {
      bad("a pair of numbers is needed");
    }
    return {first, second};
  }

  // --- Nodes ---
  Tag tag_named(std::string_view name) {
    for (const TagName& entry : kTagNames) {
      if (entry.name == name) return entry.tag;
    }
    for (std::size_t byte = 0; byte < kOpcodes.size(); ++byte) {
      if (!name.empty() && kOpcodes[byte].name == name) return static_cast<Tag>(byte);
    }
    bad("\"op\" is no opcode: " + quote(name));
  }

  void begin_node(const object& from) {
    const Tag tag = tag_named(text(from, "op"));
    if (!is_node(tag)) bad("\"op\" makes no node: " + quote(text(from, "op")));
    const std::size_t count = has(from, "of") ? list(from, "of").size() : 0;
    check_count(tag, count);
    const std::vector<Cell> empty(count);
    nodes_.push_back(Cell(tag, graph_.make_node(empty)));
    streams_of_nodes_.push_back(~std::size_t{0});
  }

  void check_count(Tag tag, std::size_t count) {
    bool good = true;
    switch (static_cast<Opcode>(tag)) {
      case Opcode::EMPTY_LIST:
      case Opcode::EMPTY_DICT:
      case Opcode::EMPTY_SET: good = count == 0; break;
      case Opcode::TUPLE1:
      case Opcode::BINPERSID:
      case Opcode::READONLY_BUFFER: good = count == 1; break;
      case Opcode::TUPLE2:
      case Opcode::REDUCE:
      case Opcode::NEWOBJ:
      case Opcode::STACK_GLOBAL: good = count == 2; break;
      case Opcode::TUPLE3:
      case Opcode::NEWOBJ_EX: good = count == 3; break;
      case Opcode::DICT: good = count % 2 == 0; break;
      case Opcode::OBJ:
      case Opcode::INST: good = count >= 1; break;
      default:
        if (tag == Tag::kChanged) good = count == 1;
        if (tag == Tag::kLeftover) good = count >= 1;
        if (tag == Tag::kPreceded) good = count <= 1;
    }
    if (!good || count >= Node::kNoEntry) bad("\"of\" has " + std::to_string(count) + " values");
  }

  void fill_node(std::size_t number, const object& from) {
    Node& node = *nodes_[number].node();
    if (has(from, "of")) {
      std::size_t i = 0;
      const bool leftover = nodes_[number].tag() == Tag::kLeftover;
      for (const element value : list(from, "of")) {
        node.cells[i] = cell(value);
        check_value(node.cells[i], leftover && i > 0);
        ++i;
      }
    }
    if (nodes_[number].tag() == tag_of(Opcode::INST) && node.cells[0].tag() != tag_of(Opcode::GLOBAL)) {
      bad("an INST begins with a global");
    }
    if (has(from, "put")) {
      node.entry = entry(from);
      entry_cell(node.entry) = nodes_[number];
    }
    if (!has(from, "then")) return;
    for (const element change : list(from, "then")) add_change(nodes_[number], as_object(change, "a change"));
  }

  // Open marks and discarded values are no values; they stand where nobody asks for one.
  void check_value(Cell cell, bool may_be_none) {
    const bool is_value = cell.tag() != tag_of(Opcode::MARK) && !is_only_effects(cell);
    if (!is_value && !may_be_none) bad("no value stands where one is needed");
  }

  void add_change(Cell target, const object& from) {
    const Tag kind = tag_named(text(from, "op"));
    std::vector<Cell> cells;
    if (kind == Change::kVia) {
      const std::uint64_t via = number(from, "node");
      if (via >= nodes_.size() || nodes_[via].tag() != Tag::kChanged) bad("\"via\" names no changed node");
      cells.push_back(nodes_[via]);
    } else if (kind == Change::kNested) {
      const std::uint64_t pickle = number(from, "pickle");
      if (pickle >= graph_.streams.size() || !graph_.streams[pickle].nested || !nested_used_.insert(pickle).second) {
        bad("\"nested\" names no nested pickle of its own");
      }
      if (pickle <= stream_) bad("a nested pickle comes after the pickle it lies in");
      cells.push_back(Cell(kind, pickle));
    } else if (kind == Change::kRaw) {
      cells = raw_bytes(from);
    } else if (kind == tag_of(Opcode::MEMOIZE)) {
      const std::uint32_t put = entry(from);
      cells.push_back(Cell(Tag::kEntry, std::uint64_t{put}));
      late_entries_.emplace_back(put, target);
      entry_cell(put) = target;
    } else {
      if (has(from, "of")) {
        for (const element value : list(from, "of")) {
          cells.push_back(cell(value));
          check_value(cells.back(), kind == tag_of(Opcode::POP) || kind == tag_of(Opcode::POP_MARK));
        }
      }
      check_change(kind, cells.size());
    }
    graph_.add_change(*target.node(), kind, cells);
  }

  void check_change(Tag kind, std::size_t count) {
    bool good = false;
    switch (static_cast<Opcode>(kind)) {
      case Opcode::APPEND:
      case Opcode::BUILD: good = count == 1; break;
      case Opcode::SETITEM: good = count == 2; break;
      case Opcode::POP: good = count <= 1; break;
      case Opcode::SETITEMS: good = count % 2 == 0; break;
      case Opcode::APPENDS:
      case Opcode::ADDITEMS:
      case Opcode::POP_MARK: good = true; break;
      default: break;
    }
    if (!good) bad("a change with " + std::to_string(count) + " values, or of no known kind");
  }

  std::vector<Cell> raw_bytes(const object& from) {
    std::string bytes;
    if (!from_base64(text(from, "base64"), bytes)) bad("\"base64\" is not base64");
    const std::uint64_t padding = number(from, "padding");
    if (padding > 256) bad("\"padding\" is above 256");
    bytes.insert(0, padding, '\0');
    char* copy = graph_.arena.make_array<char>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), copy);
    return {Cell(Change::kRaw, copy), Cell(Change::kRaw, std::uint64_t{bytes.size()}), Cell(Change::kRaw, padding)};
  }

  // --- Memo entries ---
  std::uint32_t entry(const object& from) {
    const std::uint64_t put = number(from, "put");
    if (put >= kMostEntries || put >= limits_.memo) bad("\"put\" is too large");
    if (has(from, "put_op")) {
      const Tag opcode = tag_named(text(from, "put_op"));
      const bool puts = opcode == tag_of(Opcode::PUT) || opcode == tag_of(Opcode::BINPUT) ||
                        opcode == tag_of(Opcode::LONG_BINPUT) || opcode == tag_of(Opcode::MEMOIZE);
      if (!puts) bad("\"put_op\" is no PUT");
      graph_.odd_puts.push_back({static_cast<std::uint32_t>(put), static_cast<Opcode>(opcode), number(from, "key")});
    }
    const auto result = static_cast<std::uint32_t>(put);
    if (entry_cell(result) != Cell()) bad("memo entry " + std::to_string(put) + " is put twice");
    ++graph_.streams[stream_].entries;
    return result;
  }

  // Entries are numbered as they were put, so that the text has no larger numbers than it has room for "put".
  static constexpr std::uint64_t kShortestPut = 8;  // of the text: ,"put":0
  static constexpr std::uint64_t kMostEntries = std::uint64_t{1} << 31;
  Cell& entry_cell(std::uint32_t entry) {
    if (entry >= most_entries_) bad("\"put\" skips numbers");
    while (graph_.memo.size() <= entry) graph_.memo.push_back(Cell());
    return graph_.memo[entry];
  }

  void finish() {
    std::ranges::sort(graph_.odd_puts, {}, &OddPut::entry);
    for (const auto& [put, target] : late_entries_) graph_.memo[put] = graph_.resolve(target);
    for (const std::uint64_t get : gets_) {
      if (get >= graph_.memo.size() || !graph_.memo[get]) bad("memo entry " + std::to_string(get) + " is never put");
    }
    for (const Cell node : nodes_) {
      if (node.tag() == Tag::kChanged || node.tag() == Tag::kPreceded || node.tag() == Tag::kLeftover) {
        if (node.node()->count > 0 && !node.node()->cells[0]) bad("a node without a value");
      }
    }
    if (graph_.roots.empty()) bad("no pickle");
  }

  // --- Values ---
  Cell cell(const simdjson::simdjson_result<element>& result) {
    element value;
    if (result.get(value) != simdjson::SUCCESS) bad("a value is missing");
    return cell(value);
  }

  Cell cell(const element& value) {
    if (value.type() != element_type::OBJECT) return plain(value);
    const object from = as_object(value, "a value");
    if (has(from, "op") && text(from, "op") == "DUP") return duplicate(from);
    if (has(from, "op") && text(from, "op") == "MARK") return DocumentBuilder::open_mark();
    if (has(from, "node")) return node_cell(number(from, "node"));
    if (has(from, "get")) return get_cell(from);
    if (has(from, "value")) {
      const std::uint32_t put = entry(from);
      element inner;
      if (from.at_key("value").get(inner) != simdjson::SUCCESS) bad("\"value\" is missing");
      entry_cell(put) = leaf(inner);
      return Cell(Tag::kEntry, std::uint64_t{put});
    }
    return leaf(value);
  }

  Cell duplicate(const object& from) {
    Cell* held = graph_.arena.make_array<Cell>(1);
    if (has(from, "node")) {
      const std::uint64_t node = number(from, "node");
      if (node >= nodes_.size()) bad("node " + std::to_string(node) + " does not exist");
      *held = nodes_[node];
      check_value(*held, false);
    } else if (has(from, "entry")) {
      gets_.push_back(number(from, "entry"));
      if (gets_.back() >= kMostEntries) bad("\"entry\" is too large");
      *held = Cell(Tag::kEntry, gets_.back());
    } else {
      element value;
      if (from.at_key("leaf").get(value) != simdjson::SUCCESS) bad("DUP of what?");
      *held = leaf(value);
    }
    return Cell(tag_of(Opcode::DUP), held);
  }

  // Each node has one place: others refer to it by its memo entry.
  Cell node_cell(std::uint64_t number) {
    if (number >= nodes_.size()) bad("node " + std::to_string(number) + " does not exist");
    if (streams_of_nodes_[number] != ~std::size_t{0}) bad("node " + std::to_string(number) + " stands in two places");
    streams_of_nodes_[number] = stream_;
    return nodes_[number];
  }

  Cell get_cell(const object& from) {
    const std::uint64_t get = number(from, "get");
    if (get >= kMostEntries) bad("\"get\" is too large");
    gets_.push_back(get);
    Opcode opcode = graph_.streams[stream_].put_form == PutForm::kText ? Opcode::GET : Opcode::BINGET;
    std::uint8_t flags = 0;
    if (has(from, "op")) {
      opcode = static_cast<Opcode>(tag_named(text(from, "op")));
      if (!is_get(tag_of(opcode))) bad("\"op\" is no GET");
      if (opcode == Opcode::LONG_BINGET) flags = Cell::kOddForm;
    }
    return Cell(tag_of(opcode), get, flags);
  }

  Cell leaf(const element& value) {
    if (value.type() != element_type::OBJECT) return plain(value);
    const object from = as_object(value, "a value");
    return encoded([&](Encoder& encoder) {
      std::string bytes;
      if (has(from, "int")) return big_integer(encoder, text(from, "int"));
      if (has(from, "float")) return special_float(encoder, text(from, "float"));
      if (bytes_of(from, "bytes", bytes)) return encoder.bytes(bytes);
      if (bytes_of(from, "bytearray", bytes)) return encoder.bytearray(bytes);
      if (bytes_of(from, "bytestring", bytes)) return encoder.byte_string(bytes);
      if (has(from, "global")) return global(encoder, list(from, "global"));
      const Tag tag = tag_named(text(from, "op"));
      if (has(from, "argument") && !latin1_of(text(from, "argument"), bytes)) bad("\"argument\" holds no bytes");
      encoder.op(static_cast<Opcode>(tag), bytes);
    });
  }

  bool bytes_of(const object& from, const std::string& word, std::string& bytes) {
    if (has(from, word)) {
      if (!latin1_of(text(from, word), bytes)) bad("\"" + word + "\" holds characters beyond 255");
      return true;
    }
    if (!has(from, word + "_base64")) return false;
    if (!from_base64(text(from, word + "_base64"), bytes)) bad("\"" + word + "_base64\" is not base64");
    return true;
  }

  static bool latin1_of(std::string_view utf8, std::string& bytes) {
    bytes.clear();
    for (std::size_t i = 0; i < utf8.size();) {
      const std::uint32_t c = next_code_point(utf8, i);
      if (c > 0xFF) return false;
      bytes += static_cast<char>(c);
    }
    return true;
  }

  void big_integer(Encoder& encoder, std::string_view decimal) {
    std::string bytes;
    if (!bytes_of_decimal(decimal, bytes)) bad("\"int\" is no integer");
    if (const auto small = int64_of_bytes(bytes)) return encoder.integer(*small);
    encoder.big_integer(bytes, decimal);
  }

  void special_float(Encoder& encoder, std::string_view word) {
    if (word == "nan") return encoder.real(std::numeric_limits<double>::quiet_NaN());
    if (word == "inf") return encoder.real(std::numeric_limits<double>::infinity());
    if (word == "-inf") return encoder.real(-std::numeric_limits<double>::infinity());
    bad("\"float\" is none of nan, inf, -inf");
  }

  void global(Encoder& encoder, const array& names) {
    std::string_view module;
    std::string_view name;
    if (names.size() != 2 || names.at(0).get(module) != simdjson::SUCCESS || names.at(1).get(name) != simdjson::SUCCESS) {
      bad("\"global\" is a module and a name");
    }
    encoder.lines(Opcode::GLOBAL, module, name);
  }

  Cell plain(const element& value) {
    return encoded([&](Encoder& encoder) {
      switch (value.type()) {
        case element_type::NULL_VALUE: return encoder.none();
        case element_type::BOOL: return encoder.boolean(bool(value));
        case element_type::INT64: return encoder.integer(std::int64_t(value));
        case element_type::DOUBLE: return encoder.real(double(value));
        case element_type::STRING: return encoder.text(std::string_view(value));
        case element_type::UINT64: return big_integer(encoder, std::to_string(std::uint64_t(value)));
        default: bad("an array stands where a value is needed; lists are nodes");
      }
    });
  }

  template <class Write>
  Cell encoded(Write&& write) {
    instruction_.clear();
    Encoder encoder(instruction_, graph_.streams[stream_].protocol, {});
    write(encoder);
    const Result<Cell> made = leaf_of(graph_, instruction_);
    if (!made) bad(made.error().message);
    return *made;
  }

 public:
  std::string place_ = "the document";

 private:
  Graph& graph_;
  const Limits& limits_;
  const std::uint64_t most_entries_;
  std::size_t stream_ = 0;
  std::vector<Cell> nodes_;
  std::vector<std::size_t> streams_of_nodes_;
  std::vector<std::uint64_t> gets_;
  std::vector<std::pair<std::uint32_t, Cell>> late_entries_;
  std::set<std::uint64_t> nested_used_;
  std::string instruction_;
};

}  // namespace

bool is_lossless_json(std::string_view text) {
  const std::string_view begin = text.substr(0, 256);
  const std::size_t brace = begin.find_first_not_of(" \t\r\n");
  return brace != std::string_view::npos && begin[brace] == '{' && begin.find(kFormat) != std::string_view::npos;
}

Result<Document> from_json(std::string_view json, const Limits& limits) {
  simdjson::dom::parser parser;
  element top;
  const simdjson::padded_string padded(json);
  if (const auto error = parser.parse(padded).get(top)) {
    return std::unexpected(Error{ErrorCode::kBadJson, std::string("not JSON: ") + simdjson::error_message(error)});
  }
  auto graph = std::make_unique<Graph>();
  graph->arena.set_limit(limits.allocation);
  graph->arena.expect(json.size());
  JsonReader reader(*graph, limits, json.size());
  try {
    reader.run(top);
  } catch (const Bad& bad) {
    return std::unexpected(Error{ErrorCode::kBadJson, bad.message, Error::kNoOffset, {}, reader.place_});
  } catch (const Arena::LimitReached&) {
    return std::unexpected(Error{ErrorCode::kLimit, "the document needs more memory than the limit allocation=" +
                                                        std::to_string(limits.allocation)});
  }
  return make_document(std::move(graph));
}

}  // namespace cppickle
