// Text, bytes and buffers.
#include <cstring>

#include "saver.h"

namespace cppickle::python {
namespace {

// UTF-8 of a str that is not ASCII; lone surrogates as three bytes (the "surrogatepass" handler).
template <class Unit>
std::size_t utf8_size(const Unit* units, std::size_t count) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t c = units[i];
    size += std::size_t{1} + (c >= 0x80) + (c >= 0x800);
    if constexpr (sizeof(Unit) == 4) size += c >= 0x10000;
  }
  return size;
}

template <class Unit>
char* encode_utf8(const Unit* units, std::size_t count, char* p) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t c = units[i];
    const auto tail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) {
      *p++ = static_cast<char>(c);
    } else if (c < 0x800) {
      *p++ = static_cast<char>(0xC0 | c >> 6);
      *p++ = tail(0);
    } else if (c < 0x10000) {
      *p++ = static_cast<char>(0xE0 | c >> 12);
      *p++ = tail(6);
      *p++ = tail(0);
    } else {
      *p++ = static_cast<char>(0xF0 | c >> 18);
      *p++ = tail(12);
      *p++ = tail(6);
      *p++ = tail(0);
    }
  }
  return p;
}

// Calls visit(units, count) with the units as they are stored.
template <class Visit>
auto with_units(PyObject* text, Visit&& visit) {
  const auto count = static_cast<std::size_t>(PyUnicode_GET_LENGTH(text));
  const void* data = PyUnicode_DATA(text);
  switch (PyUnicode_KIND(text)) {
    case PyUnicode_1BYTE_KIND: return visit(static_cast<const Py_UCS1*>(data), count);
    case PyUnicode_2BYTE_KIND: return visit(static_cast<const Py_UCS2*>(data), count);
    default: return visit(static_cast<const Py_UCS4*>(data), count);
  }
}

// raw_unicode_escape() of _pickle.c: Latin-1 as it is; backslash, NUL, newline, carriage return and Ctrl-Z escaped.
std::string raw_unicode_escape(PyObject* text) {
  std::string out;
  const auto hex = [&](char kind, std::uint32_t c, int digits) {
    (out += '\\') += kind;
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[c >> shift & 15];
  };
  with_units(text, [&](const auto* units, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t c = units[i];
      if (c >= 0x10000) hex('U', c, 8);
      else if (c >= 0x100 || c == '\\' || c == 0 || c == '\n' || c == '\r' || c == 0x1A) hex('u', c, 4);
      else out += static_cast<char>(c);
    }
  });
  return out;
}

}  // namespace

bool Saver::write_text(PyObject* text) {
#if PY_VERSION_HEX < 0x030C0000
  if (PyUnicode_READY(text) < 0) return false;
#endif
  if (protocol_ == 0) return out_.line(Opcode::UNICODE, raw_unicode_escape(text));
  if (PyUnicode_IS_ASCII(text)) {
    const std::string_view ascii(static_cast<const char*>(PyUnicode_DATA(text)),
                                 static_cast<std::size_t>(PyUnicode_GET_LENGTH(text)));
    return write_utf8(ascii, nullptr);
  }
  Py_ssize_t cached_size = 0;
  if (const char* cached = cached_utf8(text, cached_size)) {
    return write_utf8({cached, static_cast<std::size_t>(cached_size)}, nullptr);
  }
  return with_units(text, [&](const auto* units, std::size_t count) {
    const std::size_t size = utf8_size(units, count);
    if (size >= kFrameTarget || (size > 0xFF && protocol_ < 4 && size > 0xFFFFFFFF)) {
      const Ref bytes(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size)));
      if (!bytes) return false;
      encode_utf8(units, count, PyBytes_AS_STRING(bytes.get()));
      return write_utf8({PyBytes_AS_STRING(bytes.get()), size}, bytes.get());
    }
    char* p = out_.room(5 + size);
    if (p == nullptr) return false;
    if (size <= 0xFF && protocol_ >= 4) {
      *p++ = static_cast<char>(Opcode::SHORT_BINUNICODE);
      *p++ = static_cast<char>(size);
    } else {
      *p++ = static_cast<char>(Opcode::BINUNICODE);
      const auto length = static_cast<std::uint32_t>(size);
      std::memcpy(p, &length, 4);
      p += 4;
    }
    out_.advance(encode_utf8(units, count, p));
    return true;
  });
}

