#include "scan/private_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "scan/secret_shapes.h"

namespace cppickle::scanning {
namespace {

constexpr std::size_t kMostShown = 100;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_part(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }

constexpr auto kBoundaries = [] {
  std::array<bool, 256> all{};
  for (std::size_t c = 0; c <= ' '; ++c) all[c] = true;
  for (const char c : std::string_view("\"'`<>|;,=()[]{}?&*#")) all[static_cast<unsigned char>(c)] = true;
  return all;
}();

// Ends a path and a host, and may stand before one. Every scan ahead stops at one of these, so that no byte is looked
// at more than a few times.
bool is_boundary(char c) { return kBoundaries[static_cast<unsigned char>(c)]; }

std::size_t end_of_part(std::string_view text, std::size_t i) {
  while (i < text.size() && !is_boundary(text[i])) ++i;
  return i;
}

// The parts of a path, those that are not empty.
struct PathParts {
  std::string_view first, second;
  std::size_t count = 0;
};

PathParts parts_of(std::string_view path, std::string_view separators) {
  PathParts parts;
  for (std::size_t i = 0; i < path.size();) {
    const std::size_t end = std::min(path.find_first_of(separators, i), path.size());
    if (end > i) {
      if (++parts.count == 1) parts.first = path.substr(i, end - i);
      if (parts.count == 2) parts.second = path.substr(i, end - i);
    }
    i = end + 1;
  }
  return parts;
}

template <class... Options>
bool is_one_of(std::string_view text, Options... options) {
  return ((text == std::string_view(options)) || ...);
}

bool is_root_folder(std::string_view name) {
  return is_one_of(name, "home", "Users", "root", "mnt", "media", "data", "datasets", "var", "tmp", "opt", "srv", "usr",
                   "etc", "private", "scratch", "workspace", "workspaces", "work", "gpfs", "lustre", "net", "nfs",
                   "content", "kaggle", "databricks", "dbfs", "app", "project", "projects", "Volumes", "Applications",
                   "Library", "code", "src", "cluster", "share", "shared", "storage", "hdd", "ssd", "ebs", "efs", "s3",
                   "home2");
}

bool is_home_of_nobody(std::string_view name) {
  return is_one_of(name, "Shared", "Public", "Default", "All Users", "shared", "lost+found");
}

class TextSearch {
 public:
  using Visit = std::function<void(TextMatch)>;
  // Without `details` only what shown() masks is looked for.
  TextSearch(std::string_view text, bool details, const Visit& visit) : text_(text), details_(details), visit_(visit) {}

  void run() {
    while (i_ < text_.size()) {
      const std::size_t before = i_;
      see();
      if (i_ == before) ++i_;
    }
  }

 private:
  // What begins or has its sign at i_. Moves past it, except past a path, which may hold all the rest.
  void see() {
    const char c = text_[i_];
    const bool begins = i_ == 0 || !is_name_part(text_[i_ - 1]);
    if (begins && (is_letter(c) || c == '-')) {
      if (const SecretShape shape = secret_at(text_, i_); shape.size != 0) {
        return add(PrivacyCategory::kSecrets, shape.what, i_, shape.size, masked(text_.substr(i_, shape.size)));
      }
    }
    switch (c) {
      case '@': return mail_address();
      case '/': return posix_path();
      case '\\': return share();
      case '=': return assignment();
      case ':':
        if (text_.substr(i_).starts_with("://")) return url();
        windows_path();
        return assignment();
      default:
        if (is_digit(c) && begins && (i_ == 0 || text_[i_ - 1] != '.')) ip_address();
    }
  }

  void add(PrivacyCategory category, std::string_view what, std::size_t begin, std::size_t size, std::string detail) {
    visit_({category, what, begin, size, std::move(detail)});
    i_ = std::max(i_, begin + size);
  }

  bool boundary_before(std::size_t at) const { return at == 0 || is_boundary(text_[at - 1]) || text_[at - 1] == ':'; }
  bool may_begin_path(std::size_t at) const { return details_ && at >= path_end_ && boundary_before(at); }

