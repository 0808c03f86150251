// The n-th allocation fails, for every n: the library throws std::bad_alloc or returns an error, and nothing else happens.
// A program of its own, because it takes the place of malloc.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "cppickle/document.h"
#include "cppickle/json.h"
#include "cppickle/optimize.h"
#include "cppickle/pickler.h"

// glibc's own, under the names that it keeps for those who replace the usual ones.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

long allocations_left = -1;  // below zero: none fails
bool has_failed = false;

bool fails() {
  if (allocations_left < 0) return false;
  if (allocations_left-- > 0) return false;
  has_failed = true;
  return true;
}

}  // namespace

extern "C" {
void* malloc(std::size_t size) { return fails() ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) { return fails() ? nullptr : __libc_calloc(count, size); }
void* realloc(void* old, std::size_t size) { return fails() ? nullptr : __libc_realloc(old, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
}

namespace cppickle {
namespace {

using namespace std::string_literals;

// Runs `work` with the first, second, third ... allocation failing, until none does. Returns how many there are.
template <class Work>
long fail_each(Work&& work) {
  for (long n = 0;; ++n) {
    has_failed = false;
    allocations_left = n;
    try {
      work();
    } catch (const std::bad_alloc&) {
    }
    allocations_left = -1;
    if (!has_failed) return n;
  }
}

// Text with escapes, keys out of order, discarded values, an object with state: what allocates, allocates here.
const std::string kPickle =
    "(lp0\nV\\u20ac\np9\naS'a\\x00'\np3\na(I1\nN0ccollections\nOrderedDict\n)R}(X\x01\0\0\0aK\x01X\x01\0\0\0bg3\nubtag9\n0."s;

TEST(Allocation, ReadingSurvives) {
  const std::string pickle = kPickle.substr(0, kPickle.size() - 2) + "a.";
  ASSERT_TRUE(Document::read(pickle).has_value()) << Document::read(pickle).error().to_string();
  EXPECT_GT(fail_each([&] { (void)Document::read(pickle); }), 5);
}

TEST(Allocation, WritingSurvives) {
  const std::string pickle = kPickle.substr(0, kPickle.size() - 2) + "a.";
  const auto document = Document::read(pickle);
  ASSERT_TRUE(document.has_value());
  EXPECT_GT(fail_each([&] { (void)write(*document); }), 3);
  EXPECT_GT(fail_each([&] { (void)write(*document, {.protocol = 4}); }), 3);
  EXPECT_GT(fail_each([&] { (void)to_json(*document); }), 3);
  const std::string json = *to_json(*document);
  EXPECT_GT(fail_each([&] { (void)from_json(json); }), 10);
  EXPECT_EQ(*write(*from_json(json)), pickle);
}

TEST(Allocation, OptimizingSurvives) {
  const std::string pickle = "\x80\x04]\x94(h\0\x8c\x01x\x94h\x01" "e."s;
  ASSERT_TRUE(optimize(pickle).has_value());
  EXPECT_GT(fail_each([&] { (void)optimize(pickle); }), 0);
}

}  // namespace
}  // namespace cppickle
