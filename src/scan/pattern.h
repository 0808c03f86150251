// Patterns for arguments and states, as allow packs write them (src/scan/packs/README.md).
#ifndef CPPICKLE_SCAN_PATTERN_H_
#define CPPICKLE_SCAN_PATTERN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/error.h"
#include "scan/symbol.h"

namespace cppickle::scanning {

struct Pattern {
  enum class Type : std::uint8_t {
    kPlain,         // a literal of one of `kinds`, or a container of one of them with plain contents
    kSafe,          // anything that is judged by itself
    kText,          // exactly `text`
    kNumber,        // exactly `number`
    kTuple,         // of `parts`
    kItems,         // a list, set or frozenset (`kinds`) of parts[0]
    kPairs,         // a dict with keys parts[0] and values parts[1]
    kName,          // the name `text`
    kInstance,      // an instance of the class `text`
    kObject,        // an instance of any class that packs list
    kClass,         // a name listed as inert
    kGlobal,        // a name listed as a value
    kAlternatives,  // one of `parts`
  };

  Type type = Type::kSafe;
  Kinds kinds = 0;
  bool repeated = false;  // any number of it: the last of a list
  bool optional = false;  // it and all after it may be missing
  std::int64_t number = 0;
  std::string_view text;  // of the pack, which lives as long
  std::vector<Pattern> parts;
};

// A comma-separated list, and one pattern. An error says what is wrong, without a place.
Result<std::vector<Pattern>> parse_patterns(std::string_view text);
Result<Pattern> parse_pattern(std::string_view text);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_PATTERN_H_
