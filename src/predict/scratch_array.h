// A list that grows in the memory of a run.
#ifndef CPPICKLE_PREDICT_SCRATCH_ARRAY_H_
#define CPPICKLE_PREDICT_SCRATCH_ARRAY_H_

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "predict/workspace.h"

namespace cppickle::predict {

// What it outgrew stays in the workspace until that is cleared. Growing moves the elements.
template <class T>
class ScratchArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit ScratchArray(Workspace& memory) : memory_(&memory) {}

  std::size_t size() const { return size_; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  void clear() { size_ = 0; }
  void push(const T& value) {
    if (size_ == capacity_) grow(1);
    data_[size_++] = value;
  }
  // Where `count` more may be written; they belong to the list once grow_to() says so.
  T* room(std::size_t count) {
    if (count > capacity_ - size_) grow(count);
    return data_ + size_;
  }
  void grow_to(std::size_t size) { size_ = size; }

 private:
  void grow(std::size_t count) {
    constexpr std::size_t kLeast = 64;
    const std::size_t wanted = std::max({2 * capacity_, size_ + count, kLeast});
    T* const moved = memory_->make<T>(wanted);
    if (size_ > 0) std::copy_n(data_, size_, moved);
    data_ = moved;
    capacity_ = wanted;
  }

  Workspace* memory_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_SCRATCH_ARRAY_H_
