// The one place that knows under which names a class or function went: moves inside numpy, joblib and CPython, and the
// names of Python 2. Everybody else compares canonical names; only scan/ looks at names as they are written.
#ifndef CPPICKLE_DOCUMENT_CLASS_NAMES_H_
#define CPPICKLE_DOCUMENT_CLASS_NAMES_H_

#include <optional>
#include <string_view>

#include "cppickle/document.h"

namespace cppickle {

// The name in the newest version that this table knows: numpy.core.multiarray.scalar is numpy._core.multiarray.scalar,
// __builtin__.set is builtins.set, sklearn.externals.joblib.* is joblib.*. Other names come back as they are. The
// answer's text is static or part of what was given. For recognition, not for display: a user's own module may carry
// a name that Python 2's library had.
Global canonical(Global name);

// The canonical name of a class or function value; empty for anything else.
std::optional<Global> canonical_name(const Value& value);

inline bool is_named(const Global& name, std::string_view module, std::string_view qualname) {
  return name.qualname == qualname && name.module == module;
}

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_CLASS_NAMES_H_
