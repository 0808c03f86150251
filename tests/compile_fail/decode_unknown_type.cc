// A type that decode<T>() does not know is named, and what to do.
// expect: In instantiation of .*Codec<Run>
// expect: static assertion failed: cppickle: Codec<T> is not there for this type; include its header .* or describe the struct
#include "cppickle/decode.h"
#include "cppickle/types/sequence.h"
#ifdef FIXED
#include "cppickle/describe.h"
#endif

struct Run {
  double loss;
};
#ifdef FIXED
BOOST_DESCRIBE_STRUCT(Run, (), (loss))
#endif

bool is_list(const cppickle::Document& document) { return cppickle::decode<std::vector<Run>>(document).has_value(); }
