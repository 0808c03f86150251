// A file, or standard input, that can be read twice.
#ifndef CPPICKLE_CLI_REPLAYED_FILE_H_
#define CPPICKLE_CLI_REPLAYED_FILE_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "predict/csv_rows.h"

namespace cppickle::cli {

// What cannot be rewound (a pipe) goes to a temporary file without a name while it is read.
class ReplayedFile final : public predict::ReplayableBytes {
 public:
  static Result<std::unique_ptr<ReplayedFile>> open(const std::string& path);  // "-" is standard input
  ~ReplayedFile() override;
  ReplayedFile(const ReplayedFile&) = delete;
  ReplayedFile& operator=(const ReplayedFile&) = delete;

  Result<std::size_t> read(char* to, std::size_t most) override;
  Result<void> rewind() override;

  std::uint64_t size() const { return size_; }  // 0 where it is not known

 private:
  ReplayedFile() = default;
  std::unexpected<Error> failed(const char* doing, int number) const;

  std::string path_;
  int descriptor_ = -1;
  bool is_pipe_ = false;
  bool is_replay_ = false;
  std::FILE* copy_ = nullptr;
  std::int64_t begin_ = 0;  // where a descriptor that was given to us stood
  std::uint64_t size_ = 0;
};

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_REPLAYED_FILE_H_
