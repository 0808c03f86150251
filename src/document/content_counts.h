// What a document holds, counted: values by kind, names, and the largest of its leaves.
#ifndef CPPICKLE_DOCUMENT_CONTENT_COUNTS_H_
#define CPPICKLE_DOCUMENT_CONTENT_COUNTS_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cppickle/document.h"

namespace cppickle {

struct ContentCounts {
  std::array<std::uint64_t, static_cast<std::size_t>(Kind::kBuffer) + 1> kinds{};  // values, each once
  std::uint64_t references = 0;      // places that refer back to a value
  std::uint64_t raw_bytes = 0;       // of arrays between instructions
  // "module.name" as it is written, for each GLOBAL, STACK_GLOBAL and INST; "?.?" where the stream computes the name.
  std::map<std::string, std::uint64_t> globals;
  std::map<std::uint32_t, std::uint64_t> extensions;
  std::map<std::string, std::uint64_t> persistent_ids;  // by the type of the id, for a tuple with its first text

  std::uint64_t of(Kind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
};

// Of all pickles of the document, nested ones and what they discard included. Takes linear time.
ContentCounts count_contents(const Document& document);

// What a value is called: "dict", "int"; an object by its class, or by the function whose result it is: "m.C", "m.f",
// "call:m.f" where that function is the result of calling m.f itself.
std::string type_name(const Value& value);

struct LargeValue {
  std::string path;      // as find() takes it: "$.runs[3].loss"
  Kind kind;             // kObject for an array between instructions
  std::uint64_t bytes;
};

// The largest texts, bytes, integers and arrays of at least `least` bytes, largest first. Linear, without recursion.
std::vector<LargeValue> largest_values(const Document& document, std::size_t most, std::uint64_t least);

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_CONTENT_COUNTS_H_
