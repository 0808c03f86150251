// Values in few words that tell no content: "ndarray float64 (400, 4) C 13 kB", "dict, 300 entries".
#ifndef CPPICKLE_SCAN_VALUE_OUTLINE_H_
#define CPPICKLE_SCAN_VALUE_OUTLINE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cppickle/document.h"

namespace cppickle::scanning {

std::string outline_of(const Value& value);

// Of an array or a sparse matrix; empty of anything else.
std::optional<std::vector<std::uint64_t>> shape_of(const Value& value);

// The class that an instance is of, or the function that was called; of Cython's newObj(cls) that class. Takes constant
// time. Names are as they are written.
std::optional<Global> class_of(const Value& object);

// "sklearn" of "sklearn.svm._classes".
std::string_view library_of(std::string_view module);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_VALUE_OUTLINE_H_
