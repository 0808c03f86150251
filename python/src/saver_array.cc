// numpy arrays, as numpy's array_reduce and array_reduce_ex_picklebuffer describe them (numpy/_core/src/multiarray/methods.c),
// without a copy of the data:
//   below protocol 5   _reconstruct(ndarray, (0,), b'b'), then the state (1, shape, dtype, is_fortran, bytes)
//   protocol 5         _frombuffer(PickleBuffer(array), dtype, shape, 'C' or 'F')
#include "saver.h"

namespace cppickle::python {
namespace {

// A view of an array's memory, in C or Fortran order.
class ArrayBytes {
 public:
  ArrayBytes(PyObject* array, int flags) : filled_(PyObject_GetBuffer(array, &view_, flags) == 0) {
    if (!filled_) PyErr_Clear();
  }
  ~ArrayBytes() {
    if (filled_) PyBuffer_Release(&view_);
  }
  ArrayBytes(const ArrayBytes&) = delete;
  ArrayBytes& operator=(const ArrayBytes&) = delete;

  explicit operator bool() const { return filled_ && PyBuffer_IsContiguous(&view_, 'A'); }
  bool is_readonly() const { return view_.readonly != 0; }
  std::string_view bytes() const { return {static_cast<const char*>(view_.buf), static_cast<std::size_t>(view_.len)}; }
  bool is_fortran() const { return !PyBuffer_IsContiguous(&view_, 'C') && PyBuffer_IsContiguous(&view_, 'F'); }

 private:
  Py_buffer view_;
  bool filled_;
};

}  // namespace

bool Saver::array_function() {
  if (array_function_) return true;
  const Outside outside(*this);
  for (const char* package : {"numpy._core.", "numpy.core."}) {  // numpy 2, numpy 1
    const bool as_buffer = protocol_ >= 5;
    const std::string name = std::string(package) + (as_buffer ? "numeric" : "multiarray");
    const Ref module(PyImport_ImportModule(name.c_str()));
    if (module) array_function_ = Ref(PyObject_GetAttrString(module.get(), as_buffer ? "_frombuffer" : "_reconstruct"));
    if (array_function_) return true;
    PyErr_Clear();
  }
  return false;
}

Saver::Tried Saver::save_array(PyObject* array) {
  if (options_.buffer_callback != nullptr || !array_function()) return Tried::kNotMine;
  const Ref dtype(PyObject_GetAttrString(array, "dtype")), shape(PyObject_GetAttrString(array, "shape"));
  const Ref has_objects(dtype ? PyObject_GetAttrString(dtype.get(), "hasobject") : nullptr);
  if (!has_objects || !shape) return Tried::kFailed;
  // Objects are a list there; what the buffer protocol cannot say, or is scattered, numpy collects itself. A PickleBuffer
  // needs a format too.
  if (has_objects.get() != Py_False) return Tried::kNotMine;
  const ArrayBytes memory(array, protocol_ >= 5 ? PyBUF_FULL_RO : PyBUF_ANY_CONTIGUOUS | PyBUF_STRIDES);
  if (!memory) return Tried::kNotMine;
  const auto save_shape = [&] { return save_items_as_args(shape.get(), Alone::kNo); };

  if (protocol_ >= 5) {
    if (memory.bytes().empty()) return Tried::kNotMine;  // also items of no size, which numpy treats as below 5
    const Ref order(PyUnicode_FromString(memory.is_fortran() ? "F" : "C"));
    const Ref buffer(PyPickleBuffer_FromObject(array));  // what a file's write() gets, if it is large
    const auto save_buffer = [&] {
      return out_.boundary() &&
             (memory.is_readonly() ? write_bytes(memory.bytes(), buffer.get())
                                   : out_.counted(Opcode::BYTEARRAY8, 8, memory.bytes(), buffer.get())) &&
             memoize_virtual();
    };
    const bool good = order && buffer && save(array_function_.get()) && out_.boundary() && out_.op(Opcode::MARK) && save_buffer() &&
                      save(dtype.get()) && save_shape() && save(order.get()) && out_.op(Opcode::TUPLE) &&
                      memoize_virtual() && out_.op(Opcode::REDUCE) && memoize(array);
    return good ? Tried::kSaved : Tried::kFailed;
  }

  if (memory.bytes().size() < 2) return Tried::kNotMine;  // such bytes are one object for all, with a memo entry
  const Ref order_byte(PyBytes_FromStringAndSize("b", 1));  // as this is
  if (!order_byte) return Tried::kFailed;
  const auto save_zero = [&] {  // (0,)
    return out_.boundary() && out_.boundary() && write_int(0) && out_.op(Opcode::TUPLE1) && memoize_virtual();
  };
  const auto save_made = [&] {
    return save(array_function_.get()) && out_.boundary() && save(reinterpret_cast<PyObject*>(Py_TYPE(array))) &&
           save_zero() && save(order_byte.get()) && out_.op(Opcode::TUPLE3) && memoize_virtual() &&
           out_.op(Opcode::REDUCE) && memoize(array);
  };
  const auto save_state = [&] {
    return out_.boundary() && out_.op(Opcode::MARK) && out_.boundary() && write_int(1) && save_shape() &&
           save(dtype.get()) && save(memory.is_fortran() ? Py_True : Py_False) && out_.boundary() &&
           write_bytes(memory.bytes(), nullptr) && memoize_virtual() && out_.op(Opcode::TUPLE) && memoize_virtual() &&
           out_.op(Opcode::BUILD);
  };
  return save_made() && save_state() ? Tried::kSaved : Tried::kFailed;
}

}  // namespace cppickle::python
