#include "pickle/compat_names.h"

#include <algorithm>
#include <compare>
#include <span>

namespace cppickle {
namespace {

struct ModuleRow {
  std::string_view from;
  std::string_view to;
};

struct NameRow {
  std::string_view from_module;
  std::string_view from_name;
  std::string_view to_module;
  std::string_view to_name;
};

constexpr ModuleRow kModulesTo3[] = {
#define CPPICKLE_MODULE_TO_3(old_module, new_module) {old_module, new_module},
#include "pickle/compat_names.inc"
#undef CPPICKLE_MODULE_TO_3
};

constexpr NameRow kNamesTo3[] = {
#define CPPICKLE_NAME_TO_3(old_module, old_name, new_module, new_name) {old_module, old_name, new_module, new_name},
#include "pickle/compat_names.inc"
#undef CPPICKLE_NAME_TO_3
};

constexpr ModuleRow kModulesTo2[] = {
#define CPPICKLE_MODULE_TO_2(new_module, old_module) {new_module, old_module},
#include "pickle/compat_names.inc"
#undef CPPICKLE_MODULE_TO_2
};

constexpr NameRow kNamesTo2[] = {
#define CPPICKLE_NAME_TO_2(new_module, new_name, old_module, old_name) {new_module, new_name, old_module, old_name},
#include "pickle/compat_names.inc"
#undef CPPICKLE_NAME_TO_2
};

constexpr bool before(const NameRow& row, const ImportName& name) {
  const auto order = row.from_module <=> name.module;
  return order == 0 ? row.from_name < name.name : order < 0;
}

constexpr bool is_sorted(std::span<const ModuleRow> rows) {
  return std::ranges::is_sorted(rows, {}, &ModuleRow::from);
}

constexpr bool is_sorted(std::span<const NameRow> rows) {
  return std::ranges::is_sorted(rows, [](const NameRow& a, const NameRow& b) {
    return before(a, ImportName{b.from_module, b.from_name});
  });
}

static_assert(is_sorted(kModulesTo3) && is_sorted(kNamesTo3) && is_sorted(kModulesTo2) && is_sorted(kNamesTo2));

ImportName look_up(ImportName name, std::span<const NameRow> names, std::span<const ModuleRow> modules) {
  const auto row = std::lower_bound(names.begin(), names.end(), name, before);
  if (row != names.end() && row->from_module == name.module && row->from_name == name.name) {
    return {row->to_module, row->to_name};
  }
  const auto module = std::ranges::lower_bound(modules, name.module, {}, &ModuleRow::from);
  if (module != modules.end() && module->from == name.module) return {module->to, name.name};
  return name;
}

}  // namespace

ImportName to_python2(std::string_view module, std::string_view name) {
  return look_up({module, name}, kNamesTo2, kModulesTo2);
}

ImportName to_python3(std::string_view module, std::string_view name) {
  return look_up({module, name}, kNamesTo3, kModulesTo3);
}

}  // namespace cppickle
