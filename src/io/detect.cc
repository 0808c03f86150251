#include "io/detect.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "base/utf8.h"
#include "io/little_endian.h"
#include "io/pickle_shape.h"
#include "io/tar.h"

namespace cppickle {
namespace {

constexpr std::size_t kTextWindow = 4096;
constexpr std::size_t kLineEndWindow = std::size_t{256} << 10;

constexpr std::string_view kCrlfPhrase =
    "a pickle damaged by translated line ends (written or transferred in text mode)";

struct Magic {
  std::size_t at;
  std::string_view bytes;
  FileKind kind;
  std::string_view phrase;
};

// string_view literals, because many of these hold zero bytes.
using std::string_view_literals::operator""sv;

constexpr Magic kMagics[] = {
    {0, "version https://git-lfs"sv, FileKind::kGitLfsPointer,
     "a Git LFS pointer (the real file was not downloaded)"},
    {0, "version https://hawser.github.com"sv, FileKind::kGitLfsPointer,
     "a Git LFS pointer (the real file was not downloaded)"},
    {0, "/annex/objects/"sv, FileKind::kOther, "a git-annex pointer (the real file was not downloaded)"},
    {0, "PK\3\4"sv, FileKind::kZip, "a ZIP archive"},
    {0, "PK\5\6"sv, FileKind::kZip, "an empty ZIP archive"},
    {0, "PK\7\x08PK\3\4"sv, FileKind::kZip, "a ZIP archive"},
    {0, "\x93NUMPY"sv, FileKind::kNpy, "a numpy array file (.npy)"},
    {0, "\x89HDF\r\n\x1A\n"sv, FileKind::kHdf5, "an HDF5 file (Keras and others write it)"},
    {512, "\x89HDF\r\n\x1A\n"sv, FileKind::kHdf5, "an HDF5 file with a user block"},
    {0, "\x89HDF\n\x1A\n"sv, FileKind::kHdf5, "an HDF5 file damaged by translated line ends"},
    {0,
     "\x7F"
     "ELF"sv,
     FileKind::kOther, "a program or library (ELF)"},
    {0, "MZ\x90\0"sv, FileKind::kOther, "a Windows program"},
    {0, "\xCF\xFA\xED\xFE"sv, FileKind::kOther, "a macOS program or library (Mach-O)"},
    {0, "\xCA\xFE\xBA\xBE\0\0"sv, FileKind::kOther, "a Java class or a macOS program"},
    {0, "%PDF-"sv, FileKind::kOther, "a PDF document"},
    {0, "\x89PNG\r\n\x1A\n"sv, FileKind::kOther, "a PNG image"},
    {0, "\xFF\xD8\xFF"sv, FileKind::kOther, "a JPEG image"},
    {0, "GIF87a"sv, FileKind::kOther, "a GIF image"},
    {0, "GIF89a"sv, FileKind::kOther, "a GIF image"},
    {8, "WEBPVP8"sv, FileKind::kOther, "a WebP image"},
    {8, "WAVEfmt "sv, FileKind::kOther, "a WAVE sound"},
    {0, "7z\xBC\xAF\x27\x1C"sv, FileKind::kOther, "a 7-Zip archive; unpack it first"},
    {0, "Rar!\x1A\7"sv, FileKind::kOther, "a RAR archive; unpack it first"},
    {0, "!<arch>\n"sv, FileKind::kOther, "an ar archive or static library"},
    {0, "\x02\x21\x4C\x18"sv, FileKind::kOther, "an lz4 file of the legacy format"},
    {0, "\x1F\x9D"sv, FileKind::kOther, "a file compressed by compress (.Z); unpack it first"},
    {0, "LZIP\1"sv, FileKind::kOther, "an lzip file; unpack it first"},
    {0, "\xFFsNaPpY"sv, FileKind::kOther, "a framed snappy file; unpack it first"},
    {0, "\x02\x01\x21\x01"sv, FileKind::kOther, "a blosc file; unpack it first"},
    {0, "PAR1"sv, FileKind::kOther, "a Parquet table"},
    {0, "ARROW1\0\0"sv, FileKind::kOther, "an Arrow or Feather table"},
    {0, "FEA1"sv, FileKind::kOther, "a Feather table"},
    {0, "Obj\1"sv, FileKind::kOther, "an Avro file"},
    {0, "ORC"sv, FileKind::kOther, "an ORC table"},
    {0, "SQLite format 3\0"sv, FileKind::kOther, "an SQLite database"},
    {0, "GGUF"sv, FileKind::kOther, "a GGUF model"},
    {4, "TFL3"sv, FileKind::kOther, "a TensorFlow Lite model"},
    {0, "CBM1"sv, FileKind::kOther, "a CatBoost model"},
    {0, "binf"sv, FileKind::kOther, "an XGBoost model of its old binary format"},
    {0, "tree\nversion="sv, FileKind::kOther, "a LightGBM model as text"},
    {0, "{L\0\0\0\0\0\0\0"sv, FileKind::kOther, "an XGBoost model (UBJSON)"},
    {0, "$FL2"sv, FileKind::kOther, "an SPSS data file"},
    {0, "SR\0\4"sv, FileKind::kOther, "an IDL data file (.sav)"},
    {0, "MATLAB 5.0 MAT-file"sv, FileKind::kOther, "a MATLAB data file"},
    {0, "RDX2\n"sv, FileKind::kOther, "an R data file"},
    {0, "RDX3\n"sv, FileKind::kOther, "an R data file"},
    {0, "X\n\0\0\0\2"sv, FileKind::kOther, "an R object (.rds)"},
    {0, "X\n\0\0\0\3"sv, FileKind::kOther, "an R object (.rds)"},
    {0, "CDF\1"sv, FileKind::kOther, "a NetCDF file"},
    {0, "CDF\2"sv, FileKind::kOther, "a NetCDF file"},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, FileKind::kOther,
     "a Microsoft Office document of the old format"},
    {0, "\xFF\xFE"sv, FileKind::kOther,
     "text in UTF-16 (PowerShell writes it for '>', which ruins binary files)"},
    {0, "\xFE\xFF"sv, FileKind::kOther, "text in UTF-16"},
};

bool has_magic(ByteSpan bytes, std::size_t at, std::string_view magic) {
  return fits(at, magic.size(), bytes.size()) && as_view(bytes).substr(at, magic.size()) == magic;
}

std::string_view phrase_of(Compression compression) {
  switch (compression) {
    case Compression::kGzip: return "a gzip-compressed file";
    case Compression::kZlib: return "a zlib-compressed file";
    case Compression::kBz2: return "a bzip2-compressed file";
    case Compression::kXz: return "an xz-compressed file";
    case Compression::kLzma: return "an lzma-compressed file";
    case Compression::kLz4: return "an lz4-compressed file";
    case Compression::kZstd: return "a zstd-compressed file";
    case Compression::kZfile: return "a compressed file of joblib before 0.10";
    case Compression::kNone:
    case Compression::kDeflate: break;
  }
  return {};
}

bool is_text(std::string_view text) {
  text = text.substr(0, kTextWindow);
  // The window may end inside a character.
  for (int i = 0; i < 3 && !text.empty() && !is_utf8(text); ++i) text.remove_suffix(1);
  if (!is_utf8(text)) return false;
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\x1B';
  });
}

