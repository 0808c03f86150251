// Where an unpickler reads: bytes in memory, or a file object by its read(), readline(), readinto() and peek(). It gives
// the machine what OpcodeReader gives, under CPython's rules: a frame must exist and bounds nothing.
#ifndef CPPICKLE_PYTHON_INPUT_H_
#define CPPICKLE_PYTHON_INPUT_H_

#include "ref.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "cppickle/error.h"
#include "pickle/cursor.h"
#include "pickle/opcode.h"
#include "pickle/opcode_reader.h"

#include "state.h"
#include "watcher.h"

namespace cppickle::python {

// Bytes are looked at through a window, which is refilled; an instruction's spans die at the next one. Functions that
// return bool return false with an exception set. Throws std::bad_alloc.
class Input {
 public:
  explicit Input(const State& state) : state_(state) {}
  ~Input();
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // Reads from a bytes-like object.
  bool open_bytes(PyObject* object);
  // Reads from a file object. With `ahead`, more is read than was asked for from files whose position can be set right
  // afterwards, which close() does.
  bool open_file(PyObject* file, bool ahead);
  // Is told of each call of a method of the file.
  void set_watcher(Watcher* watcher) { watcher_ = watcher; }
  bool reads_ahead() const { return static_cast<bool>(file_); }
  // After a load, good or not: leaves the file behind the last byte that was used.
  bool close();

  // --- For the machine ---
  // Called where there is no instruction before limit(): makes more of the input visible.
  bool pass_limit();
  bool open_frame(Instruction in);
  bool close(const Instruction&) { return true; }
  void count_instruction() {}
  // Raises what _pickle.c raises for the code. Returns false.
  bool fail(ErrorCode code, const Instruction& in, const std::string& message);
  const std::uint8_t* position() const { return position_; }
  const std::uint8_t* limit() const { return limit_; }
  void jump(const std::uint8_t* position) { position_ = position; }

  // --- For the builder ---
  // The payload of BINBYTES and its like may not be in the window: it is then read where it belongs.
  bool payload_is_here() const { return pending_ == 0; }
  std::uint64_t pending() const { return pending_; }
  bool read_payload(char* to, std::uint64_t size);

  // Makes more of the input visible behind the window without using it. False without an exception at the end, and where
  // that cannot be done.
  bool extend();

 private:
  template <class Reader>
  friend class cppickle::Cursor;

  // Payloads of this size are not copied through the window.
  static constexpr std::uint64_t kDirect = 64 * 1024;

  [[gnu::always_inline]] bool skip(std::uint64_t count, Instruction& in) {
    if (count > static_cast<std::uint64_t>(limit_ - position_)) [[unlikely]] {
      if (!more(count, in)) return false;
    }
    position_ += count;
    return true;
  }
  bool payload(std::uint64_t count, Instruction& in);
  bool signed_payload(std::uint32_t count, Instruction& in);
  bool line(Instruction& in);
  bool line_pair(Instruction& in);
  bool unknown(const Instruction& in);
  bool truncated();

  bool more(std::uint64_t count, Instruction& in);
  bool fill(std::uint64_t count);
  bool fill_line(std::uint64_t used);
  bool forget_after(std::uint64_t used);
  bool append(PyObject* data, std::uint64_t* added);
  void make_room(std::size_t size);
  bool decide_ahead();
  bool read_ahead(std::uint64_t size, std::uint64_t* added);
  bool drop_peeked();
  bool call_read(PyObject* method, std::uint64_t size, Ref& data);
  bool call_readinto(char* to, std::uint64_t size, std::uint64_t* got);

  const State& state_;
  Watcher* watcher_ = nullptr;
  const std::uint8_t* position_ = nullptr;
  const std::uint8_t* limit_ = nullptr;
  std::uint64_t pending_ = 0;

  bool memory_ = false;  // the input lies whole in `view_` or `bytes_`
  Py_buffer view_{};
  Ref bytes_;
  const std::uint8_t* begin_ = nullptr;  // of the memory

  Ref read_, readinto_, readline_, peek_;
  Ref file_;                    // for seek(), where there is reading ahead
  Py_ssize_t start_ = 0;        // a BytesIO's position before
  bool ahead_ = false;
  bool decided_ = false;
  std::uint64_t taken_ = 0;     // bytes asked of the file so far
  Ref held_;                    // bytes from the file that are the window as they are
  std::unique_ptr<std::uint8_t[]> window_;
  std::size_t capacity_ = 0;
  std::size_t peeked_ = 0;      // bytes at the window's end that the file still holds
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_INPUT_H_
