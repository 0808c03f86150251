// What a file holds: the pickle streams and raw blobs in it, with where each lies. Detection is by content,
// never by name.
#ifndef CPPICKLE_SOURCE_H_
#define CPPICKLE_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/error.h"
#include "cppickle/limits.h"

namespace cppickle {

struct SourceContents;

// Bytes in which one or more pickles lie one after the other.
struct PickleStream {
  // Names of members, outermost first, joined by '!': "model.zip!archive/data.pkl"; "" for the file itself.
  // Names that are not printable are quoted, very long ones are cut: it is for people, not for opening the
  // member again.
  std::string where;
  std::string_view bytes;
  std::uint64_t offset = 0;                        // of the bytes in their member, after decompression
  std::uint64_t most_pickles = ~std::uint64_t{0};  // a container may say how many there are (torch legacy: 5)
  bool is_damaged = false;  // problems() says why its container's word is not to be trusted
  // The bytes are something else as well, which is what container() says. Readers that expect a pickle see
  // this.
  bool is_other_reading = false;
};

// Bytes that are data and no pickle: an array, a tensor's storage, a text beside the pickles.
struct Blob {
  std::string where;
  std::string key;   // of a storage in torch's files, as persistent ids name it; else empty
  std::string what;  // "a tensor's storage", "a numpy array file (.npy)", "a text file", ...
  std::string_view bytes;
  std::uint64_t offset = 0;  // of the bytes in their member
  bool is_damaged = false;
};

// A file beside this one that holds an array of it (joblib before 0.10, class NDArrayWrapper). Never opened
// here.
struct SideFile {
  enum class State : std::uint8_t {
    kPresent,  // in the same folder
    kMissing,
    kUnknown,  // the bytes came from no folder
    kRefused,  // the name leads out of the folder
  };
  std::size_t stream;  // whose object names it
  std::string name;    // as the pickle has it: hostile data
  State state;
};

struct OpenOptions {
  Limits limits;
  bool map =
      true;  // large regular files are mapped; false reads them (whoever gives a verdict on a file must)
  // Whether checksums of uncompressed members that are no pickles are computed: that takes time by their
  // size.
  bool verify_blobs = true;
};

// An opened file and everything in it that is a pickle, containers in containers included. Owns all bytes.
// What is not compressed is not copied. A const Source may be used by many threads.
class Source {
 public:
  // Errors are those of opening (kIo, kLimit) and of the outermost container. What is wrong inside is in
  // problems(), and the rest is still there. A file that is no pickle at all opens with no streams and its
  // kind in container().
  [[nodiscard]] static Result<Source> open(const std::string& path,
                                           const OpenOptions& options = {});  // "-" is standard input
  [[nodiscard]] static Result<Source> from_bytes(std::string bytes, const OpenOptions& options = {});
  // Copies nothing: the caller keeps `bytes` alive and unchanged as long as the source and what was read from it.
  [[nodiscard]] static Result<Source> borrow_bytes(std::string_view bytes, const OpenOptions& options = {});

  ~Source();
  Source(Source&&) noexcept;
  Source& operator=(Source&&) noexcept;

  // How the file is made, outermost first: "raw pickle", "raw joblib pickle", "torch zip", "gzip > pickle",
  // "npz", "joblib<0.10 Z-file > pickle", "torch legacy (5 pickles + raw storages)", "torch tar", "gzip >
  // tar/other", "other zip", "tar", "npy", "hdf5", "empty", "not a pickle".
  const std::string& container() const;
  // For a file without pickles, what it is in words: "a Git LFS pointer (the real file was not downloaded)".
  const std::string& what() const;
  const std::vector<PickleStream>& streams() const&;
  const std::vector<Blob>& blobs() const&;
  const std::vector<SideFile>& side_files() const&;
  // Not all of a hostile file's: at most 1000 from each archive.
  const std::vector<Error>& problems() const&;
  // An error for a file that holds neither pickles nor arrays: what is wrong with it, or what it is.
  [[nodiscard]] Result<void> require_contents() const;
  std::uint64_t file_size() const;
  // The file as it is.
  std::string_view raw() const&;

  // The pickles of one stream; the document keeps the bytes alive. Errors name the stream in `where`.
  [[nodiscard]] Result<Document> read(std::size_t stream, const ReadOptions& options = {}) const;

 private:
  explicit Source(std::unique_ptr<SourceContents> contents);
  std::unique_ptr<SourceContents> contents_;
};

}  // namespace cppickle

#endif  // CPPICKLE_SOURCE_H_
