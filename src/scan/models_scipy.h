// Models of scipy's objects whose states are more than data.
#ifndef CPPICKLE_SCAN_MODELS_SCIPY_H_
#define CPPICKLE_SCAN_MODELS_SCIPY_H_

#include "scan/models.h"

namespace cppickle::scanning {

// rv_generic.__setstate__ runs exec() on the state's _parse_arg_template (scipy/stats/_distn_infrastructure.py:
// _attach_argparser_methods): it must be, to the byte, what scipy itself makes of the names of the shapes.
bool scipy_distribution_state(Judge& judge, const Request& request);

// cKDTree.__setstate__ follows the numbers of nodes in raw bytes, unchecked (scipy/spatial/_ckdtree.pyx: _post_init).
bool ckdtree_state(Judge& judge, const Request& request);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_MODELS_SCIPY_H_
