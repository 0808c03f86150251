// Which texts are keys and tokens by their own shape, and which words say that a value is secret.
#ifndef CPPICKLE_SCAN_SECRET_SHAPES_H_
#define CPPICKLE_SCAN_SECRET_SHAPES_H_

#include <cstddef>
#include <string_view>

namespace cppickle::scanning {

struct SecretShape {
  std::string_view what = {};
  std::size_t size = 0;  // 0: none
};

// The token that begins at `at`, where no part of a word stands before it.
SecretShape secret_at(std::string_view text, std::size_t at);

// "password", "db_passwd", "AWS_SECRET_ACCESS_KEY", "token": a key under which a secret may stand.
bool names_a_secret(std::string_view key);

// Whether the value under such a key looks like a secret, and not like a setting or what stands in for one.
bool is_secret_under(std::string_view key, std::string_view value);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_SECRET_SHAPES_H_
