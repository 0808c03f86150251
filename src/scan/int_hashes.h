// Integers that CPython gives one hash (they differ by multiples of 2^61 - 1): a dict of 50,000 such keys takes it minutes.
#ifndef CPPICKLE_SCAN_INT_HASHES_H_
#define CPPICKLE_SCAN_INT_HASHES_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace cppickle::scanning {

// Counts the hashes of large integers that are keys; small ones are their own hashes.
class IntHashes {
 public:
  // A little-endian two's complement number (LONG1, LONG4), or decimal digits with a sign (INT, LONG). False once so many
  // have one hash that it cannot be chance.
  bool add_binary(std::string_view bytes);
  bool add_decimal(std::string_view digits);

 private:
  bool count(std::uint64_t hash);

  std::array<std::uint32_t, 4096> counts_{};
  std::uint64_t all_ = 0;
};

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_INT_HASHES_H_
