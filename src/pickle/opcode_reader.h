// Bytes to instructions. Every check of length, end of input, line and frame is here, and nowhere else.
#ifndef CPPICKLE_PICKLE_OPCODE_READER_H_
#define CPPICKLE_PICKLE_OPCODE_READER_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/error.h"
#include "pickle/opcode.h"

namespace cppickle {

// One opcode and its argument, as they lie in the input.
struct Instruction {
  Opcode opcode;
  const std::uint8_t* begin;     // the opcode byte
  const std::uint8_t* argument;  // the byte after it
  const std::uint8_t* end;       // one past the argument
};

// Instructions from `first` on that lie inside one FRAME; FRAME itself is not counted as an instruction.
struct FrameExtent {
  std::uint64_t first;
  std::uint64_t count;
};

// The opcode byte at `position`, which moves behind it.
[[gnu::always_inline]] inline void take_opcode(const std::uint8_t*& position, Instruction& in) {
  in.begin = position;
  in.opcode = static_cast<Opcode>(*position++);
  in.argument = position;
}

// How each kind of argument is laid out, in the steps of any reader: skip, payload, signed_payload, line, line_pair, unknown.
template <class Reader>
[[gnu::always_inline]] inline bool take_argument(Reader& reader, ArgumentKind kind, Instruction& in);

// Reads one pickle of an input that lies whole in memory (WholeInput): spans live as long as the input.
// Frames are strict (PEP 3154): a frame's end must be an instruction's end, and frames don't nest. CPython's C
// reader did not check that before 3.13.15 and 3.14.7 (gh-154848), its Python reader always did.
// Not thread-safe; one reader, one thread. After an error every call returns false.
class OpcodeReader {
 public:
  // Offsets in errors are counted from `origin`, which is at or before `begin`.
  OpcodeReader(const std::uint8_t* origin, const std::uint8_t* begin, const std::uint8_t* end)
      : origin_(origin), position_(begin), limit_(end), end_(end) {}

  // The next instruction other than FRAME. False at an error; reading past STOP is the caller's mistake.
  bool next(Instruction& in) {
    for (;;) {
      if (!fetch(in) || !take(info(in.opcode).argument, in)) return false;
      if (in.opcode != Opcode::FRAME) return true;
      if (!open_frame(in)) return false;
    }
  }

  // The opcode byte alone; take() must follow. An unknown byte is found by whoever switches over it.
  bool fetch(Instruction& in) {
    if (position_ == limit_ && !pass_limit()) [[unlikely]] return false;
    take_opcode(position_, in);
    return true;
  }

  // The argument of the instruction that fetch() began.
  [[gnu::always_inline]] bool take(ArgumentKind kind, Instruction& in) {
    const bool good = take_argument(*this, kind, in);
    in.end = position_;
    return good;
  }

  // Called where the next instruction would begin at limit(): leaves a frame that ends there.
  bool pass_limit();

  // Called for each FRAME instruction.
  bool open_frame(const Instruction& in);

  // Called after STOP: a frame must not reach past it.
  bool close(const Instruction& stop);

  // Moves over `count` bytes that are no instructions (joblib's raw arrays). They must lie outside frames: a frame that
  // ends here is left.
  bool skip_raw(std::uint64_t count, const Instruction& after);

  // Goes on at `position`, after whatever another reader read from position() on. Call skip_raw(0) first.
  void jump(const std::uint8_t* position) { position_ = position; }

  // Records an error; returns false. The first error stays.
  bool fail(ErrorCode code, const Instruction& in, std::string message);
  bool fail(const Error& error);

  const Error& error() const { return error_; }
  bool failed() const { return failed_; }
  const std::uint8_t* origin() const { return origin_; }
  const std::uint8_t* position() const { return position_; }
  const std::uint8_t* end() const { return end_; }
  // Instructions must not reach past this: the end of the open frame, else of the input.
  const std::uint8_t* limit() const { return limit_; }
  std::uint64_t offset(const std::uint8_t* p) const { return static_cast<std::uint64_t>(p - origin_); }
  bool in_frame() const { return frame_open_; }

  // How many instructions there were so far is kept by whoever wants the frames' extents.
  std::vector<FrameExtent>& frames() { return frames_; }
  void count_instruction() { ++count_; }
  std::uint64_t count() const { return count_; }

  static std::uint16_t load_u2(const std::uint8_t* p) { return load<std::uint16_t>(p); }
  static std::uint32_t load_u4(const std::uint8_t* p) { return load<std::uint32_t>(p); }
  static std::uint64_t load_u8(const std::uint8_t* p) { return load<std::uint64_t>(p); }

 private:
  template <class Reader>
  friend bool take_argument(Reader& reader, ArgumentKind kind, Instruction& in);
  template <class Reader>
  friend class Cursor;

  template <class T>
  static T load(const std::uint8_t* p) {
    T value;  // little-endian hosts only, as every machine this is built for
    std::memcpy(&value, p, sizeof value);
    return value;
  }

  bool skip(std::uint64_t count, Instruction& in) {
    if (count > static_cast<std::uint64_t>(limit_ - position_)) [[unlikely]] return short_of(count, in);
    position_ += count;
    return true;
  }

  bool payload(std::uint64_t count, Instruction& in) { return skip(count, in); }
  bool signed_payload(std::uint32_t count, Instruction& in) { return not_negative(in) && skip(count, in); }
  bool line_pair(Instruction& in) { return line(in) && line(in); }
  bool line(Instruction& in);
  bool not_negative(Instruction& in);
  bool unknown(Instruction& in);
  bool short_of(std::uint64_t count, Instruction& in);

  const std::uint8_t* origin_;
  const std::uint8_t* position_;
  const std::uint8_t* limit_;  // the end of the open frame, else the end of the input
  const std::uint8_t* end_;
  std::uint64_t count_ = 0;
  bool frame_open_ = false;
  bool failed_ = false;
  std::vector<FrameExtent> frames_;
  Error error_{ErrorCode::kTruncated, {}};
};

template <class Reader>
[[gnu::always_inline]] inline bool take_argument(Reader& reader, ArgumentKind kind, Instruction& in) {
  switch (kind) {
    case ArgumentKind::kNone: return !info(in.opcode).name.empty() || reader.unknown(in);
    case ArgumentKind::kU1: return reader.skip(1, in);
    case ArgumentKind::kU2: return reader.skip(2, in);
    case ArgumentKind::kI4:
    case ArgumentKind::kU4: return reader.skip(4, in);
    case ArgumentKind::kU8:
    case ArgumentKind::kF8: return reader.skip(8, in);
    case ArgumentKind::kDecimalLine:
    case ArgumentKind::kLongLine:
    case ArgumentKind::kFloatLine:
    case ArgumentKind::kQuotedLine:
    case ArgumentKind::kUnicodeLine:
    case ArgumentKind::kLine: return reader.line(in);
    case ArgumentKind::kLinePair: return reader.line_pair(in);
    case ArgumentKind::kCounted1: return reader.skip(1, in) && reader.skip(in.argument[0], in);
    case ArgumentKind::kCountedU4: return reader.skip(4, in) && reader.payload(OpcodeReader::load_u4(in.argument), in);
    case ArgumentKind::kCountedI4:
      return reader.skip(4, in) && reader.signed_payload(OpcodeReader::load_u4(in.argument), in);
    case ArgumentKind::kCountedU8: return reader.skip(8, in) && reader.payload(OpcodeReader::load_u8(in.argument), in);
  }
  return true;
}

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_OPCODE_READER_H_
