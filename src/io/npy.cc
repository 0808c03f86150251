#include "io/npy.h"

#include <limits>
#include <string>

#include "io/little_endian.h"

namespace cppickle {
namespace {

using Kind = LiteralNode::Kind;

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::size_t kMostDimensions = 64;  // numpy 2; numpy 1 takes 32
constexpr std::uint64_t kMostHeader = std::uint64_t{4}
                                      << 20;  // numpy itself wants to be asked from 10,000 on
constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

std::unexpected<Error> corrupt(std::uint64_t offset, std::string message) {
  return std::unexpected(Error{ErrorCode::kCorrupt, std::move(message), offset});
}

// a * b, or nothing when numpy's npy_intp would overflow.
std::optional<std::uint64_t> times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product;
  if (__builtin_mul_overflow(a, b, &product) || product > kMost) return std::nullopt;
  return product;
}

struct ItemType {
  std::optional<std::uint64_t> size;
  bool is_object = false;
};

// "<f8", "|S10", "<U4", "<M8[ns]", "|O": byte order, kind, bytes (characters for U), and a unit.
ItemType simple_type(std::string_view text) {
  if (!text.empty() && std::string_view("<>|=").find(text.front()) != std::string_view::npos)
    text.remove_prefix(1);
  if (text.empty()) return {};
  const char kind = text.front();
  text.remove_prefix(1);
  if (kind == 'O') return {8, true};
  if (kind == '?') return {1, false};
  const bool has_unit = kind == 'M' || kind == 'm';
  if (!has_unit && std::string_view("biufcSaUVt").find(kind) == std::string_view::npos) return {};
  std::uint64_t size = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && digits < 10) {
    size = size * 10 + static_cast<std::uint64_t>(text[digits++] - '0');
  }
  text.remove_prefix(digits);
  if (digits == 0 || digits == 10 || (!text.empty() && !(has_unit && text.front() == '['))) return {};
  if (kind == 't') return {};  // bits: no array has them
  return {kind == 'U' ? size * 4 : size, false};
}

// The product of a shape that is a tuple of numbers, or one number.
std::optional<std::uint64_t> product_of(const PythonLiteral& literal, std::uint32_t shape) {
  if (literal[shape].kind != Kind::kTuple) return unsigned_of(literal[shape]);
  std::optional<std::uint64_t> product = 1;
  for (std::uint32_t i = shape + 1; i < literal.next(shape) && product; i = literal.next(i)) {
    const std::optional<std::uint64_t> size = unsigned_of(literal[i]);
    product = size ? times(*product, *size) : std::nullopt;
  }
  return product;
}

// Adds up a dtype. A list holds fields, tuples of a name, a dtype and perhaps a shape; a tuple in place of a
// dtype is a dtype and a shape. `factor` multiplies what lies inside. The stack is as deep as the text nests.
ItemType item_type(const PythonLiteral& literal, std::uint32_t descr) {
  struct Pending {
    std::uint32_t node;
    std::uint64_t factor;
  };
  ItemType total{0, false};
  std::vector<Pending> pending = {{descr, 1}};
  const auto add = [&](std::uint64_t size, std::uint64_t factor) {
    const std::optional<std::uint64_t> product = times(size, factor);
    if (!product || !total.size || *product > kMost - *total.size) {
      total.size.reset();
    } else {
      *total.size += *product;
    }
  };
  while (!pending.empty()) {
    const auto [node, factor] = pending.back();
    pending.pop_back();
    const LiteralNode& type = literal[node];
    if (type.kind == Kind::kText) {
      const ItemType simple = simple_type(text_of(type));
      total.is_object |= simple.is_object;
      if (simple.size)
        add(*simple.size, factor);
      else
        total.size.reset();
    } else if (type.kind == Kind::kTuple && type.child_count == 2) {
      const std::uint32_t base = node + 1;
      const std::optional<std::uint64_t> inner = product_of(literal, literal.next(base));
      if (!inner || !times(factor, *inner)) total.size.reset();
      pending.push_back({base, inner ? times(factor, *inner).value_or(0) : 0});
    } else if (type.kind == Kind::kList) {
      for (std::uint32_t i = node + 1; i < type.after; i = literal.next(i)) {
        const LiteralNode& field = literal[i];
        if (field.kind != Kind::kTuple || field.child_count < 2 || field.child_count > 3) return {};
        const std::uint32_t of_field = literal.next(i + 1);
        std::optional<std::uint64_t> inner = factor;
        if (field.child_count == 3) {
          inner = product_of(literal, literal.next(of_field));
          if (inner) inner = times(factor, *inner);
        }
        if (!inner) total.size.reset();
        pending.push_back({of_field, inner.value_or(0)});
      }
    } else {
      return {};
    }
  }
  return total;
}

struct Keys {
  std::uint32_t descr = 0, fortran_order = 0, shape = 0;
};

