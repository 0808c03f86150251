// Where a pickler writes: a growing bytes object, or a file by its write(), with frames as CPython's _pickle.c puts them.
//
// This is not the engine's Encoder: it writes into the object that it returns, each write inlined into the pickler, and
// flushes to a file frame by frame, or to one of the io module's buffers by the megabyte: there nobody sees how, and as long
// as no other code runs the pickler need not look for all that it meets (PointerMemo::insert_alone).
#ifndef CPPICKLE_PYTHON_OUTPUT_H_
#define CPPICKLE_PYTHON_OUTPUT_H_

#include "ref.h"

#include <cstdint>
#include <cstring>
#include <string_view>

#include "pickle/opcode.h"

#include "state.h"
#include "watcher.h"

namespace cppickle::python {

// Every function that returns bool returns false with an exception set. One pickle at a time.
class Output {
 public:
  // Collects everything.
  Output() = default;
  // Writes to a file by its write method, borrowed.
  Output(const State& state, PyObject* write) : write_(write) { know_file(state); }
  ~Output() { Py_XDECREF(heap_); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Is told of each call of write().
  void set_watcher(Watcher* watcher) { watcher_ = watcher; }
  void set_framing(bool framing) { framing_ = framing; }

  // Before each value: where a frame may end.
  bool boundary() { return position_ < frame_limit_ || frame_full(); }

  // Room for `size` bytes at the returned place; advance() must follow. nullptr with an exception.
  char* room(std::size_t size) {
    if (framing_ && frame_ == kNoFrame) [[unlikely]] {
      if (!reserve(size + kFrameHeader)) return nullptr;
      open_frame();
    } else if (static_cast<std::size_t>(end_ - position_) < size) [[unlikely]] {
      if (!grow(size)) return nullptr;
    }
    return position_;
  }
  void advance(char* to) { position_ = to; }
  // Behind this boundary() has something to do.
  const char* frame_limit() const { return frame_limit_; }

  bool op(Opcode opcode) {
    char* p = room(1);
    if (p == nullptr) return false;
    *p = static_cast<char>(opcode);
    position_ = p + 1;
    return true;
  }
  template <class T>
  bool op(Opcode opcode, T argument) {
    char* p = room(1 + sizeof argument);
    if (p == nullptr) return false;
    *p = static_cast<char>(opcode);
    std::memcpy(p + 1, &argument, sizeof argument);  // little-endian hosts only
    position_ = p + 1 + sizeof argument;
    return true;
  }
  bool raw(std::string_view text) {
    char* p = room(text.size());
    if (p == nullptr) return false;
    std::memcpy(p, text.data(), text.size());
    position_ = p + text.size();
    return true;
  }
  bool line(Opcode opcode, std::string_view text) { return op(opcode) && raw(text) && raw("\n"); }

  // An opcode with a count of `count_size` bytes and that many bytes. A payload of a frame's size goes outside frames
  // (bpo-31993), to a file without a copy: as `object` if that is not nullptr but a bytes-like object.
  bool counted(Opcode opcode, int count_size, std::string_view payload, PyObject* object);

  // After STOP.
  void close_frame();
  // Everything as bytes, or nullptr with an exception. Leaves the output empty.
  PyObject* finish();
  // Writes what is there to the file.
  bool flush();

 private:
  static constexpr std::size_t kNoFrame = ~std::size_t{0};
  static constexpr std::size_t kFrameHeader = 9;
  static constexpr std::size_t kCollected = std::size_t{32} << 20;
  static constexpr std::size_t kFrameLeast = 4;  // FRAME_SIZE_MIN: a shorter one is written without its header

  bool reserve(std::size_t size) { return static_cast<std::size_t>(end_ - position_) >= size || grow(size); }
  bool grow(std::size_t size);
  void open_frame();
  bool frame_full();
  void find_limit();
  std::size_t size() const { return static_cast<std::size_t>(position_ - base_); }

  void know_file(const State& state);
  bool call_write(PyObject* bytes) {
    const Watched watched(watcher_);
    return static_cast<bool>(Ref(PyObject_CallOneArg(write_, bytes)));
  }
  bool write_view(const char* data, std::size_t size);

  PyObject* write_ = nullptr;
  bool lends_ = false;  // write() may be given a view of memory that is gone afterwards
  std::size_t collected_ = 0;  // how much lies here before write() gets it
  Watcher* watcher_ = nullptr;
  PyObject* heap_ = nullptr;  // bytes, once the buffer below is too small
  bool framing_ = false;
  std::size_t frame_ = kNoFrame;  // where the open frame begins
  char* frame_limit_ = reinterpret_cast<char*>(~std::uintptr_t{0});
  char* base_ = small_;
  char* position_ = small_;
  char* end_ = small_ + sizeof small_;
  char small_[1024];
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_OUTPUT_H_
