// Models of scikit-learn's native objects whose memory follows from what their pickles say.
#ifndef CPPICKLE_SCAN_MODELS_SKLEARN_H_
#define CPPICKLE_SCAN_MODELS_SKLEARN_H_

#include "scan/models.h"

namespace cppickle::scanning {

// Tree(n_features, n_classes, n_outputs): copies n_outputs numbers from the array (sklearn/tree/_tree.pyx: __cinit__).
bool sklearn_tree(Judge& judge, const Request& request);
// Tree.__setstate__({max_depth, node_count, nodes, values}): copies as many nodes as the array has, and takes node_count
// as it is.
bool sklearn_tree_state(Judge& judge, const Request& request);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_MODELS_SKLEARN_H_
