// Text on its way to a sink: collected here and handed on in large blocks.
#ifndef CPPICKLE_PICKLE_TEXT_BUFFER_H_
#define CPPICKLE_PICKLE_TEXT_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>

namespace cppickle {

// Not thread-safe. Once the sink refused a block, everything later is thrown away and stopped() is true.
class TextBuffer {
 public:
  static constexpr std::size_t kMostRoom = std::size_t{64} << 10;

  // With `measure`, width() knows how many characters the current line has so far.
  TextBuffer(const std::function<bool(std::string_view)>& sink, bool measure)
      : sink_(sink), measure_(measure), buffer_(std::make_unique_for_overwrite<char[]>(kSize)) {
    position_ = line_ = buffer_.get();
    end_ = buffer_.get() + kSize;
  }

  // A place for `bytes`, at most kMostRoom; commit() says where the text in it ends.
  char* room(std::size_t bytes) {
    if (bytes > static_cast<std::size_t>(end_ - position_)) [[unlikely]] flush();
    return position_;
  }
  void commit(char* end) { position_ = end; }

  void append(char c) {
    *room(1) = c;
    ++position_;
  }
  void append(std::string_view text) {
    while (!text.empty()) {
      const std::size_t size = text.size() < kMostRoom ? text.size() : kMostRoom;
      std::memcpy(room(size), text.data(), size);
      position_ += size;
      text.remove_prefix(size);
    }
  }
  void blanks(std::uint64_t count) {
    while (count != 0) {
      const std::size_t size = count < kMostRoom ? static_cast<std::size_t>(count) : kMostRoom;
      std::memset(room(size), ' ', size);
      position_ += size;
      count -= size;
    }
  }

  void flush() {
    if (measure_) {
      width_ += characters(line_, position_);
      line_ = buffer_.get();
    }
    if (!stopped_ && position_ != buffer_.get()) {
      stopped_ = !sink_(std::string_view(buffer_.get(), static_cast<std::size_t>(position_ - buffer_.get())));
    }
    position_ = buffer_.get();
  }
  bool stopped() const { return stopped_; }

  // Counts width() from here.
  void begin_line() {
    width_ = 0;
    line_ = position_;
  }
  std::uint64_t width() const { return width_ + characters(line_, position_); }

 private:
  static constexpr std::size_t kSize = std::size_t{256} << 10;

  static std::uint64_t characters(const char* p, const char* end) {
    std::uint64_t count = 0;
    for (; p != end; ++p) count += (*p & 0xC0) != 0x80;
    return count;
  }

  const std::function<bool(std::string_view)>& sink_;
  bool measure_;
  bool stopped_ = false;
  std::unique_ptr<char[]> buffer_;
  char* position_;
  char* end_;
  char* line_;
  std::uint64_t width_ = 0;
};

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_TEXT_BUFFER_H_
