#include "convert/object_parts.h"

namespace cppickle {
namespace {

Values args_of(const Value& object) {
  const auto args = object.args();
  return args ? args->items() : object.direct_args();
}

std::optional<Value> nth(const Values& values, std::size_t n) {
  for (const Value& value : values) {
    if (n-- == 0) return value;
  }
  return {};
}

// For copyreg's functions, how many of their arguments are not the class's own.
std::size_t copyreg_arguments(const Global& name) {
  if (name.module != "copyreg" && name.module != "copy_reg") return 0;
  if (name.qualname == "__newobj__") return 1;
  return name.qualname == "_reconstructor" ? 3 : 0;
}

}  // namespace

ObjectParts::ObjectParts(const Value& object)
    : callable(object.callable()), args(args_of(object)), kwargs(object.kwargs()) {
  auto name = callable ? callable->global() : std::nullopt;
  if (name) skip = copyreg_arguments(*name);
  const auto type = skip > 0 ? nth(args, 0) : std::nullopt;
  if (type && type->global()) {
    name = type->global();
  } else {
    skip = 0;
  }
  if (name) {
    class_name = name->to_string();
    callable.reset();
  }
  state = object.state();
  if (!state) return;
  if (state->kind() == Kind::kDict) {
    attributes = std::exchange(state, {});
    return;
  }
  const auto first = state->kind() == Kind::kTuple && state->size() == 2 ? nth(state->items(), 0) : std::nullopt;
  const auto second = first ? nth(state->items(), 1) : std::nullopt;
  const auto is_part = [](const Value& part) { return part.kind() == Kind::kNone || part.kind() == Kind::kDict; };
  if (!first || !second || !is_part(*first) || !is_part(*second)) return;
  state.reset();
  if (first->kind() == Kind::kDict) attributes = first;
  if (second->kind() == Kind::kDict) slots = second;
}

}  // namespace cppickle
