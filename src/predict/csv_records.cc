#include "predict/csv_records.h"

#include <fmt/format.h>

#include <cstring>

namespace cppickle::predict {
namespace {

constexpr std::size_t kAtOnce = std::size_t{1} << 18;
constexpr std::size_t kLongest = std::size_t{1} << 28;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvRecords::CsvRecords(ReadBytes read, Form form) : read_(std::move(read)), form_(form) {}

std::unexpected<Error> CsvRecords::bad(ErrorCode code, const char* message) const {
  return std::unexpected(Error{code, fmt::format("line {}: {}", record_line_, message)});
}

// Moves the record to the front of the buffer and reads behind it.
Result<bool> CsvRecords::more() {
  if (is_over_) return false;
  if (record_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + record_, end_ - record_);
    for (std::size_t* const place : {&position_, &end_, &written_, &field_}) *place -= record_;
    record_ = 0;
  }
  if (end_ > kLongest) return bad(ErrorCode::kLimit, "a record of more than 256 MiB: is a quote left open?");
  if (buffer_.size() - end_ < kAtOnce) buffer_.resize(std::max(2 * buffer_.size(), end_ + kAtOnce));
  const auto count = read_(buffer_.data() + end_, buffer_.size() - end_);
  if (!count) return std::unexpected(count.error());
  end_ += *count;
  taken_ += *count;
  is_over_ = *count == 0;
  return !is_over_;
}

void CsvRecords::begin_record() {
  record_ = field_ = written_ = position_;
  record_line_ = line_;
  state_ = State::kBegin;
  had_quote_ = false;
  cut_.clear();
}

void CsvRecords::end_field() {
  cut_.push_back({field_ - record_, written_ - field_});
  field_ = written_ = position_;
  state_ = State::kBegin;
}

// Looks at bytes until a record is whole: true; false at the end of the input with nothing left.
Result<bool> CsvRecords::cut() {
  while (true) {
    if (position_ == end_) {
      const auto got = more();
      if (!got) return std::unexpected(got.error());
      if (*got) continue;
      if (state_ == State::kQuoted) return bad(ErrorCode::kTruncated, "a quote that is never closed");
      if (cut_.empty() && field_ == written_ && !had_quote_) return false;
      end_field();
      return true;
    }
    const char c = buffer_[position_++];
    if (skip_line_feed_) {
      skip_line_feed_ = false;
      if (c == '\n') {
        record_ = field_ = written_ = position_;
        continue;
      }
    }
    if (state_ == State::kQuoted) {
      if (c == '"') {
        state_ = State::kQuoteSeen;
      } else {
        line_ += c == '\n';
        buffer_[written_++] = c;
      }
      continue;
    }
    if (c == '\n' || c == '\r') {
      skip_line_feed_ = c == '\r';
      ++line_;
      end_field();
      return true;
    }
    if (c == form_.delimiter && !form_.is_plain) {
      end_field();
    } else if (c == '"' && !form_.is_plain && state_ == State::kBegin) {
      state_ = State::kQuoted;
      had_quote_ = true;
    } else if (state_ == State::kQuoteSeen) {
      if (c != '"') return bad(ErrorCode::kCorrupt, "text after a closing quote");
      buffer_[written_++] = c;
      state_ = State::kQuoted;
    } else {
      state_ = State::kPlain;
      buffer_[written_++] = c;
    }
  }
}

Result<bool> CsvRecords::next(std::vector<std::string_view>& fields) {
  fields.clear();
  while (true) {
    begin_record();
    if (at_start_) {
      at_start_ = false;
      while (end_ < kByteOrderMark.size()) {
        const auto got = more();
        if (!got) return std::unexpected(got.error());
        if (!*got) break;
      }
      if (std::string_view(buffer_.data(), end_).starts_with(kByteOrderMark)) position_ = kByteOrderMark.size();
      begin_record();
    }
    const auto whole = cut();
    if (!whole || !*whole) return whole;
    const bool is_empty = cut_.size() == 1 && cut_[0].size == 0 && !had_quote_;
    if (!is_empty || form_.is_plain) break;
  }
  for (const Field& field : cut_) fields.emplace_back(buffer_.data() + record_ + field.begin, field.size);
  return true;
}

}  // namespace cppickle::predict
