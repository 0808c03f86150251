#include "convert/losses.h"

namespace cppickle {
namespace {

// What happened, where % stands for the detail.
std::string_view words(Loss loss) {
  switch (loss) {
    case Loss::kNan: return "NaN became null";
    case Loss::kInfinity: return "% became null";
    case Loss::kCycle: return "a reference to a value that holds this place became null";
    case Loss::kDuplicateKey: return "the key % stands there more than once; most JSON readers keep the last";
    case Loss::kSurrogate: return "a lone surrogate became U+FFFD";
    case Loss::kHugeInteger: return "an integer of more than 4300 digits became hexadecimal text";
    case Loss::kWideInteger: return "an integer beyond 2^53: not every JSON reader keeps its digits";
    case Loss::kNoName: return "a call of something that is no name; it stands as __callable__";
    case Loss::kRepeatedState: return "several states were set; only the last is written";
    case Loss::kKey: return "a key that is no text became text: %";
    case Loss::kTuple: return "a tuple became an array";
    case Loss::kSet: return "a set became an array";
    case Loss::kFrozenSet: return "a frozenset became an array";
    case Loss::kBytesText: return "bytes became text";
    case Loss::kBytesBase64: return "bytes became base64 text";
    case Loss::kByteString: return "a byte string of Python 2 became text";
    case Loss::kShared: return "a value that also stands elsewhere was copied";
    case Loss::kGlobal: return "a class or function became its name";
    case Loss::kOutside: return "a value that lies outside the pickle became %";
    case Loss::kKnownText: return "% became text";
    case Loss::kKnownContainer: return "% became a plain JSON value";
    case Loss::kArray: return "% became nested arrays";
  }
  return "";
}

std::string describe(Loss loss, std::string_view detail) {
  std::string text(words(loss));
  const std::size_t place = text.find('%');
  if (place != std::string::npos) text.replace(place, 1, detail);
  return text;
}

}  // namespace

void Losses::append_lines(std::vector<std::string>& lines, Loss loss, const Told& told) {
  for (const auto& [path, detail] : told.places) lines.push_back(path + ": " + describe(loss, detail));
  const std::uint64_t more = told.count - told.places.size();
  if (more > 0) lines.back() += " (and at " + std::to_string(more) + (more == 1 ? " more place)" : " more places)");
}

std::vector<std::string> Losses::lines() const {
  std::vector<std::string> lines;
  for (std::size_t kind = 0; kind < told_.size(); ++kind) append_lines(lines, static_cast<Loss>(kind), told_[kind]);
  for (const auto& [named, told] : named_) append_lines(lines, named.first, told);
  return lines;
}

}  // namespace cppickle
