#include "scan/allow_table.h"

#include <algorithm>
#include <utility>

#include "base/quote.h"
#include "scan/models.h"
#include "scan/packs.h"

namespace cppickle::scanning {
namespace {

std::unexpected<Error> bad(std::string message) {
  return std::unexpected(Error{ErrorCode::kBadArgument, std::move(message)});
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// Where a '#' begins a comment: not in quotes.
std::string_view without_comment(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\'') quoted = !quoted;
    if (line[i] == '#' && !quoted) return line.substr(0, i);
  }
  return line;
}

// A role up to the next space outside brackets.
std::string_view take_role(std::string_view& rest) {
  rest = trimmed(rest);
  int depth = 0;
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size(); ++end) {
    const char c = rest[end];
    if (c == '\'') quoted = !quoted;
    if (quoted) continue;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == ' ' && depth == 0) break;
  }
  const std::string_view role = rest.substr(0, end);
  rest.remove_prefix(end);
  return role;
}

// The place of a ':' that is in no brackets, which separates an item's key from its value.
std::size_t find_colon(std::string_view text) {
  int depth = 0;
  bool in_name = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] == '=') in_name = true;
    if (text[i] == ' ' || text[i] == '|') in_name = false;
    if (text[i] == ':' && depth == 0 && !in_name) return i;
  }
  return text.npos;
}

struct UseName {
  std::string_view name;
  Use use;
};
constexpr UseName kUses[] = {
    {"new", Use::kNew}, {"call", Use::kCall}, {"build", Use::kBuild}, {"items", Use::kItems}};

Result<void> add_items(Rule& rule, std::string_view inner) {
  const std::size_t colon = find_colon(inner);
  auto first = parse_pattern(inner.substr(0, colon));
  if (!first) return std::unexpected(first.error());
  rule.patterns.push_back(*std::move(first));
  if (colon == inner.npos) return {};
  auto second = parse_pattern(inner.substr(colon + 1));
  if (!second) return std::unexpected(second.error());
  rule.patterns.push_back(*std::move(second));
  return {};
}

Result<void> add_rule(Entry& entry, Use use, std::string_view inner) {
  Rule& rule = entry.rules.emplace_back(Rule{.use = use, .patterns = {}, .model = {}});
  if (use == Use::kItems) return add_items(rule, inner);
  auto patterns = parse_patterns(inner);
  if (!patterns) return std::unexpected(patterns.error());
  if (use == Use::kBuild && patterns->size() != 1) return bad("build takes one pattern");
  rule.patterns = *std::move(patterns);
  return {};
}

Result<void> add_inert(Entry& entry) {
  entry.is_value = entry.is_key = entry.is_inert = true;
  entry.rules.push_back({.use = Use::kNew, .patterns = {}, .model = {}});
  return add_rule(entry, Use::kBuild, "dict(str: safe)");
}

Result<void> add_role(Entry& entry, std::string_view role) {
  if (role == "inert") return add_inert(entry);
  if (role == "value") {
    entry.is_value = true;
    return {};
  }
  if (role == "key") {
    entry.is_key = true;
    return {};
  }
  const std::size_t end = role.find_first_of("(@");
  const std::string_view word = role.substr(0, end);
  if (end != role.npos && role[end] == '(' && role.ends_with(')')) {
    const std::string_view inner = role.substr(end + 1, role.size() - end - 2);
    if (word == "methods" || word == "keywords") {
      auto& list = word == "methods" ? entry.methods : entry.keywords;
      for (std::string_view rest = inner; !trimmed(rest).empty();) list.push_back(take_role(rest));
      return {};
    }
    for (const UseName& known : kUses) {
      if (known.name == word) return add_rule(entry, known.use, inner);
    }
  }
  if (end != role.npos && role[end] == '@') {
    for (const UseName& known : kUses) {
      if (known.name != word) continue;
      entry.rules.push_back({.use = known.use, .patterns = {}, .model = role.substr(end + 1)});
      return has_model(role.substr(end + 1)) ? Result<void>() : bad("no model has the name " + quote(role));
    }
  }
  return bad("what is the role " + quote(role) + "?");
}

Result<Entry> parse_entry(std::string_view key, std::string_view roles) {
  Entry entry;
  entry.key = key;
  while (!trimmed(roles).empty()) {
    const std::string_view role = take_role(roles);
    if (role == "makes") {
      entry.makes = take_role(roles);
      continue;
    }
    if (const auto added = add_role(entry, role); !added) return std::unexpected(added.error());
  }
  return entry;
}

}  // namespace

bool Entry::has(Use use) const {
  return std::ranges::any_of(rules, [use](const Rule& rule) { return rule.use == use; });
}

const AllowTable& AllowTable::built_in() {
  static const AllowTable& table = [] -> const AllowTable& {
    static AllowTable built;
    for (const std::string_view pack : kPacks) {
      (void)built.add(pack, false, false);  // a test parses every line; what does not parse is not allowed
    }
    return built;
  }();
  return table;
}

Result<void> AllowTable::add(std::string_view text, bool is_policy, bool check) {
  std::string_view pack = "policy";
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(without_comment(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (line.starts_with("pack ")) {
      pack = trimmed(line.substr(5));
      continue;
    }
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view key = line.substr(0, space);
    const auto problem = [&](std::string_view what) { return bad("line " + std::to_string(number) + ": " + std::string(what)); };
    if (key.find(':') == key.npos) return problem("a name is module:qualname, and this is " + quote(key, 40));
    const auto [at, added] =
        lines_.emplace(key, Line{.roles = line.substr(space), .pack = pack, .is_policy = is_policy});
    if (!added) return problem(std::string(key) + " is listed twice");
    if (!check) continue;
    if (const auto entry = parse_entry(key, at->second.roles); !entry) return problem(entry.error().message);
  }
  return {};
}

const Entry* AllowTable::find(std::string_view key) const {
  const auto found = lines_.find(key);
  return found == lines_.end() ? nullptr : parsed(found->first, found->second);
}

const Entry* AllowTable::parsed(std::string_view key, const Line& line) const {
  const std::lock_guard lock(mutex_);
  if (line.entry != nullptr) return line.entry;
  auto entry = parse_entry(key, line.roles);
  if (!entry) return nullptr;
  entry->pack = line.pack;
  entry->is_policy = line.is_policy;
  return line.entry = &entries_.emplace_back(*std::move(entry));
}

std::vector<const Entry*> AllowTable::all() const {
  std::vector<const Entry*> all;
  for (const auto& [key, line] : lines_) all.push_back(parsed(key, line));
  return all;
}

}  // namespace cppickle::scanning
