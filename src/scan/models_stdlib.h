// Models of the standard library's own helpers: copyreg.py, functools, collections, fractions, zoneinfo.
#ifndef CPPICKLE_SCAN_MODELS_STDLIB_H_
#define CPPICKLE_SCAN_MODELS_STDLIB_H_

#include "scan/models.h"

namespace cppickle::scanning {

// copyreg._reconstructor(cls, base, state): base.__new__(cls, state), then base.__init__, which are both builtin.
bool reconstructor(Judge& judge, const Request& request);
// copyreg.__newobj__(cls, *args): cls.__new__(cls, *args).
bool newobj(Judge& judge, const Request& request);
// copyreg.__newobj_ex__(cls, args, {}): keywords are refused.
bool newobj_ex(Judge& judge, const Request& request);
// getattr(instance, 'method') where the class's line lists it; getattr(class, 'name') where that name has a line.
bool bound_method(Judge& judge, const Request& request);
// set([...]), frozenset([...]): every item is hashed.
bool hashed_list(Judge& judge, const Request& request);
// defaultdict(factory): a builtin type, or one of collections.
bool default_factory(Judge& judge, const Request& request);
// ZoneInfo(key), pytz._p(name, ...): the key names a file of the time zone database, so it must be no other path.
bool zone_key(Judge& judge, const Request& request);
// Fraction(1, 3), Fraction('1/3').
bool fraction(Judge& judge, const Request& request);
// _ufunc_reconstruct('numpy', 'add'): the name that these make, which must be listed as a value.
bool named_value(Judge& judge, const Request& request);
// partial(function, ...), and its state (function, args, keywords, dict): stored, not called.
bool partial(Judge& judge, const Request& request);
bool partial_state(Judge& judge, const Request& request);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_MODELS_STDLIB_H_
