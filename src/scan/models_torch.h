// A model of torch's tensors: a view of a storage, which must not reach past its end.
#ifndef CPPICKLE_SCAN_MODELS_TORCH_H_
#define CPPICKLE_SCAN_MODELS_TORCH_H_

#include "scan/models.h"

namespace cppickle::scanning {

// torch._utils._rebuild_tensor(storage, offset, size, stride), _v2(..., requires_grad, hooks[, metadata]) and
// _v3(storage, offset, size, stride, requires_grad, hooks, dtype[, metadata]). Offset and strides count items.
bool torch_tensor(Judge& judge, const Request& request);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_MODELS_TORCH_H_
