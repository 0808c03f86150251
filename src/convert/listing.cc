#include "convert/listing.h"

#include <vector>

#include "cppickle/optimize.h"
#include "document/inline_array.h"

namespace cppickle {
namespace {

// Extents of joblib's arrays and nested pickles, which only the values of the pickle tell; none if it cannot
// be read.
std::vector<InlineExtent> extents_of(const Source& source, std::size_t stream, const ReadOptions& reading) {
  if (source.streams()[stream].bytes.find("NumpyArrayWrapper") == std::string_view::npos) return {};
  const auto document = source.read(stream, reading);
  return document ? inline_extents(*document) : std::vector<InlineExtent>{};
}

}  // namespace

Result<void> list_stream(const Source& source, std::size_t number, const ReadOptions& reading, bool annotate,
                         const TextSink& sink) {
  const PickleStream& stream = source.streams()[number];
  const std::vector<InlineExtent> extents = extents_of(source, number, reading);
  std::vector<RawExtent> raw;
  for (const InlineExtent& extent : extents) raw.push_back({extent.offset, extent.size, extent.is_pickle});
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
    std::vector<RawExtent> here;
    for (const RawExtent& extent : raw) {
      if (extent.offset >= at) here.push_back({extent.offset - at, extent.size, extent.is_pickle});
    }
    dis.offset = at;
    dis.raw = here;
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
