#include "cppickle/disassemble.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pickle/argument_text.h"
#include "pickle/memo_keys.h"
#include "pickle/opcode_reader.h"
#include "pickle/python_repr.h"
#include "pickle/stack_outline.h"
#include "pickle/text_buffer.h"

namespace cppickle {

struct DisassemblyMemo::Keys {
  MemoKeys keys;
  std::set<std::string> odd;  // negative ones, and those of more than 63 bits

  std::uint64_t size() const { return keys.size() + odd.size(); }
};

DisassemblyMemo::DisassemblyMemo() : keys_(std::make_unique<Keys>()) {}
DisassemblyMemo::~DisassemblyMemo() = default;
DisassemblyMemo::DisassemblyMemo(DisassemblyMemo&&) noexcept = default;
DisassemblyMemo& DisassemblyMemo::operator=(DisassemblyMemo&&) noexcept = default;

namespace {

// pickletools.dis(annotate=30), and the column past which it does not let the annotations drift.
constexpr std::uint64_t kNoteColumn = 30;
constexpr std::uint64_t kMostNoteColumn = 50;

constexpr std::uint64_t kIndent = 4;
constexpr std::uint64_t kMostBlanks = std::uint64_t{256} << 20;
constexpr std::uint64_t kLevelsAfterThat = 64;

constexpr std::size_t kHeadRoom = 96;  // an offset, the opcode's byte and name, blanks behind it
constexpr std::size_t kNumberRoom = 40;
constexpr std::size_t kNameColumn = 10;

// What a line says of the opcode alone.
struct Row {
  char head[8];   // ": ]    ": the opcode's byte as in its repr()
  char name[16];  // blanks behind it
  std::uint8_t name_size;
  std::uint8_t pops;  // values, those above a MARK that it takes not counted
  std::string_view note;
};
constexpr std::size_t kHeadSize = 7;

constexpr Row make_row(std::string_view name, std::uint8_t byte, int takes, bool mark) {
  constexpr char kHex[] = "0123456789abcdef";
  Row row{{':', ' ', ' ', ' ', ' ', ' ', ' ', ' '}, {}, static_cast<std::uint8_t>(name.size()), 0, {}};
  if (byte < 0x7F) {
    row.head[2] = static_cast<char>(byte);
  } else {
    row.head[2] = '\\';
    row.head[3] = 'x';
    row.head[4] = kHex[byte >> 4];
    row.head[5] = kHex[byte & 15];
  }
  for (std::size_t n = 0; n < sizeof row.name; ++n) row.name[n] = n < name.size() ? name[n] : ' ';
  // OBJ's class lies above its MARK.
  const int beside_mark = byte == byte_of(Opcode::OBJ) ? 3 : 2;
  row.pops = static_cast<std::uint8_t>(mark ? takes - beside_mark : takes);
  return row;
}

constexpr std::array<Row, 256> make_rows() {
  std::array<Row, 256> rows{};
#define CPPICKLE_OPCODE(name, byte, argument, protocol, takes, leaves, mark) \
  rows[byte] = make_row(#name, byte, takes, mark);
#include "pickle/opcodes.def"
#undef CPPICKLE_OPCODE
#define CPPICKLE_OPCODE_NOTE(name, text) rows[byte_of(Opcode::name)].note = text;
#include "pickle/opcode_notes.def"
#undef CPPICKLE_OPCODE_NOTE
  return rows;
}

constexpr std::array<Row, 256> kRows = make_rows();

bool is_put(Opcode opcode) {
  return opcode == Opcode::PUT || opcode == Opcode::BINPUT || opcode == Opcode::LONG_BINPUT;
}
bool is_get(Opcode opcode) {
  return opcode == Opcode::GET || opcode == Opcode::BINGET || opcode == Opcode::LONG_BINGET;
}

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

char* write_text(char* p, std::string_view text) { return std::copy(text.begin(), text.end(), p); }

}  // namespace

// One run over one pickle, in the order of pickletools.dis: a line is printed before its fault is complained of, and the
// stack moves after that. Steps return false at an error, which the reader keeps.
class Disassembler {
 public:
  Disassembler(std::string_view stream, const DisassembleOptions& options, const TextSink& sink)
      : options_(options),
        reader_(bytes_of(stream), bytes_of(stream), bytes_of(stream) + stream.size()),
        out_(sink, options.annotate),
        memo_(options.memo != nullptr ? options.memo->keys_.get() : own_memo_.keys_.get()) {}

