// The deny table (packs/dangers.txt): names that are known to reach processes, files, the network, code or loaders.
// It decides nothing that the allow packs don't: it tells `dangerous` from `unknown`, and why.
#ifndef CPPICKLE_SCAN_DANGER_TABLE_H_
#define CPPICKLE_SCAN_DANGER_TABLE_H_

#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cppickle/error.h"

namespace cppickle::scanning {

struct Danger {
  std::string_view category;  // "process"
  std::string_view meaning;   // "starts programs"
};

// Immutable once it is read.
class DangerTable {
 public:
  static const DangerTable& built_in();

  // An error names the line. `text` lives as long as the table.
  Result<void> add(std::string_view text);

  // Null where nothing is known against the name. A dotted qualname may lead out of its module ("pathlib", "os.system"):
  // each of its parts is taken for a module too.
  const Danger* find(std::string_view module, std::string_view qualname) const;

 private:
  struct ModuleRules {
    const Danger* all = nullptr;         // of the module's own names
    const Danger* submodules = nullptr;  // of it and of what lies below
    std::unordered_map<std::string_view, const Danger*> names;
    std::vector<std::pair<std::string_view, const Danger*>> prefixes;
  };
  Result<void> add_line(std::string_view line);
  const Danger* find_plain(std::string_view module, std::string_view name) const;

  std::unordered_map<std::string_view, Danger> categories_;
  std::unordered_map<std::string_view, ModuleRules> modules_;
};

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_DANGER_TABLE_H_
