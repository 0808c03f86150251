// A document to pickle bytes, at any protocol. Nothing is copied from the stream that the document was read from: every
// instruction is made from the graph.
#ifndef CPPICKLE_PICKLER_H_
#define CPPICKLE_PICKLER_H_

#include <optional>
#include <string>

#include "cppickle/document.h"
#include "cppickle/error.h"

namespace cppickle {

struct WriteOptions {
  // Absent: each pickle at its own protocol and in its own forms. What CPython's C picklers wrote (2.7, 3.6 and later)
  // comes out byte for byte; after an edit, all but the edited place does.
  // Given: as CPython 3.11's pickler would write the values, sharing and order of changes kept. Names of moved modules are
  // translated as `fix_imports` does between protocol 2 and 3.
  std::optional<int> protocol;
};

// Every pickle of the document, one after the other. ErrorCode::kBadProtocol where the protocol cannot express a value
// (an out-of-band buffer below protocol 5, a persistent id that is no text at protocol 0, a set that contains itself
// below protocol 4).
[[nodiscard]] Result<std::string> write(const Document& document, const WriteOptions& options = {});

}  // namespace cppickle

#endif  // CPPICKLE_PICKLER_H_
