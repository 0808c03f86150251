// joblib's files: what names their pickles, and the side files of joblib before 0.10.
#ifndef CPPICKLE_SOURCE_JOBLIB_H_
#define CPPICKLE_SOURCE_JOBLIB_H_

#include <string>
#include <string_view>

#include "cppickle/limits.h"
#include "source/contents.h"

namespace cppickle {

// Which of joblib's classes that stand for arrays a pickle names (joblib/numpy_pickle.py and
// numpy_pickle_compat.py). Looks at the first 16 MiB.
enum class JoblibUse : std::uint8_t {
  kNone,
  kWrapper,   // NumpyArrayWrapper: the arrays lie between the instructions
  kSideFile,  // NDArrayWrapper: they lie in files of their own; ZNDArrayWrapper: compressed ones
};
JoblibUse joblib_use(std::string_view pickle);

// Reads the streams that name side files and lists those. `path` is the file's own; null where there is none.
void find_side_files(SourceContents& contents, const Limits& limits, const std::string* path);

}  // namespace cppickle

#endif  // CPPICKLE_SOURCE_JOBLIB_H_
