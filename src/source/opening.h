// Opening a file: its parts are told by their contents and taken apart until only pickles and data are left.
// One file per format does the taking apart; this is what they share.
#ifndef CPPICKLE_SOURCE_OPENING_H_
#define CPPICKLE_SOURCE_OPENING_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/error.h"
#include "cppickle/limits.h"
#include "cppickle/source.h"
#include "io/bytes.h"
#include "io/detect.h"
#include "io/tar.h"
#include "source/contents.h"

namespace cppickle {

class Opening;

// The members of an archive, one after the other.
class Members {
 public:
  virtual ~Members() = default;
  // The next member that can be had in some way; problems of those that cannot are put into `opening`.
  virtual std::optional<Part> next(Opening& opening) = 0;
};

class Opening {
 public:
  Opening(const OpenOptions& options, SourceContents& contents);

  // Takes the whole file apart. Archives in archives are kept on a stack of their own, never the program's.
  Result<void> run(Bytes bytes);

  // For the formats' files.
  const OpenOptions& options() const { return options_; }
  void add_stream(const Part& part, std::uint64_t offset, std::uint64_t size,
                  std::uint64_t most_pickles = ~std::uint64_t{0}, bool is_other_reading = false);
  void add_blob(const Part& part, std::uint64_t offset, std::uint64_t size, std::string what,
                std::string key = {});
  void add_problem(Error error, std::string_view where);
  void descend(std::unique_ptr<Members> members) { open_.push_back(std::move(members)); }
  Error too_deep() const;

  // Limits for one more decompression: what all of them together may still grow to.
  Limits limits_left() const;
  // Takes from what is left.
  void charge(std::uint64_t bytes) { left_ -= std::min(left_, bytes); }
  // Counts one more member of all the archives; false at Limits::members.
  bool count_member() { return ++members_ <= options_.limits.members; }

 private:
  Result<std::string> open_part(Part part);
  Result<std::string> open_plain(const Part& part, const Detection& found, std::string_view wrapping);
  Result<std::string> dispatch(const Part& part, const Detection& found);
  Result<void> unwrap(Part& part, Compression compression);
  Result<std::string> open_other(const Part& part, const Detection& found);

  const OpenOptions& options_;
  SourceContents& contents_;
  std::vector<std::unique_ptr<Members>> open_;
  std::uint64_t left_;
  std::uint64_t members_ = 0;
};

// Each takes one part apart and answers how it is made ("torch zip").
Result<std::string> open_zip(const Part& part, Opening& opening);
Result<std::string> open_tar(const Part& part, Opening& opening);
Result<std::string> open_npy(const Part& part, Opening& opening);
// Nothing where the part is no such file.
std::optional<std::string> open_torch_legacy(const Part& part, Opening& opening);

// The archive of torch's oldest files: its four members.
bool is_torch_tar(const TarArchive& archive);
bool is_torch_tar_member(std::string_view name);
void open_torch_tar(const TarArchive& archive, const Part& part, Opening& opening);

// The pickles of one stream, `most_pickles` at most, for whoever takes a format apart.
Result<Document> read_pickles(std::string_view bytes, const Limits& limits, std::uint64_t most_pickles);

// Bytes that may be pickles: "pickle" or "joblib pickle"; or why they are none.
Result<std::string> open_pickle(const Part& part, const Detection& found, Opening& opening);

// Bytes that are one thing to one reader and another to the next: adds what the second one sees.
void open_other_reading(const Part& part, const Detection& found, Opening& opening);

// `name` below `where`, fit to print and bounded.
std::string member_path(std::string_view where, std::string_view name);

}  // namespace cppickle

#endif  // CPPICKLE_SOURCE_OPENING_H_
