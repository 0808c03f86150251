// Every type that cppickle has a Codec for: `types write PROTOCOL OUT` writes one of each, `types copy PROTOCOL IN OUT` reads
// such a pickle, from whatever Python wrote it, and writes what was read.
#include <cppickle/decode.h>
#include <cppickle/describe.h>
#include <cppickle/encode.h>
#include <cppickle/types/bytes.h>
#include <cppickle/types/chrono.h>
#include <cppickle/types/map.h>
#include <cppickle/types/numpy.h>
#include <cppickle/types/optional.h>
#include <cppickle/types/sequence.h>
#include <cppickle/types/set.h>
#include <cppickle/types/tuple.h>
#include <cppickle/types/variant.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace std::chrono_literals;

struct Everything {
  bool flag = true;
  std::int8_t small = -128;
  std::uint64_t large = 18446744073709551615U;
  float single = 0.5F;
  double real = 0.1;
  std::string text = "h\u00e9llo\n\U0001F600";
  std::vector<std::byte> bytes = {std::byte{0}, std::byte{255}, std::byte{10}};
  std::vector<int> list = {1, 2, 3};
  std::array<double, 2> two = {1.5, -2};
  std::map<std::string, std::vector<int>> lists = {{"a", {1}}, {"b", {}}};
  std::unordered_map<int, bool> flags = {{7, true}};
  std::set<std::string> names = {"x", "y"};
  std::unordered_set<int> numbers = {42};
  std::optional<int> nothing;
  std::optional<int> something = 5;
  std::variant<int, double, std::string> either = "or";
  std::tuple<int, std::string> pair = {1, "one"};
  std::chrono::sys_time<std::chrono::microseconds> when = std::chrono::sys_days(2024y / 5 / 1) + 12h + 7us;
  std::chrono::sys_days day = 1969y / 12 / 31;
  std::chrono::microseconds took = -1us;
};
BOOST_DESCRIBE_STRUCT(Everything, (), (flag, small, large, single, real, text, bytes, list, two, lists, flags, names, numbers,
                                       nothing, something, either, pair, when, day, took))

// The same, with arrays: they are read as vectors and written as arrays.
struct Arrays {
  std::vector<double> doubles = {0.5, -1, 1e300};
  std::vector<std::int32_t> integers = {1, -2, 3, 4, 5, 6};
};
BOOST_DESCRIBE_STRUCT(Arrays, (), (doubles, integers))

struct ArraysWritten {
  cppickle::NumpyArray<double> doubles;
  cppickle::NumpyArray<std::int32_t> integers;
};
BOOST_DESCRIBE_STRUCT(ArraysWritten, (), (doubles, integers))

int main(int count, char** arguments) {
  if (count < 4) return 2;
  const std::string_view verb = arguments[1];
  const int protocol = std::atoi(arguments[2]);
  std::string in_bytes;
  Everything everything;
  Arrays arrays;
  if (verb.starts_with("copy")) {
    std::stringstream in;
    in << std::ifstream(arguments[3], std::ios::binary).rdbuf();
    in_bytes = in.str();
    auto document = cppickle::Document::read(in_bytes);
    if (!document) return std::cerr << document.error().to_string() << '\n', 1;
    if (verb == "copy-arrays") {
      auto read = cppickle::decode<Arrays>(*document);
      if (!read) return std::cerr << read.error().to_string() << '\n', 1;
      arrays = std::move(*read);
    } else {
      auto read = cppickle::decode<Everything>(*document);
      if (!read) return std::cerr << read.error().to_string() << '\n', 1;
      everything = std::move(*read);
    }
  }
  const ArraysWritten written = {cppickle::as_numpy(arrays.doubles),
                                 cppickle::as_numpy(arrays.integers, {2, arrays.integers.size() / 2})};
  auto pickle = verb.ends_with("arrays") ? cppickle::encode(written, protocol) : cppickle::encode(everything, protocol);
  if (!pickle) return std::cerr << pickle.error().to_string() << '\n', 1;
  std::ofstream(arguments[count - 1], std::ios::binary) << *pickle;
}