  Result<Disassembly> run() {
    bool good = true;
    for (bool ended = false; good && !ended;) {
      good = step_over_raw() && step();
      ended = good && in_.opcode == Opcode::STOP && !leave_nested();
    }
    if (good) finish();
    out_.flush();
    if (out_.stopped()) fail(ErrorCode::kCancelled, "the receiver of the text refused it");
    if (!reader_.failed()) return result_;
    Error error = reader_.error();
    error.offset += options_.offset;
    return std::unexpected(std::move(error));
  }

 private:
  bool step() {
    if (!reader_.fetch(in_) || !reader_.take(info(in_.opcode).argument, in_)) return false;
    const OpcodeInfo& opcode = info(in_.opcode);
    const Row& row = kRows[byte_of(in_.opcode)];
    if (!argument_.read(in_, reader_)) return false;
    ++result_.instructions;
    result_.highest_protocol = std::max(result_.highest_protocol, int{opcode.protocol});

    write_head(row);
    if (opcode.argument != ArgumentKind::kNone) {
      write_column(row);
      argument_.write(in_, out_);
    }
    std::uint64_t pops = row.pops;
    if (opcode.mark || (in_.opcode == Opcode::POP && stack_.top_is_mark())) {
      take_mark(row);
      if (in_.opcode == Opcode::POP) pops = 0;
    } else if (in_.opcode == Opcode::MEMOIZE) {
      write_remark(row, "(as ", memo_->size());
    }
    if (options_.annotate) annotate(row);
    out_.append('\n');
    return check_memo() && report_fault() && move_stack(pops, opcode.leaves) && !out_.stopped();
  }

  // The offset, the opcode's byte, the indentation and the name.
  void write_head(const Row& row) {
    char* p = out_.room(kHeadRoom);
    const std::uint64_t offset = options_.offset + reader_.offset(in_.begin);
    char* const begin = p;
    p = write_decimal(p, offset);
    if (p < begin + 5) [[unlikely]] {
      const auto digits = p - begin;
      std::copy_backward(begin, p, begin + 5);
      std::fill_n(begin, 5 - digits, ' ');
      p = begin + 5;
    }
    std::memcpy(p, row.head, sizeof row.head);
    if (options_.annotate) {
      out_.commit(p + 2);  // pickletools measures a line without its offset and the ": " behind it
      out_.begin_line();
    }
    p += kHeadSize;
    if (stack_.open_marks() != 0) {
      out_.commit(p);
      indent();
      p = out_.room(kHeadRoom);
    }
    std::memcpy(p, row.name, sizeof row.name);
    out_.commit(p + row.name_size);
    column_written_ = false;
  }

  void indent() {
    std::uint64_t levels = stack_.open_marks();
    if (blanks_ > kMostBlanks) levels = std::min(levels, kLevelsAfterThat);
    blanks_ += levels * kIndent;
    out_.blanks(levels * kIndent);
  }

  // The blanks before an argument or a remark: up to a column that longer names push to the right, then one.
  void write_column(const Row& row) {
    char* p = out_.room(kHeadRoom);
    std::memset(p, ' ', kNameColumn + 1);
    const bool aligned = !column_written_ && row.name_size < kNameColumn;
    out_.commit(p + (aligned ? kNameColumn - row.name_size + 1 : 1));
    column_written_ = true;
  }

  void write_remark(const Row& row, std::string_view before, std::uint64_t number) {
    write_column(row);
    char* p = write_decimal(write_text(out_.room(kNumberRoom), before), number);
    *p++ = ')';
    out_.commit(p);
  }

  void take_mark(const Row& row) {
    std::uint64_t place = 0;
    if (stack_.pop_to_mark(place)) return write_remark(row, "(MARK at ", options_.offset + place);
    set_fault(ErrorCode::kNoMark, "no MARK exists on stack");
    write_column(row);
    out_.append(fault_);
  }

  void annotate(const Row& row) {
    const std::uint64_t width = out_.width();
    const std::uint64_t column = std::max(width, note_column_);
    out_.blanks(column - width + 1);
    out_.append(row.note);
    note_column_ = column > kMostNoteColumn ? kNoteColumn : column;
  }

  bool check_memo() {
    if (in_.opcode == Opcode::MEMOIZE) return put(memo_->size(), {}, "None");
    if (is_put(in_.opcode)) return put(argument_.index(), argument_.odd_index(), {});
    if (is_get(in_.opcode) && !is_known(argument_.index(), argument_.odd_index())) {
      set_fault(ErrorCode::kBadMemo, "memo key " + argument_.index_text() + " has never been stored into");
    }
    return true;
  }

  bool is_known(std::uint64_t index, const std::string& odd) const {
    return odd.empty() ? memo_->keys.find(index) != MemoKeys::kAbsent : memo_->odd.contains(odd);
  }

