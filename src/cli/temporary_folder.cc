#include "cli/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "io/safe_write.h"

namespace cppickle::cli {

Result<TemporaryFolder> TemporaryFolder::make() {
  const char* const base = std::getenv("TMPDIR");
  std::string path = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/cppickle-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return std::unexpected(Error{.code = ErrorCode::kIo,
                                 .message = "cannot make a temporary folder: " + std::generic_category().message(errno),
                                 .where = path});
  }
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<void> TemporaryFolder::write(std::string_view name, std::string_view bytes) const {
  return write_file(path(name), as_span(bytes));
}

}  // namespace cppickle::cli
