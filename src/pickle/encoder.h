// Instructions to bytes: the mirror image of OpcodeReader. Knows layouts, framing and which opcode a protocol has for a
// value; knows no values. CPython's _pickle.c is the model: its choices are made here, so that its bytes come out.
#ifndef CPPICKLE_PICKLE_ENCODER_H_
#define CPPICKLE_PICKLE_ENCODER_H_

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "pickle/opcode.h"
#include "pickle/opcode_reader.h"

namespace cppickle {

// Writes one pickle to a string. Not thread-safe. Throws std::bad_alloc.
class Encoder {
 public:
  // Appends to `out`. Frames are put where PEP 3154 and CPython 3.7 and later put them (protocol 4 and later).
  Encoder(std::string& out, int protocol) : out_(out), protocol_(protocol), automatic_(protocol >= 4) {}

  // As above with frames of exactly these extents; none for an empty plan.
  Encoder(std::string& out, int protocol, std::span<const FrameExtent> plan)
      : out_(out), protocol_(protocol), plan_(plan) {}

  int protocol() const { return protocol_; }

  // PROTO instructions to come before the instruction of each number, as some streams have them in odd places.
  void set_later_protos(std::span<const std::pair<std::uint64_t, std::uint8_t>> protos) { later_protos_ = protos; }

  // PROTO, outside any frame.
  void begin();
  // STOP.
  void finish();

  // Before each value: where automatic frames may end.
  void boundary() {
    if (frame_ != kNoFrame && automatic_ && out_.size() - frame_ - kFrameHeader >= kFrameTarget) close_frame();
  }

  void op(Opcode opcode) {
    start(opcode);
    done();
  }
  // An argument as it lies in a stream, count or newline included.
  void op(Opcode opcode, std::string_view argument);
  // A line pair, or a text line.
  void lines(Opcode opcode, std::string_view first, std::string_view second);
  void line(Opcode opcode, std::string_view text);

  // Values in the form that CPython's pickler chooses for the protocol.
  void none() { op(Opcode::NONE); }
  void boolean(bool value);
  void integer(std::int64_t value);
  // Little-endian two's complement of any length below 2 GiB.
  void big_integer(std::string_view little_endian, std::string_view decimal);
  void real(double value);
  void text(std::string_view utf8);
  void bytes(std::string_view value);       // protocol 3 and later
  void bytearray(std::string_view value);   // protocol 5
  void byte_string(std::string_view value); // Python 2's str
  void empty_tuple();

  // The next memo entry: its key.
  std::uint64_t put();
  void put(Opcode opcode, std::uint64_t key);
  void get(std::uint64_t key);
  void get(Opcode opcode, std::uint64_t key);
  void set_next_key(std::uint64_t key) { next_key_ = key; }
  std::uint64_t next_key() const { return next_key_; }

  // Bytes that are no instructions; a frame is closed before them.
  void raw(std::string_view bytes);

  std::uint64_t size() const { return out_.size(); }

 private:
  static constexpr std::size_t kNoFrame = ~std::size_t{0};
  static constexpr std::size_t kFrameHeader = 9;
  static constexpr std::size_t kFrameLeast = 4;  // _FRAME_SIZE_MIN: a shorter frame is written without its header

  void start(Opcode opcode) {
    if (frame_ == kNoFrame) [[unlikely]] open_frame();
    while (!later_protos_.empty() && later_protos_.front().first == count_) [[unlikely]] later_proto();
    out_ += static_cast<char>(opcode);
  }
  void done() {
    ++count_;
    if (frame_ != kNoFrame && !automatic_ && count_ == plan_[planned_].first + plan_[planned_].count) close_frame();
  }
  template <class T>
  void number(T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out_.append(bytes, sizeof value);
  }
  void counted(Opcode opcode, std::string_view payload, int count_bytes);
  void open_frame();
  void close_frame();
  void later_proto();

  std::string& out_;
  int protocol_;
  bool automatic_ = false;
  std::span<const FrameExtent> plan_;
  std::size_t planned_ = 0;
  std::span<const std::pair<std::uint64_t, std::uint8_t>> later_protos_;
  std::size_t frame_ = kNoFrame;
  std::uint64_t count_ = 0;
  std::uint64_t next_key_ = 0;
};

// Python's repr of a float: the shortest digits that read back (float_repr_style 'short').
std::string repr_of(double value);

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_ENCODER_H_
