// Models of numpy's and joblib's arrays. A dtype decides how an array's bytes are read, and a dtype that says "no
// objects" of fields that are objects makes pointers of bytes: its flags are checked against its fields.
// Sources: numpy/_core/src/multiarray/{descriptor.c: arraydescr_reduce, arraydescr_setstate; methods.c: array_reduce,
// array_setstate; multiarraymodule.c: array_scalar}, numpy/_core/numeric.py: _frombuffer, joblib/numpy_pickle.py.
#ifndef CPPICKLE_SCAN_MODELS_NUMPY_H_
#define CPPICKLE_SCAN_MODELS_NUMPY_H_

#include "scan/models.h"

namespace cppickle::scanning {

// _reconstruct(class, (0,), b'b'): class is ndarray or a subclass that a pack lists with build@array_state.
bool array_reconstruct(Judge& judge, const Request& request);
// ndarray.__setstate__((1, shape, dtype, is_fortran, bytes or list)).
bool array_state(Judge& judge, const Request& request);
// dtype('f8', False, True).
bool numpy_dtype(Judge& judge, const Request& request);
// dtype.__setstate__((3, '<', subarray, names, fields, itemsize, alignment, flags[, metadata])).
bool numpy_dtype_state(Judge& judge, const Request& request);
// scalar(dtype, bytes).
bool numpy_scalar(Judge& judge, const Request& request);
// _frombuffer(buffer, dtype, shape, order).
bool numpy_frombuffer(Judge& judge, const Request& request);
// _mareconstruct(class, ndarray, (0,), 'b'), and MaskedArray.__setstate__((1, shape, dtype, is_fortran, data, mask, fill)).
bool masked_reconstruct(Judge& judge, const Request& request);
bool masked_state(Judge& judge, const Request& request);
// numpy/random/_pickle.py: __randomstate_ctor('MT19937', __bit_generator_ctor) and its kin, which call what they are given.
bool bit_generator(Judge& judge, const Request& request);
// The state of a bit generator or a random state: a dict of numbers, arrays and dicts.
bool random_state(Judge& judge, const Request& request);
// The data of an array that is written as bytes, by its state or by _frombuffer.
std::optional<std::string_view> array_bytes(Judge& judge, Symbol array);
// How many items the first axis of an array has.
std::optional<std::uint64_t> array_length(Judge& judge, Symbol array);
// NumpyArrayWrapper: a dict of subclass, shape, order, dtype, allow_mmap, numpy_array_alignment_bytes.
bool joblib_wrapper_state(Judge& judge, const Request& request);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_MODELS_NUMPY_H_
