// Writing a document in the forms that CPython 3.11's pickler chooses for a protocol (Lib/pickle.py, _pickle.c: the
// save_* functions).
#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/quote.h"
#include "base/utf8.h"
#include "document/document_writer.h"
#include "document/integer.h"
#include "pickle/compat_names.h"

namespace cppickle {
namespace {

bool is_append(Tag kind) { return kind == tag_of(Opcode::APPEND) || kind == tag_of(Opcode::APPENDS); }
bool is_set_item(Tag kind) { return kind == tag_of(Opcode::SETITEM) || kind == tag_of(Opcode::SETITEMS); }
bool is_run(Tag kind) { return is_append(kind) || is_set_item(kind) || kind == tag_of(Opcode::ADDITEMS); }

// Changes of one sort that follow one another are written as one run, in batches.
bool same_run(Tag a, Tag b) { return a == b || (is_append(a) && is_append(b)) || (is_set_item(a) && is_set_item(b)); }

class CanonicalWriter final : public DocumentWriter {
 public:
  CanonicalWriter(const Graph& graph, const Stream& stream, WrittenEntries& entries, int protocol, std::string& out)
      : DocumentWriter(graph, stream, entries), protocol_(protocol), out_(out) {}

 private:
  Value view(Cell cell) const { return Value(graph_, cell.bits()); }

  bool leaf(Cell cell) override {
    if (cell.tag() == tag_of(Opcode::DUP)) return duplicate(cell);
    if (cell.tag() == tag_of(Opcode::MARK)) {  // left open at STOP
      encoder_->op(Opcode::MARK);
      return true;
    }
    const Value value = view(cell);
    switch (value.kind()) {
      case Kind::kNone: encoder_->none(); return true;
      case Kind::kBool: encoder_->boolean(value.as_bool()); return true;
      case Kind::kInt: return integer(cell, value);
      case Kind::kFloat: encoder_->real(value.as_double()); return true;
      case Kind::kString: encoder_->text(value.text()); return true;
      case Kind::kByteString: encoder_->byte_string(value.text()); return true;
      case Kind::kBytes: return bytes(value.text());
      case Kind::kByteArray: return bytearray(value.text());
      case Kind::kTuple: encoder_->empty_tuple(); return true;
      case Kind::kGlobal: return global(value.global());
      case Kind::kPersistentId: return persistent_text(value);
      case Kind::kExtension: return extension(cell, value.extension_code());
      case Kind::kBuffer: return buffer(cell);
      default: return fail(ErrorCode::kUnsupported, "a value of an unknown form");
    }
  }

  // DUP would mean another value where a MARK or a call has come between: what it meant is fetched from the memo.
  bool duplicate(Cell cell) {
    const Cell meant = graph_.resolve(cell);
    Cell held;
    std::memcpy(static_cast<void*>(&held), cell.argument(), sizeof held);
    if (held.tag() == Tag::kEntry || is_get(held.tag())) return value(Cell(tag_of(Opcode::BINGET), held.number()));
    if (!is_node(meant.tag())) return leaf(meant);
    const std::uint32_t entry = meant.node()->entry;
    if (entry != Node::kNoEntry) return value(Cell(tag_of(Opcode::BINGET), std::uint64_t{entry}));
    const std::uint64_t* key = entries_.key_of_duplicated(*meant.node());
    if (key == nullptr || *key == WrittenEntries::kNotYet) {
      return fail(ErrorCode::kUnsupported, "a DUP of a value that is not complete");
    }
    encoder_->get(*key);
    return true;
  }

  // The node is made: its memo entry, and one for a DUP of it.
  void put_made(const Node& node) {
    if (node.entry != Node::kNoEntry) return put(node.entry);
    if (std::uint64_t* key = entries_.key_of_duplicated(node)) *key = encoder_->put();
  }

