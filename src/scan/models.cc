#include "scan/models.h"

#include <algorithm>
#include <array>

#include "scan/models_numpy.h"

namespace cppickle::scanning {
namespace {

// Types that object.__new__'s kin take a value for (copyreg.py: _reconstructor, for protocols 0 and 1).
constexpr std::string_view kBases[] = {
    "builtins:list", "builtins:dict", "builtins:set",   "builtins:frozenset", "builtins:tuple",
    "builtins:int",  "builtins:str",  "builtins:float", "builtins:bytes",     "builtins:complex"};

// copyreg._reconstructor(cls, base, state): base.__new__(cls, state), then base.__init__, which are both builtin.
bool reconstructor(Judge& judge, const Request& request) {
  if (request.arguments.size() != 3) return false;
  const Entry* type = judge.entry_of(request.arguments[0]);
  const Entry* base = judge.entry_of(request.arguments[1]);
  if (type == nullptr || base == nullptr || !judge.may_be_made(*type, {})) return false;
  if (base->key == "builtins:object") return request.arguments[2].kind() == Kind::kNone;
  return std::ranges::find(kBases, base->key) != std::end(kBases) && request.arguments[2].kind() != Kind::kForeign;
}

// copyreg.__newobj__(cls, *args): cls.__new__(cls, *args).
bool newobj(Judge& judge, const Request& request) {
  if (request.arguments.empty()) return false;
  const Entry* type = judge.entry_of(request.arguments[0]);
  return type != nullptr && judge.may_be_made(*type, request.arguments.subspan(1));
}

// getattr(instance, "method"): a plain function of the class, bound; nothing is called.
bool bound_method(Judge& judge, const Request& request) {
  if (request.arguments.size() != 2) return false;
  const Entry* type = judge.class_of(request.arguments[0]);
  const auto method = judge.text(request.arguments[1]);
  return type != nullptr && method && std::ranges::find(type->methods, *method) != type->methods.end();
}

struct NamedModel {
  std::string_view name;
  bool (*accepts)(Judge& judge, const Request& request);
};
constexpr std::array kModels = {
    NamedModel{"array_reconstruct", array_reconstruct},
    NamedModel{"array_state", array_state},
    NamedModel{"bound_method", bound_method},
    NamedModel{"joblib_wrapper_state", joblib_wrapper_state},
    NamedModel{"newobj", newobj},
    NamedModel{"numpy_dtype", numpy_dtype},
    NamedModel{"numpy_dtype_state", numpy_dtype_state},
    NamedModel{"numpy_frombuffer", numpy_frombuffer},
    NamedModel{"numpy_scalar", numpy_scalar},
    NamedModel{"reconstructor", reconstructor},
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
