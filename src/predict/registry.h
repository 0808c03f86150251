// Which classes are known, and who reads them.
#ifndef CPPICKLE_PREDICT_REGISTRY_H_
#define CPPICKLE_PREDICT_REGISTRY_H_

#include <memory>
#include <span>
#include <string_view>

#include "predict/estimator.h"
#include "predict/state.h"

namespace cppickle::predict {

// A class by the second part of its module and its name: scikit-learn moved modules about within its packages
// (sklearn.ensemble.forest, sklearn.ensemble._forest), never from one package to another without an alias here.
struct Registered {
  std::string_view package;  // "linear_model"; of other libraries "xgboost", "lightgbm"
  std::string_view name;
  std::shared_ptr<Estimator> (*load)(State& state);  // null after an error
};

// One function for each family's file.
std::span<const Registered> ada_boost_family();
std::span<const Registered> bagging_family();
std::span<const Registered> calibration_family();
std::span<const Registered> column_family();
std::span<const Registered> data_frame_mapper_family();
std::span<const Registered> decomposition_family();
std::span<const Registered> dict_family();
std::span<const Registered> discretizer_family();
std::span<const Registered> discriminant_family();
std::span<const Registered> dummy_family();
std::span<const Registered> function_family();
std::span<const Registered> gaussian_process_family();
std::span<const Registered> gradient_boosting_family();
std::span<const Registered> hashing_family();
std::span<const Registered> hist_gradient_boosting_family();
std::span<const Registered> isolation_forest_family();
std::span<const Registered> isotonic_family();
std::span<const Registered> kernel_pca_family();
std::span<const Registered> kmeans_family();
std::span<const Registered> label_encoder_family();
std::span<const Registered> lightgbm_family();
std::span<const Registered> linear_family();
std::span<const Registered> linear_rest_family();
std::span<const Registered> missing_indicator_family();
std::span<const Registered> mixture_family();
std::span<const Registered> mlp_family();
std::span<const Registered> multiclass_family();
std::span<const Registered> multioutput_family();
std::span<const Registered> naive_bayes_family();
std::span<const Registered> nearest_centroid_family();
std::span<const Registered> neighbors_family();
std::span<const Registered> normalizer_family();
std::span<const Registered> one_hot_family();
std::span<const Registered> ordinal_family();
std::span<const Registered> pipeline_family();
std::span<const Registered> pls_family();
std::span<const Registered> polynomial_family();
std::span<const Registered> power_family();
std::span<const Registered> quantile_family();
std::span<const Registered> radius_neighbors_family();
std::span<const Registered> random_projection_family();
std::span<const Registered> scaler_family();
std::span<const Registered> select_from_model_family();
std::span<const Registered> simple_imputer_family();
std::span<const Registered> stacking_family();
std::span<const Registered> svm_family();
std::span<const Registered> target_encoder_family();
std::span<const Registered> target_family();
std::span<const Registered> tfidf_family();
std::span<const Registered> tree_family();
std::span<const Registered> univariate_selection_family();
std::span<const Registered> vectorizer_family();
std::span<const Registered> voting_family();
std::span<const Registered> xgboost_family();

// Null for an unknown class.
const Registered* find_registered(const Global& type);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_REGISTRY_H_
