// What a model is, told from its pickle: the estimators in it and how they lie in one another, their parameters and
// sizes, what goes in and comes out, and which parts run natively. Works for classes that do not run, too.
//
//   auto inspection = cppickle::predict::inspect_model(*document);
//   for (const ModelPart& step : inspection->root.parts) ...
#ifndef CPPICKLE_MODEL_INSPECTION_H_
#define CPPICKLE_MODEL_INSPECTION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/error.h"
#include "cppickle/model.h"

namespace cppickle::predict {

// What a row is to a model.
enum class Takes : std::uint8_t {
  kRows,     // numbers or a table
  kTexts,    // one document
  kLabels,   // one label: encoders of targets
  kRecords,  // a dict
};
std::string_view name_of(Takes takes);  // "rows", "texts", "labels", "records"

// An attribute in words: summary() of its value.
struct NamedText {
  std::string name;
  std::string text;
};

// How much there is of something: 100 "trees".
struct NamedCount {
  std::string_view name;
  std::uint64_t count;
};

// How the parts of a part work together.
enum class Layout : std::uint8_t {
  kOne,       // it has none, or they are members: an ensemble, a search's best estimator
  kSequence,  // the rows go through one after the other: Pipeline
  kParallel,  // all get the rows, or some of their columns: ColumnTransformer, FeatureUnion, VotingClassifier
};
std::string_view name_of(Layout layout);  // "one", "sequence", "parallel"

struct ModelPart {
  std::string name;         // as the part around calls it: "clf", "best_estimator_"
  std::string path;         // from the document's root, as LoadOptions::at takes it; empty where no path leads
  std::string class_name;   // "sklearn.svm._classes.SVC"; empty where `text` stands for it
  std::string text;         // 'passthrough', 'drop', None
  std::string columns;      // of a ColumnTransformer's parts: which they get
  std::uint64_t count = 1;  // of equal parts that are told as one: the trees of a forest
  Layout layout = Layout::kOne;
  std::vector<NamedText> parameters;  // in the order of the file
  std::vector<NamedText> fitted;      // attributes that fit() made
  std::vector<NamedCount> sizes;      // of all of `count` together
  bool runs = false;                  // natively
  std::string problem;                // why not; empty where only a part of it is to blame
  std::vector<ModelPart> parts;
};

struct ModelInspection {
  ModelPart root;
  std::string library;          // "scikit-learn", or the package of the class
  std::string library_version;  // may be empty
  Takes takes = Takes::kRows;
  std::vector<Method> methods;  // that run natively
  std::string problem;          // why none does
  std::optional<std::size_t> features_in;
  std::vector<std::string> feature_names_in;
  std::vector<std::vector<std::string>> classes;  // for each output
  std::vector<std::string> feature_names_out;     // where it runs and tells them
};

// What the value at options.at takes. Of no estimator: kRows.
Takes takes_of(const Value& model);

// Errors: kNoSuchPath; kTypeMismatch where there is no object that could be a model. A class that does not run is no
// error. At most 2,000 parts are told, nested at most 32 deep.
[[nodiscard]] Result<ModelInspection> inspect_model(const Document& document, const LoadOptions& options = {});

}  // namespace cppickle::predict

#endif  // CPPICKLE_MODEL_INSPECTION_H_
