#include "predict/model_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "cppickle/array_view.h"
#include "document/path.h"
#include "predict/registry.h"
#include "predict/state.h"

namespace cppickle::predict {
namespace {

constexpr std::size_t kMostParts = 2000;
constexpr int kMostNested = 32;
constexpr std::size_t kMostText = 60;            // of a parameter's value
constexpr std::size_t kMostAttributes = 500;     // that are told
constexpr std::size_t kMostLookedAt = 10'000;    // attributes
constexpr std::uint64_t kMostWork = 10'000'000;  // values that are looked at

using Attribute = std::pair<std::string_view, Value>;

bool is_list(const Value& value) { return value.kind() == Kind::kList || value.kind() == Kind::kTuple; }

// Of a list, a tuple or an array of objects.
std::vector<Value> members_of(const Value& value, std::uint64_t& budget) {
  std::vector<Value> members;
  std::optional<Value> holder;
  if (is_list(value)) {
    holder = value;
  } else if (const auto array = array_view(value, ArrayOptions::glance())) {
    holder = array->objects;
  }
  if (!holder) return members;
  for (const Value item : holder->items()) {
    if (budget == 0) break;
    --budget;
    members.push_back(item);
  }
  return members;
}

std::string step_to(std::string_view name) {
  std::string step;
  append_name(step, name);
  return step;
}

std::string joined(const std::string& path, std::string step) {
  if (path.empty() && step.starts_with('.')) step.erase(0, 1);
  return path + step;
}

// Which columns of a table: 'price', ['a', 'b'], slice(0, 2, None).
std::string columns_text(const Value& columns) { return summary(columns, kMostText); }

// An estimator that is a parameter stands for a class; what it is made of is told where it was fitted.
std::string text_of_value(const Value& value) {
  if (!is_estimator(value)) return summary(value, kMostText);
  const std::string_view name = object_view(value)->type.qualname;
  return std::string(name.substr(name.rfind('.') + 1)) + "(...)";
}

bool is_parameter(std::string_view name) {
  return !name.empty() && !name.ends_with('_') && !name.starts_with('_') && name != "estimator_params";
}

bool is_fitted(std::string_view name) { return name.ends_with('_') && !name.starts_with('_'); }

class Builder {
 public:
  ModelPart part(const Value& value, std::string name, const std::string& path, int depth) {
    ModelPart part;
    part.name = std::move(name);
    part.path = path;
    ++made_;
    const auto object = object_view(value);
    if (!object || (object->kind != ObjectKind::kInstance && !is_estimator(value))) {
      part.text = summary(value, kMostText);
      return part;
    }
    part.class_name = object->type.to_string();
    part.sizes = sizes_of(value, budget_);
    const std::vector<Attribute> attributes = attributes_of(value);
    std::vector<std::string_view> shown;  // attributes that are parts
    // An object may be told in several places; one that holds itself is told once.
    const bool is_new = value.identity() == 0 || open_.insert(value.identity()).second;
    if (depth > 0 && is_new) add_parts(part, attributes, depth - 1, shown);
    if (is_new) open_.erase(value.identity());
    for (const auto& [attribute, held] : attributes) {
      if (std::ranges::find(shown, attribute) != shown.end() || attribute.starts_with("named_")) continue;
      std::vector<NamedText>* const list = is_parameter(attribute) ? &part.parameters
                                           : is_fitted(attribute)  ? &part.fitted
                                                                   : nullptr;
      if (list != nullptr && list->size() < kMostAttributes)
        list->push_back({std::string(attribute), text_of_value(held)});
    }
    return part;
  }

 private:
  static std::optional<Value> get(const std::vector<Attribute>& attributes, std::string_view name) {
    for (const auto& [attribute, value] : attributes) {
      if (attribute == name) return value;
    }
    return {};
  }

  bool full() const { return made_ >= kMostParts; }

  using Names = std::vector<std::string_view>;

  void add_parts(ModelPart& to, const std::vector<Attribute>& attributes, int depth, Names& shown) {
    if (add_named_lists(to, attributes, depth, shown)) return;
    const auto fitted_list = get(attributes, "estimators_");
    const auto named = get(attributes, "estimators");
    if (named && is_list(*named)) {
      to.layout = Layout::kParallel;
      shown.push_back("estimators");
      if (!fitted_list) return add_named(to, "estimators", *named, depth);
    }
    const bool holds = to.class_name.ends_with("._CalibratedClassifier");
    for (const auto& [name, value] : attributes) {
      if (full()) return;
      const bool is_template = fitted_list && (name == "estimator_" || name == "base_estimator_");
      const bool counts = is_fitted(name) || (holds && (name == "estimator" || name == "base_estimator"));
      if (!counts || is_template || name.starts_with("named_")) continue;
      if (is_estimator(value)) {
        shown.push_back(name);
        to.parts.push_back(part(value, std::string(name), joined(to.path, step_to(name)), depth));
      } else if (const std::vector<Value> members = members_of(value, budget_); all_estimators(members)) {
        shown.push_back(name);
        const std::vector<std::string> names = named ? names_in(*named) : std::vector<std::string>();
        add_members(to, name, members, names, is_list(value), depth);
      }
    }
  }