  bool integer(Cell cell, const Value& value) {
    // Python 2 tells int and long apart; a long keeps its own opcode.
    const bool is_long = cell.opcode() == Opcode::LONG || cell.opcode() == Opcode::LONG1 || cell.opcode() == Opcode::LONG4;
    const std::optional<std::int64_t> small = value.as_int();
    const bool python2 = stream_.protocol <= 2 && protocol_ <= 2;
    if (small && !(is_long && python2)) {
      encoder_->integer(*small);
      return true;
    }
    std::string little_endian;
    const std::string decimal = value.as_decimal();
    if (small) {
      little_endian = bytes_of_int64(*small);
    } else if (cell.opcode() == Opcode::LONG1 || cell.opcode() == Opcode::LONG4) {
      little_endian = shortest_int(value.int_bytes());
    } else if (protocol_ >= 2 && !bytes_of_decimal(decimal, little_endian)) {
      return fail(ErrorCode::kLimit, "an integer of " + std::to_string(decimal.size()) + " digits");
    }
    if (protocol_ < 2 && decimal.find('x') != std::string::npos) {
      return fail(ErrorCode::kLimit, "an integer of more than 4300 digits; protocols 0 and 1 write them in decimal");
    }
    encoder_->big_integer(little_endian, decimal);
    return true;
  }

  // save_bytes: before protocol 3 bytes are text that is encoded again when it is loaded.
  bool bytes(std::string_view value) {
    if (protocol_ >= 3) {
      encoder_->bytes(value);
      return true;
    }
    if (value.empty()) return call("builtins", "bytes", [this] { encoder_->empty_tuple(); });
    return call("_codecs", "encode", [&] {
      tuple(2, [&] {
        encoder_->text(latin1_to_utf8(value));
        encoder_->text("latin1");
      });
    });
  }

  bool bytearray(std::string_view value) {
    if (protocol_ >= 5) {
      encoder_->bytearray(value);
      return true;
    }
    if (value.empty()) return call("builtins", "bytearray", [this] { encoder_->empty_tuple(); });
    return call("builtins", "bytearray", [&] {
      if (protocol_ >= 3) return tuple(1, [&] { encoder_->bytes(value); });
      tuple(2, [&] {
        encoder_->text(latin1_to_utf8(value));
        encoder_->text("latin-1");
      });
    });
  }

  // A tuple of 1 to 3 values that `write` emits.
  template <class Write>
  void tuple(int count, Write&& write) {
    if (protocol_ < 2) encoder_->op(Opcode::MARK);
    write();
    constexpr Opcode kForms[] = {Opcode::TUPLE1, Opcode::TUPLE2, Opcode::TUPLE3};
    encoder_->op(protocol_ < 2 ? Opcode::TUPLE : kForms[count - 1]);
  }

  template <class WriteArguments>
  bool call(std::string_view module, std::string_view name, WriteArguments&& write_arguments) {
    if (!own_global(module, name)) return false;
    write_arguments();
    encoder_->op(Opcode::REDUCE);
    return true;
  }

  // A name of the document. In protocols up to 2 names are Python 2's (fix_imports).
  bool global(std::optional<Global> known) {
    if (!known) return fail(ErrorCode::kUnsupported, "a global whose name is computed when it is loaded");
    const Global& global = *known;
    const ImportName name{global.module, global.qualname};
    if (stream_.protocol < 3 && protocol_ >= 3) return emit_global(to_python3(name.module, name.name));
    if (stream_.protocol >= 3 && protocol_ < 3) return emit_global(to_python2(name.module, name.name));
    return emit_global(name);
  }

  // A name of Python 3 that the form of a value needs.
  bool own_global(std::string_view module, std::string_view name) {
    return emit_global(protocol_ < 3 ? to_python2(module, name) : ImportName{module, name});
  }

  bool emit_global(ImportName name) {
    // A STACK_GLOBAL may take byte strings.
    const bool text = protocol_ >= 3 ? is_utf8(name.module) && is_utf8(name.name)
                                     : is_ascii(name.module) && is_ascii(name.name);
    if (!text) return no_name(name);
    if (protocol_ >= 4) {
      shared_text(name.module);
      shared_text(name.name);
      encoder_->op(Opcode::STACK_GLOBAL);
      return true;
    }
    if (stream_.protocol >= 4 && name.name.find('.') != std::string_view::npos) return nested_name(name);
    return global_lines(name);
  }

  // Readers take a carriage return at the end of a GLOBAL for damage by newline translation.
  bool global_lines(ImportName name) {
    const bool good = name.module.find('\n') == std::string_view::npos &&
                      name.name.find('\n') == std::string_view::npos && !name.name.ends_with('\r');
    if (!good) return no_name(name);
    encoder_->lines(Opcode::GLOBAL, name.module, name.name);
    return true;
  }

