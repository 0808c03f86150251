#include "scan/secret_shapes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace cppickle::scanning {
namespace {

enum class Letters : std::uint8_t {
  kCapitals,  // A-Z 0-9
  kPlain,     // A-Z a-z 0-9
  kWide,      // and _ -
  kDotted,    // and .
  kHex,       // 0-9 a-f
};

// A fixed beginning, then at least so many of these letters and no more than `most`.
struct Shape {
  std::string_view begin;
  Letters letters;
  std::size_t least;
  std::size_t most;
  std::string_view what;
};

constexpr std::size_t kAny = 4096;
constexpr std::string_view kAws = "an access key of AWS";
constexpr std::string_view kGitHub = "a token of GitHub";
constexpr std::string_view kSlack = "a token of Slack";

constexpr Shape kShapes[] = {
    {"AKIA", Letters::kCapitals, 16, 16, kAws},
    {"ASIA", Letters::kCapitals, 16, 16, kAws},
    {"AIza", Letters::kWide, 35, 35, "a key of Google"},
    {"SG.", Letters::kDotted, 40, 66, "a key of SendGrid"},
    {"dapi", Letters::kHex, 32, 32, "a token of Databricks"},
    {"dop_v1_", Letters::kHex, 64, 64, "a token of DigitalOcean"},
    {"ghp_", Letters::kPlain, 36, kAny, kGitHub},
    {"gho_", Letters::kPlain, 36, kAny, kGitHub},
    {"ghu_", Letters::kPlain, 36, kAny, kGitHub},
    {"ghs_", Letters::kPlain, 36, kAny, kGitHub},
    {"ghr_", Letters::kPlain, 36, kAny, kGitHub},
    {"github_pat_", Letters::kWide, 22, kAny, kGitHub},
    {"glpat-", Letters::kWide, 20, kAny, "a token of GitLab"},
    {"hf_", Letters::kPlain, 30, kAny, "a token of Hugging Face"},
    {"npm_", Letters::kPlain, 36, kAny, "a token of npm"},
    {"pypi-AgE", Letters::kWide, 50, kAny, "a token of PyPI"},
    {"sk-", Letters::kWide, 32, kAny, "a key that begins with sk-"},
    {"sk_live_", Letters::kPlain, 16, kAny, "a key of Stripe"},
    {"rk_live_", Letters::kPlain, 16, kAny, "a key of Stripe"},
    {"xoxb-", Letters::kWide, 20, kAny, kSlack},
    {"xoxp-", Letters::kWide, 20, kAny, kSlack},
    {"xoxa-", Letters::kWide, 20, kAny, kSlack},
    {"xoxr-", Letters::kWide, 20, kAny, kSlack},
    {"xoxs-", Letters::kWide, 20, kAny, kSlack},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }

bool is_of(char c, Letters letters) {
  switch (letters) {
    case Letters::kCapitals: return is_digit(c) || is_capital(c);
    case Letters::kHex: return is_digit(c) || (c >= 'a' && c <= 'f');
    case Letters::kPlain: return is_digit(c) || is_capital(c) || is_small(c);
    case Letters::kDotted:
      if (c == '.') return true;
      [[fallthrough]];
    case Letters::kWide: return is_digit(c) || is_capital(c) || is_small(c) || c == '_' || c == '-';
  }
  return false;
}

std::size_t run_of(std::string_view text, Letters letters, std::size_t most) {
  std::size_t size = 0;
  while (size < text.size() && size < most && is_of(text[size], letters)) ++size;
  return size;
}

// Words such as sk-learn-contrib-forest-importances have no digits.
bool has_digit(std::string_view text) { return std::ranges::any_of(text, is_digit); }

// {"alg"... as base64, a dot, {"... as base64, a dot, a signature.
std::size_t jwt_size(std::string_view text) {
  constexpr std::size_t kLeast = 10;
  std::size_t size = run_of(text, Letters::kWide, kAny);
  if (size < kLeast || !text.substr(size).starts_with(".eyJ")) return 0;
  const std::size_t claims = run_of(text.substr(size + 1), Letters::kWide, kAny);
  size += 1 + claims;
  if (claims < kLeast || size >= text.size() || text[size] != '.') return 0;
  return size + 1 + run_of(text.substr(size + 1), Letters::kWide, kAny);
}

std::size_t private_key_size(std::string_view text) {
  constexpr std::size_t kMostHeader = 64;
  const std::string_view header = text.substr(0, kMostHeader);
  constexpr std::string_view kEnd = "PRIVATE KEY";
  if (!header.contains(kEnd)) return 0;
  const std::size_t end = text.find("-----END ");
  return end == text.npos ? text.size() : std::min(text.find('\n', end), text.size());
}

// For a secret that has no shape: it is no word and no sentence.
bool is_random(std::string_view value) {
  constexpr std::size_t kLeast = 16;
  constexpr std::size_t kLeastDistinct = 8;
  if (value.size() < kLeast || value.size() > kAny) return false;
  if (!std::ranges::all_of(value, [](char c) { return c > ' ' && c < 0x7F; })) return false;
  std::array<bool, 128> seen{};
  for (const char c : value) seen[static_cast<unsigned char>(c)] = true;
  const bool has_letter = std::ranges::any_of(value, [](char c) { return is_small(c) || is_capital(c); });
  return has_letter && has_digit(value) &&
         std::ranges::count(seen, true) >= static_cast<std::ptrdiff_t>(kLeastDistinct);
}

// Numbers of records, which data sets call tokens too.
bool is_record_token(std::string_view key, std::string_view value) {
  const bool is_plain =
      key.ends_with("token") && !key.contains("auth") && !key.contains("access") && !key.contains("refresh");
  return is_plain && std::ranges::all_of(value, [](char c) { return is_of(c, Letters::kHex) || c == '-'; });
}

// What stands where a secret would be put in.
bool is_placeholder(std::string_view value) {
  const bool is_one_letter = std::ranges::all_of(value, [&](char c) { return c == value[0]; });
  return is_one_letter || value[0] == '$' || value[0] == '<' || value[0] == '{' || value[0] == '%' || value == "None" ||
         value == "null" || value == "True" || value == "False" || value == "true" || value == "false";
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = is_capital(c) ? static_cast<char>(c - 'A' + 'a') : c == '-' ? '_' : c;
  return out;
}

constexpr std::size_t kMostKey = 64;  // longer keys are texts

bool names_a_password(std::string_view key) {
  for (const std::string_view word : {"password", "passwd", "passphrase"}) {
    if (key.contains(word)) return true;
  }
  return key == "pwd" || key.ends_with("_pwd");
}

// Under these stand other things as well: "token_pattern", "secretary".
bool names_a_key(std::string_view key) {
  for (const std::string_view word :
       {"api_key", "apikey", "access_key", "accesskey", "private_key", "secret_key", "auth_token", "access_token",
        "refresh_token", "client_secret", "credential", "bearer", "authorization"}) {
    if (key.contains(word)) return true;
  }
  return key == "secret" || key == "token" || key.ends_with("_secret") || key.ends_with("_token");
}

}  // namespace

