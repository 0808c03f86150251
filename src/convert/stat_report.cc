#include "convert/stat_report.h"

#include <algorithm>

#include "document/inline_array.h"
#include "pickle/name_scan.h"
#include "pickle/opcode.h"

namespace cppickle {
namespace {

constexpr std::size_t kMostLargest = 5;
constexpr std::uint64_t kLeastLargest = 256;

// Adds up what pickles are made of.
class Opcodes {
 public:
  void add(std::string_view pickle) {
    const auto counted = count_instructions(pickle);
    if (!counted) return;
    for (std::size_t byte = 0; byte < 256; ++byte) {
      if (counted->instructions[byte] != 0) counts_[std::string(kOpcodes[byte].name)] += counted->instructions[byte];
    }
    for (std::size_t kind = 0; kind < kPayloadKinds; ++kind) {
      bytes_[kind] += counted->bytes_of_kind(static_cast<PayloadKind>(kind));
    }
  }

  void tell(StreamReport& report) const {
    report.opcodes = by_count(counts_);
    for (std::size_t kind = 0; kind < kPayloadKinds; ++kind) {
      if (bytes_[kind] != 0) report.payload.emplace_back(name_of(static_cast<PayloadKind>(kind)), bytes_[kind]);
    }
    if (report.contents.raw_bytes != 0) report.payload.emplace_back("raw arrays", report.contents.raw_bytes);
  }

 private:
  std::map<std::string, std::uint64_t> counts_;
  std::array<std::uint64_t, kPayloadKinds> bytes_{};
};

// One pickle's instructions, without what lies between them.
std::string instructions_only(std::string_view bytes, std::uint64_t begin, std::uint64_t end,
                              const std::vector<InlineExtent>& extents) {
  std::string kept;
  for (const InlineExtent& extent : extents) {
    if (extent.offset < begin || extent.offset + extent.size > end) continue;
    kept += bytes.substr(begin, extent.offset - begin);
    begin = extent.offset + extent.size;
  }
  return kept += bytes.substr(begin, end - begin);
}

Opcodes opcodes_of(const Document& document, std::string_view bytes) {
  Opcodes sum;
  const auto extents = inline_extents_by_pickle(document);
  for (std::size_t i = 0; i < document.pickles(); ++i) {
    const PickleInfo info = document.info(i);
    if (extents[i].empty()) sum.add(bytes.substr(info.begin, info.end - info.begin));
    else sum.add(instructions_only(bytes, info.begin, info.end, extents[i]));
  }
  for (const InlineExtent& extent : inline_extents(document)) {
    if (extent.is_pickle) sum.add(bytes.substr(extent.offset, extent.size));
  }
  return sum;
}

StreamReport stream_report(const Source& source, std::size_t stream, const ReadOptions& options) {
  const PickleStream& of = source.streams()[stream];
  StreamReport report;
  report.where = of.where;
  report.offset = of.offset;
  report.size = of.bytes.size();
  const auto document = source.read(stream, options);
  if (!document) {
    report.error = document.error();
    Opcodes opcodes;
    opcodes.add(of.bytes);
    opcodes.tell(report);
    const NameScan names = scan_names(of.bytes);
    report.contents.globals = names.globals;
    if (names.instructions > 0) report.protocol = names.protocol;
    return report;
  }
  for (std::size_t i = 0; i < document->pickles(); ++i) {
    report.pickles.push_back({document->info(i), type_name(document->root(i))});
    report.protocol = std::max(report.protocol.value_or(0), int{document->info(i).protocol});
  }
  report.contents = count_contents(*document);
  opcodes_of(*document, of.bytes).tell(report);
  report.largest = largest_values(*document, kMostLargest, kLeastLargest);
  report.notes = document->notes();
  return report;
}

}  // namespace

Counts StreamReport::values() const {
  Counts counts;
  for (std::size_t kind = 0; kind < contents.kinds.size(); ++kind) {
    if (contents.kinds[kind] != 0) counts.emplace_back(name_of(static_cast<Kind>(kind)), contents.kinds[kind]);
  }
  if (contents.references != 0) counts.emplace_back("reference", contents.references);
  return counts;
}

Counts StreamReport::extensions() const {
  Counts counts;
  for (const auto& [code, count] : contents.extensions) counts.emplace_back("code " + std::to_string(code), count);
  return counts;
}

std::optional<int> FileReport::protocol() const {
  for (const StreamReport& stream : streams) {
    if (stream.protocol) return stream.protocol;
  }
  return {};
}

std::optional<std::string> FileReport::root() const {
  for (const StreamReport& stream : streams) {
    if (!stream.pickles.empty()) return stream.pickles.front().root;
  }
  return {};
}

FileReport file_report(const Source& source, std::string file, std::size_t first, std::size_t last,
                       const ReadOptions& options) {
  FileReport report;
  report.file = std::move(file);
  report.size = source.file_size();
  report.container = source.container();
  report.problems = source.problems();
  if (source.streams().empty()) report.what = source.what();
  for (std::size_t i = first; i < last; ++i) {
    report.streams.push_back(stream_report(source, i, options));
    for (const auto& [name, number] : report.streams.back().contents.globals) report.globals[name] += number;
  }
  return report;
}

Counts by_count(const std::map<std::string, std::uint64_t>& counts) {
  Counts sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

}  // namespace cppickle