  // `shown` is what pickletools calls the key, where that isn't its number.
  bool put(std::uint64_t index, const std::string& odd, std::string_view shown) {
    if (is_known(index, odd)) {
      const std::string key = shown.empty() ? argument_.index_text() : std::string(shown);
      set_fault(ErrorCode::kBadMemo, "memo key " + key + " already defined");
    } else if (stack_.size() == 0) {
      set_fault(ErrorCode::kStackUnderflow, "stack is empty -- can't store into memo");
    } else if (stack_.top_is_mark()) {
      set_fault(ErrorCode::kBadMemo, "can't store markobject in the memo");
    } else if (memo_->size() >= options_.limits.memo) {
      return fail(ErrorCode::kLimit, "limit memo: more than " + std::to_string(options_.limits.memo) + " entries");
    } else if (odd.empty()) {
      memo_->keys.set(index, 1);
    } else {
      memo_->odd.insert(odd);
    }
    return true;
  }

  bool move_stack(std::uint64_t pops, std::uint64_t leaves) {
    if (!stack_.pop(pops)) {
      set_fault(ErrorCode::kStackUnderflow, "tries to pop " + std::to_string(pops) + " items from stack with only " +
                                                std::to_string(stack_.size()) + " items");
      stack_.clear();
      if (!report_fault()) return false;
    }
    if (in_.opcode != Opcode::MARK) {
      stack_.push(leaves);
      return true;
    }
    stack_.push_mark(reader_.offset(in_.begin));
    if (stack_.open_marks() <= options_.limits.depth) return true;
    return fail(ErrorCode::kLimit, "limit depth: more than " + std::to_string(options_.limits.depth) + " open marks");
  }

  bool step_over_raw() {
    while (raw_ < options_.raw.size() && options_.raw[raw_].offset <= reader_.offset(reader_.position())) {
      const RawExtent& extent = options_.raw[raw_++];
      if (extent.offset != reader_.offset(reader_.position())) continue;
      if (!reader_.skip_raw(extent.is_pickle ? 0 : extent.size, in_)) return false;
      if (extent.is_pickle) {
        outer_memos_.push_back(memo_);
        memo_ = nested_memos_.emplace_back(std::make_unique<DisassemblyMemo>())->keys_.get();
        return true;
      }
      if (!options_.annotate) continue;
      char* p = write_decimal(write_text(out_.room(kNumberRoom), "# "), extent.size);
      out_.commit(write_text(p, " raw bytes\n"));
    }
    return true;
  }

  // True at the STOP of a pickle inside of the stream.
  bool leave_nested() {
    if (outer_memos_.empty()) return false;
    memo_ = outer_memos_.back();
    outer_memos_.pop_back();
    return true;
  }

  void finish() {
    char* p = write_text(out_.room(2 * kNumberRoom), "highest protocol among opcodes = ");
    p = write_decimal(p, static_cast<std::uint64_t>(result_.highest_protocol));
    *p++ = '\n';
    out_.commit(p);
    result_.size = reader_.offset(reader_.position());
    result_.leftover = stack_.size();
  }

  void set_fault(ErrorCode code, std::string message) {
    fault_code_ = code;
    fault_ = std::move(message);
  }

  bool report_fault() {
    if (fault_.empty()) [[likely]] return true;
    const std::string message = std::exchange(fault_, {});
    if (!options_.keep_going) return fail(fault_code_, message);
    ++result_.faults;
    out_.append("# ");
    out_.append(message);
    out_.append('\n');
    return true;
  }

  bool fail(ErrorCode code, std::string message) { return reader_.fail(code, in_, std::move(message)); }

  const DisassembleOptions& options_;
  OpcodeReader reader_;
  TextBuffer out_;
  DisassemblyMemo own_memo_;
  DisassemblyMemo::Keys* memo_;
  std::vector<DisassemblyMemo::Keys*> outer_memos_;  // of the pickles around the one being listed
  std::vector<std::unique_ptr<DisassemblyMemo>> nested_memos_;
  StackOutline stack_;
  ArgumentText argument_;
  Disassembly result_{0, 0, 0, 0, -1};
  Instruction in_{};
  std::string fault_;  // of the current line
  ErrorCode fault_code_ = ErrorCode::kBadMemo;
  bool column_written_ = false;
  std::size_t raw_ = 0;  // the next of options_.raw
  std::uint64_t note_column_ = kNoteColumn;
  std::uint64_t blanks_ = 0;
};

Result<Disassembly> disassemble(std::string_view stream, const DisassembleOptions& options, const TextSink& sink) {
  return Disassembler(stream, options, sink).run();
}

}  // namespace cppickle
