// The headers of the types that are written have to be included.
// expect: In instantiation of .*Codec<std::optional<int> >
// expect: static assertion failed: cppickle: Codec<T> is not there for this type; include its header of cppickle/types
#include <optional>

#include "cppickle/encode.h"
#ifdef FIXED
#include "cppickle/types/optional.h"
#endif

std::string bytes(std::optional<int> value) { return cppickle::encode(value).value(); }
