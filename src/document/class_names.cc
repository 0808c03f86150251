#include "document/class_names.h"

#include <algorithm>

#include "pickle/compat_names.h"

namespace cppickle {
namespace {

struct NameMove {
  std::string_view module;
  std::string_view qualname;  // empty: every name of the module
  std::string_view to_module;
  std::string_view to_qualname;  // empty: stays
};

// Sorted by module, then name; the row of a whole module comes first and is the last one tried.
constexpr NameMove kMoves[] = {
    {"_collections", "", "collections", ""},
    {"_datetime", "", "datetime", ""},
    {"_decimal", "", "decimal", ""},
    {"_functools", "", "functools", ""},
    {"_operator", "", "operator", ""},
    {"_pydatetime", "", "datetime", ""},
    {"_pydecimal", "", "decimal", ""},
    {"backports.zoneinfo", "", "zoneinfo", ""},
    {"cdecimal", "", "decimal", ""},
    {"dateutil.tz.tz", "", "dateutil.tz", ""},
    {"numpy", "bool_", "numpy", "bool"},
    {"numpy", "complex_", "numpy", "complex128"},
    {"numpy", "float_", "numpy", "float64"},
    {"numpy", "recarray", "numpy.rec", "recarray"},
    {"numpy", "string_", "numpy", "bytes_"},
    {"numpy", "unicode_", "numpy", "str_"},
    {"numpy._core._multiarray_umath", "_reconstruct", "numpy._core.multiarray", ""},
    {"numpy._core._multiarray_umath", "scalar", "numpy._core.multiarray", ""},
    {"numpy._core.fromnumeric", "", "numpy", ""},
    {"numpy._core.records", "", "numpy.rec", ""},
    {"numpy._core.records", "record", "numpy", ""},
    {"numpy.core", "", "numpy._core", ""},
    {"numpy.core._internal", "", "numpy._core._internal", ""},
    {"numpy.core._multiarray_umath", "", "numpy._core._multiarray_umath", ""},
    {"numpy.core._multiarray_umath", "_reconstruct", "numpy._core.multiarray", ""},
    {"numpy.core._multiarray_umath", "scalar", "numpy._core.multiarray", ""},
    {"numpy.core.defmatrix", "", "numpy", ""},
    {"numpy.core.fromnumeric", "", "numpy", ""},
    {"numpy.core.memmap", "", "numpy", ""},
    {"numpy.core.multiarray", "", "numpy._core.multiarray", ""},
    {"numpy.core.multiarray", "dtype", "numpy", ""},
    {"numpy.core.multiarray", "ndarray", "numpy", ""},
    {"numpy.core.numeric", "", "numpy._core.numeric", ""},
    {"numpy.core.numerictypes", "", "numpy._core.numerictypes", ""},
    {"numpy.core.records", "", "numpy.rec", ""},
    {"numpy.core.records", "record", "numpy", ""},
    {"numpy.core.umath", "", "numpy._core.umath", ""},
    {"numpy.lib.polynomial", "poly1d", "numpy", ""},
    {"numpy.linalg.linalg", "", "numpy.linalg", ""},
    {"numpy.ma.core", "MaskedArray", "numpy.ma", ""},
    {"numpy.matrixlib.defmatrix", "", "numpy", ""},
    {"numpy.random._bit_generator", "", "numpy.random.bit_generator", ""},
    {"numpy.random.mtrand", "RandomState", "numpy.random", ""},
    {"numpy.random.mtrand", "__RandomState_ctor", "numpy.random", ""},
    {"numpy.rec", "record", "numpy", ""},
    {"pathlib._local", "", "pathlib", ""},
    {"pytz.tzinfo", "", "pytz", ""},
};

constexpr bool before(const NameMove& row, const Global& name) {
  const auto order = row.module <=> name.module;
  return order == 0 ? row.qualname < name.qualname : order < 0;
}

static_assert(std::ranges::is_sorted(kMoves, [](const NameMove& a, const NameMove& b) {
  return before(a, Global{b.module, b.qualname});
}));

const NameMove* find_move(const Global& name) {
  const NameMove* const end = std::end(kMoves);
  const NameMove* row = std::lower_bound(std::begin(kMoves), end, name, before);
  if (row != end && row->module == name.module && row->qualname == name.qualname) return row;
  row = std::lower_bound(std::begin(kMoves), end, Global{name.module, ""}, before);
  return row != end && row->module == name.module && row->qualname.empty() ? row : nullptr;
}

// scikit-learn up to 0.22 brought a joblib of its own, as others do.
std::string_view without_vendor(std::string_view module) {
  constexpr std::string_view kVendored = ".externals.joblib";
  const std::size_t at = module.find(kVendored);
  if (at == std::string_view::npos) return module;
  const std::string_view rest = module.substr(at + kVendored.size());
  if (!rest.empty() && rest[0] != '.') return module;
  return module.substr(at + std::string_view(".externals.").size());
}

}  // namespace

Global canonical(Global name) {
  if (const NameMove* move = find_move(name)) {
    return {move->to_module, move->to_qualname.empty() ? name.qualname : move->to_qualname};
  }
  const ImportName now = to_python3(name.module, name.qualname);
  return {without_vendor(now.module), now.name};
}

std::optional<Global> canonical_name(const Value& value) {
  const std::optional<Global> name = value.global();
  if (!name) return {};
  return canonical(*name);
}

}  // namespace cppickle
