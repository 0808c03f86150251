#include "document/document_builder.h"

#include <cstring>
#include <new>

#include "base/quote.h"
#include "document/inline_array.h"
#include "pickle/machine.h"

namespace cppickle {

bool DocumentBuilder::too_many(const Instruction& in) {
  return reader_.fail(ErrorCode::kLimit, in, "more than 4294967294 values in one instruction");
}

bool DocumentBuilder::decoded_line(const Instruction& in, Cell& out) {
  if (!check_argument(in, reader_)) return false;
  const std::string_view line = payload(in.opcode, in.argument, in.end);
  const bool unicode = in.opcode == Opcode::UNICODE;
  const bool plain = line.find('\\') == std::string_view::npos && (!unicode || is_ascii(line));
  if (plain) {
    out = Cell(tag_of(in.opcode), in.argument);
    return true;
  }
  std::string text;
  unicode ? decode_raw_unicode_escape(line, text) : decode_string_escape(line, text);
  auto* decoded = static_cast<DecodedText*>(graph_.arena.allocate(sizeof(DecodedText) + text.size()));
  decoded->argument = in.argument;
  decoded->size = text.size();
  std::memcpy(decoded->text, text.data(), text.size());
  out = Cell(tag_of(in.opcode), decoded, Cell::kDecoded);
  return true;
}

// The class is held as the GLOBAL that it could have been, before the arguments.
bool DocumentBuilder::make_inst(const Instruction& in, std::span<Cell> taken, Cell& out) {
  auto* node = static_cast<Node*>(graph_.arena.allocate(sizeof(Node) + sizeof(Cell) + taken.size_bytes()));
  node->last = nullptr;
  node->count = static_cast<std::uint32_t>(taken.size() + 1);
  node->entry = Node::kNoEntry;
  node->cells[0] = Cell(tag_of(Opcode::GLOBAL), in.argument);
  std::copy(taken.begin(), taken.end(), node->cells + 1);
  out = Cell(tag_of(Opcode::INST), node);
  return true;
}

bool DocumentBuilder::check_names(const Instruction& in, std::span<Cell> names) {
  for (const Cell name : names) {
    const Kind kind = ::cppickle::Value(graph_, name.bits()).kind();
    const bool text = kind == Kind::kString || kind == Kind::kByteString;
    // What a call or a foreign object gives may be text when it is run; nothing else can be.
    if (text || kind == Kind::kGlobal || kind == Kind::kObject || kind == Kind::kPersistentId ||
        kind == Kind::kExtension) {
      continue;
    }
    return reader_.fail(ErrorCode::kBadOperand, in, "a module and a name of text are needed, and one is a " +
                                                        std::string(name_of(kind)));
  }
  saw_global(::cppickle::Value(graph_, names[1].bits()).text());
  return true;
}

void DocumentBuilder::saw_global(std::string_view qualname) {
  if (qualname == "NumpyArrayWrapper") saw_wrapper_ = true;
}

// A value that is no node gets one, so that changes can be kept with it; they show at the object too.
void DocumentBuilder::hold(Cell& target) {
  const Cell held = target;
  target = Cell(Tag::kChanged, graph_.make_node({&held, 1}));
  const Cell meant = graph_.resolve(held);
  if (!is_node(meant.tag())) return;
  graph_.vias.emplace_back(meant.node(), meant.node()->last);
  graph_.add_change(*meant.node(), Change::kVia, {&target, 1});
}

// A PUT of a value that was put before, or changed since it was made, or that is a reference.
void DocumentBuilder::remember_again(Cell& target, std::uint32_t entry) {
  graph_.memo.push_back(graph_.resolve(target));
  const Cell put(Tag::kEntry, std::uint64_t{entry});
  change(target, tag_of(Opcode::MEMOIZE), {&put, 1});
}

// The first PUT says how this pickle's entries are written; one that differs is kept as it is.
void DocumentBuilder::note_put(Opcode opcode, PutForm form, std::uint64_t key, std::uint32_t entry) {
  const bool first = put_form_ == PutForm::kNone;
  if (first) {
    put_form_ = form;
    next_key_ = key;
    stream().put_form = form;
    stream().first_key = key;
  }
  const bool usual = form != PutForm::kBinary || (opcode == Opcode::BINPUT) == (key < 256);
  if (form != put_form_ || key != next_key_ || !usual) graph_.odd_puts.push_back({entry, opcode, key});
  ++next_key_;
  ++entries_;
}

bool DocumentBuilder::duplicate(const Instruction&, Cell& top, Cell& out) {
  if (top.tag() == tag_of(Opcode::DUP)) {
    out = top;
    return true;
  }
  Cell* copy = graph_.arena.make_array<Cell>(1);
  *copy = top;
  out = Cell(tag_of(Opcode::DUP), copy);
  return true;
}

bool DocumentBuilder::discard(const Instruction& in, std::span<Cell> what, bool is_frame, Cell* below, Cell& effects) {
  if (what.size() >= Node::kNoEntry) return too_many(in);
  if (below == nullptr && !effects) effects = Cell(Tag::kPreceded, graph_.make_node({}));
  Cell& holder = below != nullptr ? *below : effects;
  const bool moved = !is_frame && what.size() == 1 && what[0].tag() == Tag::kPreceded && what[0].node()->count == 0;
  if (moved) {
    for_each_change(*what[0].node(), [&](const Change& effect) {
      change(holder, effect.kind, effect.span());
      return true;
    });
  } else {
    // POP takes a MARK with nothing above it too (_pickle.c: load_pop): a change without values of its own.
    change(holder, tag_of(in.opcode == Opcode::POP_MARK ? Opcode::POP_MARK : Opcode::POP), what);
  }
  return true;
}

bool DocumentBuilder::prefix(Cell effects, Cell& first) {
  Node* node = graph_.make_node({&first, 1});
  node->last = effects.node()->last;
  first = Cell(Tag::kPreceded, node);
  return true;
}

bool DocumentBuilder::protocol(const Instruction& in) {
  Stream& pickle = stream();
  const std::uint8_t version = in.argument[0];
  if (reader_.count() == 1) {
    pickle.has_proto = true;
    pickle.protocol = version;
  } else {
    pickle.later_protos.emplace_back(reader_.count() - 1, version);
  }
  return true;
}

bool DocumentBuilder::finish(const Instruction& in, Cell root, std::span<Cell> left) {
  Stream& pickle = stream();
  if (!left.empty()) {
    std::vector<Cell> cells{root};
    cells.insert(cells.end(), left.begin(), left.end());
    root = Cell(Tag::kLeftover, graph_.make_node(cells));
    graph_.notes.push_back({Note::Kind::kLeftover, reader_.offset(in.begin), left.size(),
                            std::to_string(left.size()) + " values are left on the stack at STOP"});
  }
  pickle.root = root;
  pickle.end = reader_.offset(in.end);
  pickle.entries = entries_;
  pickle.instructions = reader_.count();
  pickle.frames = std::move(reader_.frames());
  if (!pickle.has_proto) pickle.protocol = pickle.put_form == PutForm::kBinary ? 1 : 0;
  return true;
}

bool DocumentBuilder::inline_array(const Instruction& in, Cell& target) {
  const InlineArray array = inline_array_after(
      ::cppickle::Value(graph_, target.bits()), ::cppickle::Value(graph_, target.node()->last->cells[0].bits()));
  switch (array.kind) {
    case InlineArray::Kind::kNone: return true;
    case InlineArray::Kind::kNested: return nested_pickle(in, target);
    case InlineArray::Kind::kBytes: return raw_array(in, target, array.bytes, array.padded);
    case InlineArray::Kind::kBad:
      return reader_.fail(ErrorCode::kCorrupt, in, "the array wrapper's shape or dtype makes no size");
  }
  return true;
}

bool DocumentBuilder::raw_array(const Instruction& in, Cell& target, std::uint64_t bytes, bool padded) {
  if (!reader_.skip_raw(0, in)) return false;
  const std::uint8_t* begin = reader_.position();
  std::uint64_t padding = 0;
  if (padded) {
    if (!reader_.skip_raw(1, in)) return false;
    padding = 1 + std::uint64_t{*begin};
    if (!reader_.skip_raw(padding - 1, in)) return false;
  }
  if (!reader_.skip_raw(bytes, in)) return false;
  if (nesting_ == 0) graph_.inline_extents.push_back({reader_.offset(begin), padding + bytes, false});
  const Cell cells[] = {Cell(Change::kRaw, begin), Cell(Change::kRaw, padding + bytes), Cell(Change::kRaw, padding)};
  change(target, Change::kRaw, cells);
  return true;
}

bool DocumentBuilder::nested_pickle(const Instruction& in, Cell& target) {
  if (nesting_ >= limits_.nesting) {
    return reader_.fail(ErrorCode::kLimit, in, "more pickles in pickles than the limit nesting=" +
                                                   std::to_string(limits_.nesting));
  }
  if (!reader_.skip_raw(0, in)) return false;
  OpcodeReader inner(reader_.origin(), reader_.position(), reader_.end());
  MemoIndex memo;
  const auto number = static_cast<std::uint64_t>(graph_.streams.size());
  if (!read_pickle(graph_, memo, inner, limits_, nesting_ + 1)) return reader_.fail(inner.error());
  graph_.streams[number].nested = true;
  const std::uint64_t size = reader_.offset(inner.position()) - reader_.offset(reader_.position());
  if (nesting_ == 0) graph_.inline_extents.push_back({reader_.offset(reader_.position()), size, true});
  reader_.jump(inner.position());
  const Cell cell(Change::kNested, number);
  change(target, Change::kNested, {&cell, 1});
  return true;
}

bool read_pickle(Graph& graph, MemoIndex& memo, OpcodeReader& reader, const Limits& limits, std::uint64_t nesting) {
  const std::size_t number = graph.streams.size();
  graph.streams.emplace_back();
  graph.streams[number].begin = reader.offset(reader.position());
  DocumentBuilder builder(graph, number, memo, reader, limits, nesting);
  return Machine<DocumentBuilder>(reader, builder, limits).run();
}

}  // namespace cppickle
