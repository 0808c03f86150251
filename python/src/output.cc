#include "output.h"

#include "large_memory.h"

namespace cppickle::python {

// The write methods of the io module's C classes keep nothing of what they are given, and but for a bare file's they write
// all of it, however much that is.
void Output::know_file(const State& state) {
  if (!PyCFunction_CheckExact(write_)) return;
  const PyObject* file = PyCFunction_GET_SELF(write_);
  if (file == nullptr) return;
  const bool buffers = Py_IS_TYPE(file, state.BufferedWriter) || Py_IS_TYPE(file, state.BufferedRandom) ||
                       Py_IS_TYPE(file, state.BytesIO);
  if (buffers) collected_ = kCollected;
  lends_ = buffers || Py_IS_TYPE(file, state.FileIO);
}

bool Output::write_view(const char* data, std::size_t size) {
  const Ref view(PyMemoryView_FromMemory(const_cast<char*>(data), static_cast<Py_ssize_t>(size), PyBUF_READ));
  return view && call_write(view.get());
}

bool Output::grow(std::size_t size) {
  const std::size_t used = this->size();
  if (size > static_cast<std::size_t>(PY_SSIZE_T_MAX) / 4 || used > static_cast<std::size_t>(PY_SSIZE_T_MAX) / 4) {
    PyErr_NoMemory();
    return false;
  }
  const auto capacity = static_cast<Py_ssize_t>((used + size) / 2 * 3 + 512);
  if (heap_ == nullptr) {
    heap_ = PyBytes_FromStringAndSize(nullptr, capacity);
    if (heap_ == nullptr) return false;
    std::memcpy(PyBytes_AS_STRING(heap_), base_, used);
  } else if (_PyBytes_Resize(&heap_, capacity) < 0) {
    base_ = position_ = end_ = small_;  // the old bytes are gone
    frame_ = kNoFrame;
    return false;
  }
  base_ = PyBytes_AS_STRING(heap_);
  position_ = base_ + used;
  end_ = base_ + capacity;
  expect_fill(base_, static_cast<std::size_t>(capacity));
  find_limit();
  return true;
}

void Output::find_limit() {
  frame_limit_ = frame_ == kNoFrame ? reinterpret_cast<char*>(~std::uintptr_t{0})
                                    : base_ + frame_ + kFrameHeader + kFrameTarget;
}

void Output::open_frame() {
  frame_ = size();
  position_ += kFrameHeader;
  find_limit();
}

void Output::close_frame() {
  if (frame_ == kNoFrame) return;
  char* header = base_ + frame_;
  const std::uint64_t length = size() - frame_ - kFrameHeader;
  if (length >= kFrameLeast) {
    *header = static_cast<char>(Opcode::FRAME);
    std::memcpy(header + 1, &length, sizeof length);
  } else {
    std::memmove(header, header + kFrameHeader, length);
    position_ -= kFrameHeader;
  }
  frame_ = kNoFrame;
  find_limit();
}

bool Output::frame_full() {
  close_frame();
  return write_ == nullptr || size() < collected_ || flush();
}

bool Output::counted(Opcode opcode, int count_size, std::string_view payload, PyObject* object) {
  const bool large = payload.size() >= kFrameTarget;
  if (!large) {
    char* p = room(9 + payload.size());
    if (p == nullptr) return false;
    const std::uint64_t count = payload.size();
    *p = static_cast<char>(opcode);
    std::memcpy(p + 1, &count, sizeof count);
    p += 1 + count_size;
    std::memcpy(p, payload.data(), payload.size());
    position_ = p + payload.size();
    return true;
  }
  close_frame();
  if (!reserve(9 + (write_ == nullptr ? payload.size() : 0))) return false;
  const std::uint64_t count = payload.size();
  *position_ = static_cast<char>(opcode);
  std::memcpy(position_ + 1, &count, static_cast<std::size_t>(count_size));
  position_ += 1 + count_size;
  if (write_ == nullptr) {
    std::memcpy(position_, payload.data(), payload.size());
    position_ += payload.size();
    return true;
  }
  if (!flush()) return false;
  if (object == nullptr && lends_) return write_view(payload.data(), payload.size());
  const Ref bytes = object != nullptr ? Ref::of(object) : Ref(bytes_object(payload));
  return bytes && call_write(bytes.get());
}

PyObject* Output::finish() {
  close_frame();
  const auto length = static_cast<Py_ssize_t>(size());
  PyObject* made = nullptr;
  if (heap_ == nullptr) {
    made = PyBytes_FromStringAndSize(base_, length);
  } else {
    made = std::exchange(heap_, nullptr);
    _PyBytes_Resize(&made, length);
  }
  base_ = position_ = small_;
  end_ = small_ + sizeof small_;
  return made;
}

bool Output::flush() {
  if (heap_ != nullptr && lends_) {
    close_frame();
    const std::size_t size = this->size();
    position_ = base_;
    return write_view(base_, size);
  }
  const Ref bytes(finish());
  return bytes && call_write(bytes.get());
}

}  // namespace cppickle::python
