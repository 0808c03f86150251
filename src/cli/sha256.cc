#include "cli/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>
#include <new>

namespace cppickle::cli {
namespace {

constexpr std::size_t kBytes = 32;

}  // namespace

std::string sha256(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  std::size_t size = 0;
  // It can fail only for want of memory: the algorithm is in every build of the library.
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(), digest, &size) != 1) throw std::bad_alloc();
  std::string text;
  for (const unsigned char byte : std::basic_string_view(digest, size)) {
    (text += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15];
  }
  return text;
}

bool is_sha256(std::string_view text) {
  return text.size() == 2 * kBytes && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace cppickle::cli
