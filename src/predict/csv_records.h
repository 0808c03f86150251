// CSV cut into records and fields, as RFC 4180 has it.
#ifndef CPPICKLE_PREDICT_CSV_RECORDS_H_
#define CPPICKLE_PREDICT_CSV_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "cppickle/error.h"

namespace cppickle::predict {

// Fills `to` with at most `most` bytes and says how many: 0 at the end.
using ReadBytes = std::function<Result<std::size_t>(char* to, std::size_t most)>;

// Fields end at the delimiter, records at CR LF, LF or CR. A field that begins with a quote ends with one; what lies
// between may hold delimiters, line ends, and quotes written twice. A quote elsewhere is a character like others. Lines
// without any character are left out. A byte-order mark at the beginning is too.
class CsvRecords {
 public:
  struct Form {
    char delimiter = ',';
    bool is_plain = false;  // a line is a field: no delimiters, no quotes, and empty lines count
  };
  CsvRecords(ReadBytes read, Form form);

  // False at the end. Fields live until the next call. kCorrupt for text after a closing quote, kTruncated for one that
  // never comes, kLimit for a record of more than 256 MiB.
  Result<bool> next(std::vector<std::string_view>& fields);

  std::uint64_t line() const { return record_line_; }  // on which the last record begins, from 1
  std::uint64_t bytes() const { return taken_; }       // read so far

 private:
  enum class State : std::uint8_t { kBegin, kPlain, kQuoted, kQuoteSeen };
  struct Field {
    std::size_t begin, size;  // from the record's begin
  };

  Result<bool> more();  // false at the end of the input
  Result<bool> cut();
  void begin_record();
  void end_field();
  std::unexpected<Error> bad(ErrorCode code, const char* message) const;

  ReadBytes read_;
  Form form_;
  std::vector<char> buffer_;
  std::size_t record_ = 0;    // where in the buffer the record begins
  std::size_t position_ = 0;  // the next byte to look at
  std::size_t end_ = 0;
  std::size_t written_ = 0;  // where the field's next byte goes: quotes make it shorter
  std::size_t field_ = 0;    // where the field begins
  State state_ = State::kBegin;
  bool had_quote_ = false;  // the record: "" is no empty line
  bool skip_line_feed_ = false;
  bool at_start_ = true;
  bool is_over_ = false;
  std::vector<Field> cut_;
  std::uint64_t line_ = 1;
  std::uint64_t record_line_ = 1;
  std::uint64_t taken_ = 0;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_CSV_RECORDS_H_
