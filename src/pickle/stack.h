// The machine's stack with its marks. Every access is checked here against the last MARK, as in _pickle.c's Pdata.
#ifndef CPPICKLE_PICKLE_STACK_H_
#define CPPICKLE_PICKLE_STACK_H_

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <type_traits>
#include <vector>

namespace cppickle {

// Holds trivially copyable values; whoever uses it keeps count of references.
template <class Value>
class Stack {
  static_assert(std::is_trivially_copyable_v<Value>);

 public:
  // What MARK opens: the values above it, and the effects that came before the first of them (see Builder).
  struct Frame {
    std::size_t below;  // values under the MARK
    Value effects;
  };

  Stack() = default;
  ~Stack() {
    if (base_ != small_) std::free(base_);
    if (frames_ != small_frames_) std::free(frames_);
  }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  // A place for one more value, which the caller fills.
  [[gnu::always_inline]] Value& push() {
    if (top_ == capacity_) [[unlikely]] grow();
    return *top_++;
  }

  // True if `count` values lie above the last MARK.
  bool has(std::size_t count) const { return static_cast<std::size_t>(top_ - fence_) >= count; }
  std::size_t count() const { return static_cast<std::size_t>(top_ - fence_); }

  // The value `below` places under the top one. The caller has checked has().
  Value& top(std::size_t below = 0) { return top_[-1 - static_cast<std::ptrdiff_t>(below)]; }
  void drop(std::size_t count) { top_ -= count; }
  // Takes back the last drop() or take_frame() of so many values, if nothing was pushed since.
  void undrop(std::size_t count) { top_ += count; }
  // All values, those under MARKs too.
  std::size_t size() const { return static_cast<std::size_t>(top_ - base_); }

  void mark() {
    if (marks_ == frame_capacity_) [[unlikely]] grow_frames();
    frames_[marks_++] = {static_cast<std::size_t>(fence_ - base_), effects_};
    fence_ = top_;
    effects_ = Value{};
  }
  bool has_mark() const { return marks_ != 0; }
  std::size_t marks() const { return marks_; }

  // The values above the last MARK, which is taken away. Valid until the next push. The caller has checked has_mark().
  std::span<Value> take_frame() {
    const std::span<Value> taken(fence_, top_);
    top_ = fence_;
    const Frame& frame = frames_[--marks_];
    fence_ = base_ + frame.below;
    effects_ = frame.effects;
    return taken;
  }

  // What was discarded above the last MARK while it held no value.
  Value& effects() { return effects_; }

  // Everything that is left, from the bottom up: the effects of each frame, its values, and `mark` for each open MARK.
  std::vector<Value> remains(Value mark) const {
    std::vector<Value> all;
    const Value* begin = base_;
    for (std::size_t i = 0; i <= marks_; ++i) {
      const bool last = i == marks_;
      const Value effects = last ? effects_ : frames_[i].effects;
      const Value* end = last ? top_ : i + 1 < marks_ ? base_ + frames_[i + 1].below : fence_;
      if (effects != Value{}) all.push_back(effects);
      all.insert(all.end(), begin, end);
      if (!last) all.push_back(mark);
      begin = end;
    }
    return all;
  }

 private:
  // Most pickles are small: they need no more than this, and no allocation.
  static constexpr std::size_t kSmall = 64;
  static constexpr std::size_t kSmallFrames = 8;

  // Twice the place, the old one freed unless it is `small`.
  template <class T>
  static T* doubled(T* old, const T* small, std::size_t size) {
    void* grown = std::realloc(old == small ? nullptr : static_cast<void*>(old), size * 2 * sizeof(T));
    if (grown == nullptr) throw std::bad_alloc();
    if (old == small) std::memcpy(grown, static_cast<const void*>(small), size * sizeof(T));
    return static_cast<T*>(grown);
  }

  [[gnu::noinline]] void grow() {
    const auto size = static_cast<std::size_t>(top_ - base_);
    const auto fence = static_cast<std::size_t>(fence_ - base_);
    base_ = doubled(base_, small_, size);
    top_ = base_ + size;
    fence_ = base_ + fence;
    capacity_ = base_ + size * 2;
  }

  [[gnu::noinline]] void grow_frames() {
    frames_ = doubled(frames_, small_frames_, frame_capacity_);
    frame_capacity_ *= 2;
  }

  Value* base_ = small_;
  Value* top_ = small_;
  Value* fence_ = small_;
  Value* capacity_ = small_ + kSmall;
  Value effects_{};
  Frame* frames_ = small_frames_;
  std::size_t marks_ = 0;
  std::size_t frame_capacity_ = kSmallFrames;
  Value small_[kSmall];
  Frame small_frames_[kSmallFrames];
};

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_STACK_H_
