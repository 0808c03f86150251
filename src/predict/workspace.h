// Memory of one run: pieces that are given back all at once and used again by the next run.
#ifndef CPPICKLE_PREDICT_WORKSPACE_H_
#define CPPICKLE_PREDICT_WORKSPACE_H_

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace cppickle::predict {

// Pieces are aligned to 64 bytes, for vector instructions. After clear() the chunks are joined into one of their size,
// so that a run that is repeated allocates nothing. Throws std::bad_alloc. Not thread-safe.
class Workspace {
 public:
  Workspace() = default;
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // Uninitialised.
  template <class T>
  T* make(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count > (std::size_t{1} << 46) / sizeof(T)) throw std::bad_alloc();
    return static_cast<T*>(allocate(count * sizeof(T)));
  }
  double* numbers(std::size_t count) { return make<double>(count); }

  void clear();

 private:
  struct Free {
    void operator()(std::byte* bytes) const { ::operator delete(bytes, std::align_val_t{kAlignment}); }
  };
  static constexpr std::size_t kAlignment = 64;

  void* allocate(std::size_t bytes) {
    bytes = (bytes + kAlignment - 1) & ~(kAlignment - 1);
    if (bytes > left_) add_chunk(bytes);
    std::byte* piece = position_;
    position_ += bytes;
    left_ -= bytes;
    return piece;
  }
  void add_chunk(std::size_t at_least);

  std::byte* position_ = nullptr;
  std::size_t left_ = 0;
  std::size_t held_ = 0;  // bytes of all chunks
  std::vector<std::unique_ptr<std::byte, Free>> chunks_;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_WORKSPACE_H_
