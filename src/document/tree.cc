#include "document/tree.h"

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/quote.h"
#include "cppickle/python_value.h"
#include "document/graph.h"
#include "document/walk.h"

namespace cppickle {
namespace {

constexpr std::size_t kLabelWidth = 40;

// Children of one sort: a range of values or pairs, and how they are labelled.
struct Section {
  enum class Labels : std::uint8_t { kIndex, kArgument, kKeys, kAttributes, kWord };
  Labels labels;
  std::string word;        // of kWord
  std::optional<Value> one;  // of kWord
  std::optional<Values> values;
  std::optional<Arguments> arguments;
  std::optional<Pairs> pairs;
  std::optional<Values::Iterator> at_value;
  std::optional<Pairs::Iterator> at_pair;
  std::uint64_t index = 0;
};

// The sections of one value that is open on the walk's stack. Iterators point into their section: it does not move.
struct Open {
  std::uint64_t identity;
  std::vector<std::unique_ptr<Section>> sections;
  std::size_t current = 0;
  std::uint64_t shown = 0;
  std::uint64_t total = 0;
};

// A shared value that was shown, and whether the walk is inside of it: then a reference closes a cycle.
struct Seen {
  std::uint32_t number;
  std::string type;
  bool is_open;
};

class TreeWalk {
 public:
  TreeWalk(const Value& root, const std::vector<bool>& fetched, const TreeOptions& options,
           const std::function<bool(const TreeLine&)>& line)
      : graph_(root.graph()), fetched_(fetched), options_(options), line_(line) {}

  Result<void> run(const Value& root) {
    bool more = show(root, {});
    while (more && !open_.empty()) more = next();
    if (over_) {
      return std::unexpected(Error{ErrorCode::kLimit, "more values to show than the limit output-nodes=" +
                                                          std::to_string(options_.most_lines)});
    }
    return {};
  }

 private:
  // The next child of the innermost open value.
  bool next() {
    Open& open = open_.back();
    while (open.current < open.sections.size()) {
      Section& section = *open.sections[open.current];
      std::string label;
      const std::optional<Value> child = take(section, label);
      if (!child) {
        ++open.current;
        continue;
      }
      if (open.shown == options_.items && open.total > open.shown) {
        TreeLine rest;
        rest.depth = static_cast<std::uint32_t>(open_.size());
        rest.left_out = open.total - open.shown;
        leave();
        return emit(rest);
      }
      ++open.shown;
      return show(*child, std::move(label));
    }
    leave();
    return true;
  }

  void leave() {
    if (const auto known = seen_.find(open_.back().identity); known != seen_.end()) known->second.is_open = false;
    open_.pop_back();
  }

  static std::optional<Value> take(Section& section, std::string& label) {
    if (section.labels == Section::Labels::kWord) {
      label = section.word;
      return std::exchange(section.one, std::nullopt);
    }
    if (section.pairs) {
      if (*section.at_pair == std::default_sentinel) return {};
      const Pair pair = **section.at_pair;
      ++*section.at_pair;
      const bool attribute = section.labels == Section::Labels::kAttributes && pair.key.kind() == Kind::kString;
      label = attribute ? "." + std::string(pair.key.text().substr(0, kLabelWidth)) : summary(pair.key, kLabelWidth);
      return pair.value;
    }
    if (*section.at_value == std::default_sentinel) return {};
    const Value value = **section.at_value;
    ++*section.at_value;
    const std::string number = std::to_string(section.index++);
    label = section.labels == Section::Labels::kArgument ? "(" + number + ")" : "[" + number + "]";
    return value;
  }

  bool show(const Value& value, std::string label) {
    TreeLine line;
    line.depth = static_cast<std::uint32_t>(open_.size());
    line.label = std::move(label);
    const std::uint64_t identity = value.identity();
    const bool shared = identity != 0 && is_shared(value);
    if (const auto known = shared ? seen_.find(identity) : seen_.end(); known != seen_.end()) {
      line.type = known->second.type;
      line.refers_to = known->second.number;
      line.is_cycle = known->second.is_open;
      return emit(line);
    }
    const std::optional<ObjectView> object = object_view(value);
    line.type = type_of(value, object);
    if (shared) {
      line.number = static_cast<std::uint32_t>(seen_.size() + 1);
      seen_[identity] = {line.number, line.type, false};
    }
    Open open{identity, {}, 0, 0, 0};
    if (!is_one_line(value, object)) sections_of(value, object, open);
    line.is_container = !open.sections.empty();
    line.size = line.is_container ? open.total : 0;
    if (!line.is_container) line.text = summary(value, options_.width);
    if (!emit(line)) return false;
    if (!line.is_container || line.depth >= options_.depth) return true;
    if (shared) seen_[identity].is_open = true;
    open_.push_back(std::move(open));
    return true;
  }

  // Text and numbers in the memo are not worth a mark: Python shares them as it likes.
  bool is_shared(const Value& value) const {
    const Cell meant = graph_.resolve(Cell::from_bits(value.cell()));
    if (!is_node(meant.tag()) || value.kind() == Kind::kGlobal) return false;
    const std::uint32_t entry = meant.node()->entry;
    return entry != Node::kNoEntry && fetched_[entry];
  }

