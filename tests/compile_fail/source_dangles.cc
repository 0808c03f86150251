// A document points into its source: not into a string that is about to go.
// expect: deleted function .*Document::read
#include "cppickle/document.h"

std::string read_file();

bool is_pickle() {
#ifdef FIXED
  const std::string bytes = read_file();
  return cppickle::Document::read(bytes).has_value();
#else
  return cppickle::Document::read(read_file()).has_value();
#endif
}
