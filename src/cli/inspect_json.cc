// A model as JSON: docs/inspect.md names the members.
#include "cli/inspect_forms.h"
#include "cli/json_form.h"

namespace cppickle::cli {
namespace {

using predict::ModelPart;
using predict::NamedText;

constexpr std::size_t kLineDepth = 1000;  // every member stands on a line of its own

void add_texts(JsonForm& json, std::string_view name, const std::vector<std::string>& texts) {
  json.list(name, [&] {
    for (const std::string& text : texts) json.value(text);
  });
}

void add_pairs(JsonForm& json, std::string_view name, const std::vector<NamedText>& pairs) {
  json.list(name, [&] {
    for (const NamedText& pair : pairs) {
      json.object([&] {
        json.field("name", pair.name);
        json.field("text", pair.text);
      });
    }
  });
}

// Nested at most as deep as parts are.
void add_part(JsonForm& json, const ModelPart& part) {
  json.object([&] {
    json.field("name", part.name);
    json.field("path", part.path);
    json.field("class", part.class_name);
    if (part.class_name.empty()) json.field("text", part.text);
    if (!part.columns.empty()) json.field("columns", part.columns);
    json.field("count", part.count);
    json.field("runs", part.runs);
    if (!part.problem.empty()) json.field("problem", part.problem);
    json.object("sizes", [&] {
      for (const auto& [name, count] : part.sizes) json.field(name, count);
    });
    add_pairs(json, "parameters", part.parameters);
    add_pairs(json, "fitted", part.fitted);
    json.field("layout", name_of(part.layout));
    json.list("parts", [&] {
      for (const ModelPart& inner : part.parts) add_part(json, inner);
    });
  });
}

}  // namespace

std::string inspect_json(const InspectedModel& inspected) {
  const predict::ModelInspection& model = inspected.model;
  JsonForm json(kLineDepth);
  json.object([&] {
    json.field("file", inspected.file);
    json.field("bytes", inspected.bytes);
    json.field("container", inspected.container);
    json.field("protocol", inspected.protocol);
    json.field("class", model.root.class_name);
    json.field("library", model.library);
    json.field("version", model.library_version);
    json.field("takes", name_of(model.takes));
    if (model.features_in) json.field("n_features_in", *model.features_in);
    add_texts(json, "feature_names_in", model.feature_names_in);
    add_texts(json, "feature_names_out", model.feature_names_out);
    json.list("classes", [&] {
      for (const std::vector<std::string>& labels : model.classes) {
        json.list([&] {
          for (const std::string& label : labels) json.value(label);
        });
      }
    });
    json.field("runs", model.problem.empty());
    json.list("methods", [&] {
      for (const predict::Method method : model.methods) json.value(name_of(method));
    });
    if (!model.problem.empty()) json.field("problem", model.problem);
    json.list("parts", [&] { add_part(json, model.root); });
  });
  return json.take();
}

}  // namespace cppickle::cli
