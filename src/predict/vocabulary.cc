#include "predict/vocabulary.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>
#include <limits>
#include <random>

namespace cppickle::predict {
namespace {

// Names of honest files never lie so far from where they belong: half of the slots are free.
constexpr std::size_t kMostProbes = 512;

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

Vocabulary::Vocabulary() : seed_(random_seed()), slots_(16) {}

std::uint64_t Vocabulary::hash(std::string_view name) const {
  return XXH3_64bits_withSeed(name.data(), name.size(), seed_);
}

bool Vocabulary::add(std::string_view name, std::int32_t column) {
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  if (name.size() > kMost || entries_.size() >= kMost || contains(name)) return false;
  entries_.push_back({texts_.size(), static_cast<std::uint32_t>(name.size()), column});
  texts_ += name;
  return 2 * entries_.size() > slots_.size() ? enlarge() : place(static_cast<std::uint32_t>(entries_.size()));
}

bool Vocabulary::enlarge() {
  slots_.assign(2 * slots_.size(), {});
  for (std::size_t i = 1; i <= entries_.size(); ++i) {
    if (!place(static_cast<std::uint32_t>(i))) return false;
  }
  return true;
}

bool Vocabulary::place(std::uint32_t entry) {
  const std::uint64_t hashed = hash(name_of(entries_[entry - 1]));
  for (std::size_t i = 0; i < kMostProbes; ++i) {
    Slot& slot = slots_[(hashed + i) & (slots_.size() - 1)];
    if (slot.entry == 0) {
      slot = {tag_of(hashed), entry};
      return true;
    }
  }
  return false;
}

std::int32_t Vocabulary::find(std::string_view name) const {
  const std::uint64_t hashed = hash(name);
  const std::uint32_t tag = tag_of(hashed);
  for (std::size_t i = 0; i < kMostProbes; ++i) {
    const Slot slot = slots_[(hashed + i) & (slots_.size() - 1)];
    if (slot.entry == 0) return -1;
    if (slot.tag != tag) continue;
    const Entry& entry = entries_[slot.entry - 1];
    if (name_of(entry) == name) return entry.column;
  }
  return -1;
}

std::vector<std::string> Vocabulary::names() const {
  std::vector<std::string> names(entries_.size());
  std::vector<bool> taken(entries_.size());
  for (const Entry& entry : entries_) {
    const auto column = static_cast<std::size_t>(entry.column);
    if (entry.column < 0 || column >= names.size() || taken[column]) return {};
    taken[column] = true;
    names[column] = name_of(entry);
  }
  return names;
}

}  // namespace cppickle::predict
