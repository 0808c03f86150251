// The estimators of a model as a tree of ModelParts, straight from the document: nothing is loaded.
#ifndef CPPICKLE_PREDICT_MODEL_PARTS_H_
#define CPPICKLE_PREDICT_MODEL_PARTS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cppickle/model_inspection.h"
#include "cppickle/python_value.h"

namespace cppickle::predict {

// Attributes in the order of the file, those with text names, at most 10,000. Empty of values that are no objects.
std::vector<std::pair<std::string_view, Value>> attributes_of(const Value& value);
std::optional<Value> attribute_of(const Value& value, std::string_view name);

// An instance that scikit-learn would call an estimator: it wrote its version beside it, or its class is known.
bool is_estimator(const Value& value);

// An object of scikit-learn that only holds estimators, without what makes it one.
bool is_holder(const Value& value);

// `value` lies at `path`. Only names, parameters, sizes: `runs` and `problem` are not told.
ModelPart part_of(const Value& value, const std::string& path);

// What there is much of in one estimator: trees, nodes, words. A file may hold the same list in a million places:
// `budget` is what may still be looked at, and nothing is counted once it is used up.
std::vector<NamedCount> sizes_of(const Value& value, std::uint64_t& budget);
// Adds them up; of "depth", the largest counts.
void add_sizes(std::vector<NamedCount>& to, const std::vector<NamedCount>& more);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_MODEL_PARTS_H_
