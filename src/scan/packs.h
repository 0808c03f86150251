// The texts of src/scan/packs/, which the build puts into the library (cmake/packs.cmake).
#ifndef CPPICKLE_SCAN_PACKS_H_
#define CPPICKLE_SCAN_PACKS_H_

#include <span>
#include <string_view>

namespace cppickle::scanning {

extern const std::span<const std::string_view> kPacks;
extern const std::string_view kDangers;

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_PACKS_H_
