// What a file holds: the pickle streams and raw blobs in it, with where each lies. Detection is by content, never by name.
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

// Bytes in which one or more pickles lie one after the other.
struct PickleStream {
  std::string where;              // member names, outermost first, joined by '!': "model.zip!archive/data.pkl"; "" for the file
  std::string_view bytes;
  std::uint64_t offset = 0;       // of the bytes in their member, after decompression
  std::uint64_t most_pickles = ~std::uint64_t{0};  // a container may say how many there are (torch legacy: 5)
};

// Bytes that are data and no pickle: an array, a tensor's storage.
struct Blob {
  std::string where;
  std::string_view bytes;
};

struct OpenOptions {
  Limits limits;
  bool map = true;  // large regular files are mapped; false reads them (whoever gives a verdict on a file must)
};

// An opened file and everything in it that is a pickle, containers in containers included. Owns all bytes.
class Source {
 public:
  // Errors are those of opening (kIo) and of the outermost container. What is wrong inside is in problems(), and the
  // rest is still there. A file that is no pickle at all opens with no streams and its kind in container().
  static Result<Source> open(const std::string& path, const OpenOptions& options = {});  // "-" is standard input
  static Result<Source> from_bytes(std::string bytes, const OpenOptions& options = {});

  Source();
  ~Source();
  Source(Source&&) noexcept;
  Source& operator=(Source&&) noexcept;

  // How the file is made, outermost first: "raw pickle", "torch zip", "gzip > pickle", "npz", "joblib<0.10 Z-file > pickle",
  // "torch legacy (5 pickles + raw storages)", "gzip > tar", "other zip", "npy", "hdf5", "empty", "not a pickle".
  const std::string& container() const;
  // For a file without pickles, what it is in words: "a Git LFS pointer (the real file was not downloaded)".
  const std::string& what() const;
  const std::vector<PickleStream>& streams() const&;
  const std::vector<Blob>& blobs() const&;
  const std::vector<Error>& problems() const&;
  std::uint64_t file_size() const;

  // The pickles of one stream; the document keeps the bytes alive.
  Result<Document> read(std::size_t stream, const ReadOptions& options = {}) const;

 private:
  struct Contents;
  std::unique_ptr<Contents> contents_;
};

}  // namespace cppickle

#endif  // CPPICKLE_SOURCE_H_
