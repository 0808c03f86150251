// Rows of a CSV file, or of a text file with one document on each line, read twice: once for what the columns hold,
// then in blocks, so that memory does not grow with the file.
#ifndef CPPICKLE_PREDICT_CSV_ROWS_H_
#define CPPICKLE_PREDICT_CSV_ROWS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "predict/csv_records.h"
#include "predict/row_reader.h"

namespace cppickle::predict {

// Bytes that can be read again from the beginning.
class ReplayableBytes {
 public:
  virtual ~ReplayableBytes() = default;
  virtual Result<std::size_t> read(char* to, std::size_t most) = 0;  // 0 at the end
  virtual Result<void> rewind() = 0;
};

struct CsvOptions {
  enum class Header : std::uint8_t { kDetect, kYes, kNo };

  CsvRecords::Form form = {};
  Header header = Header::kDetect;
  std::vector<std::string> missing = {};                   // texts that mean a missing value, besides the empty one
  std::vector<std::string> text_columns = {};              // that stay texts though all of their values are numbers
  std::function<void(std::uint64_t bytes)> progress = {};  // of the first reading
};

// A column whose every value is a number or missing becomes float64, one of True and False alone bool, others texts
// with NaN for what is missing. Detecting a header: there is one if the first record holds a name that the model knows,
// or no number. Errors say the line, or the columns that do not fit the model.
Result<std::unique_ptr<RowReader>> csv_rows(ReplayableBytes& bytes, const RowsWanted& wanted,
                                            const CsvOptions& options);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_CSV_ROWS_H_
