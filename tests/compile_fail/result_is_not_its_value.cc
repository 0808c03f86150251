// A Result has to be asked whether it holds a value.
// expect: cannot convert
#include "cppickle/error.h"

cppickle::Result<int> read();

int use() {
#ifdef FIXED
  return read().value_or(0);
#else
  return read();
#endif
}