  void mail_address() {
    constexpr std::size_t kMostLocal = 64;
    constexpr std::size_t kMostDomain = 253;
    const auto is_local = [](char c) { return is_name_part(c) || c == '.' || c == '+' || c == '%'; };
    std::size_t begin = i_;
    while (begin > 0 && i_ - begin < kMostLocal && is_local(text_[begin - 1])) --begin;
    std::size_t end = i_ + 1;
    while (end < text_.size() && end - i_ <= kMostDomain && (is_name_part(text_[end]) || text_[end] == '.')) ++end;
    while (end > i_ + 1 && !is_letter(text_[end - 1])) --end;
    const std::string_view domain = text_.substr(i_ + 1, end - i_ - 1);
    const std::size_t dot = domain.rfind('.');
    if (begin == i_ || dot == domain.npos || dot == 0 || domain.size() - dot < 3 || domain.contains("..")) return;
    const std::string_view last = domain.substr(dot + 1);
    if (!std::ranges::all_of(last, is_letter) || is_one_of(last, "png", "jpg", "svg", "gif", "py")) return;
    std::string detail = std::string(text_.substr(begin, i_ - begin > 3 ? 2 : 0)) + "...@" + std::string(domain);
    add(PrivacyCategory::kEmails, "a mail address", begin, end - begin, std::move(detail));
  }

  void add_path(std::size_t begin, std::size_t end, const PathParts& parts) {
    std::string_view path = text_.substr(begin, end - begin);
    while (path.size() > 1 && (path.back() == ':' || path.back() == '.')) path.remove_suffix(1);
    if (is_one_of(parts.first, "home", "Users", "home2") && parts.count > 1 && !is_home_of_nobody(parts.second)) {
      visit_({PrivacyCategory::kUserNames, "a user's name, in the path of a home folder", begin, path.size(),
              shown(parts.second, kMostShown)});
    }
    visit_({PrivacyCategory::kPaths, "a file or folder on the machine that made it", begin, path.size(),
            shown(path, kMostShown)});
  }

  void posix_path() {
    if (!may_begin_path(i_)) return;
    path_end_ = end_of_part(text_, i_);
    const std::string_view path = text_.substr(i_, path_end_ - i_);
    if (path.starts_with("//")) return;
    const PathParts parts = parts_of(path, "/:");
    const bool is_whole = path.size() == text_.size() && parts.count >= 3 && path.size() >= 10;
    if (parts.count >= 2 && (is_root_folder(parts.first) || is_whole)) add_path(i_, path_end_, parts);
  }

  // C:\Users\NAME. i_ is at the colon.
  void windows_path() {
    if (i_ == 0 || !is_letter(text_[i_ - 1]) || !may_begin_path(i_ - 1) || i_ + 1 >= text_.size()) return;
    if (text_[i_ + 1] != '\\' && text_[i_ + 1] != '/') return;
    path_end_ = end_of_part(text_, i_);
    const PathParts parts = parts_of(text_.substr(i_ + 1, path_end_ - i_ - 1), "\\/");
    if (parts.count >= 2) add_path(i_ - 1, path_end_, parts);
  }

  // \\server\share
  void share() {
    if (!may_begin_path(i_) || !text_.substr(i_).starts_with("\\\\")) return;
    path_end_ = end_of_part(text_, i_);
    const PathParts parts = parts_of(text_.substr(i_, path_end_ - i_), "\\");
    if (parts.count >= 2 && parts.first.size() >= 2) add_path(i_, path_end_, parts);
  }

  // i_ is at "://".
  void url() {
    constexpr std::size_t kMostScheme = 16;
    std::size_t begin = i_;
    while (begin > 0 && i_ - begin < kMostScheme && (is_name_part(text_[begin - 1]) || text_[begin - 1] == '+'))
      --begin;
    const std::string_view scheme = text_.substr(begin, i_ - begin);
    i_ += 3;
    if (scheme.empty() || !is_letter(scheme[0])) return;
    const std::size_t end = std::min(text_.find_first_of("/\\ \t\r\n\"'`<>", i_), text_.size());
    if (scheme == "file") return file_url(begin, end);
    std::string_view host = text_.substr(i_, end - i_);
    const std::size_t at = host.rfind('@');
    const std::string_view user = at == host.npos ? std::string_view() : host.substr(0, at);
    if (at != host.npos) host.remove_prefix(at + 1);
    // A port is of no interest, and anything else may be part of a password.
    const auto host_end = std::ranges::find_if(host, [](char c) { return !is_name_part(c) && c != '.'; });
    host = host.substr(0, static_cast<std::size_t>(host_end - host.begin()));
    if (user.contains(':')) {
      add(PrivacyCategory::kSecrets, "an address with a password in it", begin, end - begin,
          std::string(scheme) + "://...@" + std::string(host.substr(0, kMostShown)));
    }
    if (host.empty() || !details_) return;
    visit_({PrivacyCategory::kHosts, "an address of a machine", begin, end - begin,
            std::string(scheme) + "://" + std::string(host.substr(0, kMostShown))});
    if (user.empty()) i_ += host.size();
  }

