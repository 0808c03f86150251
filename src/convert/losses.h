// What a conversion loses, counted by kind and told with the first places.
#ifndef CPPICKLE_CONVERT_LOSSES_H_
#define CPPICKLE_CONVERT_LOSSES_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cppickle {

enum class Loss : std::uint8_t {
  // A value is another one afterwards: told of place by place.
  kNan,
  kInfinity,
  kCycle,
  kDuplicateKey,
  kSurrogate,
  kHugeInteger,
  kWideInteger,
  kNoName,
  kRepeatedState,
  // A type is: told of once.
  kKey,
  kTuple,
  kSet,
  kFrozenSet,
  kBytesText,
  kBytesBase64,
  kByteString,
  kShared,
  kGlobal,
  // One of several types is: told of once for each detail, of which there must be few.
  kOutside,
  kKnownText,
  kKnownContainer,
  kArray,
};

class Losses {
 public:
  // Calls path() only where the place will be told.
  template <class Path>
  void add(Loss loss, Path&& path, std::string_view detail = {}) {
    Told& told = loss < kFirstNamed ? told_[static_cast<std::size_t>(loss)] : named_[{loss, std::string(detail)}];
    if (++told.count <= most_places(loss)) told.places.emplace_back(path(), detail);
  }

  std::vector<std::string> lines() const;

 private:
  struct Told {
    std::uint64_t count = 0;
    std::vector<std::pair<std::string, std::string>> places;  // path, detail
  };
  static constexpr Loss kFirstNamed = Loss::kOutside;
  static std::size_t most_places(Loss loss) { return loss < Loss::kKey ? 100 : 1; }

  static void append_lines(std::vector<std::string>& lines, Loss loss, const Told& told);

  std::array<Told, static_cast<std::size_t>(kFirstNamed)> told_;
  std::map<std::pair<Loss, std::string>, Told> named_;
};

}  // namespace cppickle

#endif  // CPPICKLE_CONVERT_LOSSES_H_