  bool no_name(ImportName name) {
    return fail(ErrorCode::kBadProtocol, "the name " +
                                             quote(std::string(name.module) + "." + std::string(name.name)) +
                                             " cannot be written at protocol " + std::to_string(protocol_));
  }

  // Modules and names are put in the memo and fetched from there the next time.
  void shared_text(std::string_view text) {
    const auto [found, added] = name_keys_.try_emplace(std::string(text), 0);
    if (!added) return encoder_->get(found->second);
    encoder_->text(text);
    found->second = encoder_->put();
  }

  // Protocol 4 names a nested class with dots; before, it is getattr(getattr(...),...).
  bool nested_name(ImportName name) {
    const auto dots = static_cast<std::size_t>(std::ranges::count(name.name, '.'));
    for (std::size_t i = 0; i < dots; ++i) {
      own_global("builtins", "getattr");
      if (protocol_ < 2) encoder_->op(Opcode::MARK);
    }
    std::string_view rest = name.name;
    if (!global_lines({name.module, rest.substr(0, rest.find('.'))})) return false;
    for (std::size_t i = 0; i < dots; ++i) {
      rest.remove_prefix(rest.find('.') + 1);
      encoder_->text(rest.substr(0, rest.find('.')));
      encoder_->op(protocol_ < 2 ? Opcode::TUPLE : Opcode::TUPLE2);
      encoder_->op(Opcode::REDUCE);
    }
    return true;
  }

  bool persistent_text(const Value& value) {
    const Value id = *value.persistent_id();
    if (protocol_ >= 1) {
      encoder_->text(id.text());
      encoder_->op(Opcode::BINPERSID);
      return true;
    }
    encoder_->line(Opcode::PERSID, id.text());
    return true;
  }

  bool extension(Cell cell, std::uint32_t code) {
    if (protocol_ < 2) {
      return fail(ErrorCode::kBadProtocol, "the extension code " + std::to_string(code) + " needs protocol 2");
    }
    const int bytes = cell.opcode() == Opcode::EXT1 ? 1 : cell.opcode() == Opcode::EXT2 ? 2 : 4;
    encoder_->op(cell.opcode(), {reinterpret_cast<const char*>(cell.argument()), static_cast<std::size_t>(bytes)});
    return true;
  }

  bool buffer(Cell cell) {
    if (protocol_ < 5) return fail(ErrorCode::kBadProtocol, "an out-of-band buffer needs protocol 5");
    encoder_->op(cell.opcode());
    return true;
  }

  void put(std::uint32_t entry) override { entries_.key(entry) = encoder_->put(); }

  void get(Cell, std::uint64_t key) override { encoder_->get(key); }

  bool write_nested(const Stream& stream, Error& error) override {
    return write_canonical(graph_, stream, entries_, protocol_, out_, error);
  }

  // True if the set is written as a call of `set` or `frozenset` with a list.
  bool called_with_list(Tag tag) const {
    return protocol_ < 4 && (tag == tag_of(Opcode::EMPTY_SET) || tag == tag_of(Opcode::FROZENSET));
  }

  bool start(Task& task) override {
    const Tag tag = task.cell.tag();
    const Node& node = task.node();
    task.stage = Stage::kCells;
    switch (static_cast<Opcode>(tag)) {
      case Opcode::TUPLE:
      case Opcode::TUPLE1:
      case Opcode::TUPLE2:
      case Opcode::TUPLE3:
        if (node.count > 3 || protocol_ < 2) encoder_->op(Opcode::MARK);
        return true;
      case Opcode::LIST:
      case Opcode::DICT:
      case Opcode::OBJ:
        encoder_->op(Opcode::MARK);
        return true;
      case Opcode::INST:
        encoder_->op(Opcode::MARK);
        task.index = 1;
        return true;
      case Opcode::EMPTY_LIST:
      case Opcode::EMPTY_DICT:
        if (protocol_ == 0) encoder_->op(Opcode::MARK);
        return true;
      case Opcode::EMPTY_SET:
      case Opcode::FROZENSET: return start_set(task);
      case Opcode::BINPERSID:
        if (protocol_ >= 1) return true;
        return start_persistent_line(task);
      case Opcode::NEWOBJ:
        if (protocol_ >= 2) return true;
        return start_new_object(task);
      case Opcode::NEWOBJ_EX:
        if (protocol_ >= 4) return true;
        return new_object_ex(task);
      case Opcode::STACK_GLOBAL:
        if (protocol_ >= 4 && stream_.protocol >= 3) return true;
        task.stage = Stage::kMade;
        return global(view(task.cell).global());
      default: break;
    }
    if (tag == Tag::kPreceded) {
      task.change = task.first();
      task.stage = Stage::kChange;
    }
    if (tag == Tag::kLeftover) task.index = 1;  // what is left over at STOP lies under the root
    return true;
  }