  // i_ is behind "://", where a machine's name may stand.
  void file_url(std::size_t begin, std::size_t path) {
    if (!details_ || i_ < path_end_) return;
    path_end_ = end_of_part(text_, path);
    const bool has_drive = text_.substr(path).size() > 3 && text_[path + 2] == ':';  // file:///C:/Users
    add_path(begin, path_end_, parts_of(text_.substr(path, path_end_ - path).substr(has_drive ? 3 : 0), "/"));
  }

  // password=..., "api_key": "...". i_ is at the sign.
  void assignment() {
    constexpr std::size_t kMostKey = 40;
    constexpr std::size_t kMostValue = 256;
    const auto is_quote = [](char c) { return c == '"' || c == '\'' || c == ' '; };
    std::size_t key_end = i_;
    while (key_end > 0 && i_ - key_end < 3 && is_quote(text_[key_end - 1])) --key_end;
    std::size_t key_begin = key_end;
    while (key_begin > 0 && key_end - key_begin < kMostKey && is_name_part(text_[key_begin - 1])) --key_begin;
    const std::string_view key = text_.substr(key_begin, key_end - key_begin);
    if (!names_a_secret(key)) return;
    std::size_t begin = i_ + 1;
    while (begin < text_.size() && begin - i_ <= 3 && is_quote(text_[begin])) ++begin;
    const std::string_view value = text_.substr(begin, end_of_part(text_.substr(begin, kMostValue), 0));
    // Where it has a shape of its own, that says more.
    if (value.size() < 4 || !is_secret_under(key, value) || secret_at(text_, begin).size != 0) return;
    add(PrivacyCategory::kSecrets, "what its name says is secret", begin, value.size(),
        std::string(key) + "=" + masked(value));
  }

  // Four numbers, unless they are small as those of versions are, or of no machine.
  void ip_address() {
    std::array<unsigned, 4> numbers{};
    std::size_t at = i_;
    for (std::size_t part = 0; part < 4; ++part) {
      if (part != 0 && (at >= text_.size() || text_[at++] != '.')) return;
      const std::size_t begin = at;
      while (at < text_.size() && at - begin < 3 && is_digit(text_[at])) {
        numbers[part] = numbers[part] * 10 + static_cast<unsigned>(text_[at++] - '0');
      }
      if (at == begin || numbers[part] > 255) return;
    }
    const auto is_more = [&](std::size_t place) { return place < text_.size() && is_name_part(text_[place]); };
    const bool goes_on = is_more(at) || (at < text_.size() && text_[at] == '.' && is_more(at + 1));
    const bool is_version =
        numbers[0] != 10 && std::ranges::all_of(numbers, [](unsigned number) { return number < 20; });
    if (goes_on || is_version || numbers[0] == 0 || numbers[0] == 127 || numbers[0] == 255) return;
    add(PrivacyCategory::kHosts, "an address of a machine", i_, at - i_, std::string(text_.substr(i_, at - i_)));
  }

  std::string_view text_;
  bool details_;
  const Visit& visit_;
  std::size_t i_ = 0;
  std::size_t path_end_ = 0;  // of the last thing that began as a path does: no other begins before
};

}  // namespace

void for_each_private(std::string_view text, const std::function<void(TextMatch)>& visit) {
  TextSearch(text, true, visit).run();
}

std::string masked(std::string_view secret) {
  constexpr std::size_t kShown = 4;
  constexpr std::size_t kLeast = 12;  // of a shorter one that would be too much
  return secret.size() < kLeast ? "..." : std::string(secret.substr(0, kShown)) + "...";
}

std::string shown(std::string_view text, std::size_t most) {
  constexpr std::size_t kSeen = 4096;  // of a key as long as the file
  text = text.substr(0, kSeen);
  std::string out;
  std::size_t copied = 0;
  const TextSearch::Visit mask = [&](const TextMatch& match) {
    const std::size_t end = match.begin + match.size;
    const bool is_masked = match.category == PrivacyCategory::kSecrets || match.category == PrivacyCategory::kEmails;
    if (!is_masked || end <= copied) return;
    const std::size_t begin = std::max(match.begin, copied);
    out.append(text.substr(copied, begin - copied)).append(masked(text.substr(begin, end - begin)));
    copied = end;
  };
  TextSearch(text, false, mask).run();
  out.append(text.substr(copied));
  if (out.size() <= most) return out;
  while (most > 0 && (static_cast<unsigned char>(out[most]) & 0xC0) == 0x80) --most;
  return out.substr(0, most) + "...";
}

bool is_text(std::string_view bytes) {
  const auto is_odd = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F;
  };
  return std::ranges::none_of(bytes, is_odd) && is_utf8(bytes);
}

}  // namespace cppickle::scanning
