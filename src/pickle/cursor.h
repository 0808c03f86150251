// Where the machine reads, kept in registers while it runs: a position in the reader's memory would be stored and loaded
// again for each instruction, and the next one could not begin before that (10 to 15 % of a load of small objects).
#ifndef CPPICKLE_PICKLE_CURSOR_H_
#define CPPICKLE_PICKLE_CURSOR_H_

#include <cstdint>

#include "pickle/opcode.h"
#include "pickle/opcode_reader.h"

namespace cppickle {

// The reader's own position is right after save(). What is not usual is left to the reader, which may move its memory.
template <class Reader>
class Cursor {
 public:
  explicit Cursor(Reader& reader) : reader_(reader) { load(); }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  [[gnu::always_inline]] bool fetch(Instruction& in) {
    if (position_ == limit_) [[unlikely]] {
      if (!by_reader([](Reader& reader) { return reader.pass_limit(); })) return false;
    }
    take_opcode(position_, in);
    return true;
  }

  [[gnu::always_inline]] bool take(ArgumentKind kind, Instruction& in) {
    const bool good = take_argument(*this, kind, in);
    in.end = position_;
    return good;
  }

  [[gnu::always_inline]] bool next_is(Opcode opcode) const { return position_ != limit_ && *position_ == byte_of(opcode); }
  [[gnu::always_inline]] void skip_opcode() {
    ++position_;
    save();
  }

  [[gnu::always_inline]] void save() { reader_.jump(position_); }
  // After code that may have moved the reader. Compared, since what is compared is not waited for.
  [[gnu::always_inline]] void follow() {
    if (reader_.position() != position_ || reader_.limit() != limit_) [[unlikely]] load();
  }

 private:
  template <class R>
  friend bool take_argument(R& reader, ArgumentKind kind, Instruction& in);

  [[gnu::always_inline]] bool skip(std::uint64_t count, Instruction& in) {
    return passed(count) || by_reader([&](Reader& reader) { return reader.skip(count, in); });
  }
  [[gnu::always_inline]] bool payload(std::uint64_t count, Instruction& in) {
    return passed(count) || by_reader([&](Reader& reader) { return reader.payload(count, in); });
  }
  [[gnu::always_inline]] bool passed(std::uint64_t count) {
    if (count > static_cast<std::uint64_t>(limit_ - position_)) [[unlikely]] return false;
    position_ += count;
    return true;
  }
  bool signed_payload(std::uint32_t count, Instruction& in) {
    return by_reader([&](Reader& reader) { return reader.signed_payload(count, in); });
  }
  bool line(Instruction& in) { return by_reader([&](Reader& reader) { return reader.line(in); }); }
  bool line_pair(Instruction& in) { return by_reader([&](Reader& reader) { return reader.line_pair(in); }); }
  bool unknown(Instruction& in) { return by_reader([&](Reader& reader) { return reader.unknown(in); }); }

  template <class Step>
  [[gnu::always_inline]] bool by_reader(Step&& step) {
    save();
    const bool good = step(reader_);
    load();
    return good;
  }

  [[gnu::always_inline]] void load() {
    position_ = reader_.position();
    limit_ = reader_.limit();
  }

  Reader& reader_;
  const std::uint8_t* position_;
  const std::uint8_t* limit_;
};

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_CURSOR_H_
