#include "scan/torch_storages.h"

#include <algorithm>
#include <array>

namespace cppickle::scanning {
namespace {

// torch/storage.py
struct ItemSize {
  std::string_view type;
  std::uint64_t bytes;
};
constexpr std::array kItemSizes = {
    ItemSize{"ByteStorage", 1},     ItemSize{"CharStorage", 1},     ItemSize{"BoolStorage", 1},
    ItemSize{"UntypedStorage", 1},  ItemSize{"HalfStorage", 2},     ItemSize{"BFloat16Storage", 2},
    ItemSize{"ShortStorage", 2},    ItemSize{"IntStorage", 4},      ItemSize{"FloatStorage", 4},
    ItemSize{"LongStorage", 8},     ItemSize{"DoubleStorage", 8},   ItemSize{"ComplexFloatStorage", 8},
    ItemSize{"ComplexDoubleStorage", 16}, ItemSize{"QInt8Storage", 1}, ItemSize{"QUInt8Storage", 1},
    ItemSize{"QInt32Storage", 4}};

// Storages of a ZIP archive are "FOLDER/data/KEY" beside "FOLDER/data.pkl"; those of one file follow its pickle, and their
// place is called "FILE!KEY".
std::string_view place_of(const Blob& blob) {
  std::string_view place = blob.where;
  place.remove_suffix(std::min(place.size(), blob.key.size()));
  if (place.ends_with("data/")) {
    place.remove_suffix(5);
  } else if (place.ends_with('!')) {
    place.remove_suffix(1);
  }
  return place;
}

}  // namespace

TorchStorages::TorchStorages(const Source& source) {
  for (const Blob& blob : source.blobs()) {
    if (!blob.key.empty()) by_place_[std::string(place_of(blob))][blob.key] = blob.bytes.size();
  }
  // A file of torch's without a storage.
  if (source.container().find("torch") == std::string::npos) return;
  for (const PickleStream& stream : source.streams()) {
    by_place_.try_emplace(stream.where.substr(0, stream.where.find_last_of("/!") + 1));
  }
}

const Storages* TorchStorages::of(const PickleStream& stream) const {
  const std::string_view where = stream.where;
  for (const std::string_view place : {where.substr(0, where.find_last_of("/!") + 1), where}) {
    if (const auto found = by_place_.find(place); found != by_place_.end()) return &found->second;
  }
  return nullptr;
}

bool storage_fits(std::string_view type, std::uint64_t count, std::uint64_t bytes) {
  const auto* size = std::ranges::find(kItemSizes, type, &ItemSize::type);
  std::uint64_t needed = 0;
  return size != kItemSizes.end() && !__builtin_mul_overflow(count, size->bytes, &needed) && needed <= bytes;
}

}  // namespace cppickle::scanning