// Whether every newline has a carriage return before it, and there is one.
bool has_translated_line_ends(ByteSpan bytes) {
  const std::string_view text = as_view(bytes.first(std::min(bytes.size(), kLineEndWindow)));
  bool any = false;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return false;
    any = true;
  }
  return any;
}

// Binary pickles have newlines in the names of protocols below 4, and by chance elsewhere. joblib's raw
// arrays break any walk, and are no damage.
bool is_translated_pickle(ByteSpan bytes, const PickleShape& shape) {
  if (shape.lines > 0 && shape.crlf_lines != shape.lines) return false;
  if (shape.lines > 0 && shape.instructions >= 2) return true;
  if (shape.end != PickleShape::End::kContradiction || !has_translated_line_ends(bytes)) return false;
  return as_view(bytes.first(std::min(bytes.size(), kLineEndWindow))).find("joblib") ==
         std::string_view::npos;
}

Detection pickle(FileKind kind, std::string_view phrase) {
  return {.kind = kind, .phrase = phrase, .may_be_pickle = true};
}

// A whole pickle, a cut one, or one that breaks off after it named a global: the latter is how payloads hide
// from scanners that give up at an error.
bool is_likely(const PickleShape& shape) {
  switch (shape.end) {
    case PickleShape::End::kStop: return true;
    case PickleShape::End::kRanOut: return shape.instructions >= (shape.names > 0 ? 2u : 3u);
    case PickleShape::End::kContradiction: return shape.names > 0 && shape.instructions >= 3;
  }
  return false;
}

