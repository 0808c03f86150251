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
  if (const auto state = dtype.state()) {
    std::uint64_t place = 0;
    for (const Value item : state->items()) {
      constexpr std::int64_t kHasObjects = 1;  // NPY_ITEM_REFCOUNT
      if (place++ == 7) holds_objects |= (item.as_int().value_or(0) & kHasObjects) != 0;
    }
  }
  return ItemType{size, holds_objects};
}

}  // namespace

InlineArray inline_array_after(const Value& wrapper) {
  const InlineArray none{InlineArray::Kind::kNone, 0, false};
  const InlineArray bad{InlineArray::Kind::kBad, 0, false};
  const std::optional<Value> state = is_wrapper(wrapper) ? wrapper.state() : std::nullopt;
  if (!state) return none;
  std::optional<Value> shape;
  std::optional<Value> dtype;
  bool padded = false;
  for (const auto [key, value] : state->pairs()) {
    if (key.text() == "shape") shape = value;
    if (key.text() == "dtype") dtype = value;
    if (key.text() == "numpy_array_alignment_bytes") padded = value.kind() == Kind::kInt;
  }
  if (!shape || !dtype || shape->kind() != Kind::kTuple) return bad;
  const std::optional<ItemType> item = item_type(*dtype);
  if (!item) return bad;
  if (item->holds_objects) return {InlineArray::Kind::kNested, 0, false};
  std::uint64_t bytes = item->size;
  for (const Value length : shape->items()) {
    const std::optional<std::int64_t> n = length.as_int();
    if (!n || *n < 0 || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(*n), &bytes)) return bad;
  }
  return {InlineArray::Kind::kBytes, bytes, padded};
}

const std::vector<InlineExtent>& inline_extents(const Document& document) { return document.graph().inline_extents; }

}  // namespace cppickle
