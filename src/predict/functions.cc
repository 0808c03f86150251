// FunctionTransformer with a function of numpy that is known by its name, or none.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/quote.h"
#include "predict/element_type.h"
#include "predict/invertible.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

struct Function {
  std::string_view name;
  double (*apply)(double);
  bool keeps_integers;  // integers stay integers
  bool keeps_sparse;    // scipy has it for what is stored
};

constexpr Function kFunctions[] = {
    {"log1p", [](double x) { return std::log1p(x); }, false, true},
    {"expm1", [](double x) { return std::expm1(x); }, false, true},
    {"log", [](double x) { return std::log(x); }, false, false},
    {"log2", [](double x) { return std::log2(x); }, false, false},
    {"log10", [](double x) { return std::log10(x); }, false, false},
    {"exp", [](double x) { return std::exp(x); }, false, false},
    {"exp2", [](double x) { return std::exp2(x); }, false, false},
    {"sqrt", [](double x) { return std::sqrt(x); }, false, true},
    {"cbrt", [](double x) { return std::cbrt(x); }, false, false},
    {"square", [](double x) { return x * x; }, true, false},
    {"absolute", [](double x) { return std::fabs(x); }, true, true},
    {"fabs", [](double x) { return std::fabs(x); }, false, false},
    {"negative", [](double x) { return -x; }, true, true},
    {"positive", [](double x) { return x; }, true, false},
    {"reciprocal", [](double x) { return 1 / x; }, false, false},
    {"rint", [](double x) { return std::nearbyint(x); }, false, true},
    {"sign", [](double x) { return x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x; }, true, true},
    {"floor", [](double x) { return std::floor(x); }, false, true},
    {"ceil", [](double x) { return std::ceil(x); }, false, true},
    {"trunc", [](double x) { return std::trunc(x); }, false, true},
    {"sin", [](double x) { return std::sin(x); }, false, true},
    {"cos", [](double x) { return std::cos(x); }, false, false},
    {"tan", [](double x) { return std::tan(x); }, false, true},
    {"arcsin", [](double x) { return std::asin(x); }, false, true},
    {"arccos", [](double x) { return std::acos(x); }, false, false},
    {"arctan", [](double x) { return std::atan(x); }, false, true},
    {"sinh", [](double x) { return std::sinh(x); }, false, true},
    {"cosh", [](double x) { return std::cosh(x); }, false, false},
    {"tanh", [](double x) { return std::tanh(x); }, false, true},
    {"arcsinh", [](double x) { return std::asinh(x); }, false, true},
    {"arccosh", [](double x) { return std::acosh(x); }, false, false},
    {"arctanh", [](double x) { return std::atanh(x); }, false, true},
    {"deg2rad", [](double x) { return x * (std::numbers::pi / 180); }, false, true},
    {"radians", [](double x) { return x * (std::numbers::pi / 180); }, false, false},
    {"rad2deg", [](double x) { return x * (180 / std::numbers::pi); }, false, true},
    {"degrees", [](double x) { return x * (180 / std::numbers::pi); }, false, false},
};

const Function* function_named(std::string_view name) {
  if (name == "abs") name = "absolute";
  const auto found = std::ranges::find(kFunctions, name, &Function::name);
  return found == std::end(kFunctions) ? nullptr : found;
}

// A function of FunctionTransformer's, or none: what comes is given back.
struct Step {
  const Function* function = nullptr;
};

struct Functions {
  Step forward, backward;
  bool validates = false;
  bool accepts_sparse = false;
  bool checks_width = true;  // since 1.0
  bool tells_names = false;
};

class FunctionTransformer final : public Estimator {
 public:
  explicit FunctionTransformer(Functions parts) : parts_(parts) {}

  bool has(Method method) const override { return method == Method::kTransform || method == Method::kInverseTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const bool forward = method == Method::kTransform;
    const Function* const function = (forward ? parts_.forward : parts_.backward).function;
    if (!parts_.validates) return function == nullptr ? rows : apply(*function, rows, memory);
    if (rows.form == Batch::Form::kSparse && !parts_.accepts_sparse) return refuse_sparse();
    const Accept accept{.sparse = true, .keep_integers = true};
    const auto x = forward && parts_.checks_width ? numbers(rows, memory, accept) : as_numbers(rows, memory, accept);
    if (!x) return std::unexpected(x.error());
    return function == nullptr ? *x : apply(*function, *x, memory);
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    return parts_.tells_names ? names : Estimator::feature_names_out(names);
  }

 private:
  // numpy's type of the answer; empty where it is one of half the digits or wraps.
  static Result<ElementType> type_of_answer(const Function& function, ElementType type) {
    if (type == ElementType::kFloat32 || type == ElementType::kFloat64) return type;
    const bool is_integer = !is_float(type) && type != ElementType::kBool;
    if (is_integer && function.keeps_integers) return type;
    const bool is_wide = type == ElementType::kInt64 || type == ElementType::kUInt64 || type == ElementType::kInt32 || type == ElementType::kUInt32;
    if (is_wide && function.name != "reciprocal") return ElementType::kFloat64;
    return refuse(fmt::format("numpy.{} of {} is not supported: give float64", function.name, cppickle::predict::name_of(type)));
  }

