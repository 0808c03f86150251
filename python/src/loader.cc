// The machine's steps, and the machine over this builder: one loop (see pickle/machine.h).
#include "loader.h"

#include <bit>
#include <type_traits>

#include "cppickle/limits.h"

#include "utf8_text.h"

namespace cppickle::python {

Loader::~Loader() {
  input_.set_watcher(nullptr);
  Py_XDECREF(root_);
  Py_XDECREF(spare_dict_);
}

bool Loader::error(const char* message) {
  PyErr_SetString(state_.UnpicklingError, message);
  return false;
}

bool Loader::protocol(const Instruction& in) {
  protocol_ = in.argument[0];
  if (protocol_ <= kHighestProtocol) {
    if (options_.protocol_seen != nullptr) *options_.protocol_seen = protocol_;
    return true;
  }
  PyErr_Format(PyExc_ValueError, "unsupported pickle protocol: %d", protocol_);
  return false;
}

template <Opcode op>
bool Loader::leaf(const Instruction& in, Value& out) {
  const std::uint8_t* const p = in.argument;
  const auto owned = [&](PyObject* made) { return (out = made) != nullptr; };
  if constexpr (op == Opcode::NONE) return owned(new_ref(Py_None));
  else if constexpr (op == Opcode::NEWTRUE) return owned(new_ref(Py_True));
  else if constexpr (op == Opcode::NEWFALSE) return owned(new_ref(Py_False));
  else if constexpr (op == Opcode::BININT1) return owned(PyLong_FromLong(p[0]));
  else if constexpr (op == Opcode::BININT2) return owned(PyLong_FromLong(OpcodeReader::load_u2(p)));
  else if constexpr (op == Opcode::BININT) {
    return owned(PyLong_FromLong(static_cast<std::int32_t>(OpcodeReader::load_u4(p))));
  } else if constexpr (op == Opcode::BINFLOAT) {
    return owned(PyFloat_FromDouble(std::bit_cast<double>(__builtin_bswap64(OpcodeReader::load_u8(p)))));
  } else if constexpr (op == Opcode::LONG1) return owned(int_from_bytes(p + 1, p[0]));
  else if constexpr (op == Opcode::LONG4) return owned(int_from_bytes(p + 4, OpcodeReader::load_u4(p)));
  else if constexpr (op == Opcode::INT) return owned(text_int(in));
  else if constexpr (op == Opcode::LONG) return owned(text_long(in));
  else if constexpr (op == Opcode::FLOAT) return owned(text_float(in));
  else if constexpr (op == Opcode::STRING) return owned(text_string(in));
  else if constexpr (op == Opcode::UNICODE) return owned(text_unicode(in));
  else if constexpr (op == Opcode::SHORT_BINUNICODE) return owned(text_of_utf8(p + 1, p[0]));
  else if constexpr (op == Opcode::BINUNICODE) return owned(text_of_utf8(p + 4, OpcodeReader::load_u4(p)));
  else if constexpr (op == Opcode::BINUNICODE8) return owned(text_of_utf8(p + 8, OpcodeReader::load_u8(p)));
  else if constexpr (op == Opcode::SHORT_BINSTRING) return owned(byte_string(reinterpret_cast<const char*>(p + 1), p[0]));
  else if constexpr (op == Opcode::BINSTRING) {
    return owned(byte_string(reinterpret_cast<const char*>(p + 4), OpcodeReader::load_u4(p)));
  } else if constexpr (op == Opcode::SHORT_BINBYTES) {
    return owned(PyBytes_FromStringAndSize(reinterpret_cast<const char*>(p + 1), p[0]));
  } else if constexpr (op == Opcode::BINBYTES) return owned(bytes(in, 4));
  else if constexpr (op == Opcode::BINBYTES8) return owned(bytes(in, 8));
  else if constexpr (op == Opcode::BYTEARRAY8) return owned(bytearray(in));
  else if constexpr (op == Opcode::EMPTY_TUPLE) return owned(PyTuple_New(0));
  else if constexpr (op == Opcode::EMPTY_LIST) return owned(PyList_New(0));
  else if constexpr (op == Opcode::EMPTY_DICT) {
    return owned(spare_dict_ != nullptr ? std::exchange(spare_dict_, nullptr) : PyDict_New());
  } else if constexpr (op == Opcode::EMPTY_SET) return owned(PySet_New(nullptr));
  else if constexpr (op == Opcode::GLOBAL) return owned(global_lines(in));
  else if constexpr (op == Opcode::PERSID) return owned(persistent_line(in));
  else if constexpr (op == Opcode::EXT1) return owned(extension(p[0]));
  else if constexpr (op == Opcode::EXT2) return owned(extension(OpcodeReader::load_u2(p)));
  else if constexpr (op == Opcode::EXT4) {
    return owned(extension(static_cast<std::int32_t>(OpcodeReader::load_u4(p))));
  } else {
    static_assert(op == Opcode::NEXT_BUFFER);
    return owned(next_buffer());
  }
}

template <Opcode op>
bool Loader::make(const Instruction& in, std::span<Value> taken, Value& out) {
  if constexpr (op == Opcode::TUPLE || op == Opcode::TUPLE1 || op == Opcode::TUPLE2 || op == Opcode::TUPLE3) {
    out = tuple(taken);
  } else if constexpr (op == Opcode::LIST) {
    out = list(taken);
  } else if constexpr (op == Opcode::DICT) {
    out = dict(taken);
  } else if constexpr (op == Opcode::FROZENSET) {
    out = frozenset(taken);
  } else if constexpr (op == Opcode::REDUCE) {
    out = reduce(taken[0], taken[1]);
  } else if constexpr (op == Opcode::NEWOBJ) {
    out = newobj(taken[0], taken[1], nullptr);
  } else if constexpr (op == Opcode::NEWOBJ_EX) {
    out = newobj(taken[0], taken[1], taken[2]);
  } else if constexpr (op == Opcode::STACK_GLOBAL) {
    out = stack_global(taken[0], taken[1]);
  } else if constexpr (op == Opcode::BINPERSID) {
    out = persistent(taken[0]);
  } else if constexpr (op == Opcode::OBJ) {
    out = instantiate(taken[0], taken.subspan(1));
  } else if constexpr (op == Opcode::INST) {
    out = inst(in, taken);
  } else {
    static_assert(op == Opcode::READONLY_BUFFER);
    out = readonly_buffer(taken[0]);
  }
  return out != nullptr;
}

template <Opcode op>
bool Loader::apply(const Instruction&, Value& target, std::span<Value> taken) {
  if constexpr (op == Opcode::APPEND || op == Opcode::APPENDS) return append(target, taken);
  else if constexpr (op == Opcode::SETITEM || op == Opcode::SETITEMS) return set_items(target, taken);
  else if constexpr (op == Opcode::ADDITEMS) return add_items(target, taken);
  else {
    static_assert(op == Opcode::BUILD);
    return build(target, taken[0]);
  }
}

// --- Memo -------------------------------------------------------------------------------------------------------------

inline bool Loader::put_at(std::uint64_t index, PyObject* object) {
  if (knows_fetched_ && !instances_->fetched.contains(index) && memo_.put_nothing(index)) return true;
  memo_.put(index, object);
  return true;
}

inline bool Loader::get_at(std::uint64_t index, PyObject*& out) {
  PyObject* found = memo_.find(index);
  if (found == nullptr) [[unlikely]] {
    out = nullptr;
    PyErr_Format(state_.UnpicklingError, "Memo value not found at index %ld", static_cast<long>(index));
    return false;
  }
  out = new_ref(found);
  return true;
}

template <Opcode op>
bool Loader::put(const Instruction& in, Value target) {
  if constexpr (op == Opcode::MEMOIZE) return put_at(memo_.count(), target);
  else if constexpr (op == Opcode::BINPUT) return put_at(in.argument[0], target);
  else if constexpr (op == Opcode::LONG_BINPUT) return put_at(OpcodeReader::load_u4(in.argument), target);
  else {
    Py_ssize_t index;
    if (!text_index(in, index)) return false;
    if (index >= 0) return put_at(static_cast<std::uint64_t>(index), target);
    PyErr_SetString(PyExc_ValueError, "negative PUT argument");
    return false;
  }
}

template <Opcode op>
bool Loader::get(const Instruction& in, Value& out) {
  if constexpr (op == Opcode::BINGET) return get_at(in.argument[0], out);
  else if constexpr (op == Opcode::LONG_BINGET) return get_at(OpcodeReader::load_u4(in.argument), out);
  else {
    Py_ssize_t index;
    out = nullptr;
    return text_index(in, index) && get_at(static_cast<std::uint64_t>(index), out);
  }
}

PyObject* Loader::load() {
  Limits limits;
  limits.depth = ~std::uint64_t{0};  // MARKs cost what their bytes allow
  {
    Machine<Loader, Input> machine(input_, *this, limits);
    if (!machine.run()) return nullptr;
  }
  return std::exchange(root_, nullptr);
}

}  // namespace cppickle::python
