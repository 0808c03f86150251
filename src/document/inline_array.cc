#include "document/inline_array.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "document/graph.h"

namespace cppickle {
namespace {

bool is_wrapper(const Value& object) {
  const std::optional<Value> type = object.callable();
  if (!type) return false;
  // copyreg._reconstructor(class, object, None) and copyreg.__newobj__(class) name the class as first argument.
  std::optional<Global> name = type->global();
  if (name && name->module.starts_with("copy") && object.args()) {
    const Values args = object.args()->items();
    if (!args.empty()) name = (*args.begin()).global();
  }
  if (!name || name->qualname != "NumpyArrayWrapper") return false;
  return name->module == "joblib.numpy_pickle" || name->module.ends_with(".joblib.numpy_pickle");
}

struct ItemType {
  std::uint64_t size;
  bool holds_objects;
};

// What numpy's and joblib's own objects never reach.
constexpr int kMostChanges = 16;
constexpr int kMostFields = 64;

std::optional<Value> bounded_state(const Value& object) {
  const Cell cell = object.graph().resolve(Cell::from_bits(object.cell()));
  std::optional<Value> state;
  if (!is_node(cell.tag())) return state;
  int count = 0;
  for_each_change(*cell.node(), [&](const Change& change) {
    if (change.kind == tag_of(Opcode::BUILD)) state = Value(object.graph(), change.cells[0].bits());
    return ++count < kMostChanges;
  });
  return state;
}

// dtype: numpy.dtype('f8',...) and, for strings and structures, BUILD (3, '<',..., itemsize, alignment, flags).
std::optional<ItemType> item_type(const Value& dtype) {
  if (!dtype.args()) return {};
  const Values args = dtype.args()->items();
  if (args.empty()) return {};
  const std::string_view code = (*args.begin()).text();
  if (code.empty()) return {};
  std::uint64_t size = 0;
  if (code.size() > 1) {
    const auto [end, error] = std::from_chars(code.data() + 1, code.data() + code.size(), size);
    if (error != std::errc{} || end != code.data() + code.size()) return {};
  }
  if (code[0] == 'U') {
    if (size > ~std::uint64_t{0} / 4) return {};
    size *= 4;
  }
  bool holds_objects = code[0] == 'O';
  if (const auto state = bounded_state(dtype)) {
    std::uint64_t place = 0;
    for (const Value item : state->items()) {
      constexpr std::int64_t kHasObjects = 1;  // NPY_ITEM_REFCOUNT
      if (place++ == 7) {
        holds_objects |= (item.as_int().value_or(0) & kHasObjects) != 0;
        break;
      }
    }
  }
  return ItemType{size, holds_objects};
}

}  // namespace

InlineArray inline_array_after(const Value& wrapper, const Value& state) {
  const InlineArray none{InlineArray::Kind::kNone, 0, false};
  const InlineArray bad{InlineArray::Kind::kBad, 0, false};
  if (!is_wrapper(wrapper)) return none;
  std::optional<Value> shape;
  std::optional<Value> dtype;
  bool padded = false;
  int fields = 0;
  for (const auto [key, value] : state.pairs()) {
    if (++fields > kMostFields) break;
    if (key.text() == "shape") shape = value;
    if (key.text() == "dtype") dtype = value;
    if (key.text() == "numpy_array_alignment_bytes") padded = value.kind() == Kind::kInt;
  }
  if (!shape || !dtype || shape->kind() != Kind::kTuple) return bad;
  const std::optional<ItemType> item = item_type(*dtype);
  if (!item) return bad;
  if (item->holds_objects) return {InlineArray::Kind::kNested, 0, false};
  std::uint64_t bytes = item->size;
  int axes = 0;
  for (const Value length : shape->items()) {
    if (++axes > kMostFields) return bad;
    const std::optional<std::int64_t> n = length.as_int();
    if (!n || *n < 0 || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(*n), &bytes)) return bad;
  }
  return {InlineArray::Kind::kBytes, bytes, padded};
}

const std::vector<InlineExtent>& inline_extents(const Document& document) { return document.graph().inline_extents; }

std::vector<std::vector<InlineExtent>> inline_extents_by_pickle(const Document& document) {
  std::vector<std::vector<InlineExtent>> by_pickle(document.pickles());
  std::size_t pickle = 0;
  for (const InlineExtent& extent : inline_extents(document)) {
    while (pickle + 1 < by_pickle.size() && extent.offset >= document.info(pickle).end) ++pickle;
    by_pickle[pickle].push_back(extent);
  }
  return by_pickle;
}

}  // namespace cppickle
