// A document's graph as lossless JSON. Nodes are numbered in breadth-first order, one line each.
#include <cmath>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/utf8.h"
#include "base/json_text.h"
#include "convert/lossless_json.h"
#include "cppickle/json.h"
#include "cppickle/pickler.h"
#include "document/integer.h"
#include "document/leaf.h"
#include "pickle/argument.h"
#include "pickle/encoder.h"

namespace cppickle {
namespace {

using namespace lossless_json;

std::string_view tag_name(Tag tag) {
  for (const TagName& entry : kTagNames) {
    if (entry.tag == tag) return entry.name;
  }
  return kOpcodes[static_cast<std::uint8_t>(tag)].name;
}

bool is_printable(std::string_view text) {
  for (const char c : text) {
    if (c < 0x20 || c >= 0x7F) return false;
  }
  return true;
}

class JsonWriter {
 public:
  explicit JsonWriter(const Graph& graph) : graph_(graph) {}

  std::string run() {
    number_named_nodes();
    out_ += "{\"format\":\"" + std::string(kFormat) + "\",\n\"pickles\":[";
    order_.clear();
    for (std::size_t i = 0; i < graph_.streams.size(); ++i) {
      out_ += i == 0 ? "\n" : ",\n";
      pickle(graph_.streams[i]);
    }
    out_ += "],\n\"nodes\":[";
    for (std::size_t i = 0; i < order_.size(); ++i) {
      out_ += i == 0 ? "\n" : ",\n";
      stream_ = &graph_.streams[order_[i].stream];
      current_ = order_[i].stream;
      node(order_[i].cell);
    }
    out_ += "]}\n";
    return std::move(out_);
  }

 private:
  struct Numbered {
    Cell cell;
    std::size_t stream;
  };

  // kVia changes and DUP name nodes that stand elsewhere, perhaps later: their numbers are found by a first walk.
  void number_named_nodes() {
    for (std::size_t i = 0; i < graph_.streams.size(); ++i) queue(graph_.streams[i].root);
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const Node& node = *order_[i].cell.node();
      if (order_[i].cell.tag() == Tag::kChanged) names_nodes_ = true;
      for (const Cell cell : node.span()) queue(cell);
      for_each_change(node, [this](const Change& change) {
        const bool other = change.kind == Change::kVia || change.kind == Change::kRaw ||
                           change.kind == Change::kNested || change.kind == tag_of(Opcode::MEMOIZE);
        if (!other) {
          for (const Cell cell : change.span()) queue(cell);
        }
        return true;
      });
    }
    for (std::size_t i = 0; names_nodes_ && i < order_.size(); ++i) numbers_[order_[i].cell.node()] = i;
  }

  void queue(Cell cell) {
    if (cell.tag() == tag_of(Opcode::DUP)) names_nodes_ = true;
    if (is_node(cell.tag())) order_.push_back({cell, current_});
  }

  void pickle(const Stream& stream) {
    stream_ = &stream;
    current_ = static_cast<std::size_t>(&stream - graph_.streams.data());
    out_ += "{\"protocol\":" + std::to_string(stream.protocol);
    out_ += stream.has_proto ? "" : ",\"proto\":false";
    for (const PutFormName& entry : kPutForms) {
      if (entry.form == stream.put_form) ((out_ += ",\"memo\":\"") += entry.name) += '"';
    }
    if (stream.first_key != 0) out_ += ",\"first_key\":" + std::to_string(stream.first_key);
    if (stream.continues_memo) out_ += ",\"continues_memo\":true";
    if (stream.nested) out_ += ",\"nested\":true";
    if (!stream.frames.empty()) {
      out_ += ",\"frames\":[";
      for (const FrameExtent& frame : stream.frames) {
        if (out_.back() != '[') out_ += ',';
        out_ += "[" + std::to_string(frame.first) + "," + std::to_string(frame.count) + "]";
      }
      out_ += "]";
    }
    if (!stream.later_protos.empty()) {
      out_ += ",\"later_protos\":[";
      for (const auto& [at, version] : stream.later_protos) {
        if (out_.back() != '[') out_ += ',';
        out_ += "[" + std::to_string(at) + "," + std::to_string(version) + "]";
      }
      out_ += "]";
    }
    out_ += ",\"root\":";
    cell(stream.root);
    out_ += "}";
  }

