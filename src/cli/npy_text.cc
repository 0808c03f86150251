#include "cli/npy_text.h"

#include <algorithm>
#include <bit>

#include "base/utf8.h"

namespace cppickle::cli {
namespace {

using predict::Cell;
using predict::ElementType;

static_assert(std::endian::native == std::endian::little, "bytes are written as they lie");

template <class T>
void append_bytes(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

void append_integer(std::string& out, std::int64_t value, std::size_t size) {
  out.append(reinterpret_cast<const char*>(&value), size);
}

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) next_code_point(text, i);
  return count;
}

double number_of(const Cell& cell) {
  return cell.kind == Cell::Kind::kReal ? cell.real : static_cast<double>(cell.integer);
}

}  // namespace

NpyType NpyType::of(ElementType type) {
  const auto place = static_cast<int>(type);
  if (type == ElementType::kBool) return {'b', 1};
  if (type <= ElementType::kInt64) return {'i', std::size_t{1} << (place - static_cast<int>(ElementType::kInt8))};
  if (type <= ElementType::kUInt64) return {'u', std::size_t{1} << (place - static_cast<int>(ElementType::kUInt8))};
  // A float16 is written as the float32 that it is.
  return {'f', type == ElementType::kFloat64 ? std::size_t{8} : std::size_t{4}};
}

std::optional<NpyType> NpyType::of(std::span<const Cell> cells) {
  std::optional<NpyType> type;
  for (const Cell& cell : cells) {
    NpyType own;
    switch (cell.kind) {
      case Cell::Kind::kBool: own = {'b', 1}; break;
      case Cell::Kind::kInt: own = {'i', 8}; break;
      case Cell::Kind::kReal: own = {'f', 8}; break;
      case Cell::Kind::kText: own = {'U', std::max<std::size_t>(characters(cell.text), 1)}; break;
      default: return {};
    }
    type = type ? both(*type, own) : own;
    if (!type) return {};
  }
  return type.value_or(NpyType());
}

std::optional<NpyType> NpyType::both(NpyType a, NpyType b) {
  if ((a.kind == 'U') != (b.kind == 'U')) return {};
  if (a.kind == b.kind) return NpyType{a.kind, std::max(a.size, b.size)};
  if (a.kind == 'b') return b;
  if (b.kind == 'b') return a;
  return NpyType{a.kind == 'f' || b.kind == 'f' ? 'f' : 'i', 8};
}

std::string NpyType::text() const {
  return (kind == 'b' || size == 1 ? "|" : "<") + std::string(1, kind) + std::to_string(size);
}

void NpyType::append(std::string& out, const Cell& cell) const {
  switch (kind) {
    case 'b': out += static_cast<char>(number_of(cell) != 0 ? 1 : 0); return;
    case 'i':
    case 'u':
      append_integer(out, cell.kind == Cell::Kind::kReal ? static_cast<std::int64_t>(cell.real) : cell.integer, size);
      return;
    case 'f':
      if (size == 4) return append_bytes(out, static_cast<float>(number_of(cell)));
      return append_bytes(out, number_of(cell));
    default: break;
  }
  std::size_t count = 0;
  for (std::size_t i = 0; i < cell.text.size() && count < size; ++count) {
    append_bytes(out, std::min<std::uint32_t>(next_code_point(cell.text, i), 0x10FFFF));
  }
  out.append((size - count) * 4, '\0');
}

std::string npy_header(NpyType type, std::uint64_t rows, std::optional<std::uint64_t> columns) {
  const std::string shape = std::to_string(rows) + "," + (columns ? " " + std::to_string(*columns) : "");
  std::string text = "{'descr': '" + type.text() + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  // Data begin at a multiple of 64: numpy.lib.format.
  constexpr std::size_t kBefore = 10, kAlignment = 64;
  text.append(kAlignment - (kBefore + text.size() + 1) % kAlignment, ' ');
  text += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(text.size() & 255);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

}  // namespace cppickle::cli
