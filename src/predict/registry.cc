#include "predict/registry.h"

#include <unordered_map>

namespace cppickle::predict {
namespace {

using FamilyFunction = std::span<const Registered> (*)();
constexpr FamilyFunction kFamilies[] = {
    linear_family, pipeline_family, column_family, voting_family, multiclass_family, calibration_family,
    stacking_family, multioutput_family, target_family, svm_family, neighbours_family, kmeans_family,
};

std::string key_of(std::string_view package, std::string_view name) {
  return std::string(package) + "." + std::string(name);
}

const std::unordered_map<std::string, const Registered*>& table() {
  static const auto rows = [] {
    std::unordered_map<std::string, const Registered*> made;
    for (const FamilyFunction family : kFamilies) {
      for (const Registered& row : family()) made.emplace(key_of(row.package, row.name), &row);
    }
    return made;
  }();
  return rows;
}

// Packages that were renamed: class by class, the name stayed.
std::string_view today(std::string_view package) {
  struct Renamed {
    std::string_view then, now;
  };
  static constexpr Renamed kRenamed[] = {
      {"grid_search", "model_selection"}, {"lda", "discriminant_analysis"}, {"qda", "discriminant_analysis"}};
  for (const Renamed& row : kRenamed) {
    if (row.then == package) return row.now;
  }
  return package;
}

}  // namespace

const Registered* find_registered(const Global& type) {
  const std::size_t dot = type.module.find('.');
  const std::string_view library = type.module.substr(0, dot);
  std::string_view package = library;
  if (library == "sklearn") {
    if (dot == std::string_view::npos) return nullptr;
    package = type.module.substr(dot + 1);
    package = today(package.substr(0, package.find('.')));
  }
  const auto found = table().find(key_of(package, type.qualname));
  return found == table().end() ? nullptr : found->second;
}

}  // namespace cppickle::predict
