// std::set and std::unordered_set: sets, also read from frozensets.
#ifndef CPPICKLE_TYPES_SET_H_
#define CPPICKLE_TYPES_SET_H_

#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/writer.h"

namespace cppickle::detail {

template <class Set>
struct SetCodec {
  using Key = typename Set::key_type;

  static constexpr std::string_view kName = "set";
  static constexpr Kinds kExact = kinds(Kind::kSet, Kind::kFrozenSet);
  static constexpr Kinds kOther = kinds(Kind::kObject);

  static bool read(Decoder& decoder, const Value& value, Set& out) {
    out.clear();
    return decoder.items(value, kExact | kOther, kName, [&](const Value& item) {
      Key key{};
      if (!decoder.read(item, key)) return false;
      auto [entry, is_new] = out.insert(std::move(key));
      if constexpr (requires { out.bucket(*entry); }) {
        if (is_new && out.bucket_size(out.bucket(*entry)) > Decoder::kMostCollisions) return decoder.collision();
      }
      return true;
    });
  }

  static void write(Writer& writer, const Set& value) {
    if (!writer.begin_set()) return;
    for (const Key& item : value) writer.write(item);
    writer.end();
  }
};

}  // namespace cppickle::detail

namespace cppickle {

template <class T, class... Rest>
struct Codec<std::set<T, Rest...>> : detail::SetCodec<std::set<T, Rest...>> {};

// More than Decoder::kMostCollisions members in one bucket are an error: a file made to be slow has them.
template <class T, class... Rest>
struct Codec<std::unordered_set<T, Rest...>> : detail::SetCodec<std::unordered_set<T, Rest...>> {};

}  // namespace cppickle

#endif  // CPPICKLE_TYPES_SET_H_
