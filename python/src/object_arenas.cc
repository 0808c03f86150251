#include "object_arenas.h"

#include "ref.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <unordered_set>
#include <utility>

namespace cppickle::python {
namespace {

#ifdef MADV_HUGEPAGE

constexpr std::size_t kLargePage = std::size_t{2} << 20;  // of x86-64, and of arm64 with small pages of 4 KiB

PyObjectArenaAllocator before;

struct Load {
  int depth;             // of loads, one inside the other
  std::size_t asked_for;  // bytes of arenas since the outermost began
};
thread_local Load load;

// Interpreters that have a GIL each share the arena allocator: hence the lock.
struct LargeArenas {
  std::mutex lock;
  std::unordered_set<void*> given;
  std::byte* rest = nullptr;  // of the large page that was begun
  std::size_t rest_size = 0;
};

LargeArenas& arenas() {
  static auto* const all = new LargeArenas;  // never freed: objects outlive static destructors
  return *all;
}

// A mapping at a multiple of its size, nullptr if there is none.
std::byte* map_large_page() {
  const auto map = [](std::size_t size) -> std::byte* {
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory);
  };
  const auto beyond = [](std::byte* memory) { return reinterpret_cast<std::uintptr_t>(memory) % kLargePage; };
  std::byte* page = map(kLargePage);  // mostly right below the last one
  if (page != nullptr && beyond(page) != 0) {
    munmap(page, kLargePage);
    page = map(2 * kLargePage);
    if (page != nullptr) {
      const std::size_t lead = beyond(page) == 0 ? 0 : kLargePage - beyond(page);
      if (lead != 0) munmap(page, lead);
      page += lead;
      munmap(page + kLargePage, kLargePage - lead);
    }
  }
  if (page != nullptr) madvise(page, kLargePage, MADV_HUGEPAGE);  // a hint: it may fail
  return page;
}

// Part of a large page, nullptr if there is none.
void* give_large(std::size_t size) {
  LargeArenas& all = arenas();
  const std::lock_guard guard(all.lock);
  if (all.rest_size < size) {
    if (all.rest_size != 0) munmap(all.rest, std::exchange(all.rest_size, 0));
    all.rest = map_large_page();
    if (all.rest == nullptr) return nullptr;
    all.rest_size = kLargePage;
  }
  try {
    all.given.insert(all.rest);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  all.rest_size -= size;
  return std::exchange(all.rest, all.rest + size);
}

bool take_back(void* arena) {
  LargeArenas& all = arenas();
  const std::lock_guard guard(all.lock);
  return all.given.erase(arena) != 0;
}

void* allocate(void* context, std::size_t size) {
  if (load.depth != 0 && size <= kLargePage) {
    if (load.asked_for >= kLargePage) {
      if (void* arena = give_large(size)) return arena;
    }
    load.asked_for += size;
  }
  return before.alloc(context, size);
}

void release(void* context, void* arena, std::size_t size) {
  if (take_back(arena)) munmap(arena, size);
  else before.free(context, arena, size);
}

#endif

}  // namespace

#ifdef MADV_HUGEPAGE

void wrap_arena_allocator() {
  static bool wrapped = false;
  if (std::exchange(wrapped, true)) return;
  PyObject_GetArenaAllocator(&before);
  // The context stays the one of before: a thread of another interpreter that reads the three pointers while they are
  // written finds functions and a context that go together.
  PyObjectArenaAllocator wrapper{before.ctx, allocate, release};
  PyObject_SetArenaAllocator(&wrapper);
}

ManyObjects::ManyObjects() { if (load.depth++ == 0) load.asked_for = 0; }
ManyObjects::~ManyObjects() { --load.depth; }

#else

void wrap_arena_allocator() {}
ManyObjects::ManyObjects() = default;
ManyObjects::~ManyObjects() = default;

#endif

}  // namespace cppickle::python
