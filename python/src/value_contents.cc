#include "value_contents.h"

#include "cppickle/array_view.h"

namespace cppickle::python {
namespace {

using Form = Contents::Form;

Contents contents_of_object(const Value& value) {
  const Contents none{Form::kNone, value};
  const auto object = object_view(value);
  if (!object) return none;
  switch (object->kind) {
    case ObjectKind::kSet:
    case ObjectKind::kFrozenSet: return {Form::kSet, object->items_in};
    case ObjectKind::kList:
    case ObjectKind::kTuple:
    case ObjectKind::kDeque: return {Form::kSequence, object->items_in};
    case ObjectKind::kDict:
    case ObjectKind::kOrderedDict:
    case ObjectKind::kDefaultDict:
    case ObjectKind::kCounter:
      if (object->items_are_pairs) return {Form::kMapping, object->items_in, true};
      return {Form::kMapping, object->pairs_in};
    case ObjectKind::kNamedTuple: return {Form::kSequence, value, false, object->args};
    case ObjectKind::kArray: {
      const auto array = array_view(value, ArrayOptions::glance());
      if (!array || !array->objects || array->shape.size() != 1) return none;
      return {Form::kSequence, *array->objects};
    }
    case ObjectKind::kInstance:
    case ObjectKind::kCall:
      // A subclass of dict or list, if it has content.
      if (!object->pairs().empty()) return {Form::kMapping, object->pairs_in};
      if (!object->items().empty()) return {Form::kSequence, object->items_in};
      return none;
    default: return none;
  }
}

}  // namespace

Contents contents_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kTuple:
    case Kind::kList: return {Form::kSequence, value};
    case Kind::kSet:
    case Kind::kFrozenSet: return {Form::kSet, value};
    case Kind::kDict: return {Form::kMapping, value};
    case Kind::kObject: return contents_of_object(value);
    default: return {Form::kNone, value};
  }
}

Cursor::Cursor(const Contents& contents)
    : is_mapping_(contents.form == Form::kMapping), pairs_are_listed_(contents.pairs_are_listed) {
  if (contents.form == Form::kNone) return;
  if (contents.fields)
    at_ = contents.fields->begin();
  else if (is_mapping_ && !pairs_are_listed_)
    pair_ = contents.holder.pairs().begin();
  else
    at_ = contents.holder.items().begin();
}

bool Cursor::next(Value& key, Value& value) {
  if (is_mapping_ && !pairs_are_listed_) {
    if (pair_ == std::default_sentinel) return false;
    const Pair pair = *pair_;
    ++pair_;
    key = pair.key;
    value = pair.value;
    return true;
  }
  for (; at_ != std::default_sentinel; ++at_) {
    const Value item = *at_;
    if (!pairs_are_listed_) {
      value = item;
      ++at_;
      return true;
    }
    auto both = item.items().begin();
    if (both == std::default_sentinel) continue;
    const Value first = *both;
    if (++both == std::default_sentinel) continue;
    key = first;
    value = *both;
    ++at_;
    return true;
  }
  return false;
}

std::uint64_t count_members(const Contents& contents) {
  if (!contents.fields && contents.holder.kind() != Kind::kObject && !contents.pairs_are_listed) {
    return contents.form == Form::kNone ? 0 : contents.holder.size();
  }
  Cursor cursor(contents);
  Value key = contents.holder;
  Value value = contents.holder;
  std::uint64_t count = 0;
  while (cursor.next(key, value)) ++count;
  return count;
}

}  // namespace cppickle::python