// The dict must have exactly these three keys, as numpy itself demands, and each once.
std::optional<Keys> find_keys(const PythonLiteral& literal) {
  Keys keys;
  const LiteralNode& dict = literal[0];
  if (dict.kind != Kind::kDict || dict.child_count != 6) return std::nullopt;
  for (std::uint32_t i = 1; i < dict.after; i = literal.next(literal.next(i))) {
    if (literal[i].kind != Kind::kText) return std::nullopt;
    const std::string name = text_of(literal[i]);
    const std::uint32_t value = literal.next(i);
    if (name == "descr") keys.descr = value;
    if (name == "fortran_order") keys.fortran_order = value;
    if (name == "shape") keys.shape = value;
  }
  if (keys.descr == 0 || keys.fortran_order == 0 || keys.shape == 0) return std::nullopt;
  return keys;
}

Result<void> interpret(NpyHeader& header, std::uint64_t at) {
  const std::optional<Keys> keys = find_keys(header.literal);
  if (!keys) return corrupt(at, "the .npy header is no dict of 'descr', 'fortran_order' and 'shape'");
  const PythonLiteral& literal = header.literal;
  header.descr = keys->descr;
  const Kind order = literal[keys->fortran_order].kind;
  if (order != Kind::kTrue && order != Kind::kFalse)
    return corrupt(at, "'fortran_order' in the .npy header is no bool");
  header.is_fortran_order = order == Kind::kTrue;
  const LiteralNode& shape = literal[keys->shape];
  if (shape.kind != Kind::kTuple || shape.child_count > kMostDimensions) {
    return corrupt(at, "'shape' in the .npy header is no tuple of at most 64 sizes");
  }
  for (std::uint32_t i = keys->shape + 1; i < shape.after; i = literal.next(i)) {
    const std::optional<std::uint64_t> size = unsigned_of(literal[i]);
    if (!size || *size > kMost)
      return corrupt(at, "'shape' in the .npy header holds something that is no size");
    header.shape.push_back(*size);
  }
  // A zero anywhere makes the array empty, however large the other sizes are.
  header.count = 1;
  for (const std::uint64_t size : header.shape) {
    if (size == 0) header.count = 0;
  }
  for (const std::uint64_t size : header.shape) {
    const std::optional<std::uint64_t> count = times(header.count, size);
    if (!count) return corrupt(at, "the array's size in the .npy header is more than any memory holds");
    header.count = *count;
  }
  const ItemType type = item_type(literal, header.descr);
  header.is_object = type.is_object;
  header.item_size = type.size;
  if (type.is_object || !type.size) return {};
  header.data_size = times(header.count, *type.size);
  if (!header.data_size)
    return corrupt(at, "the array's size in the .npy header is more than any memory holds");
  return {};
}

}  // namespace

Result<NpyHeader> read_npy_header(ByteSpan bytes) {
  const auto truncated = [&](std::string message) {
    return std::unexpected(Error{ErrorCode::kTruncated, std::move(message), bytes.size()});
  };
  if (!as_view(bytes).starts_with(kMagic)) {
    return std::unexpected(Error{ErrorCode::kNotAPickle, "no .npy file: it lacks the first six bytes", 0});
  }
  if (bytes.size() < 8) return truncated("the .npy file was cut in its header");
  NpyHeader header;
  header.major = bytes[6];
  if (header.major < 1 || header.major > 3) {
    return std::unexpected(
        Error{ErrorCode::kUnsupported,
              "version " + std::to_string(header.major) + " of the .npy format is not known", 6});
  }
  const std::size_t length_size = header.major == 1 ? 2 : 4;
  if (!fits(8, length_size, bytes.size())) return truncated("the .npy file was cut in its header");
  const std::uint64_t length = header.major == 1 ? le16(bytes, 8) : le32(bytes, 8);
  const std::uint64_t begin = 8 + length_size;
  if (!fits(begin, length, bytes.size())) return truncated("the .npy file was cut in its header");
  if (length > kMostHeader) {
    return std::unexpected(Error{ErrorCode::kLimit, "an .npy header of more than 4 MiB", 8});
  }
  header.text = as_view(bytes.subspan(begin, length));
  Result<PythonLiteral> literal = parse_python_literal(header.text);
  if (!literal) return corrupt(begin + literal.error().offset, "the .npy header is no Python literal");
  header.literal = *std::move(literal);
  header.data_offset = begin + length;
  if (Result<void> understood = interpret(header, begin); !understood)
    return std::unexpected(understood.error());
  const std::uint64_t rest = bytes.size() - header.data_offset;
  if (header.data_size && *header.data_size > rest) {
    return truncated("the .npy file holds " + std::to_string(rest) + " of the " +
                     std::to_string(*header.data_size) + " bytes of its array; get it again");
  }
  return header;
}

}  // namespace cppickle
