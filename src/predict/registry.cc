#include "predict/registry.h"

#include <unordered_map>

namespace cppickle::predict {
namespace {

using FamilyFunction = std::span<const Registered> (*)();
constexpr FamilyFunction kFamilies[] = {
    ada_boost_family, bagging_family, calibration_family, column_family, data_frame_mapper_family,
    decomposition_family, dict_family, discretizer_family, discriminant_family, dummy_family, function_family,
    gaussian_process_family, gradient_boosting_family, hashing_family, hist_gradient_boosting_family,
    isolation_forest_family, isotonic_family, kernel_pca_family, kmeans_family, label_encoder_family,
    lightgbm_family, linear_family, linear_rest_family, missing_indicator_family, mixture_family, mlp_family,
    multiclass_family, multioutput_family, naive_bayes_family, nearest_centroid_family, neighbors_family,
    normalizer_family, one_hot_family, ordinal_family, pipeline_family, pls_family, polynomial_family,
    power_family, quantile_family, radius_neighbors_family, random_projection_family, scaler_family,
    select_from_model_family, simple_imputer_family, stacking_family, svm_family, target_encoder_family,
    target_family, tfidf_family, tree_family, univariate_selection_family, vectorizer_family, voting_family,
    xgboost_family,
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
