// A folder of one's own that is gone with everything in it when it is no longer needed.
#ifndef CPPICKLE_CLI_TEMPORARY_FOLDER_H_
#define CPPICKLE_CLI_TEMPORARY_FOLDER_H_

#include <string>
#include <string_view>

#include "cppickle/error.h"

namespace cppickle::cli {

class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make();  // in $TMPDIR, else /tmp; readable for nobody else
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;

  std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& path() const { return path_; }
  Result<void> write(std::string_view name, std::string_view bytes) const;

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_TEMPORARY_FOLDER_H_
