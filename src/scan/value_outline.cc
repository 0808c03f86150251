#include "scan/value_outline.h"

#include <string_view>

#include "cppickle/array_view.h"
#include "cppickle/python_value.h"
#include "document/content_counts.h"
#include "document/summary_line.h"

namespace cppickle::scanning {
namespace {

constexpr std::size_t kMost = 100;

// scipy's sparse matrices keep it in an attribute, among the first.
std::optional<std::vector<std::uint64_t>> sparse_shape(const Value& value) {
  constexpr int kMostAttributes = 16;
  const auto state = value.state();
  if (!state || state->kind() != Kind::kDict) return {};
  int seen = 0;
  for (const auto [key, attribute] : state->pairs()) {
    if (++seen > kMostAttributes) return {};
    if (key.text() != "_shape" || attribute.size() > 2) continue;
    std::vector<std::uint64_t> shape;
    for (const Value size : attribute.items()) shape.push_back(static_cast<std::uint64_t>(size.as_int().value_or(0)));
    return shape;
  }
  return {};
}

std::string counted(const Value& value, std::string_view one, std::string_view many) {
  const std::uint64_t size = value.size();
  return type_name(value) + ", " + std::to_string(size) + " " + std::string(size == 1 ? one : many);
}

std::string outline_of_object(const Value& value) {
  const auto object = object_view(value);
  if (object && (object->kind == ObjectKind::kArray || object->kind == ObjectKind::kMaskedArray))
    return summary(value, kMost);
  std::string name = printable_name(type_name(value));
  if (const auto shape = sparse_shape(value); shape && shape->size() == 2) {
    name += " (" + std::to_string((*shape)[0]) + ", " + std::to_string((*shape)[1]) + ")";
  }
  return name;
}

}  // namespace

std::string outline_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kDict: return counted(value, "entry", "entries");
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kSet:
    case Kind::kFrozenSet: return counted(value, "item", "items");
    case Kind::kObject: return outline_of_object(value);
    default: return std::string(name_of(value.kind()));
  }
}

std::optional<std::vector<std::uint64_t>> shape_of(const Value& value) {
  if (value.kind() != Kind::kObject) return {};
  if (const auto array = array_view(value, ArrayOptions::glance())) {
    if (array->form != ArrayView::Form::kScalar) return array->shape;
    return {};
  }
  return sparse_shape(value);
}

std::optional<Global> class_of(const Value& object) {
  const auto callable = object.callable();
  if (!callable) return {};
  const auto function = callable->global();
  if (!function) return {};
  const bool makes_its_argument = function->qualname == "_reconstructor" || function->qualname == "newObj" ||
                                  function->qualname.starts_with("__newobj") ||
                                  function->qualname.starts_with("__pyx_unpickle_");
  const auto args = object.args();
  if (!makes_its_argument || !args) return function;
  for (const Value first : args->items()) return first.global();
  return function;
}

std::string_view library_of(std::string_view module) { return module.substr(0, module.find('.')); }

}  // namespace cppickle::scanning
