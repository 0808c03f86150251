#include "base/arena.h"

#include <sys/mman.h>

#include <algorithm>

namespace cppickle {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

void Arena::add_chunk(std::size_t at_least) {
  if (on_grow_) on_grow_();
  std::size_t size = std::max(next_chunk_, at_least);
  if (size > most_ - allocated_) {
    if (at_least > most_ - allocated_) throw LimitReached();
    size = at_least;
  }
  // Large chunks on huge pages: a fresh 4 KiB page costs about as much as the values that fill it.
  const bool huge = size >= 2 * kHugePage;
  if (huge) size = (size + kHugePage - 1) & ~(kHugePage - 1);
  void* memory = huge ? std::aligned_alloc(kHugePage, size) : std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  if (huge) madvise(memory, size, MADV_HUGEPAGE);
  chunks_.push_back(static_cast<char*>(memory));
  allocated_ += size;
  position_ = static_cast<char*>(memory);
  end_ = position_ + size;
  next_chunk_ = std::min(std::max(next_chunk_, size) * 2, kLargest);
}

void Arena::release() {
  for (char* chunk : chunks_) std::free(chunk);
  chunks_.clear();
}

}  // namespace cppickle
