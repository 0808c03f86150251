#include "source/opening.h"

#include <algorithm>
#include <utility>

#include "base/quote.h"
#include "io/compressed.h"

namespace cppickle {
namespace {

constexpr std::uint64_t kAlwaysGranted = std::uint64_t{64} << 20;  // as Limits::ratio has it
constexpr std::size_t kLongestName = 256;
constexpr std::size_t kLongestPath = 1024;

std::string_view wrapper_name(Compression compression) {
  return compression == Compression::kZfile ? "joblib<0.10 Z-file" : name_of(compression);
}

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? ~std::uint64_t{0} : product;
}

}  // namespace

// All decompressed bytes of a file are held to what one stream of the file's size could give: archives in
// archives multiply their ratios.
Opening::Opening(const OpenOptions& options, SourceContents& contents)
    : options_(options),
      contents_(contents),
      left_(
          std::min(options.limits.decompressed,
                   std::max(kAlwaysGranted, saturating_product(contents.file_size, options.limits.ratio)))) {}

Result<void> Opening::run(Bytes bytes) {
  const Result<std::string> made = open_part({.bytes = std::move(bytes), .where = {}});
  if (!made) return std::unexpected(made.error());
  contents_.container = *made;
  while (!open_.empty()) {
    std::optional<Part> part = open_.back()->next(*this);
    if (!part) {
      open_.pop_back();
      continue;
    }
    const Part kept = *part;
    const Result<std::string> opened = open_part(*std::move(part));
    if (opened) continue;
    add_problem(opened.error(), kept.where);
    add_blob(kept, 0, kept.bytes.size(), "something that cannot be read");
  }
  return {};
}

Result<std::string> Opening::open_part(Part part) {
  std::string wrapping;
  for (;;) {
    const Detection found = detect(part.bytes.span());
    if (found.kind != FileKind::kCompressed) return open_plain(part, found, wrapping);
    if (part.depth >= options_.limits.nesting) { return std::unexpected(too_deep()); }
    wrapping += std::string(wrapper_name(found.compression)) + " > ";
    if (Result<void> unwrapped = unwrap(part, found.compression); !unwrapped)
      return std::unexpected(unwrapped.error());
    ++part.depth;
  }
}

Result<void> Opening::unwrap(Part& part, Compression compression) {
  Result<Decompressed> plain = decompress(part.bytes.span(), compression, limits_left());
  if (!plain) return std::unexpected(plain.error());
  charge(plain->data.size());
  if (plain->consumed < part.bytes.size()) {
    add_problem({ErrorCode::kCorrupt,
                 std::to_string(part.bytes.size() - plain->consumed) + " bytes follow the " +
                     std::string(name_of(compression)) + " data and belong to nothing",
                 plain->consumed},
                part.where);
  }
  part.bytes = std::move(plain->data);
  return {};
}

Result<std::string> Opening::open_plain(const Part& part, const Detection& found, std::string_view wrapping) {
  const Result<std::string> made = dispatch(part, found);
  if (!made) return made;
  open_other_reading(part, found, *this);
  if (wrapping.empty() && (*made == "pickle" || *made == "joblib pickle")) return "raw " + *made;
  if (!wrapping.empty() && *made == "tar") return std::string(wrapping) + "tar/other";
  return std::string(wrapping) + *made;
}

Result<std::string> Opening::dispatch(const Part& part, const Detection& found) {
  switch (found.kind) {
    case FileKind::kPickle:
    case FileKind::kTextPickle:
    case FileKind::kCrlfPickle: {
      if (std::optional<std::string> torch = open_torch_legacy(part, *this)) return *torch;
      Result<std::string> made = open_pickle(part, found, *this);
      if (made || made.error().code != ErrorCode::kNotAPickle) return made;
      return open_other(part, {.phrase = made.error().message});
    }
    case FileKind::kZip: return open_zip(part, *this);
    case FileKind::kTar: return open_tar(part, *this);
    case FileKind::kNpy: return open_npy(part, *this);
    case FileKind::kUnknown:
    case FileKind::kOther:
      // Something before a ZIP archive, as in those that unpack themselves.
      if (found.has_zip_end) {
        if (Result<std::string> made = open_zip(part, *this)) return made;
      }
      break;
    default: break;
  }
  return open_other(part, found);
}

Result<std::string> Opening::open_other(const Part& part, const Detection& found) {
  if (part.where.empty()) {
    contents_.what = found.phrase;
  } else {
    add_blob(part, 0, part.bytes.size(), part.key.empty() ? std::string(found.phrase) : "a tensor's storage",
             part.key);
  }
  if (found.kind == FileKind::kEmpty) return "empty";
  if (found.kind == FileKind::kHdf5) return "hdf5";
  return "not a pickle";
}

void Opening::add_stream(const Part& part, std::uint64_t offset, std::uint64_t size,
                         std::uint64_t most_pickles, bool is_other_reading) {
  Bytes bytes = part.bytes.part(offset, size);
  contents_.streams.push_back({.where = part.where,
                               .bytes = bytes.view(),
                               .offset = offset,
                               .most_pickles = most_pickles,
                               .is_damaged = part.is_damaged,
                               .is_other_reading = is_other_reading});
  contents_.stream_bytes.push_back(std::move(bytes));
}

void Opening::add_blob(const Part& part, std::uint64_t offset, std::uint64_t size, std::string what,
                       std::string key) {
  Bytes bytes = part.bytes.part(offset, size);
  contents_.blobs.push_back({.where = part.where,
                             .key = std::move(key),
                             .what = std::move(what),
                             .bytes = bytes.view(),
                             .offset = offset,
                             .is_damaged = part.is_damaged});
  contents_.blob_bytes.push_back(std::move(bytes));
}

void Opening::add_problem(Error error, std::string_view where) {
  if (!error.where.empty() && !where.empty()) error.where = "!" + error.where;
  error.where.insert(0, where);
  contents_.problems.push_back(std::move(error));
}

Error Opening::too_deep() const {
  return {ErrorCode::kLimit, "containers in containers, more than " +
                                 std::to_string(options_.limits.nesting) +
                                 " deep (limit 'nesting'); raise it with --limit nesting=N"};
}

Limits Opening::limits_left() const {
  Limits limits = options_.limits;
  limits.decompressed = std::min(limits.decompressed, left_);
  return limits;
}

std::string member_path(std::string_view where, std::string_view name) {
  std::string quoted = quote(name, kLongestName);
  const std::string_view inner = std::string_view(quoted).substr(1, quoted.size() - 2);
  if (inner == name) quoted = std::string(inner);
  std::string path(where);
  if (path.size() > kLongestPath) path = path.substr(0, kLongestPath) + "...";
  if (!path.empty()) path += '!';
  return path + quoted;
}

}  // namespace cppickle
