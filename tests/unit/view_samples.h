// Pickles for the tests of views: literals that Python made, and texts of protocol 0 put together by hand.
#ifndef CPPICKLE_TESTS_VIEW_SAMPLES_H_
#define CPPICKLE_TESTS_VIEW_SAMPLES_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cppickle/document.h"

namespace cppickle {

template <std::size_t N>
std::string bytes(const char (&literal)[N]) {
  return std::string(literal, N - 1);
}

// The state of a dtype: (3, order, None, names, fields, size, alignment, flags).
inline std::string dtype_text(std::string_view code, std::string_view state = "I3\nS'<'\nNNNI-1\nI-1\nI0\n") {
  return "cnumpy\ndtype\n(S'" + std::string(code) + "'\nI00\nI01\ntR(" + std::string(state) + "tb";
}

// An array of protocol 0: `shape` and `data` are instructions.
inline std::string array_text(std::string_view shape, std::string_view dtype, std::string_view data, bool fortran = false) {
  return "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n" + std::string(shape) +
         std::string(dtype) + (fortran ? "I01\n" : "I00\n") + std::string(data) + "tb.";
}

// The document of a pickle, which it keeps; an empty one if it cannot be read.
inline Document read(std::string pickle) {
  const auto owner = std::make_shared<const std::string>(std::move(pickle));
  ReadOptions options;
  options.owner = owner;
  auto document = Document::read(std::string_view(*owner), options);
  EXPECT_TRUE(document) << (document ? "" : document.error().to_string());
  return document ? *std::move(document) : Document();
}

// The folder of fixtures, or empty.
inline std::filesystem::path fixtures() {
  const char* given = std::getenv("CPPICKLE_FIXTURES");
  const std::filesystem::path folder =
      given != nullptr ? given : std::filesystem::path(CPPICKLE_SOURCE_DIR) / "../shared/fixtures";
  return std::filesystem::is_directory(folder / "versions") ? folder : std::filesystem::path{};
}

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace cppickle

#endif  // CPPICKLE_TESTS_VIEW_SAMPLES_H_
