// SHA-256 (FIPS 180-4), by OpenSSL.
#ifndef CPPICKLE_CLI_SHA256_H_
#define CPPICKLE_CLI_SHA256_H_

#include <string>
#include <string_view>

namespace cppickle::cli {

// In lower-case hexadecimal. Throws std::bad_alloc if there is no memory for it.
std::string sha256(std::string_view bytes);

bool is_sha256(std::string_view text);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_SHA256_H_
