// The forms in which `cppickle inspect` tells of a model.
#ifndef CPPICKLE_CLI_INSPECT_FORMS_H_
#define CPPICKLE_CLI_INSPECT_FORMS_H_

#include <cstdint>
#include <string>

#include "cppickle/model_inspection.h"

namespace cppickle::cli {

struct InspectedModel {
  std::string file;
  std::string container;  // as Source has it
  std::uint64_t bytes = 0;
  int protocol = 0;
  predict::ModelInspection model;
};

// For people: facts, then the parts as a tree. Lines are broken at `width` columns.
std::string inspect_text(const InspectedModel& inspected, bool colours, unsigned width);
// For programs: docs/inspect.md names the members.
std::string inspect_json(const InspectedModel& inspected);
// One page with all it needs in it, and no script.
std::string inspect_html(const InspectedModel& inspected);

// What the forms that people read share.
std::string_view short_name(std::string_view class_name);                     // "SVC"
std::string title_of(const predict::ModelPart& part);                         // "clf: SVC", "estimators_: 100 x SVC"
std::string sizes_text(const predict::ModelPart& part);                       // "3 trees, 21 nodes"
std::string listed(const std::vector<std::string>& texts, std::size_t most);  // 'a', 'b' and 7 more
std::string takes_text(const predict::ModelInspection& model);                // "4 columns: 'a', 'b', 'c', 'd'"
std::string gives_text(const predict::ModelInspection& model);  // "classes setosa, versicolor"; may be empty
std::string methods_text(const predict::ModelInspection& model);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_INSPECT_FORMS_H_