  static Result<Batch> apply(const Function& function, const Batch& x, Workspace& memory) {
    if (x.form == Batch::Form::kColumns && !x.is_vector) return apply_to_columns(function, x, memory);
    const bool is_sparse = x.form == Batch::Form::kSparse;
    if ((x.form != Batch::Form::kDense && !is_sparse) || (is_sparse && !function.keeps_sparse)) {
      return refuse(fmt::format("numpy.{} does not take such rows", function.name));
    }
    const auto type = type_of_answer(function, x.type);
    if (!type) return std::unexpected(type.error());
    if (is_sparse) {
      const SparseCopy copy = copy_sparse(x, memory);
      if (!map(function, copy.values, copy.stored, *type, copy.values)) return too_large();
      return Batch::sparse(copy.values, copy.row_starts, copy.indices, x.rows, x.columns, *type);
    }
    double* const out = memory.numbers(x.rows * x.columns);
    if (!map(function, x.values, x.rows * x.columns, *type, out)) return too_large();
    Batch answer = Batch::dense(out, x.rows, x.columns, *type);
    answer.names = x.names;
    return answer;
  }

  // Each column of a table has its own type.
  static Result<Batch> apply_to_columns(const Function& function, const Batch& x, Workspace& memory) {
    double* const out = memory.numbers(x.rows * x.columns);
    double* const values = memory.numbers(x.rows);
    ElementType type = ElementType::kFloat64;
    for (std::size_t c = 0; c < x.columns; ++c) {
      const Column& column = x.table[c];
      if (!is_number(column.type)) return refuse(fmt::format("numpy.{} takes numbers, not texts or objects", function.name));
      const auto own = type_of_answer(function, column.type);
      if (!own) return std::unexpected(own.error());
      for (std::size_t r = 0; r < x.rows; ++r) values[r] = number_at(column, r);
      if (!map(function, values, x.rows, *own, values)) return too_large();
      for (std::size_t r = 0; r < x.rows; ++r) out[r * x.columns + c] = values[r];
      type = c == 0 ? *own : promote(type, *own);
    }
    Batch answer = Batch::dense(out, x.rows, x.columns, type);
    answer.names = x.names;
    return answer;
  }

  static bool map(const Function& function, const double* from, std::size_t count, ElementType type, double* to) {
    const auto apply = function.apply;
    for (std::size_t i = 0; i < count; ++i) to[i] = apply(from[i]);
    round_all(to, count, type);
    if (is_float(type)) return true;
    constexpr double kTwoTo53 = 9007199254740992.0;
    return std::all_of(to, to + count, [type](double value) { return std::fabs(value) <= kTwoTo53 && holds(type, value); });
  }

  static std::unexpected<Error> too_large() { return refuse("an integer that its type or 2^53 does not hold"); }

  Functions parts_;
};

// A ufunc is a name in numpy, or numpy.core._ufunc_reconstruct(module, name).
std::string name_of_function(const Value& value) {
  if (const auto global = value.global()) return global->to_string();
  const auto object = object_view(value);
  if (object && object->type.qualname == "_ufunc_reconstruct") {
    const auto module = object->args[0], name = object->args[1];
    if (module && name) return fmt::format("{}.{}", module->text(), name->text());
  }
  return object ? object->type.to_string() : summary(value, 60);
}

bool read_function(const State& state, std::string_view name, std::string_view arguments, Step& step) {
  const auto value = state.get(name);
  if (!value || is_none(*value)) return true;
  const std::string full = name_of_function(*value);
  const std::size_t dot = full.rfind('.');
  const bool of_numpy = full.starts_with("numpy.") && dot != std::string::npos;
  // abs and its like are Python's own.
  const bool of_python = full == "builtins.abs" || full == "__builtin__.abs";
  if (of_numpy || of_python) step.function = function_named(std::string_view(full).substr(dot + 1));
  if (step.function == nullptr) return state.fail(ErrorCode::kUnsupported, fmt::format("function {} is not known", quote(full)), name);
  if (const auto given = state.get(arguments); given && given->kind() == Kind::kDict && given->size() != 0) {
    return state.fail(ErrorCode::kUnsupported, "arguments for the function are not supported", arguments);
  }
  return true;
}

std::shared_ptr<Estimator> load_function_transformer(State& state) {
  Functions parts;
  if (!read_function(state, "func", "kw_args", parts.forward) || !read_function(state, "inverse_func", "inv_kw_args", parts.backward)) {
    return nullptr;
  }
  if (state.text_or("pass_y", "") != "deprecated" && state.flag_or("pass_y", false)) {
    return state.unsupported("a function that takes y as well is not supported"), nullptr;
  }
  // Without a word about it rows were checked until 0.21.
  parts.validates = state.flag_or("validate", state.version() < Version{0, 22});
  const auto accepts_sparse = state.get("accept_sparse");
  parts.accepts_sparse = accepts_sparse && (accepts_sparse->kind() != Kind::kBool || accepts_sparse->as_bool());
  parts.checks_width = state.version() >= Version{1, 0};
  parts.tells_names = state.text_or("feature_names_out", "") == "one-to-one";
  return state.ok() ? std::make_shared<FunctionTransformer>(parts) : nullptr;
}

}  // namespace

std::span<const Registered> function_family() {
  static constexpr Registered kRows[] = {{"preprocessing", "FunctionTransformer", load_function_transformer}};
  return kRows;
}

}  // namespace cppickle::predict
