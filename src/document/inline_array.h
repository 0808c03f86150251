// joblib's arrays between instructions (joblib 0.10 and later, numpy_pickle.py: NumpyArrayWrapper.write_array).
#ifndef CPPICKLE_DOCUMENT_INLINE_ARRAY_H_
#define CPPICKLE_DOCUMENT_INLINE_ARRAY_H_

#include <cstdint>
#include <vector>

#include "cppickle/document.h"

namespace cppickle {

struct InlineArray {
  enum class Kind : std::uint8_t { kNone, kBytes, kNested, kBad };
  Kind kind;
  std::uint64_t bytes;  // of the array's data
  bool padded;          // a byte n and n bytes of padding come first (joblib 1.1 and later)
};

// What follows the BUILD of `wrapper` with `state`: nothing unless its class is joblib's NumpyArrayWrapper; raw bytes; or,
// for arrays that hold objects, a whole pickle. Takes bounded time: a file may have any number of BUILDs.
InlineArray inline_array_after(const Value& wrapper, const Value& state);

// Where such bytes lie in the document's source.
struct InlineExtent {
  std::uint64_t offset;
  std::uint64_t size;    // padding included
  bool is_pickle;
};

const std::vector<InlineExtent>& inline_extents(const Document& document);

// The same by the pickle that they lie in, as many as the document has.
std::vector<std::vector<InlineExtent>> inline_extents_by_pickle(const Document& document);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_INLINE_ARRAY_H_
