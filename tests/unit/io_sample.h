// Inputs for the tests of io/: bytes that Python or the compressors' own libraries made, and the real files.
#ifndef CPPICKLE_TESTS_UNIT_IO_SAMPLE_H_
#define CPPICKLE_TESTS_UNIT_IO_SAMPLE_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "io/bytes.h"

namespace cppickle::testing {

// What `command` writes to its standard output; empty when it fails.
inline std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  char block[65536];
  while (const std::size_t count = std::fread(block, 1, sizeof block, pipe)) output.append(block, count);
  if (::pclose(pipe) != 0) output.clear();
  return output;
}

// The script must not contain single quotes; `out` is the binary standard output.
inline std::string python(const std::string& script) {
  return output_of("python3 -c 'import sys, io; out = sys.stdout.buffer\n" + script + "'");
}

// Text that compresses, but not to nothing: `size` bytes, the same ones each time.
inline std::string sample_text(std::size_t size) {
  std::string text;
  std::uint32_t state = 12345;
  while (text.size() < size) {
    state = state * 1664525 + 1013904223;
    text += "word" + std::to_string(state >> 22) + (state >> 28 == 0 ? "\n" : " ");
  }
  text.resize(size);
  return text;
}

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The folder of real files, or an empty path where it is absent: the test then skips and says so.
inline std::filesystem::path fixtures() {
  if (const char* folder = std::getenv("CPPICKLE_FIXTURES")) return folder;
  for (std::filesystem::path at = std::filesystem::current_path(); at != at.root_path();
       at = at.parent_path()) {
    if (std::filesystem::exists(at / "shared/fixtures/wild")) return at / "shared/fixtures";
  }
  return {};
}

// A fresh folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "cppickle-io-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(std::string_view name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace cppickle::testing

#endif  // CPPICKLE_TESTS_UNIT_IO_SAMPLE_H_
