// Instructions to a graph: the builder that the machine drives when a document is read.
#ifndef CPPICKLE_DOCUMENT_DOCUMENT_BUILDER_H_
#define CPPICKLE_DOCUMENT_DOCUMENT_BUILDER_H_

#include <cstdint>
#include <span>
#include <string>

#include "base/utf8.h"
#include "cppickle/limits.h"
#include "document/cell.h"
#include "document/graph.h"
#include "pickle/argument.h"
#include "pickle/memo_index.h"
#include "pickle/opcode_reader.h"

namespace cppickle {

// Reads one pickle into a stream of a graph. Errors go to the reader. `memo` may hold keys of pickles before it.
class DocumentBuilder {
 public:
  using Value = Cell;

  DocumentBuilder(Graph& graph, std::size_t number, MemoIndex& memo, OpcodeReader& reader, const Limits& limits,
                  std::uint64_t nesting)
      : graph_(graph), stream_number_(number), memo_(memo), reader_(reader), limits_(limits), nesting_(nesting) {}

  template <Opcode kOp>
  bool leaf(const Instruction& in, Cell& out) {
    if constexpr (kOp == Opcode::EMPTY_LIST || kOp == Opcode::EMPTY_DICT || kOp == Opcode::EMPTY_SET) {
      out = Cell(tag_of(kOp), graph_.make_node({}));
      return true;
    } else if constexpr (info_of(kOp) == ArgumentKind::kQuotedLine || info_of(kOp) == ArgumentKind::kUnicodeLine) {
      return decoded_line(in, out);
    } else {
      if constexpr (is_counted_text(kOp)) {
        if (!is_utf8_inline(payload(kOp, in.argument, in.end)) && !check_argument(in, reader_)) return false;
      } else if constexpr (needs_check(kOp)) {
        if (!check_argument(in, reader_)) return false;
      }
      if constexpr (kOp == Opcode::GLOBAL) saw_global(line_pair(in.argument, in.end).second);
      out = Cell(tag_of(kOp), in.argument);
      return true;
    }
  }

  template <Opcode kOp>
  bool make(const Instruction& in, std::span<Cell> taken, Cell& out) {
    if constexpr (kOp == Opcode::STACK_GLOBAL) {
      if (!check_names(in, taken)) return false;
    }
    if (taken.size() >= Node::kNoEntry) return too_many(in);
    if constexpr (kOp == Opcode::INST) {
      return check_argument(in, reader_) && make_inst(in, taken, out);
    } else {
      out = Cell(tag_of(kOp), graph_.make_node(taken));
      return true;
    }
  }

  template <Opcode kOp>
  bool apply(const Instruction& in, Cell& target, std::span<Cell> taken) {
    if (taken.size() >= Node::kNoEntry) return too_many(in);
    change(target, tag_of(kOp), taken);
    return true;
  }

  template <Opcode kOp>
  bool put(const Instruction& in, Cell& target) {
    if (graph_.memo.size() >= limits_.memo || graph_.memo.size() >= Node::kNoEntry) [[unlikely]] {
      return reader_.fail(ErrorCode::kLimit, in, "more memo entries than the limit memo=" +
                                                     std::to_string(limits_.memo));
    }
    std::uint64_t key = 0;
    if constexpr (kOp == Opcode::PUT) {
      if (!check_argument(in, reader_)) return false;
      parse_index(payload(in.opcode, in.argument, in.end), key);
    }
    if constexpr (kOp == Opcode::BINPUT) key = in.argument[0];
    if constexpr (kOp == Opcode::LONG_BINPUT) key = OpcodeReader::load_u4(in.argument);
    if constexpr (kOp == Opcode::MEMOIZE) key = memo_.size();
    const auto entry = static_cast<std::uint32_t>(graph_.memo.size());
    memo_.put(key, entry);
    constexpr PutForm kForm = kOp == Opcode::PUT       ? PutForm::kText
                              : kOp == Opcode::MEMOIZE ? PutForm::kMemoize
                                                       : PutForm::kBinary;
    const bool usual = kForm != PutForm::kBinary || (kOp == Opcode::BINPUT) == (key < 256);
    if (kForm == put_form_ && key == next_key_ && usual) [[likely]] {
      ++next_key_;
      ++entries_;
    } else {
      note_put(kOp, kForm, key, entry);
    }
    remember(target, entry);
    return true;
  }

