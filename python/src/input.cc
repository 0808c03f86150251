#include "input.h"

#include <algorithm>

#include "internals.h"

namespace cppickle::python {
namespace {

constexpr std::uint64_t kPrefetch = 128 * 1024;         // PREFETCH of _pickle.c
constexpr std::uint64_t kChunk = 64 * 1024;             // of reading ahead; large payloads are read past it
constexpr std::uint64_t kBelieved = 8 * 1024 * 1024;    // of a length that the stream claims, at once

}  // namespace

Input::~Input() {
  if (view_.obj != nullptr) PyBuffer_Release(&view_);
}

bool Input::open_bytes(PyObject* object) {
  memory_ = true;
  if (PyBytes_CheckExact(object)) {
    bytes_ = Ref::of(object);
    begin_ = reinterpret_cast<const std::uint8_t*>(PyBytes_AS_STRING(object));
    limit_ = begin_ + PyBytes_GET_SIZE(object);
  } else {
    if (PyObject_GetBuffer(object, &view_, PyBUF_CONTIG_RO) < 0) return false;
    begin_ = static_cast<const std::uint8_t*>(view_.buf);
    limit_ = begin_ + view_.len;
  }
  position_ = begin_;
  return true;
}

bool Input::open_file(PyObject* file, bool ahead) {
  if (ahead && Py_IS_TYPE(file, state_.BytesIO)) {
    // Its content as bytes costs nothing; a write meanwhile leaves these bytes as they are.
    const Ref at(PyObject_CallMethodNoArgs(file, state_.s_tell));
    start_ = at ? PyLong_AsSsize_t(at.get()) : -1;
    if (start_ < 0) return false;
    const Ref all(PyObject_CallMethodNoArgs(file, state_.s_getvalue));
    if (!all || !open_bytes(all.get())) return false;
    position_ = begin_ + std::min<Py_ssize_t>(start_, limit_ - begin_);
    file_ = Ref::of(file);
    return true;
  }
  if (!lookup_attr(file, state_.s_peek, peek_) || !lookup_attr(file, state_.s_readinto, readinto_) ||
      !lookup_attr(file, state_.s_read, read_) || !lookup_attr(file, state_.s_readline, readline_)) {
    return false;
  }
  if (!read_ || !readline_) {
    read_ = Ref();
    PyErr_SetString(PyExc_TypeError, "file must have 'read' and 'readline' attributes");
    return false;
  }
  if (ahead && (Py_IS_TYPE(file, state_.BufferedReader) || Py_IS_TYPE(file, state_.BufferedRandom))) {
    file_ = Ref::of(file);
  }
  return true;
}

// Whether the file is an open regular one, whose position can be set: asked once the pickle turns out to be long.
bool Input::decide_ahead() {
  if (decided_ || !file_) return ahead_;
  decided_ = true;
  const Ref raw(PyObject_GetAttrString(file_.get(), "raw"));
  const Ref seekable(raw && Py_IS_TYPE(raw.get(), state_.FileIO) ? PyObject_CallMethod(file_.get(), "seekable", nullptr)
                                                                 : nullptr);
  ahead_ = readinto_ && seekable && PyObject_IsTrue(seekable.get()) == 1;
  PyErr_Clear();
  return ahead_;
}

bool Input::close() {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  bool good = true;
  if (memory_ && file_) {
    const Py_ssize_t at = std::max<Py_ssize_t>(start_, position_ - begin_);
    const Ref to(PyLong_FromSsize_t(at));
    good = to && Ref(PyObject_CallMethodOneArg(file_.get(), state_.s_seek, to.get()));
  } else if (ahead_ && peeked_ == 0) {
    if (limit_ != position_) {
      const Ref back(PyLong_FromSsize_t(position_ - limit_)), from_here(PyLong_FromLong(1));
      good = back && from_here && Ref(PyObject_CallMethodObjArgs(file_.get(), state_.s_seek, back.get(),
                                                                 from_here.get(), nullptr));
    }
  } else if (read_) {
    good = drop_peeked();
  }
  pending_ = 0;
  if (type == nullptr) return good;
  PyErr_Clear();
  PyErr_Restore(type, value, traceback);
  return true;
}

// --- The machine's side -------------------------------------------------------------------------------------------------

bool Input::truncated() {
  PyErr_SetString(state_.UnpicklingError, "pickle data was truncated");
  return false;
}

bool Input::unknown(const Instruction& in) {
  const unsigned c = *in.begin;
  if (c >= 0x20 && c <= 0x7E && c != '\'' && c != '\\') {
    PyErr_Format(state_.UnpicklingError, "invalid load key, '%c'.", static_cast<int>(c));
  } else {
    PyErr_Format(state_.UnpicklingError, "invalid load key, '\\x%02x'.", c);
  }
  return false;
}

bool Input::pass_limit() {
  Instruction none{};
  none.argument = position_;
  if (!memory_ && more(1, none)) return true;
  if (PyErr_Occurred() != nullptr && !PyErr_ExceptionMatches(state_.UnpicklingError)) return false;
  PyErr_SetString(PyExc_EOFError, "Ran out of input");
  return false;
}

bool Input::open_frame(Instruction in) {
  const std::uint64_t length = OpcodeReader::load_u8(in.argument);
  if (length > static_cast<std::uint64_t>(PY_SSIZE_T_MAX)) {
    PyErr_Format(PyExc_OverflowError, "FRAME length exceeds system's maximum of %zd bytes", PY_SSIZE_T_MAX);
    return false;
  }
  if (!skip(length, in)) return false;
  position_ -= length;
  return true;
}

bool Input::payload(std::uint64_t count, Instruction& in) {
  const auto too_long = [](PyObject* exception, const char* name) {
    PyErr_Format(exception, "%s exceeds system's maximum size of %zd bytes", name, PY_SSIZE_T_MAX);
    return false;
  };
  if (count > static_cast<std::uint64_t>(PY_SSIZE_T_MAX)) {
    return too_long(PyExc_OverflowError, in.opcode == Opcode::BINBYTES8    ? "BINBYTES"
                                         : in.opcode == Opcode::BYTEARRAY8 ? "BYTEARRAY8" : "BINUNICODE");
  }
  const bool is_bytes = in.opcode == Opcode::BINBYTES || in.opcode == Opcode::BINBYTES8 ||
                        in.opcode == Opcode::BYTEARRAY8;
  if (is_bytes && !memory_ && count >= kDirect && count > static_cast<std::uint64_t>(limit_ - position_)) {
    pending_ = count;
    return true;
  }
  return skip(count, in);
}

// CPython takes the count of BINSTRING for unsigned, that of LONG4 not.
bool Input::signed_payload(std::uint32_t count, Instruction& in) {
  if (in.opcode != Opcode::LONG4 || count <= 0x7FFFFFFF) return payload(count, in);
  PyErr_SetString(state_.UnpicklingError, "LONG pickle has negative byte count");
  return false;
}

bool Input::line(Instruction& in) {
  std::size_t searched = 0;
  for (;;) {
    const std::uint8_t* from = position_ + searched;
    if (const void* end = from == limit_ ? nullptr : std::memchr(from, '\n', static_cast<std::size_t>(limit_ - from))) {
      position_ = static_cast<const std::uint8_t*>(end) + 1;
      return true;
    }
    if (memory_) return truncated();
    searched = static_cast<std::size_t>(limit_ - position_);
    const auto used = static_cast<std::size_t>(position_ - in.argument);
    position_ = in.argument;  // so that the line before stays in the window
    if (!ahead_) searched = 0;
    const bool good = ahead_ ? fill(used + searched + 1) : fill_line(used);
    in.argument = position_;
    position_ += used;
    if (!good) return false;
    if (static_cast<std::size_t>(limit_ - position_) <= searched) return truncated();
    if (!ahead_ && limit_[-1] != '\n') return truncated();
  }
}

// GLOBAL and INST. CPython decodes the first line before it looks for the second.
bool Input::line_pair(Instruction& in) {
  if (!line(in)) return false;
  const Py_ssize_t first = position_ - in.argument - 1;
  if (line(in)) return true;
  if (!PyErr_ExceptionMatches(state_.UnpicklingError) || first == 0) return false;
  const char* text = reinterpret_cast<const char*>(in.argument);
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  const Ref decoded(in.opcode == Opcode::INST ? PyUnicode_DecodeASCII(text, first, "strict")
                                              : PyUnicode_DecodeUTF8(text, first, "strict"));
  if (!decoded) return false;
  PyErr_Restore(type, value, traceback);
  return false;
}

// Moves the window so that `count` bytes from `position_` on are in it; the argument so far stays in front of them.
bool Input::more(std::uint64_t count, Instruction& in) {
  if (memory_) return truncated();
  const auto used = static_cast<std::uint64_t>(position_ - in.argument);
  position_ = in.argument;
  const bool good = (ahead_ || forget_after(used)) && fill(used + count);
  in.argument = position_;
  position_ += used;
  return good;
}

bool Input::fail(ErrorCode code, const Instruction& in, const std::string& message) {
  switch (code) {
    case ErrorCode::kStackUnderflow:
      PyErr_SetString(state_.UnpicklingError, message.find("MARK") != std::string::npos ? "unexpected MARK found"
                                                                                        : "unpickling stack underflow");
      break;
    case ErrorCode::kNoMark: PyErr_SetString(state_.UnpicklingError, "could not find MARK"); break;
    case ErrorCode::kOddItems:
      PyErr_Format(state_.UnpicklingError, "odd number of items for %s", in.opcode == Opcode::DICT ? "DICT" : "SETITEMS");
      break;
    default: PyErr_SetString(state_.UnpicklingError, message.c_str());
  }
  return false;
}

// --- The file's side ----------------------------------------------------------------------------------------------------

// Room for `size` more bytes behind limit_, with everything from position_ on at the window's beginning.
void Input::make_room(std::size_t size) {
  const auto kept = static_cast<std::size_t>(limit_ - position_);
  if (capacity_ < kept + size) {
    const std::size_t capacity = std::max({kept + size, kept * 2, static_cast<std::size_t>(2 * kChunk)});
    std::unique_ptr<std::uint8_t[]> grown(new std::uint8_t[capacity]);
    if (kept != 0) std::memcpy(grown.get(), position_, kept);
    window_ = std::move(grown);
    capacity_ = capacity;
  } else if (kept != 0 && position_ != window_.get()) {
    std::memmove(window_.get(), position_, kept);
  }
  position_ = window_.get();
  limit_ = position_ + kept;
}

bool Input::append(PyObject* data, std::uint64_t* added) {
  if (limit_ == position_ && PyBytes_CheckExact(data)) {  // nothing to join it to: it is the window
    held_ = Ref::of(data);
    position_ = reinterpret_cast<const std::uint8_t*>(PyBytes_AS_STRING(data));
    limit_ = position_ + PyBytes_GET_SIZE(data);
    *added = static_cast<std::uint64_t>(PyBytes_GET_SIZE(data));
    return true;
  }
  Py_buffer view;
  if (PyObject_GetBuffer(data, &view, PyBUF_CONTIG_RO) < 0) return false;
  make_room(static_cast<std::size_t>(view.len));
  std::memcpy(window_.get() + (limit_ - position_), view.buf, static_cast<std::size_t>(view.len));
  limit_ += view.len;
  *added = static_cast<std::uint64_t>(view.len);
  PyBuffer_Release(&view);
  return true;
}

bool Input::call_read(PyObject* method, std::uint64_t size, Ref& data) {
  const Watched watched(watcher_);
  const Ref count(PyLong_FromUnsignedLongLong(size));
  data = Ref(count ? PyObject_CallOneArg(method, count.get()) : nullptr);
  return static_cast<bool>(data);
}

// Takes from the file what of its peeked bytes was used, and forgets the others.
bool Input::drop_peeked() {
  const std::size_t left = std::min(peeked_, static_cast<std::size_t>(limit_ - position_));
  const std::size_t used = peeked_ - left;
  limit_ -= left;
  peeked_ = 0;
  Ref ignored;
  return used == 0 || call_read(read_.get(), used, ignored);
}

// Makes `count` bytes from position_ on visible.
bool Input::fill(std::uint64_t count) {
  if (!drop_peeked()) return false;
  while (static_cast<std::uint64_t>(limit_ - position_) < count) {
    const std::uint64_t missing = count - static_cast<std::uint64_t>(limit_ - position_);
    std::uint64_t added = 0;
    Ref data;
    // A small message is read from what the file has buffered, which needs no seek afterwards.
    if ((taken_ >= kChunk || missing >= kChunk) && decide_ahead()) {
      if (!read_ahead(std::max(kChunk, std::min(missing, kBelieved)), &added)) return false;
      if (added == 0) return truncated();
      continue;
    }
    if (peek_ && missing < kPrefetch) {
      if (call_read(peek_.get(), kPrefetch, data)) {
        if (!append(data.get(), &added)) return false;
        peeked_ = added;
        taken_ += added;
        if (added >= missing) return true;
        limit_ -= added;  // too few: read() must be asked
        peeked_ = 0;
      } else {
        if (!PyErr_ExceptionMatches(PyExc_NotImplementedError)) return false;
        PyErr_Clear();
        peek_ = Ref();
      }
    }
    // A length from the file is believed in steps, so that it costs what there is.
    const std::uint64_t step = std::min(missing, std::max(kBelieved, static_cast<std::uint64_t>(limit_ - position_)));
    if (!call_read(read_.get(), step, data) || !append(data.get(), &added)) return false;
    taken_ += added;
    if (added < step) return truncated();
  }
  return true;
}

// _pickle.c asks for what it needs anew, and forgets what it has of it: bytes that a frame's length left over.
bool Input::forget_after(std::uint64_t used) {
  if (!drop_peeked()) return false;
  limit_ = std::min(limit_, position_ + used);
  return true;
}

// Up to `size` bytes, straight into the window.
bool Input::read_ahead(std::uint64_t size, std::uint64_t* added) {
  make_room(size);
  if (!call_readinto(reinterpret_cast<char*>(window_.get() + (limit_ - position_)), size, added)) return false;
  *added = std::min(*added, size);
  limit_ += *added;
  return true;
}

bool Input::fill_line(std::uint64_t used) {
  if (!forget_after(used)) return false;
  Ref data;
  {
    const Watched watched(watcher_);
    data = Ref(PyObject_CallNoArgs(readline_.get()));
  }
  std::uint64_t added = 0;
  return data && append(data.get(), &added);
}

bool Input::extend() {
  if (!decide_ahead()) return false;
  Ref data;
  std::uint64_t added = 0;
  // What was only peeked is taken, so that what comes next follows it.
  bool good = peeked_ == 0 || call_read(read_.get(), peeked_, data);
  if (good) peeked_ = 0;
  const std::uint64_t size = std::max(kChunk, static_cast<std::uint64_t>(limit_ - position_));
  good = good && read_ahead(size, &added);
  if (!good) PyErr_Clear();
  return good && added != 0;
}

bool Input::call_readinto(char* to, std::uint64_t size, std::uint64_t* got) {
  const Watched watched(watcher_);
  const Ref memory(PyMemoryView_FromMemory(to, static_cast<Py_ssize_t>(size), PyBUF_WRITE));
  const Ref answer(memory ? PyObject_CallOneArg(readinto_.get(), memory.get()) : nullptr);
  if (!answer) return false;
  const Py_ssize_t count = PyLong_AsSsize_t(answer.get());
  if (count < 0) {
    if (PyErr_Occurred() == nullptr) PyErr_SetString(PyExc_ValueError, "readinto() returned negative size");
    return false;
  }
  *got = static_cast<std::uint64_t>(count);
  return true;
}

bool Input::read_payload(char* to, std::uint64_t size) {
  pending_ = 0;
  const std::uint64_t here = std::min(size, static_cast<std::uint64_t>(limit_ - position_));
  if (here != 0) std::memcpy(to, position_, here);
  position_ += here;
  to += here;
  size -= here;
  if (size == 0) return true;
  if (!drop_peeked()) return false;
  if (readinto_) {
    std::uint64_t got = 0;
    if (!call_readinto(to, size, &got)) return false;
    return got >= size || truncated();
  }
  Ref data;
  if (!call_read(read_.get(), size, data)) return false;
  if (!PyBytes_Check(data.get())) {
    PyErr_Format(PyExc_ValueError, "read() returned non-bytes object (%R)", Py_TYPE(data.get()));
    return false;
  }
  if (static_cast<std::uint64_t>(PyBytes_GET_SIZE(data.get())) < size) return truncated();
  std::memcpy(to, PyBytes_AS_STRING(data.get()), size);
  return true;
}

}  // namespace cppickle::python
