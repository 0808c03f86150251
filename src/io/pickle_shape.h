// Whether bytes look like the beginning of a pickle: opcodes, argument sizes and stack depths only, and only
// of the first part. A guess for naming files; the reader in pickle/ decides.
#ifndef CPPICKLE_IO_PICKLE_SHAPE_H_
#define CPPICKLE_IO_PICKLE_SHAPE_H_

#include <cstddef>
#include <cstdint>

#include "io/bytes.h"

namespace cppickle {

struct PickleShape {
  enum class End : std::uint8_t {
    kStop,           // a STOP with a value on the stack
    kRanOut,         // nothing wrong up to the end of the bytes or of what is looked at
    kContradiction,  // an unknown opcode, an argument or a stack that cannot be
  };

  End end = End::kContradiction;
  std::size_t instructions = 0;  // before the end
  std::size_t names = 0;         // instructions that name a global in text
  std::size_t lines = 0;         // arguments that end in a newline and cannot themselves end in "\r"
  std::size_t crlf_lines = 0;    // those of them that do end in "\r"
};

PickleShape walk_pickle_shape(ByteSpan bytes);

}  // namespace cppickle

#endif  // CPPICKLE_IO_PICKLE_SHAPE_H_
