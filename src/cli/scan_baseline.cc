#include "cli/scan_baseline.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <set>
#include <utility>

#include "base/quote.h"
#include "cli/sha256.h"

namespace cppickle::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  return begin == text.npos ? std::string_view() : text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// Takes the first word off the line.
std::string_view next_word(std::string_view& line) {
  const std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
  const std::string_view word = line.substr(0, end);
  line = trimmed(line.substr(end));
  return word;
}

bool parse_number(std::string_view digits, auto& number) {
  const bool all_digits = digits.find_first_not_of("0123456789") == digits.npos;
  return all_digits && std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc();
}

bool needs_entry(const ScannedFile& file) {
  return !file.is_skipped && file.report.verdict > Verdict::kSafeByPolicy;
}

Result<std::pair<std::string, Baseline::Entry>> parse_line(std::string_view line, std::size_t number) {
  const auto problem = [&](const std::string& what) {
    return std::unexpected(Error{ErrorCode::kBadArgument, "line " + std::to_string(number) + ": " + what});
  };
  std::string digest(next_word(line));
  const auto lower = [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; };
  std::ranges::transform(digest, digest.begin(), lower);
  if (!is_sha256(digest)) return problem(quote(digest) + " is no SHA-256 in hexadecimal");
  const auto last_day = parse_date(next_word(line));
  if (!last_day) return problem(last_day.error().message);
  if (line.empty()) return problem("a reason is needed after the date");
  return std::pair(std::move(digest), Baseline::Entry{number, *last_day, std::string(line)});
}

}  // namespace

Date today() { return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()); }

Result<Date> parse_date(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  const bool has_form = text.size() == 10 && text[4] == '-' && text[7] == '-' &&
                        parse_number(text.substr(0, 4), year) && parse_number(text.substr(5, 2), month) &&
                        parse_number(text.substr(8, 2), day);
  const Date date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (has_form && date.ok()) return date;
  return std::unexpected(Error{ErrorCode::kBadArgument, quote(text) + " is no date: YYYY-MM-DD is needed"});
}

std::string date_text(Date date) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return text;
}

Result<Baseline> Baseline::parse(std::string_view text, Date today) {
  Baseline baseline;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#') continue;
    auto parsed = parse_line(line, number);
    if (!parsed) return std::unexpected(parsed.error());
    auto& [digest, entry] = *parsed;
    if (entry.last_day < today) {
      baseline.expired_.push_back(std::move(entry));
    } else {
      baseline.entries_.try_emplace(std::move(digest), std::move(entry));
    }
  }
  return baseline;
}

void Baseline::apply(std::span<ScannedFile> files) const {
  for (ScannedFile& file : files) {
    if (!needs_entry(file) || !holds(file)) continue;
    file.is_suppressed = true;
    file.suppressed_because = entries_.find(file.sha256)->second.reason;
  }
}

bool Baseline::holds(const ScannedFile& file) const {
  return file.has_all_sha256 && entries_.contains(file.sha256) &&
         std::ranges::all_of(file.side_sha256, [&](const std::string& digest) { return entries_.contains(digest); });
}

std::string baseline_lines(std::span<ScannedFile> files, Date last_day, std::string_view reason) {
  std::string text;
  std::set<std::string, std::less<>> written;
  const auto add = [&](const std::string& digest) {
    if (written.insert(digest).second) ((text += digest + "  " + date_text(last_day) + "  ") += reason) += '\n';
  };
  for (ScannedFile& file : files) {
    if (!needs_entry(file) || file.is_suppressed || !file.has_all_sha256) continue;
    if (!written.contains(file.sha256)) {
      text += "# " + printable(file.path) + ": " + std::string(name_of(file.report.verdict)) + "\n";
    }
    add(file.sha256);
    std::ranges::for_each(file.side_sha256, add);
    file.is_suppressed = true;
    file.suppressed_because = reason;
  }
  return text;
}

}  // namespace cppickle::cli