  template <Opcode kOp>
  bool get(const Instruction& in, Cell& out) {
    std::uint64_t key = 0;
    if constexpr (kOp == Opcode::GET) {
      if (!check_argument(in, reader_)) return false;
      parse_index(payload(in.opcode, in.argument, in.end), key);
    }
    if constexpr (kOp == Opcode::BINGET) key = in.argument[0];
    if constexpr (kOp == Opcode::LONG_BINGET) key = OpcodeReader::load_u4(in.argument);
    const std::uint32_t entry = memo_.find(key);
    if (entry == MemoIndex::kNone) [[unlikely]] {
      return reader_.fail(ErrorCode::kBadMemo, in, "memo key " + std::to_string(key) + " was never put");
    }
    const bool odd = kOp == Opcode::LONG_BINGET && key < 256;
    out = Cell(tag_of(kOp), std::uint64_t{entry}, odd ? Cell::kOddForm : std::uint8_t{0});
    return true;
  }

  bool duplicate(const Instruction& in, Cell& top, Cell& out);
  bool discard(const Instruction& in, std::span<Cell> what, bool is_frame, Cell* below, Cell& effects);
  bool prefix(Cell effects, Cell& first);
  bool after_build(const Instruction& in, Cell& target) { return !saw_wrapper_ || inline_array(in, target); }
  bool protocol(const Instruction& in);
  bool finish(const Instruction& in, Cell root, std::span<Cell> left);
  static Cell open_mark() { return Cell(tag_of(Opcode::MARK), std::uint64_t{0}); }

 private:
  static constexpr ArgumentKind info_of(Opcode opcode) {
    switch (opcode) {
#define CPPICKLE_OPCODE(name, byte, argument, protocol, takes, leaves, mark) \
  case Opcode::name: return ArgumentKind::argument;
#include "pickle/opcodes.def"
#undef CPPICKLE_OPCODE
    }
    return ArgumentKind::kNone;
  }
  static constexpr bool needs_check(Opcode opcode) {
    const ArgumentKind kind = info_of(opcode);
    return kind >= ArgumentKind::kDecimalLine && kind <= ArgumentKind::kLinePair;
  }
  static constexpr bool is_counted_text(Opcode opcode) {
    return opcode == Opcode::SHORT_BINUNICODE || opcode == Opcode::BINUNICODE || opcode == Opcode::BINUNICODE8;
  }

  Stream& stream() { return graph_.streams[stream_number_]; }
  bool too_many(const Instruction& in);
  bool decoded_line(const Instruction& in, Cell& out);
  bool make_inst(const Instruction& in, std::span<Cell> taken, Cell& out);
  bool check_names(const Instruction& in, std::span<Cell> names);
  void saw_global(std::string_view qualname);
  void change(Cell& target, Tag kind, std::span<const Cell> cells) {
    if (!is_node(target.tag())) [[unlikely]] hold(target);
    graph_.add_change(*target.node(), kind, cells);
  }
  void hold(Cell& target);
  void remember(Cell& target, std::uint32_t entry) {
    const Tag tag = target.tag();
    if (is_node(tag)) {
      Node& node = *target.node();
      if (node.last == nullptr && node.entry == Node::kNoEntry) [[likely]] {
        graph_.memo.push_back(target);
        node.entry = entry;
        return;
      }
    } else if (tag != Tag::kEntry && tag != tag_of(Opcode::DUP) && !is_get(tag)) [[likely]] {
      graph_.memo.push_back(target);
      target = Cell(Tag::kEntry, std::uint64_t{entry});
      return;
    }
    remember_again(target, entry);
  }
  void remember_again(Cell& target, std::uint32_t entry);
  void note_put(Opcode opcode, PutForm form, std::uint64_t key, std::uint32_t entry);
  bool inline_array(const Instruction& in, Cell& target);
  bool nested_pickle(const Instruction& in, Cell& target);
  bool raw_array(const Instruction& in, Cell& target, std::uint64_t bytes, bool padded);

  Graph& graph_;
  std::size_t stream_number_;
  MemoIndex& memo_;
  OpcodeReader& reader_;
  const Limits& limits_;
  std::uint64_t nesting_;
  bool saw_wrapper_ = false;  // a class named NumpyArrayWrapper was named
  PutForm put_form_ = PutForm::kNone;  // the stream's, and its entries, kept here while it is read
  std::uint64_t next_key_ = 0;
  std::uint32_t entries_ = 0;
};

// Reads one pickle that begins at `reader`'s position into a new stream of `graph`.
bool read_pickle(Graph& graph, MemoIndex& memo, OpcodeReader& reader, const Limits& limits, std::uint64_t nesting);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_DOCUMENT_BUILDER_H_
