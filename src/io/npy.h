// numpy's .npy files (numpy.lib.format, versions 1.0, 2.0 and 3.0): the header that says what the bytes after
// it are.
#ifndef CPPICKLE_IO_NPY_H_
#define CPPICKLE_IO_NPY_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cppickle/error.h"
#include "io/bytes.h"
#include "io/python_literal.h"

namespace cppickle {

struct NpyHeader {
  std::uint8_t major = 1;
  std::string_view text;    // the whole dict, in the bytes that were read
  PythonLiteral literal;    // the same, parsed
  std::uint32_t descr = 0;  // its node that describes the dtype: text, or a list of fields
  bool is_fortran_order = false;
  std::vector<std::uint64_t> shape;
  std::uint64_t count = 1;                 // of items: the product of the shape
  std::optional<std::uint64_t> item_size;  // in bytes, where the dtype is one that is known
  bool is_object = false;                  // then a pickle follows, not the items
  std::uint64_t data_offset = 0;
  std::optional<std::uint64_t> data_size;  // of an array that is no object array and has a known item size

  std::string_view descr_source() const { return literal[descr].source; }
};

// Error codes: kNotAPickle (no .npy file), kUnsupported (a later version), kTruncated (header or data),
// kCorrupt (a header that numpy would not read, or a shape that no memory holds). Bytes may follow the data.
Result<NpyHeader> read_npy_header(ByteSpan bytes);

}  // namespace cppickle

#endif  // CPPICKLE_IO_NPY_H_