// A pickle at the beginning, or nothing.
std::optional<Detection> detect_pickle(ByteSpan bytes) {
  const PickleShape shape = walk_pickle_shape(bytes);
  if (bytes.size() >= 2 && bytes[0] == 0x80 && bytes[1] <= 10) {
    if (is_translated_pickle(bytes, shape)) {
      return pickle(FileKind::kCrlfPickle,
                    "a pickle damaged by translated line ends (a transfer in text mode)");
    }
    return pickle(FileKind::kPickle, "a pickle");
  }
  if (!is_likely(shape)) {
    // Binary damage of a protocol that has no PROTO: the lengths no longer fit.
    if (shape.instructions < 3 || is_text(as_view(bytes)) || !is_translated_pickle(bytes, shape))
      return std::nullopt;
    return pickle(FileKind::kCrlfPickle, kCrlfPhrase);
  }
  if (shape.lines > 0 && shape.crlf_lines == shape.lines) return pickle(FileKind::kCrlfPickle, kCrlfPhrase);
  return pickle(FileKind::kTextPickle, "a pickle of protocol 0 or 1");
}

// What comes out when somebody opens a binary pickle as text and saves it again.
std::optional<Detection> detect_disguised_pickle(ByteSpan bytes) {
  const std::string_view text = as_view(bytes);
  const auto is_protocol = [&](std::size_t at) { return at < text.size() && text[at] >= 2 && text[at] <= 5; };
  if (text.starts_with("\xEF\xBF\xBD") && is_protocol(3)) {
    return Detection{FileKind::kReencodedPickle,
                     {},
                     "a pickle that was opened as text and saved again, which destroyed it"};
  }
  if (text.starts_with("\xC2\x80") && is_protocol(2)) {
    return Detection{FileKind::kReencodedPickle,
                     {},
                     "a pickle that was re-encoded as UTF-8 (decode it as UTF-8, then encode it as latin-1)"};
  }
  // PROTO and what follows it, FRAME or anything.
  for (const std::string_view start : {"gAJ", "gAN", "gASV", "gAWV"}) {
    const std::string_view first = text.substr(0, std::min<std::size_t>(text.size(), 64));
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\r\n";
    if (text.starts_with(start) && first.size() >= 8 && first.find_first_not_of(kAlphabet) == first.npos) {
      return Detection{FileKind::kPickleAsText, {}, "a pickle in base64; decode it first"};
    }
  }
  if (text.starts_with("b'\\x80\\x0") || text.starts_with("b\"\\x80\\x0")) {
    return Detection{FileKind::kPickleAsText, {}, "a pickle printed as a Python bytes literal"};
  }
  return std::nullopt;
}

// safetensors: the length of a JSON object (at most 100 MB, as its own reader has it), then the object.
bool is_safetensors(ByteSpan bytes) {
  if (!has_magic(bytes, 8, "{\"")) return false;
  const std::uint64_t length = le64(bytes, 0);
  return length >= 2 && length <= 100'000'000 && fits(8, length, bytes.size());
}

// Python's marshal: a dict whose first key is a tuple (the profilers' files), or code (.pyc after its
// header).
bool is_marshal(ByteSpan bytes) {
  return has_magic(bytes, 0, "{(") && has_magic(bytes, 3, std::string_view("\0\0\0", 3));
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  return std::equal(lower.begin(), lower.end(), text.begin(), [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + ('a' - 'A')) : b);
  });
}

Detection detect_text(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  text.remove_prefix(begin);
  for (const std::string_view tag : {"<!doctype html", "<html", "<head", "<body", "<title"}) {
    if (starts_with_ignoring_case(text, tag)) {
      return {FileKind::kHtml, {}, "an HTML page (an error or login page in place of the download?)"};
    }
  }
  if (text.starts_with("<?xml") || text.starts_with("<Error>"))
    return {FileKind::kXml, {}, "an XML document"};
  if (!text.empty() && (text[0] == '{' || text[0] == '[')) {
    const std::size_t next = text.find_first_not_of(" \t\r\n", 1);
    const std::string_view follows = text[0] == '{' ? "\"}"sv : "\"]{[-0123456789tfn"sv;
    if (next != text.npos && follows.find(text[next]) != follows.npos)
      return {FileKind::kJson, {}, "a JSON document"};
  }
  return {FileKind::kText, {}, "a text file"};
}

