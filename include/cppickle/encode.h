// C++ values as pickles.
//
//   std::map<std::string, std::vector<double>> losses = ...;
//   cppickle::Result<std::string> pickle = cppickle::encode(losses);  // Python: pickle.loads(...) -> {'a': [0.5, ...], ...}
//
// This header writes bool, integers, floats and strings; codec.h lists the headers of the other types. A value becomes the
// Python value of the same meaning: vectors lists, maps and structs dicts, sets sets, tuples tuples, nullopt None.
#ifndef CPPICKLE_ENCODE_H_
#define CPPICKLE_ENCODE_H_

#include <string>

#include "cppickle/codec.h"
#include "cppickle/error.h"
#include "cppickle/types/scalar.h"
#include "cppickle/writer.h"

namespace cppickle {

// ErrorCode::kBadText for a string that is not UTF-8, kBadProtocol for a protocol outside 0 to 5, kUnsupported for a time
// that Python cannot express, kLimit for values nested deeper than 1000 containers.
template <class T>
[[nodiscard]] Result<std::string> encode(const T& value, int protocol = 4) {
  Writer writer(protocol);
  writer.write(value);
  return writer.finish();
}

}  // namespace cppickle

#endif  // CPPICKLE_ENCODE_H_
