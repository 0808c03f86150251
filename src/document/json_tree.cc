// The same tree from JSON text.
#include <simdjson.h>

#include <string>

#include "document/data_tree.h"

namespace cppickle {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr int kDeepest = 64;

class Copier {
 public:
  Copier(std::size_t most_values, DataTree& tree) : values_left_(most_values), tree_(tree) {}

  bool copy(const element& from, DataNode& node, int depth) {
    if (values_left_ == 0 || depth > kDeepest) return false;
    --values_left_;
    if (const auto number = number_of(from)) {
      node.kind = from.is_bool() ? DataNode::Kind::kBool : DataNode::Kind::kNumber;
      node.number = *number;
      return true;
    }
    switch (from.type()) {
      case element_type::STRING:
        node.kind = DataNode::Kind::kText;
        node.text = keep(from.get_string().value_unsafe());
        return true;
      case element_type::OBJECT: {
        const simdjson::dom::object fields = from.get_object().value_unsafe();
        return copy_object(fields, node, depth);
      }
      case element_type::ARRAY: {
        const simdjson::dom::array items = from.get_array().value_unsafe();
        return copy_list(items, node, depth);
      }
      default: return true;
    }
  }

 private:
  static std::optional<double> number_of(const element& from) {
    switch (from.type()) {
      case element_type::BOOL: return from.get_bool().value_unsafe() ? 1.0 : 0.0;
      case element_type::INT64: return static_cast<double>(from.get_int64().value_unsafe());
      case element_type::UINT64: return static_cast<double>(from.get_uint64().value_unsafe());
      case element_type::DOUBLE: return from.get_double().value_unsafe();
      default: return {};
    }
  }

  bool copy_object(const simdjson::dom::object& from, DataNode& node, int depth) {
    node.kind = DataNode::Kind::kObject;
    for (const auto field : from) {
      DataNode& member = node.members.emplace_back();
      member.key = keep(field.key);
      if (!copy(field.value, member, depth + 1)) return false;
    }
    return true;
  }

  bool copy_list(const simdjson::dom::array& from, DataNode& node, int depth) {
    node.kind = DataNode::Kind::kList;
    std::vector<double> numbers;
    bool all_numbers = true;
    for (const element member : from) {
      const auto number = number_of(member);
      if (!number) {
        all_numbers = false;
        break;
      }
      numbers.push_back(*number);
    }
    if (all_numbers && !numbers.empty()) {
      const std::vector<double>& kept = tree_.doubles.emplace_back(std::move(numbers));
      node.kind = DataNode::Kind::kNumbers;
      node.numbers = {'n', reinterpret_cast<const char*>(kept.data()), kept.size()};
      return true;
    }
    if (all_numbers) return true;
    for (const element member : from) {
      if (!copy(member, node.members.emplace_back(), depth + 1)) return false;
    }
    return true;
  }

  std::string_view keep(std::string_view text) { return tree_.texts.emplace_back(text); }

  std::size_t values_left_;
  DataTree& tree_;
};

}  // namespace

Result<void> read_json_tree(std::string_view json, std::size_t most_values, DataTree& tree) {
  simdjson::dom::parser parser;
  element top;
  const simdjson::padded_string padded(json);
  if (const auto error = parser.parse(padded).get(top)) {
    return std::unexpected(Error{ErrorCode::kCorrupt, std::string("not JSON: ") + simdjson::error_message(error)});
  }
  if (!Copier(most_values, tree).copy(top, tree.root, 0)) {
    return std::unexpected(Error{ErrorCode::kLimit, "the model has too many values, or is nested too deep"});
  }
  return {};
}

}  // namespace cppickle
