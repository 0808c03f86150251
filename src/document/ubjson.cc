// UBJSON draft 12 as XGBoost writes and reads it (src/common/json.cc).
#include <bit>
#include <cstring>

#include "document/bad_payload.h"
#include "document/data_tree.h"

namespace cppickle {
namespace {

using payload::corrupt;
using payload::past_limit;

constexpr int kDeepest = 64;

template <class T>
T big_endian(const char* from) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, from, sizeof(T));
  return std::byteswap(value);
}

class Reader {
 public:
  Reader(std::string_view bytes, std::size_t most_values, DataTree& tree)
      : bytes_(bytes), values_left_(most_values), tree_(tree) {}

  void run() {
    value(next(), tree_.root, 0);
    if (!bytes_.empty()) corrupt("bytes follow the end of the model");
  }

 private:
  char next() { return *take(1).data(); }
  char peek() const { return bytes_.empty() ? '\0' : bytes_.front(); }
  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) corrupt("the model ends too early");
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  double number(char type) {
    const std::size_t size = NumberSpan::size_of(type);
    if (size == 0) corrupt("a number of no known type");
    return NumberSpan{type, take(size).data(), 1}[0];
  }
  std::size_t length() {
    const double count = number(next());
    if (!(count >= 0) || count > static_cast<double>(bytes_.size())) corrupt("a length past the end of the model");
    return static_cast<std::size_t>(count);
  }

  void value(char type, DataNode& node, int depth) {
    if (values_left_-- == 0) past_limit("the model has too many values");
    if (depth > kDeepest) past_limit("the model is nested too deep");
    switch (type) {
      case '{': return object(node, depth);
      case '[': return list(node, depth);
      case 'Z': return;
      case 'T':
      case 'F':
        node.kind = DataNode::Kind::kBool;
        node.number = type == 'T' ? 1 : 0;
        return;
      case 'S':
        node.kind = DataNode::Kind::kText;
        node.text = take(length());
        return;
      case 'C':
        node.kind = DataNode::Kind::kText;
        node.text = take(1);
        return;
      default:
        node.kind = DataNode::Kind::kNumber;
        node.number = number(type);
    }
  }

  void object(DataNode& node, int depth) {
    node.kind = DataNode::Kind::kObject;
    if (peek() == '$') corrupt("an object of one type");
    const bool counted = peek() == '#';
    std::size_t left = 0;
    if (counted) {
      take(1);
      left = length();
    }
    while (counted ? left-- > 0 : peek() != '}') {
      const std::string_view key = take(length());
      DataNode& member = node.members.emplace_back();
      member.key = key;
      value(next(), member, depth + 1);
    }
    if (!counted) take(1);
  }

  void list(DataNode& node, int depth) {
    node.kind = DataNode::Kind::kList;
    if (peek() == '$') return typed(node);
    const bool counted = peek() == '#';
    std::size_t left = 0;
    if (counted) {
      take(1);
      left = length();
    }
    std::vector<double> numbers;
    while (counted ? left-- > 0 : peek() != ']') {
      const char type = next();
      const bool is_truth = type == 'T' || type == 'F';
      if (node.members.empty() && (is_truth || NumberSpan::size_of(type) != 0)) {
        numbers.push_back(is_truth ? static_cast<double>(type == 'T') : number(type));
        continue;
      }
      if (!numbers.empty()) corrupt("a list of numbers and other values");
      value(type, node.members.emplace_back(), depth + 1);
    }
    if (!counted) take(1);
    if (numbers.empty()) return;
    node.kind = DataNode::Kind::kNumbers;
    const std::vector<double>& kept = tree_.doubles.emplace_back(std::move(numbers));
    node.numbers = {'n', reinterpret_cast<const char*>(kept.data()), kept.size()};
  }

  void typed(DataNode& node) {
    take(1);
    const char type = next();
    const std::size_t size = NumberSpan::size_of(type);
    if (size == 0) corrupt("a typed list of no numbers");
    if (next() != '#') corrupt("a typed list without a length");
    const std::size_t count = length();
    if (count > bytes_.size() / size) corrupt("a list past the end of the model");
    if (count != 0) node.kind = DataNode::Kind::kNumbers;
    node.numbers = {type, take(count * size).data(), count};
  }

  std::string_view bytes_;
  std::size_t values_left_;
  DataTree& tree_;
};

}  // namespace

std::size_t NumberSpan::size_of(char type) {
  switch (type) {
    case 'i':
    case 'U': return 1;
    case 'I': return 2;
    case 'l':
    case 'd': return 4;
    case 'L':
    case 'D': return 8;
    default: return 0;
  }
}

double NumberSpan::operator[](std::size_t i) const {
  switch (type) {
    case 'i': return static_cast<double>(static_cast<signed char>(data[i]));
    case 'U': return static_cast<double>(static_cast<unsigned char>(data[i]));
    case 'I': return static_cast<double>(big_endian<std::int16_t>(data + i * 2));
    case 'l': return static_cast<double>(big_endian<std::int32_t>(data + i * 4));
    case 'L': return static_cast<double>(big_endian<std::int64_t>(data + i * 8));
    case 'd': return static_cast<double>(std::bit_cast<float>(big_endian<std::uint32_t>(data + i * 4)));
    case 'D': return std::bit_cast<double>(big_endian<std::uint64_t>(data + i * 8));
    default: {
      double value;
      std::memcpy(&value, data + i * sizeof(double), sizeof(double));
      return value;
    }
  }
}

const DataNode* DataNode::find(std::string_view name) const {
  if (kind != Kind::kObject) return nullptr;
  for (const DataNode& member : members) {
    if (member.key == name) return &member;
  }
  return nullptr;
}

std::optional<NumberSpan> DataNode::as_numbers() const {
  if (kind == Kind::kNumbers) return numbers;
  if (kind == Kind::kList && members.empty()) return NumberSpan{};
  return {};
}

Result<void> read_ubjson(std::string_view bytes, std::size_t most_values, DataTree& tree) {
  return payload::result_of([&] { Reader(bytes, most_values, tree).run(); });
}

}  // namespace cppickle
