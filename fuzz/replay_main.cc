// Runs a fuzz target over the files and folders named on the command line, without libFuzzer, so that every
// build replays the corpus. A name that doesn't exist is passed over. -v prints each file before it runs.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files_of(const fs::path& root) {
  std::vector<fs::path> files;
  if (fs::is_regular_file(root)) files.push_back(root);
  if (!fs::is_directory(root)) return files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void run(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
  // An exact-size copy, so that AddressSanitizer sees a read past the end.
  const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string_view> names(arguments + 1, arguments + count);
  const bool verbose = std::ranges::find(names, "-v") != names.end();
  std::size_t ran = 0;
  LLVMFuzzerTestOneInput(nullptr, 0);
  for (const std::string_view name : names) {
    if (name == "-v") continue;
    for (const fs::path& file : files_of(name)) {
      if (verbose) std::fprintf(stderr, "%s\n", file.c_str());
      run(file);
      ++ran;
    }
  }
  std::printf("%zu inputs replayed\n", ran);
  return 0;
}
