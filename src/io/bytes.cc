#include "io/bytes.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace cppickle {

Bytes Bytes::copy_of(ByteSpan bytes) {
  if (bytes.empty()) return {};
  ByteBuffer buffer;
  buffer.reserve(bytes.size());
  std::memcpy(buffer.spare().data(), bytes.data(), bytes.size());
  buffer.grow(bytes.size());
  return buffer.release();
}

Bytes Bytes::part(std::uint64_t offset, std::uint64_t size) const {
  const auto begin = static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size()));
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, bytes_.size() - begin));
  return Bytes(owner_, bytes_.subspan(begin, count), is_mapped_);
}

ByteBuffer::ByteBuffer(ByteBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

ByteBuffer& ByteBuffer::operator=(ByteBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

ByteBuffer::~ByteBuffer() { std::free(data_); }

// realloc, because for large blocks it moves pages instead of copying them.
void ByteBuffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  void* moved = std::realloc(data_, capacity);
  if (moved == nullptr) throw std::bad_alloc();
  data_ = static_cast<std::uint8_t*>(moved);
  capacity_ = capacity;
}

Bytes ByteBuffer::release() {
  if (size_ == 0) {
    *this = ByteBuffer();
    return {};
  }
  if (capacity_ > size_) {
    // A failed shrink leaves the block as it was.
    if (void* moved = std::realloc(data_, size_)) data_ = static_cast<std::uint8_t*>(moved);
    capacity_ = size_;
  }
  const ByteSpan bytes(data_, size_);
  std::uint8_t* data = std::exchange(data_, nullptr);
  size_ = capacity_ = 0;
  // The deleter also runs when the control block cannot be allocated.
  std::shared_ptr<const void> owner(data, [](std::uint8_t* p) { std::free(p); });
  return Bytes::adopt(std::move(owner), bytes);
}

}  // namespace cppickle