  // Pipelines, column transformers and unions: what their lists hold is all that they are made of.
  bool add_named_lists(ModelPart& to, const std::vector<Attribute>& attributes, int depth, Names& shown) {
    bool added = false;
    for (const std::string_view name : {"steps", "transformers_", "transformers", "transformer_list"}) {
      const auto list = get(attributes, name);
      if (!list || !is_list(*list)) continue;
      shown.push_back(name);
      if (added) continue;  // `transformers` are those that `transformers_` were fitted from
      to.layout = name == "steps" ? Layout::kSequence : Layout::kParallel;
      add_named(to, name, *list, depth);
      added = true;
    }
    return added;
  }

  static bool all_estimators(const std::vector<Value>& members) {
    return !members.empty() && std::ranges::all_of(members, [](const Value& member) { return is_estimator(member); });
  }

  // Of pairs of a name and an estimator: those that were not dropped.
  std::vector<std::string> names_in(const Value& named) {
    std::vector<std::string> names;
    for (const Value pair : named.items()) {
      const std::vector<Value> members = is_list(pair) ? members_of(pair, budget_) : std::vector<Value>();
      if (members.size() >= 2 && is_estimator(members[1])) names.emplace_back(members[0].text());
    }
    return names;
  }

  // Tuples of a name, an estimator and perhaps the columns it gets.
  void add_named(ModelPart& to, std::string_view attribute, const Value& list, int depth) {
    std::size_t index = 0;
    for (const Value tuple : list.items()) {
      if (full()) return;
      const std::vector<Value> members = is_list(tuple) ? members_of(tuple, budget_) : std::vector<Value>();
      const std::string path = joined(to.path, step_to(attribute)) + fmt::format("[{}][1]", index++);
      if (members.size() < 2) continue;
      ModelPart& made = to.parts.emplace_back(part(members[1], std::string(members[0].text()), path, depth));
      if (members.size() > 2) made.columns = columns_text(members[2]);
    }
  }

  // Fitted estimators in a list: each by its name where they have some, else those of one class as one part.
  void add_members(ModelPart& to, std::string_view attribute, const std::vector<Value>& members,
                   const std::vector<std::string>& names, bool has_paths, int depth) {
    const bool is_named = names.size() == members.size();
    std::string_view last_class;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::string_view own = object_view(members[i])->type.qualname;
      if (!is_named && i > 0 && own == last_class) {
        ++to.parts.back().count;
        add_sizes(to.parts.back().sizes, sizes_of(members[i], budget_));
        continue;
      }
      if (full()) return;
      last_class = own;
      const std::string path = has_paths ? joined(to.path, step_to(attribute)) + fmt::format("[{}]", i) : "";
      to.parts.push_back(part(members[i], is_named ? names[i] : std::string(attribute), path, depth));
    }
  }

  std::unordered_set<std::uint64_t> open_;  // identities of the objects around the one that is told
  std::size_t made_ = 0;
  std::uint64_t budget_ = kMostWork;
};

}  // namespace

std::vector<std::pair<std::string_view, Value>> attributes_of(const Value& value) {
  std::vector<std::pair<std::string_view, Value>> attributes;
  const auto object = object_view(value);
  if (!object) return attributes;
  for (const auto& dict : {object->attributes, object->slots}) {
    if (!dict) continue;
    for (const Pair pair : dict->pairs()) {
      if (attributes.size() == kMostLookedAt) return attributes;
      const Kind kind = pair.key.kind();
      if (kind == Kind::kString || kind == Kind::kByteString) attributes.emplace_back(pair.key.text(), pair.value);
    }
  }
  return attributes;
}

std::optional<Value> attribute_of(const Value& value, std::string_view name) {
  const auto object = object_view(value);
  if (!object) return {};
  std::size_t looked_at = 0;
  for (const auto& dict : {object->attributes, object->slots}) {
    if (!dict) continue;
    for (const Pair pair : dict->pairs()) {
      if (++looked_at > kMostLookedAt) return {};
      if (pair.key.text() == name) return pair.value;
    }
  }
  return {};
}

bool is_estimator(const Value& value) {
  const auto object = object_view(value);
  if (!object || !object->attributes) return false;
  return find_registered(object->type) != nullptr || is_holder(value) ||
         attribute_of(value, "_sklearn_version").has_value();
}

bool is_holder(const Value& value) {
  const auto object = object_view(value);
  return object && object->type.module.starts_with("sklearn.") && object->type.qualname == "_CalibratedClassifier";
}

ModelPart part_of(const Value& value, const std::string& path) { return Builder().part(value, "", path, kMostNested); }

}  // namespace cppickle::predict
