// Writing a document in the forms it was read in.
#include "document/document_writer.h"
#include "document/leaf.h"

namespace cppickle {
namespace {

bool takes_mark(Tag tag) {
  switch (static_cast<Opcode>(tag)) {
    case Opcode::TUPLE:
    case Opcode::LIST:
    case Opcode::DICT:
    case Opcode::FROZENSET:
    case Opcode::OBJ:
    case Opcode::INST:
    case Opcode::APPENDS:
    case Opcode::SETITEMS:
    case Opcode::ADDITEMS:
    case Opcode::POP_MARK: return true;
    default: return false;
  }
}

class KeptWriter final : public DocumentWriter {
 public:
  KeptWriter(const Graph& graph, const Stream& stream, WrittenEntries& entries, std::string& out)
      : DocumentWriter(graph, stream, entries), out_(out) {}

 private:
  bool leaf(Cell cell) override {
    encoder_->op(cell.opcode(), argument_bytes(graph_, cell));
    return true;
  }

  void put(std::uint32_t entry) override {
    const OddPut* odd = graph_.odd_put(entry);
    std::uint64_t key = encoder_->next_key();
    if (odd != nullptr && !stream_.restructured) {
      key = odd->key;
      encoder_->put(odd->opcode, key);
    } else {
      switch (stream_.put_form) {
        case PutForm::kText: encoder_->put(Opcode::PUT, key); break;
        case PutForm::kBinary: encoder_->put(key < 256 ? Opcode::BINPUT : Opcode::LONG_BINPUT, key); break;
        case PutForm::kMemoize: encoder_->put(Opcode::MEMOIZE, key); break;
        case PutForm::kNone: encoder_->put(); break;
      }
    }
    entries_.key(entry) = key;
  }

  void get(Cell cell, std::uint64_t key) override {
    Opcode form = cell.opcode();
    if (form != Opcode::GET) {
      form = key < 256 && !cell.has(Cell::kOddForm) ? Opcode::BINGET : Opcode::LONG_BINGET;
      if (stream_.restructured && stream_.put_form == PutForm::kText) form = Opcode::GET;
    }
    encoder_->get(form, key);
  }

  bool write_nested(const Stream& stream, Error& error) override {
    return write_kept(graph_, stream, entries_, out_, error);
  }

  bool start(Task& task) override {
    if (task.cell.tag() == Tag::kPreceded) {
      task.change = task.first();
      task.stage = Stage::kChange;
      return true;
    }
    if (takes_mark(task.cell.tag())) encoder_->op(Opcode::MARK);
    // An INST's class is part of the instruction; what is left over at STOP lies under the root.
    if (task.cell.tag() == tag_of(Opcode::INST) || task.cell.tag() == Tag::kLeftover) task.index = 1;
    task.stage = Stage::kCells;
    return true;
  }

  bool made(Task& task) override {
    const Tag tag = task.cell.tag();
    if (tag == Tag::kLeftover) {
      task.stage = Stage::kLast;
      return true;
    }
    if (tag == tag_of(Opcode::INST)) {
      encoder_->op(Opcode::INST, argument_bytes(graph_, task.node().cells[0]));
    } else if (tag != Tag::kChanged) {
      encoder_->op(task.cell.opcode());
    }
    if (task.node().entry != Node::kNoEntry) put(task.node().entry);
    task.change = task.first();
    task.stage = Stage::kChange;
    return true;
  }

  bool change(Task& task) override {
    const Change* change = task.change;
    if (change == nullptr) {
      if (task.cell.tag() == Tag::kPreceded) {
        task.stage = Stage::kLast;
      } else {
        done();
      }
      return true;
    }
    if (change->kind == tag_of(Opcode::MEMOIZE) || change->kind == Change::kVia || change->kind == Change::kRaw ||
        change->kind == Change::kNested) {
      task.change = task.after();
      if (change->kind == tag_of(Opcode::MEMOIZE)) put(static_cast<std::uint32_t>(change->cells[0].number()));
      if (change->kind == Change::kRaw) return raw(*change);
      if (change->kind == Change::kNested) return nested(change->cells[0].number());
      return true;
    }
    const bool pops_mark =
        change->kind == tag_of(Opcode::POP) && (change->count == 0 || is_only_effects(change->cells[0]));
    if (takes_mark(change->kind) || pops_mark) encoder_->op(Opcode::MARK);
    task.index = 0;
    task.stage = Stage::kChangeCells;
    return true;
  }

  bool changed(Task& task) override {
    encoder_->op(static_cast<Opcode>(task.change->kind));
    task.change = task.after();
    task.stage = Stage::kChange;
    return true;
  }

  bool run(Task&) override { return false; }  // changes are written as they were read, not in runs

  std::string& out_;
};

}  // namespace

bool write_kept(const Graph& graph, const Stream& stream, WrittenEntries& entries, std::string& out, Error& error) {
  Encoder encoder = stream.restructured ? Encoder(out, stream.protocol) : Encoder(out, stream.protocol, stream.frames);
  encoder.set_next_key(stream.continues_memo && stream.restructured ? entries.next_key : stream.first_key);
  KeptWriter writer(graph, stream, entries, out);
  if (stream.has_proto) encoder.begin();
  encoder.set_later_protos(stream.later_protos);
  return writer.write(encoder, error);
}

}  // namespace cppickle