bool Saver::write_utf8(std::string_view utf8, PyObject* bytes) {
  if (utf8.size() <= 0xFF && protocol_ >= 4) return out_.counted(Opcode::SHORT_BINUNICODE, 1, utf8, bytes);
  if (utf8.size() <= 0xFFFFFFFF) return out_.counted(Opcode::BINUNICODE, 4, utf8, bytes);
  if (protocol_ >= 4) return out_.counted(Opcode::BINUNICODE8, 8, utf8, bytes);
  PyErr_SetString(PyExc_OverflowError, "serializing a string larger than 4 GiB requires pickle protocol 4 or higher");
  return false;
}

bool Saver::save_bytes(PyObject* bytes, Alone alone) {
  const std::string_view data(PyBytes_AS_STRING(bytes), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes)));
  if (protocol_ >= 3) return write_bytes(data, bytes) && memoize(bytes, alone);
  // Python 2 has no such bytes: a call that gives Python 2 a str and Python 3 bytes.
  if (data.empty()) {
    const Ref none(PyTuple_New(0));
    return none && save_call(reinterpret_cast<PyObject*>(&PyBytes_Type), none.get(), bytes);
  }
  const Ref text(PyUnicode_DecodeLatin1(data.data(), PyBytes_GET_SIZE(bytes), "strict"));
  const Ref args(text ? PyTuple_Pack(2, text.get(), state_.s_latin1) : nullptr);
  return args && save_call(state_.codecs_encode, args.get(), bytes);
}

bool Saver::write_bytes(std::string_view data, PyObject* object) {
  if (data.size() <= 0xFF) return out_.counted(Opcode::SHORT_BINBYTES, 1, data, object);
  if (data.size() <= 0xFFFFFFFF) return out_.counted(Opcode::BINBYTES, 4, data, object);
  if (protocol_ >= 4) return out_.counted(Opcode::BINBYTES8, 8, data, object);
  PyErr_SetString(PyExc_OverflowError,
                  "serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher");
  return false;
}

bool Saver::save_bytearray(PyObject* array) {
  if (protocol_ >= 5) {
    const std::string_view data(PyByteArray_AS_STRING(array), static_cast<std::size_t>(PyByteArray_GET_SIZE(array)));
    return out_.counted(Opcode::BYTEARRAY8, 8, data, array) && memoize(array);
  }
  const Ref bytes(PyByteArray_GET_SIZE(array) == 0 ? nullptr : PyBytes_FromObject(array));
  const Ref args(PyByteArray_GET_SIZE(array) == 0 ? PyTuple_New(0) : bytes ? PyTuple_Pack(1, bytes.get()) : nullptr);
  return args && save_call(reinterpret_cast<PyObject*>(&PyByteArray_Type), args.get(), array);
}

// PickleBuffer (PEP 574): in the stream, or given to the callback and named in the stream.
bool Saver::save_buffer(PyObject* buffer) {
  if (protocol_ < 5) return error("PickleBuffer can only %s with protocol >= 5",
                                  PY_VERSION_HEX >= 0x030D0000 ? "be pickled" : "pickled");
  const Py_buffer* view = PyPickleBuffer_GetBuffer(buffer);
  if (view == nullptr) return false;
  if (view->suboffsets != nullptr || !PyBuffer_IsContiguous(view, 'A')) {
    return error("PickleBuffer can not be pickled when pointing to a non-contiguous buffer");
  }
  if (options_.buffer_callback != nullptr) {
    int in_band;
    {
      const Outside outside(*this);
      const Ref answer(PyObject_CallOneArg(options_.buffer_callback, buffer));
      in_band = answer ? PyObject_IsTrue(answer.get()) : -1;
      if (in_band < 0) return false;
      view = PyPickleBuffer_GetBuffer(buffer);  // the callback may have released it
      if (view == nullptr && in_band != 0) return false;
      PyErr_Clear();
    }
    if (in_band == 0) {
      return out_.op(Opcode::NEXT_BUFFER) &&
             (view == nullptr || !view->readonly || out_.op(Opcode::READONLY_BUFFER));
    }
  }
  const std::string_view data(static_cast<const char*>(view->buf), static_cast<std::size_t>(view->len));
  return (view->readonly ? write_bytes(data, buffer) : out_.counted(Opcode::BYTEARRAY8, 8, data, buffer)) &&
         memoize(buffer);
}

}  // namespace cppickle::python
