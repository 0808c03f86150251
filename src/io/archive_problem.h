// What is wrong or odd about an archive. Archives are read as far as they can be and the problems are
// collected, because whoever judges a file must see all of it, and because readers differ in what they let
// pass: an archive with an error here may mean different things to Python, PyTorch and an unpacker.
#ifndef CPPICKLE_IO_ARCHIVE_PROBLEM_H_
#define CPPICKLE_IO_ARCHIVE_PROBLEM_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cppickle/error.h"

namespace cppickle {

enum class ArchiveProblemKind : std::uint8_t {
  kBytesBefore,        // note: something comes before the archive
  kBytesBetween,       // note: bytes between members that belong to none
  kBytesAfter,         // note: something follows the archive
  kEndRecord,          // the end record contradicts itself, the zip64 one or the directory; or there are two
  kBadMember,          // a member's header or data lies outside the file or has no signature
  kHeadersDisagree,    // a member's two headers, or its data descriptor, say different things
  kOverlap,            // two members share bytes
  kHiddenMember,       // a local header that the directory doesn't list
  kDuplicateName,      // two members of one name
  kUnsafeName,         // note: a name that is absolute, leaves the folder or holds a control character
  kEncrypted,          // encryption flags, which some readers obey and others ignore
  kUnsupportedMethod,  // a compression method other than stored and deflate
  kUnsupportedMember,  // a sparse file or another kind that is not read
  kBadChecksum,        // of a header
};

struct ArchiveProblem {
  ArchiveProblemKind kind;
  bool is_error;  // false: a note, every reader takes it the same way
  Error error;    // `where` is the member's quoted name, empty for the archive's own problems
};

// The list, with an end: a hostile archive may have a problem in each of a million members.
class ArchiveProblems {
 public:
  static constexpr std::size_t kMost = 1000;

  void add(ArchiveProblem problem) {
    if (problem.is_error && first_error_ == kNone) first_error_ = list_.size();
    // The first error is always kept, so that the verdict doesn't depend on how many notes came before it.
    if (list_.size() < kMost || first_error_ == list_.size()) {
      list_.push_back(std::move(problem));
    } else {
      ++left_out_;
    }
  }

  const std::vector<ArchiveProblem>& list() const { return list_; }
  std::uint64_t left_out() const { return left_out_; }

  // Nothing when there are only notes.
  const Error* first_error() const { return first_error_ == kNone ? nullptr : &list_[first_error_].error; }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  std::vector<ArchiveProblem> list_;
  std::size_t first_error_ = kNone;
  std::uint64_t left_out_ = 0;
};

}  // namespace cppickle

#endif  // CPPICKLE_IO_ARCHIVE_PROBLEM_H_
