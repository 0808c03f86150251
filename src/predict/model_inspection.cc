#include "cppickle/model_inspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cppickle/python_value.h"
#include "document/repr.h"
#include "predict/model_parts.h"
#include "predict/registry.h"
#include "predict/state.h"

namespace cppickle::predict {
namespace {

constexpr int kMostNested = 32;
constexpr int kMostTried = 200;  // parts that are loaded one by one
constexpr std::uint64_t kBudget = std::uint64_t{64} << 20;

std::string_view last_name(std::string_view class_name) { return class_name.substr(class_name.rfind('.') + 1); }

// The first member of a list of estimators, or of tuples of a name and one.
std::optional<Value> first_estimator(const std::optional<Value>& list) {
  if (!list || (list->kind() != Kind::kList && list->kind() != Kind::kTuple)) return {};
  for (const Value item : list->items()) {
    if (item.kind() == Kind::kObject) return item;
    if (item.kind() != Kind::kTuple && item.kind() != Kind::kList) continue;
    std::size_t place = 0;
    for (const Value member : item.items()) {
      if (place++ == 1 && member.kind() == Kind::kObject) return member;
    }
  }
  return {};
}

// The estimator that gets the rows first.
std::optional<Value> first_inside(const Value& model) {
  for (const char* const name : {"steps", "transformer_list", "estimators_", "estimators", "calibrated_classifiers_"}) {
    if (const auto first = first_estimator(attribute_of(model, name))) return first;
  }
  for (const char* const name : {"best_estimator_", "estimator_", "estimator", "base_estimator", "classifier"}) {
    if (const auto inner = attribute_of(model, name); inner && inner->kind() == Kind::kObject) return inner;
  }
  return {};
}

// The estimator whose answers come out.
std::optional<Value> last_inside(const Value& model) {
  const auto steps = attribute_of(model, "steps");
  if (!steps) return first_inside(model);
  std::optional<Value> last;
  for (const Value step : steps->items()) last = step;
  if (!last) return {};
  std::size_t place = 0;
  for (const Value member : last->items()) {
    if (place++ == 1) return member.kind() == Kind::kObject ? std::optional<Value>(member) : std::nullopt;
  }
  return {};
}

std::vector<std::string> texts_of(std::span<const Cell> cells) {
  std::vector<std::string> texts;
  for (const Cell& cell : cells) texts.push_back(text_of(cell));
  return texts;
}

// What the model says of itself where it does not run: read from the estimators that would tell it.
class Guess {
 public:
  explicit Guess(ModelInspection& to) : to_(to) {}

  void columns(Value model) {
    for (int depth = 0; depth < kMostNested; ++depth) {
      Loader loader(kBudget, 1);
      const State state(loader, model, "", {});
      if (!state.ok()) return;
      const bool found = read_columns(state);
      const auto inner = found ? std::nullopt : first_inside(model);
      if (!inner) return;
      model = *inner;
    }
  }

  void classes(Value model) {
    for (int depth = 0; depth < kMostNested; ++depth) {
      if (const auto held = attribute_of(model, "classes_")) {
        if (read_labels(*held)) return;
      }
      const auto inner = last_inside(model);
      if (!inner) return;
      model = *inner;
    }
  }

 private:
  bool read_columns(const State& state) {
    for (const char* const name : {"n_features_in_", "n_features_"}) {
      if (to_.features_in || !state.given(name)) continue;
      const std::int64_t count = state.integer(name);
      if (state.ok() && count >= 0) to_.features_in = static_cast<std::size_t>(count);
    }
    if (state.given("feature_names_in_")) {
      const Cells names = state.cells("feature_names_in_");
      if (state.ok()) to_.feature_names_in = texts_of(names.values);
    }
    return to_.features_in.has_value();
  }

  bool read_labels(const Value& value) {
    const auto one = [](const Value& labels) {
      Loader loader(kBudget, 1);
      // Any object will do as the state that reads: the value is given to it.
      Cells cells = State(loader, labels, "", {}).cells_of(labels, "classes_");
      return loader.ok() ? std::optional<std::vector<std::string>>(texts_of(cells.values)) : std::nullopt;
    };
    if (value.kind() != Kind::kList) {
      if (auto labels = one(value)) to_.classes.push_back(*std::move(labels));
      return !to_.classes.empty();
    }
    for (const Value output : value.items()) {
      if (auto labels = one(output)) to_.classes.push_back(*std::move(labels));
    }
    return !to_.classes.empty();
  }

  ModelInspection& to_;
};

void mark_all(ModelPart& part) {
  part.runs = true;
  for (ModelPart& inner : part.parts) mark_all(inner);
}

// Which of the parts run where the whole does not.
class Trial {
 public:
  Trial(const Document& document, const LoadOptions& options) : document_(document), options_(options) {}

