#include "cppickle/limits.h"

namespace cppickle {

const std::array<Limits::Name, 10>& Limits::names() {
  static constexpr std::array<Name, 10> kNames = {{
      {"bytes", &Limits::bytes, "bytes of one input file"},
      {"allocation", &Limits::allocation, "bytes that one document may allocate"},
      {"depth", &Limits::depth, "open marks, and nesting that a walk follows"},
      {"memo", &Limits::memo, "memo entries of one document"},
      {"output-nodes", &Limits::output_nodes, "values that a printer or converter writes"},
      {"output-bytes", &Limits::output_bytes, "bytes of a text that writes shared values again and again"},
      {"decompressed", &Limits::decompressed, "bytes that one compressed stream may grow to"},
      {"ratio", &Limits::ratio, "decompressed bytes per compressed byte, past 64 MiB"},
      {"members", &Limits::members, "entries of one archive"},
      {"nesting", &Limits::nesting, "containers in containers, pickles in pickles"},
  }};
  return kNames;
}

bool Limits::set(std::string_view name, std::uint64_t value) {
  for (const Name& entry : names()) {
    if (entry.name != name) continue;
    this->*entry.member = value;
    return true;
  }
  return false;
}

}  // namespace cppickle
