// Memo keys as streams use them: mostly 0, 1, 2 ..., possibly anything. A key is never an allocation size.
#ifndef CPPICKLE_PICKLE_MEMO_KEYS_H_
#define CPPICKLE_PICKLE_MEMO_KEYS_H_

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace cppickle {

// From keys to numbers. Keys near those already in use go to a table of at most kSpread slots per key, others to a hash
// map. Not thread-safe. Throws std::bad_alloc.
class MemoKeys {
 public:
  static constexpr std::uint32_t kAbsent = 0;

  // The number of `key`, kAbsent at first.
  std::uint32_t find(std::uint64_t key) const {
    if (key < table_.size()) [[likely]] return table_[key];
    if (others_.empty()) return kAbsent;
    const auto found = others_.find(key);
    return found == others_.end() ? kAbsent : found->second;
  }

  // `number` is not kAbsent. True if the key is new.
  bool set(std::uint64_t key, std::uint32_t number) {
    if (key < table_.size() || make_room(key)) [[likely]] {
      const bool fresh = table_[key] == kAbsent;
      table_[key] = number;
      size_ += fresh ? 1 : 0;
      return fresh;
    }
    const bool fresh = others_.insert_or_assign(key, number).second;
    size_ += fresh ? 1 : 0;
    return fresh;
  }

  // Keys in use.
  std::uint64_t size() const { return size_; }

 private:
  static constexpr std::uint64_t kSpread = 8;
  static constexpr std::uint64_t kFree = 128;

  bool make_room(std::uint64_t key) {
    if (key / kSpread >= size_ + kFree) return false;
    table_.resize(key + key / 2 + kFree, kAbsent);
    for (auto at = others_.begin(); at != others_.end();) {
      if (at->first < table_.size()) {
        table_[at->first] = at->second;
        at = others_.erase(at);
      } else {
        ++at;
      }
    }
    return true;
  }

  // Keys come from the file: mixed with an address, so that a file cannot choose its collisions.
  struct Mix {
    std::size_t operator()(std::uint64_t key) const {
      static const char kSeed = 0;
      std::uint64_t x = key ^ reinterpret_cast<std::uintptr_t>(&kSeed) * 0x9E3779B97F4A7C15;
      x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
      x = (x ^ x >> 27) * 0x94D049BB133111EB;
      return x ^ x >> 31;
    }
  };

  std::vector<std::uint32_t> table_;
  std::unordered_map<std::uint64_t, std::uint32_t, Mix> others_;
  std::uint64_t size_ = 0;
};

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_MEMO_KEYS_H_
