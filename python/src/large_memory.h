// Memory by the megabyte: in large pages, where the system has them.
#ifndef CPPICKLE_PYTHON_LARGE_MEMORY_H_
#define CPPICKLE_PYTHON_LARGE_MEMORY_H_

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace cppickle::python {

inline constexpr std::size_t kLarge = std::size_t{4} << 20;

// Asks for large pages, where the system gives them to those who ask (Linux: transparent_hugepage=madvise): most of what
// filling new memory costs is the first touch of each page. numpy does the same for its arrays, from the same size on
// (numpy/_core/src/multiarray/alloc.c). `memory` is all that was allocated: a mapping whose parts differ in this cannot
// grow in place (mremap), so its first and last page belong to it too.
inline void expect_fill([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) {
#ifdef MADV_HUGEPAGE
  if (size < kLarge) return;
  static const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = begin & ~(page - 1), last = (begin + size + page - 1) & ~(page - 1);
  madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);  // a hint: it may fail
#endif
}

// Zeroed memory, nullptr if there is none. A large block comes from the system, zeroed as it is touched: calloc would give
// again, and zero itself, what was freed before, in small pages.
inline void* zeroed_memory(std::size_t size) {
  if (size < kLarge) return std::calloc(size, 1);
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  expect_fill(memory, size);
  return memory;
}

inline void free_zeroed(void* memory, std::size_t size) {
  if (size < kLarge) std::free(memory);
  else munmap(memory, size);
}

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_LARGE_MEMORY_H_
