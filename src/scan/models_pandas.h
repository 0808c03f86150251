// Models of pandas' indexes and of pyarrow's arrays, which pandas 3 keeps text in.
#ifndef CPPICKLE_SCAN_MODELS_PANDAS_H_
#define CPPICKLE_SCAN_MODELS_PANDAS_H_

#include "scan/models.h"

namespace cppickle::scanning {

// _new_Index(class, keywords) and its kin: the class's constructor with keywords (pandas/core/indexes/base.py).
bool pandas_index(Judge& judge, const Request& request);
// pyarrow.lib._restore_array((type, length, null_count, offset, buffers, children, dictionary)), which checks nothing
// (python/pyarrow/array.pxi).
bool arrow_array(Judge& judge, const Request& request);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_MODELS_PANDAS_H_
