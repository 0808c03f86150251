// Polyglots: a pickle that is a TAR archive or ends in a ZIP archive. Readers choose differently among the
// two (torch.load by the first bytes, torch.jit.load by the last, older torch by trying TAR first), so both
// are shown.
#include <optional>
#include <string>

#include "cppickle/document.h"
#include "io/pickle_shape.h"
#include "io/zip.h"
#include "source/opening.h"

namespace cppickle {
namespace {

constexpr std::uint64_t kTrialMemory = std::uint64_t{8} << 20;

bool is_pickle_kind(FileKind kind) {
  return kind == FileKind::kPickle || kind == FileKind::kTextPickle || kind == FileKind::kCrlfPickle;
}

// Where the pickles of the part end; its beginning, where none can be read.
std::uint64_t end_of_pickles(const Part& part, const Opening& opening) {
  const Result<Document> document =
      read_pickles(part.bytes.view(), opening.options().limits, ~std::uint64_t{0});
  return document ? document->end_offset() : 0;
}

void open_pickle_within(const Part& part, const Detection& found, Opening& opening) {
  Limits small = opening.options().limits;
  small.allocation = std::min(small.allocation, kTrialMemory);
  const Result<Document> document = read_pickles(part.bytes.view(), small, 1);
  const bool names_something = walk_pickle_shape(part.bytes.span()).names > 0;
  if (!names_something && (!document || document->end_offset() < part.bytes.size())) return;
  opening.add_problem(
      {ErrorCode::kReadersDisagree, std::string(found.phrase) + " that also begins as a pickle does", 0},
      part.where);
  opening.add_stream(part, 0, part.bytes.size(), ~std::uint64_t{0}, true);
}

// A pickle may well hold a ZIP archive's bytes as a value; one after its end is another matter.
void open_zip_after(const Part& part, Opening& opening) {
  const Result<ZipArchive> archive = ZipArchive::open(part.bytes, opening.options().limits);
  if (!archive || archive->members().empty() || archive->begin() < end_of_pickles(part, opening)) return;
  opening.add_problem(
      {ErrorCode::kReadersDisagree,
       "a ZIP archive follows the pickle, and readers of ZIP archives see only that", archive->begin()},
      part.where);
  Part zip = part;
  zip.bytes = part.bytes.part(archive->begin());
  if (const Result<std::string> opened = open_zip(zip, opening); !opened)
    opening.add_problem(opened.error(), part.where);
}

}  // namespace

void open_other_reading(const Part& part, const Detection& found, Opening& opening) {
  // Chance would make both of a tensor's bytes.
  if (!part.key.empty()) return;
  if (is_pickle_kind(found.kind)) {
    if (found.has_zip_end) open_zip_after(part, opening);
  } else if (found.may_be_pickle && found.kind != FileKind::kZip) {
    // A ZIP archive begins with 'P', a persistent id that reaches to the first newline, and then by chance
    // into a stored pickle. Plain Unpicklers refuse it there.
    open_pickle_within(part, found, opening);
  }
}

}  // namespace cppickle
