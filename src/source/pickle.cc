// Whether bytes that look like a pickle are one.
#include <algorithm>
#include <cstdint>
#include <string>

#include "cppickle/document.h"
#include "io/pickle_shape.h"
#include "source/joblib.h"
#include "source/opening.h"

namespace cppickle {
namespace {

constexpr std::uint64_t kTrialMemory = std::uint64_t{8} << 20;
constexpr std::size_t kTrialBytes = std::size_t{1} << 20;
constexpr std::uint64_t kConvincing = 4;  // instructions: "N." begins many a text

Error not_a_pickle(std::string message) { return {ErrorCode::kNotAPickle, std::move(message)}; }

// Of a long one the beginning, which then ends in the middle of something.
Result<Document> try_to_read(const Part& part, const Limits& limits) {
  Limits small = limits;
  small.allocation = std::min(limits.allocation, kTrialMemory);
  return read_pickles(part.bytes.view().substr(0, kTrialBytes), small, 2);
}

// Text that happens to be instructions: "NNNN".
bool is_chance_text(const Part& part, const PickleShape& shape) {
  const std::string_view text = part.bytes.view().substr(0, 4096);
  return shape.names == 0 && shape.lines == 0 &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Protocols 0 and 1 have no magic, so only a reader can tell. What breaks off after it named a class is kept,
// because CPython would have run it up to there.
Result<void> check_text_pickle(const Part& part, const Limits& limits) {
  const Result<Document> document = try_to_read(part, limits);
  if (document) {
    const bool whole = document->pickles() > 1 || document->end_offset() == part.bytes.size();
    if (whole || document->info().instructions >= kConvincing) return {};
    return std::unexpected(not_a_pickle("something that begins like a pickle by chance"));
  }
  if (document.error().code == ErrorCode::kLimit) return {};
  // A long one that reads well up to where the trial ends is no chance.
  if (part.bytes.size() > kTrialBytes && document.error().code == ErrorCode::kTruncated) return {};
  const PickleShape shape = walk_pickle_shape(part.bytes.span());
  const bool may_be_cut = document.error().code == ErrorCode::kTruncated;
  if ((may_be_cut || shape.instructions >= kConvincing) && !is_chance_text(part, shape)) return {};
  if (shape.names > 0) return {};
  return std::unexpected(not_a_pickle("an unknown file; as a pickle: " + document.error().to_string()));
}

// A storage of a tensor may begin with anything.
Result<void> check_storage(const Part& part, const Limits& limits) {
  const Result<Document> document = try_to_read(part, limits);
  const bool is_pickle = document && (document->end_offset() == part.bytes.size() ||
                                      walk_pickle_shape(part.bytes.span()).names > 0);
  if (is_pickle) return {};
  return std::unexpected(not_a_pickle("a tensor's storage"));
}

}  // namespace

Result<Document> read_pickles(std::string_view bytes, const Limits& limits, std::uint64_t most_pickles) {
  ReadOptions options;
  options.limits = limits;
  options.most_pickles = most_pickles;
  return Document::read(bytes, options);
}

Result<std::string> open_pickle(const Part& part, const Detection& found, Opening& opening) {
  const Limits& limits = opening.options().limits;
  Result<void> checked;
  if (!part.key.empty()) {
    checked = check_storage(part, limits);
  } else if (found.kind == FileKind::kTextPickle) {
    checked = check_text_pickle(part, limits);
  }
  if (!checked) return std::unexpected(checked.error());
  if (found.kind == FileKind::kCrlfPickle) {
    opening.add_problem({ErrorCode::kCorrupt, std::string(found.phrase), 0}, part.where);
  }
  opening.add_stream(part, 0, part.bytes.size());
  return joblib_use(part.bytes.view()) == JoblibUse::kNone ? "pickle" : "joblib pickle";
}

}  // namespace cppickle
