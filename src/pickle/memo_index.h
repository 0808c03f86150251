// From the memo keys a stream uses to the order in which its entries were put: entry 0, 1, 2...
#ifndef CPPICKLE_PICKLE_MEMO_INDEX_H_
#define CPPICKLE_PICKLE_MEMO_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppickle {

// Picklers number their entries one after the other, from 0 (Python 3) or 1 (cPickle), so that a key is an entry
// and an offset. Anything else goes to a hash table: a key is never an allocation size. Not thread-safe.
class MemoIndex {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  // Entry `entry` (one more than the last) is now found under `key`.
  void put(std::uint64_t key, std::uint32_t entry) {
    if (in_order_) [[likely]] {
      if (count_ == 0) {
        first_key_ = key;
        first_entry_ = entry;
      }
      if (key - first_key_ == count_ && entry - first_entry_ == count_) [[likely]] {
        ++count_;
        return;
      }
      leave_order();
    }
    insert(key, entry);
  }

  // The entry under `key`, or kNone.
  std::uint32_t find(std::uint64_t key) const {
    if (in_order_) [[likely]] {
      const std::uint64_t place = key - first_key_;
      return place < count_ ? static_cast<std::uint32_t>(first_entry_ + place) : kNone;
    }
    return slots_[slot(key)].entry;
  }

  // Keys in use: the key that MEMOIZE means (PEP 3154).
  std::uint64_t size() const { return count_; }

  void clear() {
    slots_.clear();
    count_ = 0;
    in_order_ = true;
  }

 private:
  struct Slot {
    std::uint64_t key;
    std::uint32_t entry = kNone;
  };

  // Keys come from the file: mixed with an address, so that a file cannot choose its collisions.
  std::size_t home(std::uint64_t key) const {
    static const char kSeed = 0;
    std::uint64_t x = key ^ reinterpret_cast<std::uintptr_t>(&kSeed) * 0x9E3779B97F4A7C15;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
    x = (x ^ x >> 27) * 0x94D049BB133111EB;
    return static_cast<std::size_t>(x ^ x >> 31) & (slots_.size() - 1);
  }

  // The slot that holds `key`, or the free one where it belongs.
  std::size_t slot(std::uint64_t key) const {
    std::size_t i = home(key);
    while (slots_[i].entry != kNone && slots_[i].key != key) i = (i + 1) & (slots_.size() - 1);
    return i;
  }

  void insert(std::uint64_t key, std::uint32_t entry) {
    if (count_ * 2 >= slots_.size()) grow();
    Slot& to = slots_[slot(key)];
    if (to.entry == kNone) ++count_;
    to = {key, entry};
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& from : old) {
      if (from.entry != kNone) slots_[slot(from.key)] = from;
    }
  }

  void leave_order() {
    in_order_ = false;
    const std::uint64_t count = count_;
    count_ = 0;
    for (std::uint64_t i = 0; i < count; ++i) insert(first_key_ + i, static_cast<std::uint32_t>(first_entry_ + i));
  }

  bool in_order_ = true;
  std::uint64_t count_ = 0;
  std::uint64_t first_key_ = 0;
  std::uint32_t first_entry_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_MEMO_INDEX_H_
