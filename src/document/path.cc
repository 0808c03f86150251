#include "document/path.h"

#include <algorithm>
#include <optional>

#include "base/quote.h"
#include "document/graph.h"
#include "pickle/argument.h"

namespace cppickle {
namespace {

Error bad_path(std::string_view path, std::string what) {
  return Error{ErrorCode::kNoSuchPath, std::move(what), Error::kNoOffset, {}, "path " + quote(path)};
}

// The text of ['...'] or ["..."] up to its closing quote; backslash takes the next character as it is.
std::optional<std::string> quoted(std::string_view path, std::size_t& i) {
  const char mark = path[i++];
  std::string text;
  for (; i < path.size() && path[i] != mark; ++i) {
    if (path[i] == '\\' && i + 1 < path.size()) ++i;
    text += path[i];
  }
  if (i == path.size()) return {};
  ++i;
  return text;
}

Result<PathStep> bracket_step(std::string_view path, std::size_t& i) {
  PathStep step{PathStep::Kind::kNumber, {}, 0};
  if (i < path.size() && (path[i] == '\'' || path[i] == '"')) {
    const auto text = quoted(path, i);
    if (!text) return std::unexpected(bad_path(path, "a quote that is not closed"));
    step.kind = PathStep::Kind::kKey;
    step.text = *text;
  } else {
    const std::size_t close = path.find(']', i);
    const std::string_view digits = path.substr(i, close == std::string_view::npos ? close : close - i);
    if (!parse_int64(digits, step.number)) return std::unexpected(bad_path(path, "a number or a quoted key is needed after ["));
    i += digits.size();
  }
  if (i == path.size() || path[i] != ']') return std::unexpected(bad_path(path, "a bracket that is not closed"));
  ++i;
  return step;
}

// Where attribute `name` is held: in a dict, in a (dict, dict) state of slots, or among an object's pairs.
const Cell* named_in_pairs(const Value& value, std::string_view name) {
  const Pairs pairs = value.pairs();
  for (auto at = pairs.begin(); at != pairs.end(); ++at) {
    const Pair pair = *at;
    const bool text = pair.key.kind() == Kind::kString || pair.key.kind() == Kind::kByteString;
    if (text && pair.key.text() == name) return at.value_place();
  }
  return nullptr;
}

const Cell* attribute(const Value& value, std::string_view name) {
  if (const Cell* found = named_in_pairs(value, name)) return found;
  const std::optional<Value> state = value.state();
  if (!state) return nullptr;
  if (const Cell* found = named_in_pairs(*state, name)) return found;
  if (state->kind() != Kind::kTuple || state->size() != 2) return nullptr;
  for (const Value part : state->items()) {
    if (const Cell* found = named_in_pairs(part, name)) return found;
  }
  return nullptr;
}

const Cell* numbered(const Value& value, std::int64_t number) {
  const Pairs pairs = value.pairs();
  for (auto at = pairs.begin(); at != pairs.end(); ++at) {
    const Pair pair = *at;
    if (pair.key.kind() == Kind::kInt && pair.key.as_int() == number) return at.value_place();
  }
  const auto size = static_cast<std::int64_t>(value.size());
  if (value.kind() == Kind::kDict) return nullptr;
  if (number < 0) number += size;
  if (number < 0 || number >= size) return nullptr;
  const Values items = value.items();
  auto at = items.begin();
  for (; number > 0 && at != items.end(); --number) ++at;
  return at != items.end() ? at.place() : nullptr;
}

}  // namespace

Result<std::vector<PathStep>> parse_path(std::string_view path) {
  std::vector<PathStep> steps;
  std::size_t i = path.starts_with('$') ? 1 : 0;
  while (i < path.size()) {
    if (path[i] == '[') {
      auto step = bracket_step(path, ++i);
      if (!step) return std::unexpected(step.error());
      steps.push_back(std::move(*step));
      continue;
    }
    if (path[i] == '.') ++i;
    else if (i > 0) return std::unexpected(bad_path(path, "a . or [ is needed between two steps"));
    const std::size_t end = std::min(path.find_first_of(".[", i), path.size());
    if (end == i) return std::unexpected(bad_path(path, "a name is missing"));
    steps.push_back({PathStep::Kind::kName, std::string(path.substr(i, end - i)), 0});
    i = end;
  }
  return steps;
}

Result<const Cell*> find_place(const Graph& graph, const Cell* place, std::string_view path) {
  auto steps = parse_path(path);
  if (!steps) return std::unexpected(steps.error());
  std::string done = "$";
  for (const PathStep& step : *steps) {
    const Value value(graph, place->bits());
    const bool by_number = step.kind == PathStep::Kind::kNumber;
    place = by_number ? numbered(value, step.number) : attribute(value, step.text);
    const std::string shown = by_number                               ? "[" + std::to_string(step.number) + "]"
                              : step.kind == PathStep::Kind::kName ? "." + step.text
                                                                      : "[" + quote(step.text) + "]";
    if (place == nullptr) {
      return std::unexpected(bad_path(path, done + " is a " + std::string(name_of(value.kind())) + " without " + shown));
    }
    done += shown;
  }
  return place;
}

void append_index(std::string& path, std::uint64_t index) { path += "[" + std::to_string(index) + "]"; }

void append_name(std::string& path, std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_part = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  if (!name.empty() && is_letter(name[0]) && std::ranges::all_of(name, is_part)) {
    (path += '.') += name;
  } else {
    path += "[" + quote(name) + "]";
  }
}

void append_key(std::string& path, const Value& key) {
  switch (key.kind()) {
    case Kind::kString:
    case Kind::kByteString: return append_name(path, key.text());
    case Kind::kInt: path += "[" + key.as_decimal().substr(0, 80) + "]"; return;
    default: path += "[" + std::string(name_of(key.kind())) + "]";
  }
}

Result<Value> find(Value from, std::string_view path) {
  const Cell start = Cell::from_bits(from.cell());
  const auto place = find_place(from.graph(), &start, path);
  if (!place) return std::unexpected(place.error());
  return Value(from.graph(), (*place)->bits());
}

}  // namespace cppickle