  // Protocol 0 has persistent ids that are one line of text.
  bool start_persistent_line(Task& task) {
    const Value id = view(task.node().cells[0]);
    const bool is_text = id.kind() == Kind::kString || id.kind() == Kind::kByteString;
    if (!is_text || !is_ascii(id.text()) || id.text().find('\n') != std::string_view::npos) {
      return fail(ErrorCode::kBadProtocol, "a persistent id that is no line of ASCII text needs protocol 1");
    }
    encoder_->line(Opcode::PERSID, id.text());
    task.stage = Stage::kMade;
    return true;
  }

  bool start_set(Task& task) {
    const bool frozen = task.cell.tag() == tag_of(Opcode::FROZENSET);
    if (!called_with_list(task.cell.tag())) {
      if (frozen) encoder_->op(Opcode::MARK);
      return true;
    }
    if (!own_global("builtins", frozen ? "frozenset" : "set")) return false;
    if (protocol_ < 2) encoder_->op(Opcode::MARK);
    encoder_->op(protocol_ == 0 ? Opcode::MARK : Opcode::EMPTY_LIST);
    if (protocol_ == 0) encoder_->op(Opcode::LIST);
    task.listing = true;
    task.change = task.first();
    task.left = frozen ? task.node().count : added_items(task.node());
    task.stage = Stage::kRun;
    return true;
  }

  // Of the node's own changes; what was added through a reference is written at that reference.
  static std::uint64_t added_items(const Node& node) {
    std::uint64_t count = 0;
    for_each_change(node, [&count](const Change& change) {
      if (change.kind == tag_of(Opcode::ADDITEMS)) count += change.count;
      return true;
    });
    return count;
  }

  bool finish_set(Task& task) {
    encoder_->op(protocol_ < 2 ? Opcode::TUPLE : Opcode::TUPLE1);
    encoder_->op(Opcode::REDUCE);
    put_made(task.node());
    task.listing = false;
    task.change = task.first();
    task.stage = Stage::kChange;
    return true;
  }

  // save_reduce with copyreg.__newobj__: the class becomes the first argument.
  bool start_new_object(Task& task) {
    if (!own_global("copyreg", "__newobj__")) return false;
    const Cell type = task.node().cells[0];
    const Cell args = graph_.resolve(task.node().cells[1]);
    encoder_->op(Opcode::MARK);
    task.stage = Stage::kMade;
    if (!simple(type)) return false;
    const std::span<const Cell> cells = is_node(args.tag()) ? args.node()->span() : std::span<const Cell>{};
    for (const Cell cell : cells) {
      if (!simple(cell)) return false;
    }
    encoder_->op(Opcode::TUPLE);
    encoder_->op(Opcode::REDUCE);
    return true;
  }

  // A value that takes no task of its own, or one that is written to its end here.
  bool simple(Cell cell) {
    constexpr int kMostNested = 100;
    if (nested_values_ >= kMostNested) return fail(ErrorCode::kLimit, "constructor arguments nested too deeply");
    ++nested_values_;
    const std::size_t depth = tasks_.size();
    bool good = value(cell);
    while (good && tasks_.size() > depth) good = step(tasks_.back());
    --nested_values_;
    return good;
  }

