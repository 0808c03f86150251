#include "scan/kept_data.h"

#include <algorithm>
#include <iterator>

namespace cppickle::scanning {
namespace {

constexpr auto kRows = PrivacyCategory::kTrainingRows;
constexpr auto kWords = PrivacyCategory::kVocabulary;
constexpr auto kResults = PrivacyCategory::kSearchResults;
constexpr auto kColumns = PrivacyCategory::kColumns;

constexpr std::string_view kTrainingRows = "training rows";
constexpr std::string_view kTargets = "the targets of the training rows";
constexpr std::string_view kForEach = "something for each training row";
constexpr std::string_view kData = "what its name says is training data";

// Sorted by attribute. Of scikit-learn 0.18 to 1.9, scipy, and what people call such things in classes of their own.
constexpr KeptData kTable[] = {
    {"X", "", kRows, kData},
    {"X_", "LabelPropagation LabelSpreading Isotonic", kRows, kTrainingRows},
    {"X_fit_", "", kRows, kTrainingRows},  // KernelRidge, KernelPCA
    {"X_test", "", kRows, kData},
    {"X_thresholds_", "", kRows, "training rows, those where the steps are"},  // IsotonicRegression
    {"X_train", "", kRows, kData},
    {"X_train_", "", kRows, kTrainingRows},  // GaussianProcess*
    {"_distances_fit_X_", "", kRows, "the distances between training rows"},
    {"_fit_X", "", kRows, kTrainingRows},  // nearest neighbours, KNNImputer
    {"_necessary_X_", "", kRows, kTrainingRows},
    {"_necessary_y_", "", kRows, kTargets},
    {"_raw_data", "", kRows, kTrainingRows},  // HDBSCAN
    {"_x_scores", "", kRows, kForEach},       // PLS*
    {"_y", "Neighbors", kRows, kTargets},
    {"_y_scores", "", kRows, kForEach},
    {"affinity_matrix_", "", kRows, "the likeness of training rows"},
    {"best_params_", "", kResults, "what a search for parameters found best"},
    {"categories_", "", kWords, "the values that occurred in each column"},  // OneHotEncoder, OrdinalEncoder
    {"classes_", "", kWords, "the labels that occurred"},
    {"cluster_centers_", "AffinityPropagation", kRows, "training rows, those that stand for others"},
    {"components_", "DBSCAN OPTICS", kRows, "training rows, those in the middle of clusters"},
    {"components_", "Nystroem", kRows, "training rows, a sample"},
    {"cv_results_", "", kResults, "results of every candidate of a search for parameters"},
    {"cv_values_", "", kRows, kForEach},  // RidgeCV
    {"dataset", "", kRows, kData},        // scipy's gaussian_kde
    {"df", "", kRows, kData},
    {"dissimilarity_matrix_", "", kRows, "the distances between training rows"},
    {"dist_", "MinCovDet EllipticEnvelope", kRows, kForEach},
    {"dist_matrix_", "", kRows, "the distances between training rows"},
    {"embedding_", "", kRows, "a place for each training row"},
    {"evals_result_", "", kResults, "the history of its training"},
    {"feature_name_", "", kColumns, "names of columns"},  // LightGBM
    {"feature_names", "", kColumns, "names of columns"},
    {"feature_names_", "", kColumns, "names of columns"},
    {"feature_names_in_", "", kColumns, "names of columns"},
    {"grid_scores_", "", kResults, "results of every candidate of a search for parameters"},
    {"history", "", kResults, "the history of its training"},
    {"label_distributions_", "", kRows, kForEach},
    {"labels_", "", kRows, "the group of each training row"},
    {"negative_outlier_factor_", "", kRows, kForEach},
    {"oob_decision_function_", "", kRows, kForEach},
    {"oob_prediction_", "", kRows, kForEach},
    {"param_distributions", "", kResults, "what a search for parameters tried"},
    {"param_grid", "", kResults, "what a search for parameters tried"},
    {"row_labels_", "", kRows, "the group of each training row"},
    {"stop_words", "", kWords, "words that are left out"},
    {"stop_words_", "", kWords, "words of the training texts that were left out"},
    {"support_vectors_", "", kRows, "training rows: the support vectors"},
    {"train_data", "", kRows, kData},
    {"train_df", "", kRows, kData},
    {"training_data", "", kRows, kData},
    {"training_data_", "", kRows, kTrainingRows},  // Isomap
    {"transduction_", "", kRows, "a label for each training row"},
    {"vocabulary", "", kWords, "words, as they were given"},
    {"vocabulary_", "", kWords, "words of the training texts"},
    {"x_scores_", "", kRows, kForEach},
    {"x_train", "", kRows, kData},
    {"y", "", kRows, kData},
    {"y_scores_", "", kRows, kForEach},
    {"y_thresholds_", "", kRows, kTargets},
    {"y_train", "", kRows, kData},
    {"y_train_", "", kRows, kTargets},
};
static_assert(std::ranges::is_sorted(kTable, {}, &KeptData::attribute));

bool holds_one_of(std::string_view name, std::string_view words) {
  if (words.empty()) return true;
  for (std::size_t i = 0; i < words.size();) {
    const std::size_t end = std::min(words.find(' ', i), words.size());
    if (name.contains(words.substr(i, end - i))) return true;
    i = end + 1;
  }
  return false;
}

}  // namespace

const KeptData* kept_data(std::string_view attribute, std::string_view class_name) {
  for (const KeptData& row : std::ranges::equal_range(kTable, attribute, {}, &KeptData::attribute)) {
    if (holds_one_of(class_name, row.classes)) return &row;
  }
  return nullptr;
}

bool may_keep_data(std::string_view attribute) {
  return std::ranges::binary_search(kTable, attribute, {}, &KeptData::attribute);
}

}  // namespace cppickle::scanning
