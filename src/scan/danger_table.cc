#include "scan/danger_table.h"

#include <algorithm>
#include <string>

#include "base/quote.h"
#include "scan/packs.h"

namespace cppickle::scanning {
namespace {

std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  return word;
}

// Attributes that lead from any object to everything.
constexpr std::string_view kTraversals[] = {"__globals__",    "__builtins__", "__subclasses__", "__getattribute__",
                                            "__dict__",       "__loader__",   "__spec__",       "__code__",
                                            "__reduce__",     "__reduce_ex__", "__import__",     "__mro__",
                                            "__base__",       "__bases__",    "__class__",      "__init_subclass__"};
const Danger kTraversal{"resolver", "leads to other objects by their attributes"};

}  // namespace

const DangerTable& DangerTable::built_in() {
  static const DangerTable& table = [] -> const DangerTable& {
    static DangerTable built;
    (void)built.add(kDangers);  // a test reads it
    return built;
  }();
  return table;
}

Result<void> DangerTable::add(std::string_view text) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    line = line.substr(0, line.find('#'));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    if (auto added = add_line(line); !added) {
      added.error().message.insert(0, "line " + std::to_string(number) + ": ");
      return added;
    }
  }
  return {};
}

Result<void> DangerTable::add_line(std::string_view line) {
  const auto bad = [&](std::string what) {
    return std::unexpected(Error{ErrorCode::kBadArgument, std::move(what) + " in " + quote(line)});
  };
  std::string_view rest = line;
  std::string_view category = take_word(rest);
  if (category == "category") {
    category = take_word(rest);
    const std::size_t begin = rest.find('"');
    const std::size_t end = rest.rfind('"');
    if (begin == rest.npos || end <= begin) return bad("a sentence in quotes is needed");
    categories_[category] = {category, rest.substr(begin + 1, end - begin - 1)};
    return {};
  }
  const auto found = categories_.find(category);
  if (found == categories_.end()) return bad("no such category");
  const Danger* danger = &found->second;
  std::string_view name = take_word(rest);
  if (name.empty() || !take_word(rest).empty()) return bad("one name is needed");
  const std::size_t colon = name.find(':');
  if (colon == name.npos) {
    const bool below = name.ends_with(".*");
    if (below) name.remove_suffix(2);
    (below ? modules_[name].submodules : modules_[name].all) = danger;
    return {};
  }
  ModuleRules& rules = modules_[name.substr(0, colon)];
  name.remove_prefix(colon + 1);
  if (name.ends_with('*')) {
    rules.prefixes.emplace_back(name.substr(0, name.size() - 1), danger);
  } else {
    rules.names[name] = danger;
  }
  return {};
}

const Danger* DangerTable::find_plain(std::string_view module, std::string_view name) const {
  if (const auto at = modules_.find(module); at != modules_.end()) {
    const ModuleRules& rules = at->second;
    if (const auto exact = rules.names.find(name); exact != rules.names.end()) return exact->second;
    // A dotted name begins with one of the module's own.
    const auto first = rules.names.find(name.substr(0, name.find('.')));
    if (first != rules.names.end()) return first->second;
    const std::pair<std::string_view, const Danger*>* longest = nullptr;
    for (const auto& rule : rules.prefixes) {
      if (name.starts_with(rule.first) && (longest == nullptr || rule.first.size() > longest->first.size())) longest = &rule;
    }
    if (longest != nullptr) return longest->second;
    if (rules.all != nullptr) return rules.all;
  }
  for (std::string_view above = module;;) {
    const auto at = modules_.find(above);
    if (at != modules_.end() && at->second.submodules != nullptr) return at->second.submodules;
    const std::size_t dot = above.rfind('.');
    if (dot == above.npos) return nullptr;
    above = above.substr(0, dot);
  }
}

const Danger* DangerTable::find(std::string_view module, std::string_view qualname) const {
  if (const Danger* danger = find_plain(module, qualname)) return danger;
  constexpr int kMostParts = 16;
  std::string_view rest = qualname;
  for (int part = 0; part < kMostParts; ++part) {
    const std::size_t dot = rest.find('.');
    const std::string_view first = rest.substr(0, dot);
    if (std::ranges::find(kTraversals, first) != std::end(kTraversals)) return &kTraversal;
    if (dot == rest.npos) return nullptr;
    rest = rest.substr(dot + 1);
    // "os.system" of any module, and "os.path.exists"; a class with a module's name is no worse off for it.
    if (const Danger* danger = find_plain(first, rest)) return danger;
    const std::size_t last = rest.rfind('.');
    if (last == rest.npos) continue;
    const std::string_view joined(first.data(), first.size() + 1 + last);
    if (const Danger* danger = find_plain(joined, rest.substr(last + 1))) return danger;
  }
  return &kTraversal;
}

}  // namespace cppickle::scanning
