// The unpickler's stack without its values: how many there are, and which of them are MARKs.
#ifndef CPPICKLE_PICKLE_STACK_OUTLINE_H_
#define CPPICKLE_PICKLE_STACK_OUTLINE_H_

#include <cstdint>
#include <vector>

namespace cppickle {

// Follows pickletools.dis: any opcode may take a MARK off as if it were a value, and then the MARK's place in the
// stream is still the innermost open one. Not thread-safe.
class StackOutline {
 public:
  std::uint64_t size() const { return size_; }
  // Open MARKs, taken off by mistake or not.
  std::uint64_t open_marks() const { return places_.size(); }
  bool top_is_mark() const { return !marks_.empty() && marks_.back() + 1 == size_; }

  void push(std::uint64_t count) { size_ += count; }
  // Places are offsets in the stream.
  void push_mark(std::uint64_t place) {
    marks_.push_back(size_++);
    places_.push_back(place);
  }

  // False, and nothing changes, if there are fewer.
  bool pop(std::uint64_t count) {
    if (count > size_) return false;
    size_ -= count;
    while (!marks_.empty() && marks_.back() >= size_) marks_.pop_back();
    return true;
  }
  void clear() {
    size_ = 0;
    marks_.clear();
  }

  // Takes everything off down to the last MARK, and says where the innermost open one was put. False if there is none.
  bool pop_to_mark(std::uint64_t& place) {
    if (places_.empty() || marks_.empty()) return false;
    size_ = marks_.back();
    marks_.pop_back();
    place = places_.back();
    places_.pop_back();
    return true;
  }

 private:
  std::uint64_t size_ = 0;
  std::vector<std::uint64_t> marks_;   // their heights on the stack
  std::vector<std::uint64_t> places_;  // in the stream, of those that no opcode took the slice of yet
};

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_STACK_OUTLINE_H_
