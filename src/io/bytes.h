// Immutable bytes behind a cheap handle, and how files become such bytes. Everything that this library reads
// is one of these: a file read into memory, a mapped file, a decompressed stream, a part of any of them.
#ifndef CPPICKLE_IO_BYTES_H_
#define CPPICKLE_IO_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cppickle {

using ByteSpan = std::span<const std::uint8_t>;

inline ByteSpan as_span(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_view(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A shared handle. Copies and parts keep the whole buffer (or mapping) alive, and it never changes, so any
// number of threads may read through their own handles.
class Bytes {
 public:
  Bytes() = default;

  static Bytes copy_of(ByteSpan bytes);
  static Bytes copy_of(std::string_view text) { return copy_of(as_span(text)); }

  // The caller keeps `bytes` alive and unchanged for as long as any handle to them is in use.
  static Bytes borrow(ByteSpan bytes) { return Bytes(nullptr, bytes, false); }

  // `owner` releases the memory when the last handle goes.
  static Bytes adopt(std::shared_ptr<const void> owner, ByteSpan bytes, bool is_mapped = false) {
    return Bytes(std::move(owner), bytes, is_mapped);
  }

  const std::uint8_t* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  std::uint8_t operator[](std::size_t i) const { return bytes_[i]; }
  ByteSpan span() const { return bytes_; }
  std::string_view view() const { return as_view(bytes_); }

  // The part that begins at `offset`, at most `size` long; it ends with the whole and is empty past its end.
  Bytes part(std::uint64_t offset, std::uint64_t size = ~std::uint64_t{0}) const;

  // True for a mapped file: somebody else may still change or cut it, so give no verdict on it.
  bool is_mapped() const { return is_mapped_; }

 private:
  Bytes(std::shared_ptr<const void> owner, ByteSpan bytes, bool is_mapped)
      : owner_(std::move(owner)), bytes_(bytes), is_mapped_(is_mapped) {}

  std::shared_ptr<const void> owner_;
  ByteSpan bytes_;
  bool is_mapped_ = false;
};

// A buffer that grows at its end and becomes `Bytes`. The spare room is not cleared. Throws std::bad_alloc.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ByteBuffer(ByteBuffer&& other) noexcept;
  ByteBuffer& operator=(ByteBuffer&& other) noexcept;
  ~ByteBuffer();

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  std::span<std::uint8_t> spare() { return {data_ + size_, capacity_ - size_}; }

  // Makes room for `capacity` bytes in all; never shrinks.
  void reserve(std::size_t capacity);

  // The first `count` bytes of the spare room have been written.
  void grow(std::size_t count) { size_ += count; }

  // Gives the bytes away, without the spare room; the buffer is empty afterwards.
  Bytes release();

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace cppickle

#endif  // CPPICKLE_IO_BYTES_H_
