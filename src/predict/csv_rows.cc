#include "predict/csv_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/quote.h"
#include "base/utf8.h"
#include "predict/row_set.h"

namespace cppickle::predict {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_word_of_number(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower == "nan" || lower == "inf" || lower == "infinity";
}

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
  return text;
}

// What Python's float() takes, without underscores: 12, -1.5, .5, 1e-3, nan, inf.
bool is_number(std::string_view text) {
  const std::string_view rest = without_sign(trimmed(text));
  std::size_t i = 0, digits = 0;
  while (i < rest.size() && is_digit(rest[i])) ++i, ++digits;
  if (i < rest.size() && rest[i] == '.') {
    ++i;
    while (i < rest.size() && is_digit(rest[i])) ++i, ++digits;
  }
  if (digits == 0) return rest.size() <= 8 && is_word_of_number(rest);
  if (i < rest.size() && (rest[i] == 'e' || rest[i] == 'E')) {
    ++i;
    if (i < rest.size() && (rest[i] == '+' || rest[i] == '-')) ++i;
    const std::size_t first = i;
    while (i < rest.size() && is_digit(rest[i])) ++i;
    if (i == first) return false;
  }
  return i == rest.size();
}

// Of a text that is_number().
double number_of(std::string_view text) {
  text = trimmed(text);
  const bool negative = text.starts_with('-');
  const std::string_view rest = without_sign(text);
  double value = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (parsed.ec == std::errc::result_out_of_range) {
    // Too large, or too small: only its size tells, and strtod knows both.
    value = std::strtod(std::string(rest).c_str(), nullptr);
  }
  return negative ? -value : value;
}

// pandas' true_values and false_values.
std::optional<bool> flag_of(std::string_view text) {
  if (text == "True" || text == "TRUE" || text == "true") return true;
  if (text == "False" || text == "FALSE" || text == "false") return false;
  return {};
}

class CsvRows final : public RowReader {
 public:
  CsvRows(ReplayableBytes& bytes, RowsWanted wanted, CsvOptions options)
      : bytes_(bytes), wanted_(std::move(wanted)), options_(std::move(options)), records_(reading()) {}

  // The first reading.
  Result<void> survey() {
    const auto first = records_.next(fields_);
    if (!first) return std::unexpected(first.error());
    if (!*first) return bad_rows("there are no rows, and no header");
    has_header_ = decide_header();
    for (const std::string_view field : fields_)
      given_.emplace_back(has_header_ ? std::string(trimmed(field)) : std::string());
    width_ = fields_.size();
    seen_.resize(width_);
    if (const auto chosen = choose_columns(); !chosen) return chosen;
    if (!has_header_) look_at_record();
    while (true) {
      const auto more = records_.next(fields_);
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
      if (const auto fits = check_width(); !fits) return fits;
      look_at_record();
      if (options_.progress && (rows_ & 1023) == 0) options_.progress(records_.bytes());
    }
    options_.progress = nullptr;
    return begin_again();
  }

  std::uint64_t rows() const override { return rows_; }

