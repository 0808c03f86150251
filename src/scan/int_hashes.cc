#include "scan/int_hashes.h"

namespace cppickle::scanning {
namespace {

__extension__ using Wide = unsigned __int128;
constexpr std::uint64_t kModulus = (std::uint64_t{1} << 61) - 1;  // _PyHASH_MODULUS, pyhash.h
constexpr std::uint32_t kMany = 20'000;                           // some seconds of CPython's time
constexpr std::uint64_t kShare = 64;                              // of all; chance gives each bucket a 4096th

std::uint64_t times(std::uint64_t a, std::uint64_t b) { return static_cast<std::uint64_t>(Wide{a} * b % kModulus); }

}  // namespace

bool IntHashes::add_binary(std::string_view bytes) {
  std::uint64_t hash = 0;
  std::uint64_t beyond = 1;  // 2^(8 n), which a negative number is short of
  for (std::size_t i = bytes.size(); i-- > 0;) {
    hash = (times(hash, 256) + static_cast<std::uint8_t>(bytes[i])) % kModulus;
    beyond = times(beyond, 256);
  }
  const bool is_negative = !bytes.empty() && (static_cast<std::uint8_t>(bytes.back()) & 0x80) != 0;
  return count(is_negative ? (hash + kModulus - beyond) % kModulus : hash);
}

bool IntHashes::add_decimal(std::string_view digits) {
  std::uint64_t hash = 0;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') hash = (times(hash, 10) + static_cast<std::uint64_t>(c - '0')) % kModulus;
  }
  return count(digits.starts_with('-') ? kModulus - hash : hash);
}

bool IntHashes::count(std::uint64_t hash) {
  std::uint64_t mixed = hash * 0x9E3779B97F4A7C15;
  mixed ^= mixed >> 32;
  std::uint32_t& bucket = counts_[mixed % counts_.size()];
  ++bucket;
  ++all_;
  return bucket < kMany || bucket < all_ / kShare;
}

}  // namespace cppickle::scanning
