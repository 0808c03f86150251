// Collects what was found, each thing once.
#ifndef CPPICKLE_SCAN_FINDINGS_H_
#define CPPICKLE_SCAN_FINDINGS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cppickle/scan.h"

namespace cppickle::scanning {

// What an error means for a file: that not all of it was looked at, or that no reader would load it.
inline Verdict verdict_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kLimit:
    case ErrorCode::kIo:
    case ErrorCode::kUnsupported: return Verdict::kIncomplete;
    default: return Verdict::kMalformed;
  }
}

class Findings {
 public:
  static constexpr std::size_t kMost = 10'000;

  static constexpr std::size_t kDropped = ~std::size_t{0};

  // Adds to the count of an equal finding, or keeps a new one. `describe` -> std::string gives the arguments of a new one,
  // or of one that has none yet. Returns its number, or kDropped.
  template <class Describe>
  std::size_t add(Finding finding, Describe&& describe) {
    worst_ = std::max(worst_, finding.verdict);
    std::string key = finding.where + '\0' + finding.name + '\0' + std::string(finding.rule) + '\0' + finding.reason;
    if (const auto found = places_.find(key); found != places_.end()) {
      Finding& known = list_[found->second];
      if (known.use == finding.use) {
        ++known.count;
      } else if (known.use < finding.use) {
        known.use = finding.use;
        known.count = finding.count;
        known.arguments = describe();
      }
      return found->second;
    }
    if (list_.size() >= kMost) {
      ++dropped_;
      return kDropped;
    }
    finding.arguments = describe();
    places_.emplace(std::move(key), list_.size());
    list_.push_back(std::move(finding));
    return list_.size() - 1;
  }
  // One more of a known finding, by its number; not where a stronger use of the name is what it tells.
  void count_again(std::size_t number, Use use) {
    if (number == kDropped) {
      ++dropped_;
    } else if (list_[number].use == use) {
      ++list_[number].count;
    }
  }
  void add(Finding finding) {
    std::string arguments = finding.arguments;
    add(std::move(finding), [&] { return std::move(arguments); });
  }

  Verdict worst() const { return worst_; }
  std::uint64_t dropped() const { return dropped_; }
  std::vector<Finding>& list() { return list_; }

 private:
  Verdict worst_ = Verdict::kSafe;
  std::uint64_t dropped_ = 0;
  std::vector<Finding> list_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_FINDINGS_H_