  void node(Cell cell) {
    const Node& node = *cell.node();
    ((out_ += "{\"op\":\"") += tag_name(cell.tag())) += '"';
    if (node.entry != Node::kNoEntry) put(node.entry);
    if (node.count > 0) {
      out_ += ",\"of\":";
      cells(node.span());
    }
    if (node.last != nullptr) {
      out_ += ",\"then\":[";
      for_each_change(node, [this](const Change& change) {
        if (out_.back() != '[') out_ += ',';
        this->change(change);
        return true;
      });
      out_ += "]";
    }
    out_ += "}";
  }

  void change(const Change& change) {
    ((out_ += "{\"op\":\"") += tag_name(change.kind)) += '"';
    if (change.kind == Change::kVia) {
      out_ += ",\"node\":" + std::to_string(numbers_.at(change.cells[0].node()));
    } else if (change.kind == Change::kNested) {
      out_ += ",\"pickle\":" + std::to_string(change.cells[0].number());
    } else if (change.kind == Change::kRaw) {
      const std::string_view bytes(reinterpret_cast<const char*>(change.cells[0].argument()), change.cells[1].number());
      const std::uint64_t padding = change.cells[2].number();
      out_ += ",\"padding\":" + std::to_string(padding) + ",\"base64\":\"" + base64(bytes.substr(padding)) + "\"";
    } else if (change.kind == tag_of(Opcode::MEMOIZE)) {
      put(static_cast<std::uint32_t>(change.cells[0].number()));
    } else if (change.count > 0) {
      out_ += ",\"of\":";
      cells(change.span());
    }
    out_ += "}";
  }

  // "put": the entry's number, and the instruction where it is not the usual one.
  void put(std::uint32_t entry) {
    out_ += ",\"put\":" + std::to_string(entry);
    const OddPut* odd = graph_.odd_put(entry);
    if (odd == nullptr) return;
    ((out_ += ",\"put_op\":\"") += info(odd->opcode).name) += "\",\"key\":" + std::to_string(odd->key);
  }

  void cells(std::span<const Cell> span) {
    out_ += '[';
    for (const Cell one : span) {
      if (out_.back() != '[') out_ += ',';
      cell(one);
    }
    out_ += ']';
  }

  void cell(Cell cell) {
    if (cell.tag() == Tag::kEntry) {
      out_ += "{\"value\":";
      leaf(graph_.memo[cell.number()]);
      put(static_cast<std::uint32_t>(cell.number()));
      out_ += '}';
    } else if (is_get(cell.tag())) {
      out_ += "{\"get\":" + std::to_string(cell.number());
      const Opcode usual = stream_->put_form == PutForm::kText ? Opcode::GET : Opcode::BINGET;
      const bool text = cell.opcode() == Opcode::GET;
      if (text != (usual == Opcode::GET) || cell.has(Cell::kOddForm)) {
        ((out_ += ",\"op\":\"") += info(cell.opcode()).name) += '"';
      }
      out_ += '}';
    } else if (cell.tag() == tag_of(Opcode::DUP)) {
      duplicate(cell);
    } else if (is_node(cell.tag())) {
      out_ += "{\"node\":" + std::to_string(order_.size()) + "}";
      order_.push_back({cell, current_});
    } else {
      leaf(cell);
    }
  }

  // DUP names what it duplicates: a node or a memo entry by number, or the leaf.
  void duplicate(Cell cell) {
    Cell held;
    std::memcpy(static_cast<void*>(&held), cell.argument(), sizeof held);
    out_ += "{\"op\":\"DUP\",";
    if (held.tag() == Tag::kEntry || is_get(held.tag())) {
      out_ += "\"entry\":" + std::to_string(held.number());
    } else if (is_node(held.tag())) {
      out_ += "\"node\":" + std::to_string(numbers_.at(held.node()));
    } else {
      out_ += "\"leaf\":";
      leaf(held);
    }
    out_ += '}';
  }

  // A leaf in its natural JSON form where that form means the same instruction; else the instruction.
  void leaf(Cell leaf) {
    const Value value(graph_, leaf.bits());
    const std::string_view argument = argument_bytes(graph_, leaf);
    scratch_.clear();
    Encoder encoder(scratch_, stream_->protocol, {});
    const std::size_t before = out_.size();
    if (natural(leaf, value, encoder)) {
      const bool same = scratch_.size() == argument.size() + 1 && scratch_[0] == static_cast<char>(leaf.opcode()) &&
                        std::string_view(scratch_).substr(1) == argument;
      if (same) return;
      out_.resize(before);
    }
    ((out_ += "{\"op\":\"") += info(leaf.opcode()).name) += '"';
    if (!argument.empty()) {
      out_ += ",\"argument\":";
      append_json_string(out_, latin1_to_utf8(argument));  // one character per byte
    }
    out_ += '}';
  }

