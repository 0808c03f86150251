#include "convert/listing.h"

#include <vector>

#include "cppickle/optimize.h"
#include "document/inline_array.h"

namespace cppickle {
namespace {

// joblib's arrays and nested pickles in each pickle of a stream, counted from where it begins. Only the values of the
// pickles tell where they lie: none if they cannot be read.
std::vector<std::vector<RawExtent>> extents_of(const Source& source, std::size_t stream, const ReadOptions& reading) {
  std::vector<std::vector<RawExtent>> of_pickles;
  if (source.streams()[stream].bytes.find("NumpyArrayWrapper") == std::string_view::npos) return of_pickles;
  const auto document = source.read(stream, reading);
  if (!document) return of_pickles;
  for (const auto& extents : inline_extents_by_pickle(*document)) {
    const std::uint64_t begin = document->info(of_pickles.size()).begin;
    std::vector<RawExtent>& raw = of_pickles.emplace_back();
    for (const InlineExtent& extent : extents) raw.push_back({extent.offset - begin, extent.size, extent.is_pickle});
  }
  return of_pickles;
}

}  // namespace

Result<void> list_stream(const Source& source, std::size_t number, const ReadOptions& reading, bool annotate,
                         const TextSink& sink) {
  const PickleStream& stream = source.streams()[number];
  const auto extents = extents_of(source, number, reading);
  DisassemblyMemo memo;
  DisassembleOptions dis;
  dis.limits = reading.limits;
  dis.annotate = annotate;
  dis.keep_going = annotate;
  if (reading.memo == MemoScope::kPerStream) dis.memo = &memo;
  std::uint64_t at = 0;
  for (std::uint64_t count = 0; count < stream.most_pickles && at < stream.bytes.size(); ++count) {
    const std::string_view rest = stream.bytes.substr(at);
    if (count > 0 && rest.find_first_not_of('\0') == std::string_view::npos) break;  // padding
    dis.offset = at;
    dis.raw = count < extents.size() ? std::span<const RawExtent>(extents[count]) : std::span<const RawExtent>();
    const auto done = disassemble(rest, dis, sink);
    if (!done && done.error().code == ErrorCode::kCancelled) return {};
    if (!done) return std::unexpected(done.error());
    at += done->size;
  }
  return {};
}

Result<std::string> optimized(const Document& document, std::string_view bytes, const Limits& limits) {
  std::string out;
  for (std::size_t i = 0; i < document.pickles(); ++i) {
    if (document.shares_memo(i) || document.has_inline_arrays()) {
      return std::unexpected(
          Error{ErrorCode::kUnsupported, document.shares_memo(i)
                                             ? "pickles that share a memo cannot be optimized one by one"
                                             : "a joblib file with arrays between its instructions"});
    }
    const PickleInfo info = document.info(i);
    const auto size = optimize_into(bytes.substr(info.begin, info.end - info.begin), out, limits);
    if (!size) return std::unexpected(size.error());
  }
  return out;
}

}  // namespace cppickle
