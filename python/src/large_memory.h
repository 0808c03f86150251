// Memory that is about to be filled from end to end.
#ifndef CPPICKLE_PYTHON_LARGE_MEMORY_H_
#define CPPICKLE_PYTHON_LARGE_MEMORY_H_

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace cppickle::python {

// Asks for large pages, where the system gives them to those who ask (Linux: transparent_hugepage=madvise): most of what
// filling new memory costs is the first touch of each page. numpy does the same for its arrays, from the same size on
// (numpy/_core/src/multiarray/alloc.c). `memory` is all that was allocated: a mapping whose parts differ in this cannot
// grow in place (mremap), so its first and last page belong to it too.
inline void expect_fill([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) {
#ifdef MADV_HUGEPAGE
  constexpr std::size_t kLarge = std::size_t{4} << 20;
  if (size < kLarge) return;
  static const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = begin & ~(page - 1), last = (begin + size + page - 1) & ~(page - 1);
  madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);  // a hint: it may fail
#endif
}

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_LARGE_MEMORY_H_
