#include "scan/models.h"

#include <algorithm>
#include <array>

#include "scan/models_numpy.h"
#include "scan/models_pandas.h"
#include "scan/models_scipy.h"
#include "scan/models_sklearn.h"
#include "scan/models_stdlib.h"
#include "scan/models_torch.h"

namespace cppickle::scanning {
namespace {

struct NamedModel {
  std::string_view name;
  bool (*accepts)(Judge& judge, const Request& request);
};
constexpr std::array kModels = {
    NamedModel{"array_reconstruct", array_reconstruct},
    NamedModel{"array_state", array_state},
    NamedModel{"arrow_array", arrow_array},
    NamedModel{"bit_generator", bit_generator},
    NamedModel{"bound_method", bound_method},
    NamedModel{"ckdtree_state", ckdtree_state},
    NamedModel{"default_factory", default_factory},
    NamedModel{"fraction", fraction},
    NamedModel{"hashed_list", hashed_list},
    NamedModel{"joblib_wrapper_state", joblib_wrapper_state},
    NamedModel{"masked_reconstruct", masked_reconstruct},
    NamedModel{"masked_state", masked_state},
    NamedModel{"named_value", named_value},
    NamedModel{"newobj", newobj},
    NamedModel{"newobj_ex", newobj_ex},
    NamedModel{"numpy_dtype", numpy_dtype},
    NamedModel{"numpy_dtype_state", numpy_dtype_state},
    NamedModel{"numpy_frombuffer", numpy_frombuffer},
    NamedModel{"numpy_scalar", numpy_scalar},
    NamedModel{"pandas_index", pandas_index},
    NamedModel{"partial", partial},
    NamedModel{"partial_state", partial_state},
    NamedModel{"random_state", random_state},
    NamedModel{"reconstructor", reconstructor},
    NamedModel{"scipy_distribution_state", scipy_distribution_state},
    NamedModel{"sklearn_tree", sklearn_tree},
    NamedModel{"sklearn_tree_state", sklearn_tree_state},
    NamedModel{"torch_tensor", torch_tensor},
    NamedModel{"zone_key", zone_key},
};

const NamedModel* find_model(std::string_view name) {
  const auto* found = std::ranges::find(kModels, name, &NamedModel::name);
  return found == kModels.end() ? nullptr : found;
}

}  // namespace

bool has_model(std::string_view name) { return find_model(name) != nullptr; }

bool model_accepts(std::string_view name, Judge& judge, const Request& request) {
  const NamedModel* model = find_model(name);
  return model != nullptr && model->accepts(judge, request);
}

}  // namespace cppickle::scanning