  bool natural(Cell leaf, const Value& value, Encoder& encoder) {
    switch (value.kind()) {
      case Kind::kNone: out_ += "null"; encoder.none(); return true;
      case Kind::kBool:
        out_ += value.as_bool() ? "true" : "false";
        encoder.boolean(value.as_bool());
        return true;
      case Kind::kInt: return natural_int(leaf, value, encoder);
      case Kind::kFloat: return natural_float(value.as_double(), encoder);
      case Kind::kString:
        if (!is_utf8_without_surrogates(value.text())) return false;
        append_json_string(out_, value.text());
        encoder.text(value.text());
        return true;
      case Kind::kBytes: natural_bytes("bytes", value.text()); encoder.bytes(value.text()); return true;
      case Kind::kByteArray: natural_bytes("bytearray", value.text()); encoder.bytearray(value.text()); return true;
      case Kind::kByteString: natural_bytes("bytestring", value.text()); encoder.byte_string(value.text()); return true;
      case Kind::kGlobal: {
        const Global name = *value.global();
        if (!is_utf8_without_surrogates(name.module) || !is_utf8_without_surrogates(name.qualname)) return false;
        out_ += "{\"global\":[";
        append_json_string(out_, name.module);
        out_ += ',';
        append_json_string(out_, name.qualname);
        out_ += "]}";
        encoder.lines(Opcode::GLOBAL, name.module, name.qualname);
        return true;
      }
      default: return false;
    }
  }

  bool natural_int(Cell leaf, const Value& value, Encoder& encoder) {
    const auto small = value.as_int();
    if (small && *small >= -kMostExact && *small <= kMostExact) {
      out_ += std::to_string(*small);
      encoder.integer(*small);
      return true;
    }
    const std::string decimal = value.as_decimal();
    out_ += "{\"int\":\"" + decimal + "\"}";
    if (small) {
      encoder.integer(*small);
    } else if (leaf.opcode() == Opcode::LONG1 || leaf.opcode() == Opcode::LONG4) {
      encoder.big_integer(shortest_int(value.int_bytes()), decimal);
    } else {
      encoder.big_integer({}, decimal);
    }
    return true;
  }

  bool natural_float(double value, Encoder& encoder) {
    if (std::isfinite(value)) {
      out_ += repr_of(value);
    } else {
      out_ += "{\"float\":\"" + repr_of(value) + "\"}";
    }
    encoder.real(std::isnan(value) ? std::nan("") : value);
    return true;
  }

  void natural_bytes(std::string_view word, std::string_view bytes) {
    const bool printable = is_printable(bytes);
    ((out_ += "{\"") += word) += printable ? "\":" : "_base64\":\"";
    if (printable) append_json_string(out_, bytes);
    else (out_ += base64(bytes)) += '"';
    out_ += '}';
  }

  static bool is_utf8_without_surrogates(std::string_view text) {
    if (is_ascii(text)) return true;
    for (std::size_t i = 0; i < text.size();) {
      const std::uint32_t c = next_code_point(text, i);
      if (c >= 0xD800 && c < 0xE000) return false;
    }
    return true;
  }

  const Graph& graph_;
  std::string out_;
  std::string scratch_;
  std::vector<Numbered> order_;
  bool names_nodes_ = false;
  std::unordered_map<const Node*, std::size_t> numbers_;
  const Stream* stream_ = nullptr;
  std::size_t current_ = 0;
};

}  // namespace

Result<std::string> to_json(const Document& document) {
  bool made_by_program = false;
  for (const Stream& stream : document.graph().streams) {
    made_by_program = made_by_program || stream.built || stream.restructured;
  }
  if (!made_by_program) return JsonWriter(document.graph()).run();
  // What a program made may hold a node in several places; what is read holds each in one.
  const auto bytes = write(document);
  if (!bytes) return std::unexpected(bytes.error());
  const auto read = Document::read(*bytes);
  if (!read) return std::unexpected(read.error());
  return JsonWriter(read->graph()).run();
}

}  // namespace cppickle
