// torch.save before 1.6 (torch/serialization.py, _legacy_save and _legacy_load): five pickles (a magic
// number, the protocol version, facts on the system, the object, the keys of its storages), then each storage
// as its number of elements and its bytes.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/quote.h"
#include "cppickle/document.h"
#include "document/graph.h"
#include "document/walk.h"
#include "io/little_endian.h"
#include "source/opening.h"
#include "source/torch_storage.h"

namespace cppickle {
namespace {

constexpr std::string_view kMagic = "119547037146038801333356";  // 0x1950a86a20f9469cfc6c
constexpr std::size_t kMagicWindow = 64;  // its pickle has 16 bytes, in text 28, with a frame 27
constexpr std::uint64_t kPickles = 5;
constexpr std::size_t kObject = 3;
constexpr std::size_t kKeys = 4;

bool has_magic(std::string_view bytes) {
  const Result<Document> first = read_pickles(bytes.substr(0, kMagicWindow), {}, 1);
  return first && first->root().kind() == Kind::kInt && first->root().as_decimal() == kMagic;
}

// Keys of storages and the sizes of their elements. Storages that several tensors share are named once for
// each.
using ElementSizes = std::unordered_map<std::string_view, std::uint64_t>;

// ('storage', class, key, location, number of elements, view) in each persistent id of the object's pickle.
ElementSizes element_sizes(const Document& document) {
  ElementSizes sizes;
  const Graph& graph = document.graph();
  for_each_cell(graph, [&](Cell cell) {
    const Value value(graph, cell.bits());
    if (value.kind() != Kind::kPersistentId || value.is_reference() || !value.persistent_id()) return true;
    const Value id = *value.persistent_id();
    if (id.kind() != Kind::kTuple || id.size() < 3) return true;
    const Values items = id.items();
    Values::Iterator item = items.begin();
    if ((*item).text() != "storage") return true;
    const std::optional<Global> type = (*++item).global();
    const std::optional<std::uint64_t> size = type ? torch_element_size(type->qualname) : std::nullopt;
    if (size) sizes.emplace((*++item).text(), *size);
    return true;
  });
  return sizes;
}

void add_storages(const Part& part, const Document& document, Opening& opening) {
  const ElementSizes sizes = element_sizes(document);
  const std::uint64_t end = part.bytes.size();
  std::uint64_t at = document.end_offset();
  const auto give_up = [&](Error error) {
    opening.add_problem(std::move(error), part.where);
    opening.add_blob(part, at, end - at, "storages that could not be told apart");
  };
  for (const Value key : document.root(kKeys).items()) {
    const auto size = sizes.find(key.text());
    if (size == sizes.end()) {
      return give_up(
          {ErrorCode::kCorrupt, "no tensor tells the element size of storage " + quote(key.text()), at});
    }
    if (!fits(at, 8, end))
      return give_up({ErrorCode::kTruncated, "ends before storage " + quote(key.text()), at});
    const std::uint64_t count = le64(part.bytes.span(), at);
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(count, size->second, &bytes) || !fits(at + 8, bytes, end)) {
      return give_up(
          {ErrorCode::kTruncated,
           "ends inside storage " + quote(key.text()) + " of " + std::to_string(count) + " elements", at});
    }
    Part storage = part;
    storage.where = member_path(part.where, key.text());
    opening.add_blob(storage, at + 8, bytes, "a tensor's storage", std::string(key.text()));
    at += 8 + bytes;
  }
  if (at < end) {
    opening.add_problem(
        {ErrorCode::kCorrupt, std::to_string(end - at) + " bytes follow the last storage", at}, part.where);
    opening.add_blob(part, at, end - at, "bytes after the last storage");
  }
}

}  // namespace

std::optional<std::string> open_torch_legacy(const Part& part, Opening& opening) {
  if (!part.key.empty() || !has_magic(part.bytes.view())) return std::nullopt;
  const Result<Document> document = read_pickles(part.bytes.view(), opening.options().limits, kPickles);
  if (document && document->pickles() == kPickles) {
    opening.add_stream(part, 0, document->end_offset(), kPickles);
    add_storages(part, *document, opening);
  } else {
    // Whoever reads the stream gets the error.
    opening.add_stream(part, 0, part.bytes.size(), kPickles);
    const std::uint64_t have = document ? document->pickles() : 0;
    opening.add_problem(
        {ErrorCode::kTruncated, "only " + std::to_string(have) + " of torch's five pickles can be read"},
        part.where);
  }
  return "torch legacy (5 pickles + raw storages)";
}

}  // namespace cppickle
