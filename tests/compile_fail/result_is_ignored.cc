// A Result that nobody looks at is a warning.
// expect: ignoring return value of .*Document::read.*nodiscard
// expect: ignoring return value of .*decode.*nodiscard
// expect: ignoring return value of .*encode.*nodiscard
// expect: ignoring return value of .*Document::append.*nodiscard
#include "cppickle/decode.h"
#include "cppickle/encode.h"

void use(cppickle::Document& document, cppickle::Value list) {
#ifdef FIXED
  (void)document.append(list, document.none());
#else
  cppickle::Document::read("N.");
  cppickle::decode<int>(document);
  cppickle::encode(1);
  document.append(list, document.none());
#endif
}
