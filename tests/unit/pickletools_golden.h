// The streams of tests/corpus/reader and what CPython's pickletools makes of them (tools/make_seeds.py).
#ifndef CPPICKLE_TESTS_UNIT_PICKLETOOLS_GOLDEN_H_
#define CPPICKLE_TESTS_UNIT_PICKLETOOLS_GOLDEN_H_

#include <fstream>
#include <iterator>
#include <string>

namespace cppickle::testing {

inline std::string read_test_file(const std::string& name) {
  std::ifstream file(std::string(CPPICKLE_SOURCE_DIR) + "/tests/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string read_seed(const std::string& name) { return read_test_file("corpus/reader/" + name + ".pkl"); }

}  // namespace cppickle::testing

#endif  // CPPICKLE_TESTS_UNIT_PICKLETOOLS_GOLDEN_H_
