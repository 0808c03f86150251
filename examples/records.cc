// Reads a pickled list of runs, keeps those that went well, and writes them as a pickle: records IN OUT.
#include <cppickle/decode.h>
#include <cppickle/describe.h>
#include <cppickle/encode.h>
#include <cppickle/types/optional.h>
#include <cppickle/types/sequence.h>

#include <fstream>
#include <iostream>
#include <sstream>

struct Run {
  std::string name;
  double loss;
  std::optional<int> epochs;
};
BOOST_DESCRIBE_STRUCT(Run, (), (name, loss, epochs))

int main(int, char** paths) {
  std::stringstream in;
  in << std::ifstream(paths[1], std::ios::binary).rdbuf();
  const std::string bytes = in.str();
  auto document = cppickle::Document::read(bytes);
  if (!document) return std::cerr << document.error().to_string() << '\n', 1;
  auto runs = cppickle::decode<std::vector<Run>>(*document);
  if (!runs) return std::cerr << runs.error().to_string() << '\n', 1;
  std::erase_if(*runs, [](const Run& run) { return run.loss > 0.5; });
  std::ofstream(paths[2], std::ios::binary) << cppickle::encode(*runs).value();
}
