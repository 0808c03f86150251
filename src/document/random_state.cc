#include "cppickle/random_state.h"

#include "cppickle/bytes_view.h"
#include "cppickle/python_value.h"
#include "document/class_names.h"

namespace cppickle {
namespace {

constexpr std::size_t kMostKeys = 64;  // of a state's dict: none has more than ten

template <class Visit>
void for_each_key(const Value& dict, Visit&& visit) {
  std::size_t count = 0;
  const Pairs pairs = dict.pairs();
  for (const auto [key, value] : pairs) {
    if (++count > kMostKeys) return;
    visit(key.text(), value);
  }
}

bool is_text(const Value& value) { return value.kind() == Kind::kString || value.kind() == Kind::kByteString; }

// RandomState's tuple, as get_state() gives it: ('MT19937', key, position, has_gauss, cached_gaussian).
void read_tuple(const Value& tuple, RandomStateView& view) {
  const Arguments parts(tuple, false, 0);
  const auto name = parts[0];
  if (!name || !is_text(*name)) return;
  view.algorithm = name->text();
  view.key = parts[1];
  if (const auto position = parts[2]) view.position = position->as_int();
  if (const auto has_gauss = parts[3]) view.has_gauss = has_gauss->as_int().value_or(0) != 0;
  if (const auto gauss = parts[4]) view.cached_gaussian = gauss->as_double();
}

// {'bit_generator': 'MT19937', 'state': {'key': ..., 'pos': ...}, 'has_gauss': 0, 'gauss': 0.0}
void read_dict(const Value& dict, RandomStateView& view) {
  for_each_key(dict, [&view](std::string_view name, const Value& value) {
    if (name == "bit_generator" && is_text(value)) view.algorithm = value.text();
    if (name == "state") view.state = value;
    if (name == "has_gauss") view.has_gauss = value.as_int().value_or(0) != 0;
    if (name == "gauss") view.cached_gaussian = value.as_double();
  });
  if (!view.state || view.algorithm != "MT19937") return;
  for_each_key(*view.state, [&view](std::string_view name, const Value& value) {
    if (name == "key") view.key = value;
    if (name == "pos") view.position = value.as_int();
  });
}

// (state, seed_seq) since numpy 1.24, or the state alone.
void read_state(const Value& state, RandomStateView& view) {
  if (state.kind() == Kind::kDict) return read_dict(state, view);
  if (state.kind() != Kind::kTuple) return;
  const Arguments parts(state, false, 0);
  const auto first = parts[0];
  if (!first || first->kind() != Kind::kDict) return read_tuple(state, view);
  read_dict(*first, view);
  const auto seed = parts[1];
  if (seed && seed->kind() == Kind::kObject) view.seed_sequence = seed;
}

// What a constructor was given: a name, a class, or a bit generator with a state of its own.
void read_argument(const Value& argument, RandomStateView& view) {
  if (is_text(argument)) {
    view.algorithm = argument.text();
  } else if (const auto type = argument.global()) {
    view.algorithm = type->qualname;
  } else if (const auto inner = object_view(argument); inner && inner->kind == ObjectKind::kBitGenerator) {
    if (const auto class_argument = inner->args[0]; class_argument && !class_argument->callable()) {
      read_argument(*class_argument, view);
    }
    if (const auto state = argument.state()) read_state(*state, view);
  }
}

std::optional<RandomStateView::Form> form_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kRandomState: return RandomStateView::Form::kRandomState;
    case ObjectKind::kGenerator: return RandomStateView::Form::kGenerator;
    case ObjectKind::kBitGenerator: return RandomStateView::Form::kBitGenerator;
    default: return {};
  }
}

}  // namespace

std::optional<RandomStateView> random_state(const Value& value) {
  const auto object = object_view(value);
  const auto form = object ? form_of(object->kind) : std::nullopt;
  if (!form) return {};
  RandomStateView view{.form = *form, .algorithm = {}, .key = {}, .position = {}, .state = {}, .seed_sequence = {}};
  if (const auto argument = object->args[0]) read_argument(*argument, view);
  if (const auto state = value.state()) read_state(*state, view);
  if (view.algorithm.empty()) return {};
  return view;
}

}  // namespace cppickle
