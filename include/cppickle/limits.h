// Bounds on what hostile input may cost. Each limit has a name (the command's --limit NAME=N), a default
// and one meaning; reaching one is ErrorCode::kLimit, never a truncated result.
#ifndef CPPICKLE_LIMITS_H_
#define CPPICKLE_LIMITS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cppickle {

struct Limits {
  std::uint64_t bytes = std::uint64_t{1} << 40;         // of one input file
  std::uint64_t allocation = std::uint64_t{1} << 36;    // bytes that one document may allocate
  std::uint64_t depth = 10'000'000;                     // open MARKs, and nesting that a walk follows
  std::uint64_t memo = std::uint64_t{1} << 32;          // memo entries of one document
  std::uint64_t output_nodes = 100'000'000;             // values that a printer or converter writes
  std::uint64_t output_bytes = std::uint64_t{1} << 28;  // of a text that writes shared values again and again
  std::uint64_t decompressed = std::uint64_t{1} << 35;  // bytes that one compressed stream may grow to
  std::uint64_t ratio = 250;                            // decompressed bytes per compressed byte, past 64 MiB
  std::uint64_t members = 1'000'000;                    // entries of one archive
  std::uint64_t nesting = 16;                           // containers in containers, pickles in pickles

  struct Name {
    std::string_view name;
    std::uint64_t Limits::* member;
    std::string_view meaning;
  };
  static const std::array<Name, 10>& names();

  // False when no limit has that name.
  bool set(std::string_view name, std::uint64_t value);
};

}  // namespace cppickle

#endif  // CPPICKLE_LIMITS_H_