  // functools.partial(cls.__new__, cls, *args, **kwargs)(), as save_reduce writes it before protocol 4.
  bool new_object_ex(Task& task) {
    const Node& node = task.node();
    task.stage = Stage::kMade;
    const auto function = [&] {
      if (!own_global("builtins", "getattr")) return false;
      if (protocol_ < 2) encoder_->op(Opcode::MARK);
      if (!simple(node.cells[0])) return false;
      encoder_->text("__new__");
      encoder_->op(protocol_ < 2 ? Opcode::TUPLE : Opcode::TUPLE2);
      encoder_->op(Opcode::REDUCE);
      return true;
    };
    const Cell args = graph_.resolve(node.cells[1]);
    const std::span<const Cell> cells = is_node(args.tag()) ? args.node()->span() : std::span<const Cell>{};
    if (!own_global("functools", "partial")) return false;
    if (protocol_ < 2) encoder_->op(Opcode::MARK);
    if (!function()) return false;
    encoder_->op(protocol_ < 2 ? Opcode::TUPLE : Opcode::TUPLE1);
    encoder_->op(Opcode::REDUCE);
    encoder_->op(Opcode::MARK);  // the partial's state: function, (cls, *args), kwargs, None
    if (!function()) return false;
    encoder_->op(Opcode::MARK);
    if (!simple(node.cells[0])) return false;
    for (const Cell cell : cells) {
      if (!simple(cell)) return false;
    }
    encoder_->op(Opcode::TUPLE);
    if (!simple(node.cells[2])) return false;
    encoder_->none();
    encoder_->op(Opcode::TUPLE);
    encoder_->op(Opcode::BUILD);
    encoder_->empty_tuple();
    encoder_->op(Opcode::REDUCE);
    return true;
  }

  bool made(Task& task) override {
    const Tag tag = task.cell.tag();
    const Node& node = task.node();
    if (tag == Tag::kLeftover) {
      task.stage = Stage::kLast;
      return true;
    }
    switch (static_cast<Opcode>(tag)) {
      case Opcode::TUPLE:
      case Opcode::TUPLE1:
      case Opcode::TUPLE2:
      case Opcode::TUPLE3: made_tuple(node.count); break;
      case Opcode::EMPTY_LIST: encoder_->op(protocol_ == 0 ? Opcode::LIST : Opcode::EMPTY_LIST); break;
      case Opcode::EMPTY_DICT: encoder_->op(protocol_ == 0 ? Opcode::DICT : Opcode::EMPTY_DICT); break;
      case Opcode::INST: {
        const Global name = *view(node.cells[0]).global();
        encoder_->lines(Opcode::INST, name.module, name.qualname);
        break;
      }
      case Opcode::STACK_GLOBAL:
        if (protocol_ >= 4 && stream_.protocol >= 3) encoder_->op(Opcode::STACK_GLOBAL);
        break;
      case Opcode::NEWOBJ:
        if (protocol_ >= 2) encoder_->op(Opcode::NEWOBJ);
        break;
      case Opcode::NEWOBJ_EX:
        if (protocol_ >= 4) encoder_->op(Opcode::NEWOBJ_EX);
        break;
      case Opcode::BINPERSID:
        if (protocol_ >= 1) encoder_->op(Opcode::BINPERSID);
        break;
      case Opcode::READONLY_BUFFER:
        if (protocol_ < 5) return fail(ErrorCode::kBadProtocol, "an out-of-band buffer needs protocol 5");
        encoder_->op(Opcode::READONLY_BUFFER);
        break;
      default:
        if (tag != Tag::kChanged) encoder_->op(task.cell.opcode());
    }
    put_made(node);
    task.change = task.first();
    task.stage = Stage::kChange;
    return true;
  }

  void made_tuple(std::uint32_t count) {
    constexpr Opcode kForms[] = {Opcode::TUPLE1, Opcode::TUPLE2, Opcode::TUPLE3};
    if (count == 0) {
      if (protocol_ >= 2) return encoder_->op(Opcode::EMPTY_TUPLE);
      return encoder_->op(Opcode::TUPLE);  // its MARK is written
    }
    encoder_->op(count > 3 || protocol_ < 2 ? Opcode::TUPLE : kForms[count - 1]);
  }

