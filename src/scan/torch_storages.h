// Which storages lie in the same torch file as a pickle: what its persistent ids may name.
#ifndef CPPICKLE_SCAN_TORCH_STORAGES_H_
#define CPPICKLE_SCAN_TORCH_STORAGES_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "cppickle/source.h"

namespace cppickle::scanning {

// Sizes in bytes by key.
using Storages = std::map<std::string, std::uint64_t, std::less<>>;

// Of all the torch files in a source.
class TorchStorages {
 public:
  explicit TorchStorages(const Source& source);

  // Of the file that the stream lies in; null where it is none of torch's.
  const Storages* of(const PickleStream& stream) const;

 private:
  std::map<std::string, Storages, std::less<>> by_place_;
};

// True if `count` items of a class such as "FloatStorage" fit into so many bytes.
bool storage_fits(std::string_view type, std::uint64_t count, std::uint64_t bytes);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_TORCH_STORAGES_H_
