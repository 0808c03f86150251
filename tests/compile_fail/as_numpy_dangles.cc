// as_numpy() points to its values: not to those of a vector that is about to go.
// expect: cppickle: as_numpy\(\) of a temporary that owns its values
#include <vector>

#include "cppickle/encode.h"
#include "cppickle/types/numpy.h"

std::vector<double> losses();

std::string bytes() {
#ifdef FIXED
  const std::vector<double> values = losses();
  const auto array = cppickle::as_numpy(values);
#else
  const auto array = cppickle::as_numpy(losses());
#endif
  return cppickle::encode(array).value();
}
