// The n-th allocation fails, for every n: the library throws std::bad_alloc or returns an error, and nothing else happens.
// A program of its own, because it takes the place of malloc.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/json.h"
#include "cppickle/model.h"
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

// --- Models -----------------------------------------------------------------------------------------------

std::vector<std::string> model_files() {
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(CPPICKLE_SOURCE_DIR "/tests/corpus/model")) {
    files.push_back(file.path());
  }
  return files;
}

// The caller's rows, and an Output that has seen as many of them before.
TEST(Allocation, AModelRunsAgainWithoutAny) {
  constexpr std::size_t kRows = 3;
  std::size_t runs = 0;
  for (const std::string& file : model_files()) {
    const auto model = predict::Model::open(file);
    if (!model) continue;
    const std::size_t columns = model->features_in().value_or(3);
    const std::vector<double> numbers(kRows * columns, 0.25);
    const auto input = predict::Input::dense(numbers.data(), kRows, columns);
    for (const predict::Method method : model->methods()) {
      predict::Output output;
      bool answers = true;
      // The second run joins the workspace's chunks.
      for (int i = 0; i < 2; ++i) answers = model->run(method, input, output).has_value();
      if (!answers) continue;  // what it takes are texts, or other numbers
      has_failed = false;
      allocations_left = 0;
      try {
        answers = model->run(method, input, output).has_value();
      } catch (const std::bad_alloc&) {
      }
      allocations_left = -1;
      EXPECT_FALSE(has_failed) << file << ", " << name_of(method);
      EXPECT_TRUE(answers) << file << ", " << name_of(method);
      ++runs;
    }
  }
  EXPECT_GT(runs, 150);
}

TEST(Allocation, LoadingAndRunningAModelSurvives) {
  for (const char* name :
       {"pipeline_1.9.1", "adaboostclassifier_1.9.1", "xgbclassifier_0.90", "lgbmclassifier_4.7.0"}) {
    const std::string file = std::string(CPPICKLE_SOURCE_DIR "/tests/corpus/model/") + name + ".pkl";
    const auto whole = predict::Model::open(file);
    ASSERT_TRUE(whole.has_value()) << whole.error().to_string();
    const std::vector<double> row(whole->features_in().value_or(3), 0.25);
    EXPECT_GT(fail_each([&] {
                const auto model = predict::Model::open(file);
                if (!model) return;
                predict::Output output;
                (void)model->run(predict::Method::kPredict, predict::Input::dense(row.data(), 1, row.size()),
                                 output);
              }),
              50)
        << name;
  }
}

}  // namespace
}  // namespace cppickle
