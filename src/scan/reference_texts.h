// Texts of values that may be references: in protocol 0 each look at a text takes time of its length, and a hostile
// file refers to a long one again and again.
#ifndef CPPICKLE_SCAN_REFERENCE_TEXTS_H_
#define CPPICKLE_SCAN_REFERENCE_TEXTS_H_

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "cppickle/document.h"

namespace cppickle::scanning {

class ReferenceTexts {
 public:
  std::string_view of(const Value& value) {
    if (!value.is_reference()) return value.text();
    const auto [known, is_new] = known_.try_emplace(value.identity());
    if (is_new) known->second = value.text();
    return known->second;
  }

 private:
  std::unordered_map<std::uint64_t, std::string_view> known_;
};

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_REFERENCE_TEXTS_H_
