// A value must not outlive its document: no root of a document that is about to go.
// expect: deleted function .*Document::root
#include "cppickle/document.h"

cppickle::Kind kind_of(std::string_view bytes) {
#ifdef FIXED
  const auto document = cppickle::Document::read(bytes);
  const cppickle::Value root = document->root();
#else
  const cppickle::Value root = cppickle::Document::read(bytes).value().root();
#endif
  return root.kind();
}
