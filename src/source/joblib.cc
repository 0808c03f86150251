#include "source/joblib.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/quote.h"
#include "cppickle/document.h"
#include "document/graph.h"
#include "document/walk.h"
#include "source/opening.h"

namespace cppickle {
namespace {

constexpr std::size_t kWindow = std::size_t{16} << 20;
constexpr std::string_view kModule = "joblib.numpy_pickle";
constexpr std::size_t kMostBetween = 8;  // GLOBAL: a newline; STACK_GLOBAL: memo and length opcodes
constexpr std::size_t kMostSideFiles = 10'000;

// The class named right after the module's name that ends at `at`.
JoblibUse class_after(std::string_view text, std::size_t at) {
  const std::string_view after = text.substr(at, kMostBetween + 24);
  const std::size_t begin = after.find_first_of("NZ");
  if (begin == after.npos || begin > kMostBetween) return JoblibUse::kNone;
  const std::string_view name = after.substr(begin);
  if (name.starts_with("NumpyArrayWrapper")) return JoblibUse::kWrapper;
  if (name.starts_with("NDArrayWrapper") || name.starts_with("ZNDArrayWrapper")) return JoblibUse::kSideFile;
  return JoblibUse::kNone;
}

bool is_side_file_class(const Value& type) {
  const std::optional<Global> name = type.global();
  if (!name || (name->qualname != "NDArrayWrapper" && name->qualname != "ZNDArrayWrapper")) return false;
  return name->module == kModule || name->module.ends_with(".joblib.numpy_pickle");
}

// joblib joins the name to the pickle's folder, so an absolute one or one with folders leads anywhere.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\\:\0", 4)) == name.npos;
}

SideFile::State state_of(std::string_view name, const std::string* path) {
  if (!is_plain_name(name)) return SideFile::State::kRefused;
  if (path == nullptr) return SideFile::State::kUnknown;
  std::error_code failed;
  // The entry itself is looked at: a link is not followed.
  const auto status =
      std::filesystem::symlink_status(std::filesystem::path(*path).parent_path() / name, failed);
  return std::filesystem::is_regular_file(status) ? SideFile::State::kPresent : SideFile::State::kMissing;
}

void add_side_file(SourceContents& contents, std::size_t stream, std::string_view name,
                   const std::string* path) {
  const SideFile::State state = state_of(name, path);
  if (state == SideFile::State::kRefused) {
    contents.problems.push_back({.code = ErrorCode::kUnsupported,
                                 .message = "names the file " + quote(name) +
                                            " for an array, which leads out of its own folder: refused",
                                 .where = contents.streams[stream].where});
  }
  contents.side_files.push_back({stream, std::string(name), state});
}

// The names in the states of all wrappers of `document`.
void list_side_files(SourceContents& contents, std::size_t stream, const Document& document,
                     const std::string* path) {
  const Graph& graph = document.graph();
  for_each_cell(graph, [&](Cell cell) {
    const Value value(graph, cell.bits());
    if (value.kind() != Kind::kObject || value.is_reference()) return true;
    // copyreg._reconstructor(class, object, None) names the class as first argument.
    std::optional<Value> type = value.callable();
    if (type && !is_side_file_class(*type) && value.args() && value.args()->size() > 0) {
      type = *value.args()->items().begin();
    }
    const std::optional<Value> state = value.state();
    if (!type || !is_side_file_class(*type) || !state) return true;
    for (const auto [key, name] : state->pairs()) {
      if (key.text() == "filename") add_side_file(contents, stream, name.text(), path);
    }
    return contents.side_files.size() < kMostSideFiles;
  });
}

}  // namespace

JoblibUse joblib_use(std::string_view pickle) {
  pickle = pickle.substr(0, kWindow);
  JoblibUse use = JoblibUse::kNone;
  for (std::size_t at = pickle.find(kModule); at != pickle.npos; at = pickle.find(kModule, at + 1)) {
    use = std::max(use, class_after(pickle, at + kModule.size()));
    if (use == JoblibUse::kSideFile) break;
  }
  return use;
}

void find_side_files(SourceContents& contents, const Limits& limits, const std::string* path) {
  for (std::size_t i = 0; i < contents.streams.size(); ++i) {
    if (joblib_use(contents.streams[i].bytes) != JoblibUse::kSideFile) continue;
    const PickleStream& stream = contents.streams[i];
    const Result<Document> document = read_pickles(stream.bytes, limits, stream.most_pickles);
    // One that does not read tells so to whoever reads it.
    if (document) list_side_files(contents, i, *document, stream.where.empty() ? path : nullptr);
  }
}

}  // namespace cppickle
