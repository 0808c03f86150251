// The largest leaves with their paths.
#include <algorithm>

#include "document/content_counts.h"
#include "document/place_walk.h"

namespace cppickle {
namespace {

class LargestSearch {
 public:
  static constexpr bool kWalksAll = false;

  LargestSearch(const Graph& graph, std::size_t most, std::uint64_t least)
      : graph_(graph), most_(most), least_(least), walk_(graph, *this) {}

  void walk(Cell root) { walk_.walk(root); }
  std::vector<LargeValue> take() { return std::move(found_); }

  void value(Cell cell) {
    if (is_node(cell.tag()) || is_get(cell.tag()) || cell.tag() == tag_of(Opcode::DUP)) return;
    const Value value(graph_, cell.bits());
    const Kind kind = value.kind();
    consider(kind, kind == Kind::kInt ? value.int_bytes().size() : value.text().size());
  }

  void raw(std::uint64_t bytes) { consider(Kind::kObject, bytes); }

 private:
  void consider(Kind kind, std::uint64_t bytes) {
    if (bytes < least_ || (found_.size() == most_ && bytes <= found_.back().bytes)) return;
    if (found_.size() == most_) found_.pop_back();
    const auto smaller = [bytes](const LargeValue& other) { return other.bytes < bytes; };
    found_.insert(std::ranges::find_if(found_, smaller), {walk_.path(append_key), kind, bytes});
  }

  const Graph& graph_;
  const std::size_t most_;
  const std::uint64_t least_;
  PlaceWalk<LargestSearch> walk_;
  std::vector<LargeValue> found_;
};

}  // namespace

std::vector<LargeValue> largest_values(const Document& document, std::size_t most, std::uint64_t least) {
  LargestSearch search(document.graph(), most, least);
  for (std::size_t i = 0; i < document.pickles(); ++i) search.walk(Cell::from_bits(document.root(i).cell()));
  return search.take();
}

}  // namespace cppickle
