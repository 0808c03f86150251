#include "predict/category_table.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace cppickle::predict {
namespace {

constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15;

std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 32;
  value *= kFactor;
  value ^= value >> 29;
  return value * kFactor;
}

// Differs from process to process, so that no file can be made whose categories all collide.
std::uint64_t seed() {
  static const char kPlace = 0;
  return reinterpret_cast<std::uintptr_t>(&kPlace) * kFactor;
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = seed() ^ text.size();
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t piece;
    std::memcpy(&piece, at, 8);
    hash = mix(hash ^ piece);
  }
  std::uint64_t piece = 0;
  if (left > 0) std::memcpy(&piece, at, left);
  return mix(mix(hash ^ piece) ^ kFactor);
}

std::uint64_t hash_of(double number) {
  return mix(seed() ^ std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number) ^ kFactor);
}

bool is_text(const Cell& cell) { return cell.kind == Cell::Kind::kText || cell.kind == Cell::Kind::kBytes; }

double number_in(const Cell& cell) {
  return cell.kind == Cell::Kind::kReal ? cell.real : static_cast<double>(cell.integer);
}

}  // namespace

bool is_nan(const Cell& cell) { return cell.kind == Cell::Kind::kReal && std::isnan(cell.real); }

CategoryTable::CategoryTable(std::vector<Cell> categories) : cells_(std::move(categories)), numbers_(cells_.size(), NAN) {
  slots_.assign(std::bit_ceil(2 * cells_.size() + 2), Slot{0, kUnknown});
  const std::uint64_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Cell& cell = cells_[i];
    const auto index = static_cast<std::int32_t>(i);
    if (cell.kind == Cell::Kind::kNone) {
      if (none_ == kUnknown) none_ = index;
      continue;
    }
    if (is_nan(cell)) {
      if (nan_ == kUnknown) nan_ = index;
      continue;
    }
    if (find(cell) != kUnknown) continue;
    if (!is_text(cell)) numbers_[i] = number_in(cell);
    const std::uint64_t hash = is_text(cell) ? hash_of(cell.text) : hash_of(numbers_[i]);
    std::uint64_t at = hash & mask;
    while (slots_[at].index != kUnknown) at = (at + 1) & mask;
    slots_[at] = {static_cast<std::uint32_t>(hash >> 32), index};
  }
}

std::int32_t CategoryTable::find_text(Cell::Kind kind, std::string_view text) const {
  if (slots_.empty()) return kUnknown;
  const std::uint64_t hash = hash_of(text), mask = slots_.size() - 1;
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  for (std::uint64_t at = hash & mask; slots_[at].index != kUnknown; at = (at + 1) & mask) {
    if (slots_[at].tag != tag) continue;
    const Cell& cell = cells_[static_cast<std::size_t>(slots_[at].index)];
    if (cell.kind == kind && cell.text == text) return slots_[at].index;
  }
  return kUnknown;
}

std::int32_t CategoryTable::find(double number) const {
  if (std::isnan(number)) return nan_;
  if (slots_.empty()) return kUnknown;
  const std::uint64_t hash = hash_of(number), mask = slots_.size() - 1;
  for (std::uint64_t at = hash & mask; slots_[at].index != kUnknown; at = (at + 1) & mask) {
    if (numbers_[static_cast<std::size_t>(slots_[at].index)] == number) return slots_[at].index;
  }
  return kUnknown;
}

std::int32_t CategoryTable::find(const Cell& cell) const {
  switch (cell.kind) {
    case Cell::Kind::kNone: return none_;
    case Cell::Kind::kText:
    case Cell::Kind::kBytes: return find_text(cell.kind, cell.text);
    case Cell::Kind::kReal:
      if (std::isnan(cell.real)) return nan_;
      break;
    case Cell::Kind::kBool:
    case Cell::Kind::kInt: break;
  }
  // Integers past 2^53 share their double with others.
  if (slots_.empty()) return kUnknown;
  const std::uint64_t hash = hash_of(number_in(cell)), mask = slots_.size() - 1;
  for (std::uint64_t at = hash & mask; slots_[at].index != kUnknown; at = (at + 1) & mask) {
    const Cell& other = cells_[static_cast<std::size_t>(slots_[at].index)];
    if (!is_text(other) && equal(cell, other)) return slots_[at].index;
  }
  return kUnknown;
}

}  // namespace cppickle::predict