// Two bytes are little to go by ("x^2" has them too): the first block must make sense.
bool is_really_zlib(ByteSpan bytes) {
  Limits limits;
  limits.decompressed = 256;
  const PartlyDecompressed tried =
      decompress_partly(bytes.first(std::min(bytes.size(), kTextWindow)), Compression::kZlib, limits);
  if (!tried.damage || tried.damage->code == ErrorCode::kLimit) return true;
  return !is_text(as_view(bytes)) && (tried.damage->code == ErrorCode::kTruncated || !tried.data.empty());
}

Detection detect_start(ByteSpan bytes) {
  if (bytes.empty()) return {FileKind::kEmpty, {}, "an empty file"};
  Compression compression = detect_compression(bytes);
  if (compression == Compression::kZlib && !is_really_zlib(bytes)) compression = Compression::kNone;
  // The formats without a real magic come last.
  const bool is_guess = compression == Compression::kZlib || compression == Compression::kLzma;
  if (compression != Compression::kNone && !is_guess) {
    return {FileKind::kCompressed, compression, phrase_of(compression)};
  }
  for (const Magic& magic : kMagics) {
    if (has_magic(bytes, magic.at, magic.bytes)) return {magic.kind, {}, magic.phrase};
  }
  if (is_tar_header(bytes)) return {FileKind::kTar, {}, "a TAR archive"};
  if (is_guess) return {FileKind::kCompressed, compression, phrase_of(compression)};
  if (std::optional<Detection> found = detect_pickle(bytes)) return *found;
  if (std::optional<Detection> found = detect_disguised_pickle(bytes)) return *found;
  if (has_magic(bytes, 0, "\xEF\xBB\xBF")) {
    if (detect_pickle(bytes.subspan(3))) {
      return {
          FileKind::kBomPickle, {}, "a pickle after a UTF-8 byte order mark; remove its first three bytes"};
    }
    bytes = bytes.subspan(3);
  }
  if (is_safetensors(bytes)) return {FileKind::kOther, {}, "a safetensors file"};
  if (is_marshal(bytes)) return {FileKind::kOther, {}, "a file of Python's marshal"};
  if (is_text(as_view(bytes))) return detect_text(as_view(bytes));
  return {FileKind::kUnknown, {}, "an unknown binary file"};
}

}  // namespace

Detection detect(ByteSpan bytes) {
  Detection found = detect_start(bytes);
  if (found.kind != FileKind::kZip && bytes.size() >= 22) {
    const std::size_t window = std::min<std::size_t>(bytes.size(), 22 + 65535);
    const std::string_view tail = as_view(bytes.last(window));
    const std::size_t at = tail.rfind("PK\5\6", tail.size() - 22);
    found.has_zip_end = at != std::string_view::npos;
  }
  if (!found.may_be_pickle && !bytes.empty()) { found.may_be_pickle = is_likely(walk_pickle_shape(bytes)); }
  return found;
}

std::string_view name_of(FileKind kind) {
  switch (kind) {
    case FileKind::kEmpty: return "empty";
    case FileKind::kPickle: return "pickle";
    case FileKind::kTextPickle: return "text-pickle";
    case FileKind::kCrlfPickle: return "crlf-pickle";
    case FileKind::kBomPickle: return "bom-pickle";
    case FileKind::kReencodedPickle: return "reencoded-pickle";
    case FileKind::kPickleAsText: return "pickle-as-text";
    case FileKind::kCompressed: return "compressed";
    case FileKind::kZip: return "zip";
    case FileKind::kTar: return "tar";
    case FileKind::kNpy: return "npy";
    case FileKind::kHdf5: return "hdf5";
    case FileKind::kGitLfsPointer: return "git-lfs-pointer";
    case FileKind::kHtml: return "html";
    case FileKind::kXml: return "xml";
    case FileKind::kJson: return "json";
    case FileKind::kText: return "text";
    case FileKind::kOther: return "other";
    case FileKind::kUnknown: break;
  }
  return "unknown";
}

}  // namespace cppickle
