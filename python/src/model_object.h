// cppickle._cppickle.NativeModel: what python/cppickle/_model.py makes cppickle.Model of.
#ifndef CPPICKLE_PYTHON_MODEL_OBJECT_H_
#define CPPICKLE_PYTHON_MODEL_OBJECT_H_

#include "ref.h"

namespace cppickle::python {

extern PyType_Spec model_spec;

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_MODEL_OBJECT_H_
