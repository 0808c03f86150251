#include "document/content_counts.h"

#include "base/quote.h"
#include "document/graph.h"
#include "document/walk.h"

namespace cppickle {
namespace {

// The id's type and, of the tuples that torch writes, the word it begins with: ids themselves are many.
std::string kind_of_id(const Value& id) {
  std::string name(name_of(id.kind()));
  if (id.kind() != Kind::kTuple) return name;
  for (const Value first : id.items()) {
    if (first.kind() == Kind::kString || first.kind() == Kind::kByteString) name += " " + quote(first.text(), 40);
    break;
  }
  return name;
}

class Counting {
 public:
  Counting(const Graph& graph, ContentCounts& counts) : graph_(graph), counts_(counts) {}

  void see(Cell cell) {
    if (is_get(cell.tag()) || cell.tag() == tag_of(Opcode::DUP)) {
      ++counts_.references;
      return;
    }
    if (is_node(cell.tag())) count_raw(*cell.node());
    const bool is_wrapper = cell.tag() == Tag::kChanged || cell.tag() == Tag::kPreceded || cell.tag() == Tag::kLeftover;
    if (is_wrapper || cell.tag() == Tag::kNothing) return;
    const Value value(graph_, cell.bits());
    const Kind kind = value.kind();
    ++counts_.kinds[static_cast<std::size_t>(kind)];
    if (kind == Kind::kGlobal) count_name(value);
    else if (kind == Kind::kExtension) ++counts_.extensions[value.extension_code()];
    else if (kind == Kind::kPersistentId) ++counts_.persistent_ids[kind_of_id(*value.persistent_id())];
  }

 private:
  void count_name(const Value& value) {
    const auto name = value.global();
    ++counts_.globals[name ? name->to_string() : "?.?"];
  }

  void count_raw(const Node& node) {
    for_each_change(node, [this](const Change& change) {
      if (change.kind == Change::kRaw) counts_.raw_bytes += change.cells[1].number() - change.cells[2].number();
      return true;
    });
  }

  const Graph& graph_;
  ContentCounts& counts_;
};

std::string_view python_name(Kind kind) {
  switch (kind) {
    case Kind::kNone: return "NoneType";
    case Kind::kByteString: return "str";
    default: return name_of(kind);
  }
}

// The class that copyreg's functions are asked to make, the first of their arguments.
std::optional<Global> copyreg_class(const Global& function, const Value& object) {
  if (function.module != "copyreg" && function.module != "copy_reg") return {};
  if (function.qualname != "_reconstructor" && !function.qualname.starts_with("__newobj")) return {};
  const auto args = object.args();
  if (!args) return {};
  for (const Value first : args->items()) return first.global();
  return {};
}

}  // namespace

ContentCounts count_contents(const Document& document) {
  ContentCounts counts;
  Counting counting(document.graph(), counts);
  for_each_cell(document.graph(), [&counting](Cell cell) {
    counting.see(cell);
    return true;
  });
  return counts;
}

std::string type_name(const Value& value) {
  constexpr int kMostCalls = 16;  // a hostile chain of calls would make the name as long as the file
  std::string name;
  Value of = value;
  for (int calls = 0; of.kind() == Kind::kObject; ++calls) {
    if (calls > 0) name += "call:";
    const auto callable = of.callable();
    if (!callable || calls == kMostCalls) return name + "...";
    if (const auto function = callable->global()) {
      return name + copyreg_class(*function, of).value_or(*function).to_string();
    }
    of = *callable;
  }
  if (of.kind() == Kind::kGlobal) return name + (of.global() ? of.global()->to_string() : "?.?");
  return name + std::string(python_name(of.kind()));
}

}  // namespace cppickle