  bool change(Task& task) override {
    const Change* change = task.change;
    if (change == nullptr) {
      if (task.cell.tag() != Tag::kPreceded) {
        done();
      } else {
        task.stage = Stage::kLast;
      }
      return true;
    }
    const Tag kind = change->kind;
    if (is_run(kind)) {
      if (kind == tag_of(Opcode::ADDITEMS) && protocol_ < 4) {
        if (task.cell.tag() != tag_of(Opcode::EMPTY_SET)) {
          return fail(ErrorCode::kBadProtocol, "items added to an object that is no set need protocol 4");
        }
        task.change = task.after();  // they are in the list that the set is made of
        return true;
      }
      begin_run(task);
      return true;
    }
    if (kind == tag_of(Opcode::MEMOIZE) || kind == Change::kVia || kind == Change::kRaw || kind == Change::kNested) {
      task.change = task.after();
      if (kind == tag_of(Opcode::MEMOIZE)) put(static_cast<std::uint32_t>(change->cells[0].number()));
      if (kind == Change::kRaw) return raw(*change);
      if (kind == Change::kNested) return nested(change->cells[0].number());
      return true;
    }
    task.index = 0;
    task.stage = Stage::kChangeCells;
    return true;
  }

  bool changed(Task& task) override {
    const Change& change = *task.change;
    if (change.kind == tag_of(Opcode::BUILD)) {
      encoder_->op(Opcode::BUILD);
    } else {
      for (const Cell cell : change.span()) {
        if (!is_only_effects(cell)) encoder_->op(Opcode::POP);
      }
    }
    task.change = task.after();
    task.stage = Stage::kChange;
    return true;
  }

  // Counts the cells of this change and of those like it that follow.
  void begin_run(Task& task) {
    task.index = 0;
    task.left = 0;
    const Tag kind = task.change->kind;
    for (const Change* c = task.change;; c = c->next) {
      if (same_run(kind, c->kind)) task.left += c->count;
      else if (c->kind != Change::kVia) break;
      if (c == task.node().last) break;
    }
    task.stage = Stage::kRun;
  }

  // The next cell of a run: of the node's own cells for a frozenset's list, else of the changes.
  Cell next_of_run(Task& task) {
    --task.left;
    if (task.listing && task.cell.tag() == tag_of(Opcode::FROZENSET)) return task.node().cells[task.index++];
    while (!in_run(task) || task.index == task.change->count) {
      task.change = task.change->next;
      task.index = 0;
    }
    return task.change->cells[task.index++];
  }

  bool in_run(const Task& task) const {
    return task.listing ? task.change->kind == tag_of(Opcode::ADDITEMS) : is_run(task.change->kind);
  }

  bool run(Task& task) override {
    const Tag kind = task.listing ? tag_of(Opcode::APPEND) : task.change->kind;
    const std::uint64_t unit = is_set_item(kind) ? 2 : 1;
    if (!task.in_batch) {
      if (task.left == 0) return finish_run(task);
      task.single = kind != tag_of(Opcode::ADDITEMS) && (protocol_ == 0 || task.left == unit);
      task.batch = static_cast<std::uint32_t>(task.single ? unit : std::min(task.left, kBatchSize * unit));
      task.in_batch = true;
      if (!task.single) encoder_->op(Opcode::MARK);
    }
    if (task.batch > 0) {
      --task.batch;
      return value(next_of_run(task));
    }
    const Opcode one = is_set_item(kind) ? Opcode::SETITEM : Opcode::APPEND;
    const Opcode many = is_set_item(kind) ? Opcode::SETITEMS : is_append(kind) ? Opcode::APPENDS : Opcode::ADDITEMS;
    encoder_->op(task.single ? one : many);
    task.in_batch = false;
    return true;
  }

  bool finish_run(Task& task) {
    if (task.listing) return finish_set(task);
    task.change = task.after();
    task.stage = Stage::kChange;
    return true;
  }

  int protocol_;
  std::string& out_;
  int nested_values_ = 0;
  std::unordered_map<std::string, std::uint64_t> name_keys_;  // modules and names in the memo
};

}  // namespace

bool write_canonical(const Graph& graph, const Stream& stream, WrittenEntries& entries, int protocol, std::string& out,
                     Error& error) {
  Encoder encoder(out, protocol);
  encoder.set_next_key(stream.continues_memo ? entries.next_key : 0);
  CanonicalWriter writer(graph, stream, entries, protocol, out);
  encoder.begin();
  return writer.write(encoder, error);
}

}  // namespace cppickle
