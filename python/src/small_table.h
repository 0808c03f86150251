// A table of what was met last, by address, that forgets when it is full.
#ifndef CPPICKLE_PYTHON_SMALL_TABLE_H_
#define CPPICKLE_PYTHON_SMALL_TABLE_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace cppickle::python {

// Entry has key(), which is nullptr for an unused one.
template <class Entry, std::size_t kSize>
class SmallTable {
  static_assert(std::has_single_bit(kSize));

 public:
  // The entry with that key, or one that the caller must fill.
  Entry& place(const void* key) {
    constexpr int kShift = 64 - std::countr_zero(kSize);
    const std::size_t home = (reinterpret_cast<std::uintptr_t>(key) >> 4) * 0x9E3779B97F4A7C15 >> kShift;
    Entry* free = nullptr;
    for (std::size_t way = 0; way < kWays; ++way) {
      Entry& entry = entries_[home ^ way];
      if (entry.key() == key) return entry;
      if (free == nullptr && entry.key() == nullptr) free = &entry;
    }
    return free != nullptr ? *free : entries_[home ^ (turn_++ % kWays)];
  }

 private:
  static constexpr std::size_t kWays = 4;

  std::array<Entry, kSize> entries_;
  std::size_t turn_ = 0;
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_SMALL_TABLE_H_
