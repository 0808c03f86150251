#include "cppickle/source.h"

#include <unistd.h>

#include <memory>
#include <utility>

#include "io/file.h"
#include "source/contents.h"
#include "source/joblib.h"
#include "source/opening.h"

namespace cppickle {
namespace {

Result<std::unique_ptr<SourceContents>> contents_of(Bytes bytes, const OpenOptions& options,
                                                    const std::string* path) {
  auto contents = std::make_unique<SourceContents>();
  contents->file_size = bytes.size();
  contents->file = bytes;
  Opening opening(options, *contents);
  if (const Result<void> opened = opening.run(std::move(bytes)); !opened)
    return std::unexpected(opened.error());
  find_side_files(*contents, options.limits, path);
  return contents;
}

Result<std::unique_ptr<SourceContents>> contents_of_memory(Bytes bytes, const OpenOptions& options) {
  if (bytes.size() > options.limits.bytes) {
    return std::unexpected(
        Error{ErrorCode::kLimit, "more than " + std::to_string(options.limits.bytes) +
                                     " bytes (limit 'bytes'); raise it with --limit bytes=N"});
  }
  return contents_of(std::move(bytes), options, nullptr);
}

}  // namespace

Result<Source> Source::open(const std::string& path, const OpenOptions& options) {
  FileOptions how;
  if (!options.map) how.map_from = FileOptions::kNeverMap;
  const bool is_standard_input = path == "-";
  Result<Bytes> bytes =
      is_standard_input ? read_standard_input(options.limits, how) : read_file(path, options.limits, how);
  if (!bytes) return std::unexpected(bytes.error());
  auto contents = contents_of(*std::move(bytes), options, is_standard_input ? nullptr : &path);
  if (contents) return Source(*std::move(contents));
  Error error = std::move(contents.error());
  error.where = path + (error.where.empty() ? "" : "!" + error.where);
  return std::unexpected(std::move(error));
}

Result<Source> Source::from_bytes(std::string bytes, const OpenOptions& options) {
  auto owner = std::make_shared<const std::string>(std::move(bytes));
  const ByteSpan span = as_span(*owner);
  auto contents = contents_of_memory(Bytes::adopt(std::move(owner), span), options);
  if (!contents) return std::unexpected(contents.error());
  return Source(*std::move(contents));
}

Result<Source> Source::borrow_bytes(std::string_view bytes, const OpenOptions& options) {
  auto contents = contents_of_memory(Bytes::borrow(as_span(bytes)), options);
  if (!contents) return std::unexpected(contents.error());
  return Source(*std::move(contents));
}

Source::Source(std::unique_ptr<SourceContents> contents) : contents_(std::move(contents)) {}
Source::~Source() = default;
Source::Source(Source&&) noexcept = default;
Source& Source::operator=(Source&&) noexcept = default;

const std::string& Source::container() const { return contents_->container; }
const std::string& Source::what() const { return contents_->what; }

Result<void> Source::require_contents() const {
  if (!streams().empty()) return {};
  if (!problems().empty()) return std::unexpected(problems().front());
  if (!blobs().empty() && container() != "not a pickle") return {};
  return std::unexpected(Error{ErrorCode::kNotAPickle, "holds no pickle: it is " + what()});
}

const std::vector<PickleStream>& Source::streams() const& { return contents_->streams; }
const std::vector<Blob>& Source::blobs() const& { return contents_->blobs; }
const std::vector<SideFile>& Source::side_files() const& { return contents_->side_files; }
const std::vector<Error>& Source::problems() const& { return contents_->problems; }
std::string_view Source::raw() const& { return contents_->file.view(); }
std::uint64_t Source::file_size() const { return contents_->file_size; }

Result<Document> Source::read(std::size_t stream, const ReadOptions& options) const {
  const PickleStream& from = contents_->streams.at(stream);
  ReadOptions how = options;
  how.most_pickles = std::min(how.most_pickles, from.most_pickles);
  // The caller's owner, if there is one, lives as long.
  using Owners = std::pair<Bytes, std::shared_ptr<const void>>;
  how.owner = std::make_shared<const Owners>(contents_->stream_bytes[stream], options.owner);
  Result<Document> document = Document::read(from.bytes, how);
  if (!document && !from.where.empty()) {
    Error error = document.error();
    error.where = from.where + (error.where.empty() ? "" : ": " + error.where);
    return std::unexpected(std::move(error));
  }
  return document;
}

}  // namespace cppickle
