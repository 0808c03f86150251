// Names that moved between Python 2 and 3 (PEP 3108): what pickles of protocol 0 to 2 hold is what Python 2 would import.
#ifndef CPPICKLE_PICKLE_COMPAT_NAMES_H_
#define CPPICKLE_PICKLE_COMPAT_NAMES_H_

#include <string_view>

namespace cppickle {

struct ImportName {
  std::string_view module;
  std::string_view name;
  friend bool operator==(const ImportName&, const ImportName&) = default;
};

// What `_pickle` of Python 3 writes for a global at a protocol below 3 (fix_imports in _pickle.c): the pair is looked
// up first, and only if it is not found the module alone. Names that did not move come back as they are.
ImportName to_python2(std::string_view module, std::string_view name);

// What it imports for a global of a pickle below protocol 3 (Unpickler.find_class), in the same order of look-ups.
// The whole name is compared: 'OrderedDict.fromkeys' is not 'OrderedDict'.
ImportName to_python3(std::string_view module, std::string_view name);

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_COMPAT_NAMES_H_
