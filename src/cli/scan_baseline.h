// The files that are accepted as they are, whatever the scanner says of them: one line each,
//
//     SHA256  YYYY-MM-DD  reason
//
// where the date is the last day on which it holds. `#` begins a comment line.
#ifndef CPPICKLE_CLI_SCAN_BASELINE_H_
#define CPPICKLE_CLI_SCAN_BASELINE_H_

#include <chrono>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/scan_files.h"

namespace cppickle::cli {

using Date = std::chrono::year_month_day;

Date today();  // UTC
Result<Date> parse_date(std::string_view text);
std::string date_text(Date date);

class Baseline {
 public:
  struct Entry {
    std::size_t line;
    Date last_day;
    std::string reason;
  };

  // An error names the line.
  [[nodiscard]] static Result<Baseline> parse(std::string_view text, Date today);

  // Marks the files that are listed, with all that they read beside them. Safe ones need no mark.
  void apply(std::span<ScannedFile> files) const;

  const std::vector<Entry>& expired() const { return expired_; }

 private:
  bool holds(const ScannedFile& file) const;

  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<Entry> expired_;
};

// Lines for all files that are neither safe nor listed yet; marks them. Those whose bytes could not be read stay as
// they are.
std::string baseline_lines(std::span<ScannedFile> files, Date last_day, std::string_view reason);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_SCAN_BASELINE_H_
