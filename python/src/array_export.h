// Arrays of a document for other libraries to read.
#ifndef CPPICKLE_PYTHON_ARRAY_EXPORT_H_
#define CPPICKLE_PYTHON_ARRAY_EXPORT_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "value_object.h"

namespace cppickle::python {

// An object with a buffer of these bytes, which it keeps alive. nullptr with an exception.
PyObject* make_raw_bytes(const State& state, DocumentObject* keeper, std::string_view data,
                         std::shared_ptr<const std::string> owner);

PyObject* shape_tuple(const std::vector<std::uint64_t>& shape);

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_ARRAY_EXPORT_H_