  void run(ModelPart& part) {
    if (part.class_name.empty()) {
      part.runs = true;
      return;
    }
    const auto value = value_of(part);
    const auto loaded = value ? load(part) : std::unexpected(Error{ErrorCode::kUnsupported, ""});
    if (loaded) return mark_all(part);
    for (ModelPart& inner : part.parts) run(inner);
    const bool inner_is_to_blame = std::ranges::any_of(part.parts, [](const ModelPart& inner) { return !inner.runs; });
    const auto object = value ? object_view(*value) : std::nullopt;
    const bool is_known = object && (find_registered(object->type) != nullptr || is_holder(*value));
    // Loaded by what it is in, never alone.
    part.runs = value && is_holder(*value) && !inner_is_to_blame;
    if (!part.runs && (!is_known || !inner_is_to_blame))
      part.problem = without_place(loaded.error().message, part.path);
  }

 private:
  Result<void> load(const ModelPart& part) {
    if (tried_++ >= kMostTried) {
      return std::unexpected(Error{ErrorCode::kLimit, "it was not tried: the model has too many parts"});
    }
    LoadOptions options = options_;
    options.at = part.path;
    const auto model = Model::load(document_, options);
    return model ? Result<void>() : std::unexpected(model.error());
  }

  // None for members of an array of objects, which no path leads to.
  std::optional<Value> value_of(const ModelPart& part) const {
    if (part.path.empty()) return part.name.empty() ? std::optional<Value>(document_.root()) : std::nullopt;
    const auto value = find(document_.root(), part.path);
    return value ? std::optional<Value>(*value) : std::nullopt;
  }

  static std::string without_place(std::string message, const std::string& path) {
    if (!path.empty() && message.starts_with(path + ": ")) message.erase(0, path.size() + 2);
    return message;
  }

  const Document& document_;
  const LoadOptions& options_;
  int tried_ = 0;
};

void tell_native(const Model& model, ModelInspection& to) {
  mark_all(to.root);
  to.methods = model.methods();
  to.features_in = model.features_in();
  to.feature_names_in.assign(model.feature_names_in().begin(), model.feature_names_in().end());
  for (const Labels& labels : model.classes()) to.classes.push_back(texts_of(labels.values));
  if (!model.has(Method::kTransform)) return;
  if (auto names = model.feature_names_out()) to.feature_names_out = *std::move(names);
}

std::string library_of(std::string_view class_name) {
  const std::string_view package = class_name.substr(0, class_name.find('.'));
  return package == "sklearn" ? "scikit-learn" : std::string(package);
}

}  // namespace

std::string_view name_of(Takes takes) {
  constexpr std::array<std::string_view, 4> kNames = {"rows", "texts", "labels", "records"};
  return kNames[static_cast<std::size_t>(takes)];
}

std::string_view name_of(Layout layout) {
  constexpr std::array<std::string_view, 3> kNames = {"one", "sequence", "parallel"};
  return kNames[static_cast<std::size_t>(layout)];
}

Takes takes_of(const Value& model) {
  Value value = model;
  for (int depth = 0; depth < kMostNested; ++depth) {
    const auto object = object_view(value);
    if (!object || object->attribute("transformers")) return Takes::kRows;
    const std::string_view name = last_name(object->type.qualname);
    if (name == "CountVectorizer" || name == "TfidfVectorizer" || name == "HashingVectorizer") return Takes::kTexts;
    if (name == "LabelEncoder" || name == "LabelBinarizer") return Takes::kLabels;
    if (name == "DictVectorizer") return Takes::kRecords;
    const auto inner = first_inside(value);
    if (!inner) return Takes::kRows;
    value = *inner;
  }
  return Takes::kRows;
}

Result<ModelInspection> inspect_model(const Document& document, const LoadOptions& options) {
  const auto found = find(document.root(), options.at);
  if (!found) return std::unexpected(found.error());
  const Value value = *found;
  const auto object = object_view(value);
  const auto model = Model::load(document, options);
  if (!object || (object->kind != ObjectKind::kInstance && !model && !is_estimator(value))) {
    if (!object) return std::unexpected(model.error());
    return std::unexpected(Error{ErrorCode::kTypeMismatch, "this is no model but " + summary(value, 60)});
  }
  ModelInspection result;
  result.root = part_of(value, options.at);
  result.library = library_of(result.root.class_name);
  result.takes = takes_of(value);
  if (const auto version = attribute_of(value, "_sklearn_version")) result.library_version = version->text();
  if (model) {
    tell_native(*model, result);
    return result;
  }
  result.problem = model.error().message;
  Trial(document, options).run(result.root);
  Guess(result).columns(value);
  Guess(result).classes(value);
  return result;
}

}  // namespace cppickle::predict
