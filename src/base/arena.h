// Memory that is given back all at once, and an array that grows without a copy being alive beside it.
#ifndef CPPICKLE_BASE_ARENA_H_
#define CPPICKLE_BASE_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>
#include <type_traits>
#include <vector>

namespace cppickle {

// Chunks of memory with a pointer that moves through them; every piece is aligned to 8 bytes and lives as long as
// the arena. Not thread-safe while it grows. Throws std::bad_alloc when memory or `most` bytes are used up.
class Arena {
 public:
  // Thrown when the arena's own limit is reached, so that its user can tell it from a full machine.
  struct LimitReached : std::bad_alloc {};

  // Called before each new chunk; may throw to stop the work.
  using OnGrow = std::function<void()>;

  explicit Arena(std::uint64_t most = ~std::uint64_t{0}) : most_(most) {}
  ~Arena() { release(); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* allocate(std::size_t bytes) {
    bytes = (bytes + 7) & ~std::size_t{7};
    if (bytes > static_cast<std::size_t>(end_ - position_)) [[unlikely]] add_chunk(bytes);
    void* piece = position_;
    position_ += bytes;
    return piece;
  }

  template <class T>
  T* make_array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 8);
    if (count > (std::size_t{1} << 60) / sizeof(T)) throw std::bad_alloc();
    return static_cast<T*>(allocate(count * sizeof(T)));
  }

  // The first chunk will have about this size: a guess that saves page faults.
  void expect(std::size_t bytes) { next_chunk_ = bytes < kSmallest ? kSmallest : bytes > kLargest ? kLargest : bytes; }
  void set_limit(std::uint64_t most) { most_ = most; }
  void set_on_grow(OnGrow on_grow) { on_grow_ = std::move(on_grow); }
  std::uint64_t used() const { return allocated_ - static_cast<std::uint64_t>(end_ - position_); }

 private:
  static constexpr std::size_t kSmallest = 4096;
  static constexpr std::size_t kLargest = std::size_t{32} << 20;

  void add_chunk(std::size_t at_least);
  void release();

  char* position_ = nullptr;
  char* end_ = nullptr;
  std::size_t next_chunk_ = kSmallest;
  std::uint64_t allocated_ = 0;
  std::uint64_t most_;
  OnGrow on_grow_;
  std::vector<char*> chunks_;
};

// A growing array of plain values on realloc, which moves large blocks by remapping and not by copying.
template <class T>
class GrowingArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  GrowingArray() = default;
  ~GrowingArray() { std::free(data_); }
  GrowingArray(const GrowingArray&) = delete;
  GrowingArray& operator=(const GrowingArray&) = delete;

  void push_back(T value) {
    if (size_ == capacity_) [[unlikely]] grow();
    data_[size_++] = value;
  }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  std::size_t size() const { return size_; }
  void resize_down(std::size_t size) { size_ = size; }

 private:
  void grow() {
    const std::size_t capacity = capacity_ == 0 ? 64 : capacity_ * 2;
    auto* grown = static_cast<T*>(std::realloc(static_cast<void*>(data_), capacity * sizeof(T)));
    if (grown == nullptr) throw std::bad_alloc();
    data_ = grown;
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace cppickle

#endif  // CPPICKLE_BASE_ARENA_H_
