// What a file is, by its contents and never by its name.
#ifndef CPPICKLE_IO_DETECT_H_
#define CPPICKLE_IO_DETECT_H_

#include <cstdint>
#include <string_view>

#include "io/bytes.h"
#include "io/compressed.h"

namespace cppickle {

enum class FileKind : std::uint8_t {
  kEmpty,
  kPickle,           // begins with PROTO
  kTextPickle,       // looks like protocol 0 or 1, which have no magic: let the reader decide
  kCrlfPickle,       // a pickle whose line ends were translated to "\r\n"
  kBomPickle,        // a pickle after a UTF-8 byte order mark
  kReencodedPickle,  // a binary pickle that went through a text decoder
  kPickleAsText,     // base64 or a Python bytes literal
  kCompressed,       // see Detection::compression
  kZip,              // .npz, PyTorch since 1.6 and others
  kTar,
  kNpy,
  kHdf5,
  kGitLfsPointer,
  kHtml,
  kXml,
  kJson,
  kText,   // another one
  kOther,  // another known format
  kUnknown,
};

struct Detection {
  FileKind kind = FileKind::kUnknown;
  Compression compression = Compression::kNone;
  std::string_view phrase;  // "a Git LFS pointer (the real file was not downloaded)"
  // Bytes that are one thing to one reader and another to the next. Readers of zip archives find them from
  // the end, and CPython takes whatever begins like a pickle for one; a verdict must look at both.
  bool has_zip_end = false;    // an end of a zip archive, in a file of another kind
  bool may_be_pickle = false;  // the walk found no contradiction; always so for kPickle and kTextPickle
};

// Looks at the first 256 KiB and the last 64 KiB at most. Formats without a magic (text pickles, zlib, lzma)
// are guesses. Every answer is a hint on whom to ask; only the format's own reader gives certainty.
Detection detect(ByteSpan bytes);

// The kind's stable name: "empty", "pickle", "git-lfs-pointer" and so on.
std::string_view name_of(FileKind kind);

}  // namespace cppickle

#endif  // CPPICKLE_IO_DETECT_H_