  static std::string type_of(const Value& value, const std::optional<ObjectView>& object) {
    if (!object) return std::string(name_of(value.kind()));
    if (object->type.qualname.empty()) return "object";
    return object->type.module == "builtins" || object->type.module == "__builtin__" ? std::string(object->type.qualname)
                                                                                    : object->type.to_string();
  }

  // Containers of a few simple values fit in one line, and so do objects that summary() knows.
  bool is_one_line(const Value& value, const std::optional<ObjectView>& object) const {
    if (object) {
      switch (object->kind) {
        case ObjectKind::kInstance:
        case ObjectKind::kCall:
        case ObjectKind::kNamedTuple:
        case ObjectKind::kException:
        case ObjectKind::kSimpleNamespace:
        case ObjectKind::kPartial: return false;
        case ObjectKind::kDeque:
        case ObjectKind::kOrderedDict:
        case ObjectKind::kDefaultDict:
        case ObjectKind::kCounter:
        case ObjectKind::kChainMap:
        case ObjectKind::kSet:
        case ObjectKind::kFrozenSet:
        case ObjectKind::kList:
        case ObjectKind::kTuple:
        case ObjectKind::kDict: return are_simple(object->items()) && object->pairs().empty();
        default: return true;
      }
    }
    switch (value.kind()) {
      case Kind::kList:
      case Kind::kTuple:
      case Kind::kSet:
      case Kind::kFrozenSet: return are_simple(value.items());
      case Kind::kDict: return value.size() == 0;
      default: return true;
    }
  }

  static bool are_simple(const Values& values) {
    constexpr int kMost = 8;
    int count = 0;
    for (const Value value : values) {
      if (++count > kMost || value.kind() > Kind::kByteArray) return false;
    }
    return true;
  }

  void sections_of(const Value& value, const std::optional<ObjectView>& object, Open& open) {
    if (!object) {
      if (value.kind() == Kind::kDict) return add_pairs(open, Section::Labels::kKeys, value.pairs());
      return add_values(open, Section::Labels::kIndex, value.items());
    }
    const bool arguments_are_content = object->items_in.cell() != value.cell() || object->pairs_in.cell() != value.cell();
    if (!arguments_are_content) add_arguments(open, object->args);
    if (object->kwargs) add_pairs(open, Section::Labels::kAttributes, object->kwargs->pairs());
    if (object->attributes) add_pairs(open, Section::Labels::kAttributes, object->attributes->pairs());
    if (object->slots) add_pairs(open, Section::Labels::kAttributes, object->slots->pairs());
    if (object->state) add_one(open, "state", *object->state);
    add_values(open, Section::Labels::kIndex, object->items());
    add_pairs(open, Section::Labels::kKeys, object->pairs());
    if (const auto nested = value.nested()) add_one(open, "pickle", *nested);
  }

  void add_values(Open& open, Section::Labels labels, const Values& values) {
    if (values.empty()) return;
    auto section = std::make_unique<Section>();
    section->labels = labels;
    section->values = values;
    section->at_value = section->values->begin();
    for (auto at = section->values->begin(); at != std::default_sentinel; ++at) ++open.total;
    open.sections.push_back(std::move(section));
  }

  void add_arguments(Open& open, const Arguments& arguments) {
    if (arguments.empty()) return;
    auto section = std::make_unique<Section>();
    section->labels = Section::Labels::kArgument;
    section->arguments = arguments;
    section->at_value = section->arguments->begin();
    for (auto at = section->arguments->begin(); at != std::default_sentinel; ++at) ++open.total;
    open.sections.push_back(std::move(section));
  }

  void add_pairs(Open& open, Section::Labels labels, const Pairs& pairs) {
    if (pairs.empty()) return;
    auto section = std::make_unique<Section>();
    section->labels = labels;
    section->pairs = pairs;
    section->at_pair = section->pairs->begin();
    for (auto at = section->pairs->begin(); at != std::default_sentinel; ++at) ++open.total;
    open.sections.push_back(std::move(section));
  }

  static void add_one(Open& open, std::string word, const Value& value) {
    auto section = std::make_unique<Section>();
    section->labels = Section::Labels::kWord;
    section->word = std::move(word);
    section->one = value;
    ++open.total;
    open.sections.push_back(std::move(section));
  }

  bool emit(const TreeLine& line) {
    over_ = lines_++ >= options_.most_lines;
    return !over_ && line_(line);
  }

  const Graph& graph_;
  const std::vector<bool>& fetched_;
  const TreeOptions& options_;
  const std::function<bool(const TreeLine&)>& line_;
  std::unordered_map<std::uint64_t, Seen> seen_;  // shared values, by identity
  std::vector<Open> open_;
  std::uint64_t lines_ = 0;
  bool over_ = false;
};

}  // namespace

std::vector<bool> fetched_entries(const Document& document) {
  const Graph& graph = document.graph();
  std::vector<bool> fetched(graph.memo.size());
  for_each_cell(graph, [&fetched](Cell cell) {
    if (is_get(cell.tag())) fetched[cell.number()] = true;
    return true;
  });
  return fetched;
}

Result<void> walk_tree(const Value& root, const std::vector<bool>& fetched, const TreeOptions& options,
                       const std::function<bool(const TreeLine&)>& line) {
  return TreeWalk(root, fetched, options, line).run(root);
}

}  // namespace cppickle