  Result<Input> next(std::size_t most) override {
    set_.clear();
    while (set_.rows < most) {
      const auto more = records_.next(fields_);
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
      if (const auto fits = check_width(); !fits) return std::unexpected(fits.error());
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (const auto added = add(set_.columns[i], fields_[columns_[i]]); !added)
          return std::unexpected(added.error());
      }
      ++set_.rows;
    }
    return set_.input(wanted_.takes, 0, set_.rows);
  }

 private:
  struct Seen {
    bool all_numbers = true;  // or missing
    bool all_flags = true;
    bool stays_text = false;
  };

  CsvRecords reading() {
    return CsvRecords([this](char* to, std::size_t most) { return bytes_.read(to, most); }, options_.form);
  }

  bool decide_header() const {
    if (options_.form.is_plain || options_.header == CsvOptions::Header::kNo) return false;
    if (options_.header == CsvOptions::Header::kYes || wanted_.takes != Takes::kRows) return true;
    const bool names_one = std::ranges::any_of(fields_, [&](std::string_view field) {
      return std::ranges::find(wanted_.names, trimmed(field)) != wanted_.names.end();
    });
    return names_one || std::ranges::none_of(fields_, [&](std::string_view field) { return is_number(field); });
  }

  Result<void> choose_columns() {
    std::vector<std::size_t> order;
    if (has_header_) {
      auto matched = match_columns(given_, wanted_);
      if (!matched) return std::unexpected(matched.error());
      order = *std::move(matched);
    } else {
      for (std::size_t i = 0; i < width_; ++i) order.push_back(i);
    }
    columns_ = std::move(order);
    for (const std::string& name : options_.text_columns) {
      const auto found = std::ranges::find(given_, name);
      if (!has_header_ || found == given_.end()) return bad_rows("there is no column " + quote(name));
      seen_[static_cast<std::size_t>(found - given_.begin())].stays_text = true;
    }
    return {};
  }

  Result<void> check_width() const {
    if (fields_.size() == width_) return {};
    return bad_rows(
        fmt::format("line {}: it has {} fields, the first line has {}", records_.line(), fields_.size(), width_));
  }

  bool is_missing(std::string_view text) const {
    return text.empty() || std::ranges::find(options_.missing, text) != options_.missing.end();
  }

  void look_at_record() {
    ++rows_;
    for (const std::size_t i : columns_) {
      Seen& seen = seen_[i];
      if (!seen.all_numbers && !seen.all_flags) continue;
      const bool missing = is_missing(fields_[i]);
      if (seen.all_numbers && !missing) seen.all_numbers = is_number(fields_[i]);
      if (seen.all_flags) seen.all_flags = !missing && flag_of(fields_[i]).has_value();
    }
  }

  Result<void> begin_again() {
    for (const std::size_t i : columns_) {
      RowColumn& column = set_.columns.emplace_back();
      column.name = given_[i];
      const bool is_text = seen_[i].stays_text || wanted_.takes == Takes::kTexts;
      column.type = is_text                ? ElementType::kObject
                    : seen_[i].all_numbers ? ElementType::kFloat64
                    : seen_[i].all_flags   ? ElementType::kBool
                                           : ElementType::kObject;
    }
    set_.has_names = has_header_;
    if (const auto rewound = bytes_.rewind(); !rewound) return rewound;
    records_ = reading();
    if (!has_header_) return {};
    const auto header = records_.next(fields_);
    return header ? Result<void>() : std::unexpected(header.error());
  }

  Result<void> add(RowColumn& column, std::string_view text) {
    const bool missing = is_missing(text);
    switch (column.type) {
      case ElementType::kFloat64:
        // The file may have changed since it was surveyed.
        if (!missing && !is_number(text))
          return bad_rows(fmt::format("line {}: this was a number before", records_.line()));
        column.numbers.push_back(missing ? NAN : number_of(text));
        return {};
      case ElementType::kBool: column.flags.push_back(flag_of(text).value_or(false)); return {};
      default: break;
    }
    if (!is_utf8(text)) {
      return bad_rows(fmt::format("line {}: the text is no UTF-8: {}", records_.line(), quote(text, 40)));
    }
    column.cells.push_back(missing ? Cell::of(NAN) : Cell::of(set_.keep(text)));
    return {};
  }

  ReplayableBytes& bytes_;
  RowsWanted wanted_;
  CsvOptions options_;
  CsvRecords records_;
  std::vector<std::string_view> fields_;
  std::vector<std::string> given_;    // names in the file, empty ones without a header
  std::vector<Seen> seen_;            // by column of the file
  std::vector<std::size_t> columns_;  // which of the file the model gets
  std::size_t width_ = 0;
  bool has_header_ = false;
  std::uint64_t rows_ = 0;
  RowSet set_;
};

}  // namespace

Result<std::unique_ptr<RowReader>> csv_rows(ReplayableBytes& bytes, const RowsWanted& wanted,
                                            const CsvOptions& options) {
  auto reader = std::make_unique<CsvRows>(bytes, wanted, options);
  if (const auto surveyed = reader->survey(); !surveyed) return std::unexpected(surveyed.error());
  return reader;
}

}  // namespace cppickle::predict
