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

  Stack() { grow(); }
  ~Stack() { std::free(base_); }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  // A place for one more value, which the caller fills.
  Value& push() {
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
    frames_.push_back({static_cast<std::size_t>(fence_ - base_), effects_});
    fence_ = top_;
    effects_ = Value{};
  }
  bool has_mark() const { return !frames_.empty(); }
  std::size_t marks() const { return frames_.size(); }

  // The values above the last MARK, which is taken away. Valid until the next push. The caller has checked has_mark().
  std::span<Value> take_frame() {
    const std::span<Value> taken(fence_, top_);
    top_ = fence_;
    fence_ = base_ + frames_.back().below;
    effects_ = frames_.back().effects;
    frames_.pop_back();
    return taken;
  }

  // What was discarded above the last MARK while it held no value.
  Value& effects() { return effects_; }

  // Everything that is left, from the bottom up: the effects of each frame, its values, and `mark` for each open MARK.
  std::vector<Value> remains(Value mark) const {
    std::vector<Value> all;
    const Value* begin = base_;
    for (std::size_t i = 0; i <= frames_.size(); ++i) {
      const bool last = i == frames_.size();
      const Value effects = last ? effects_ : frames_[i].effects;
      const Value* end = last ? top_ : i + 1 < frames_.size() ? base_ + frames_[i + 1].below : fence_;
      if (effects != Value{}) all.push_back(effects);
      all.insert(all.end(), begin, end);
      if (!last) all.push_back(mark);
      begin = end;
    }
    return all;
  }

 private:
  void grow() {
    const auto size = static_cast<std::size_t>(top_ - base_);
    const auto fence = static_cast<std::size_t>(fence_ - base_);
    const std::size_t capacity = size == 0 ? 1024 : size * 2;
    auto* grown = static_cast<Value*>(std::realloc(static_cast<void*>(base_), capacity * sizeof(Value)));
    if (grown == nullptr) throw std::bad_alloc();
    base_ = grown;
    top_ = base_ + size;
    fence_ = base_ + fence;
    capacity_ = base_ + capacity;
  }

  Value* base_ = nullptr;
  Value* top_ = nullptr;
  Value* fence_ = nullptr;
  Value* capacity_ = nullptr;
  Value effects_{};
  std::vector<Frame> frames_;
};

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_STACK_H_