SecretShape secret_at(std::string_view text, std::size_t at) {
  text.remove_prefix(at);
  if (text.empty() || std::string_view("ASdghnprsxe-").find(text[0]) == std::string_view::npos) return {};
  if (text.starts_with("-----BEGIN ")) return {"a private key", private_key_size(text)};
  if (text.starts_with("eyJ")) return {"a JSON web token", jwt_size(text)};
  for (const Shape& shape : kShapes) {
    if (!text.starts_with(shape.begin)) continue;
    const std::size_t size = run_of(text.substr(shape.begin.size()), shape.letters, shape.most + 1);
    const std::string_view token = text.substr(shape.begin.size(), size);
    if (size >= shape.least && size <= shape.most && has_digit(token)) return {shape.what, shape.begin.size() + size};
  }
  return {};
}

bool names_a_secret(std::string_view key) {
  if (key.size() > kMostKey) return false;
  const std::string name = lower(key);
  return names_a_password(name) || names_a_key(name);
}

bool is_secret_under(std::string_view key, std::string_view value) {
  constexpr std::size_t kMostValue = 512;
  if (key.size() > kMostKey || value.empty() || value.size() > kMostValue || is_placeholder(value)) return false;
  const std::string name = lower(key);
  if (names_a_password(name)) return std::ranges::none_of(value, [](char c) { return c == '\n'; });
  return names_a_key(name) && is_random(value) && !is_record_token(name, value);
}

}  // namespace cppickle::scanning
