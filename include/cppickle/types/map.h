// std::map and std::unordered_map: dicts, and objects that work like them (OrderedDict, defaultdict).
#ifndef CPPICKLE_TYPES_MAP_H_
#define CPPICKLE_TYPES_MAP_H_

#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/writer.h"

namespace cppickle::detail {

template <class Map>
struct MapCodec {
  using Key = typename Map::key_type;

  static constexpr std::string_view kName = "dict";
  static constexpr Kinds kExact = kinds(Kind::kDict);
  static constexpr Kinds kOther = kinds(Kind::kObject);

  static bool read(Decoder& decoder, const Value& value, Map& out) {
    out.clear();
    Key key{};
    return decoder.pairs(value, [&](const Value& part, bool is_key) {
      if (is_key) {
        key = Key{};
        return decoder.read(part, key);
      }
      auto [entry, is_new] = out.try_emplace(std::move(key));
      if constexpr (requires { out.bucket(entry->first); }) {
        if (is_new && out.bucket_size(out.bucket(entry->first)) > Decoder::kMostCollisions) return decoder.collision();
      }
      return decoder.read(part, entry->second);
    });
  }

  static void write(Writer& writer, const Map& value) {
    if (!writer.begin_dict()) return;
    for (const auto& [key, mapped] : value) {
      writer.write(key);
      writer.write(mapped);
    }
    writer.end();
  }
};

}  // namespace cppickle::detail

namespace cppickle {

template <class K, class V, class... Rest>
struct Codec<std::map<K, V, Rest...>> : detail::MapCodec<std::map<K, V, Rest...>> {};

// More than Decoder::kMostCollisions keys in one bucket are an error: a file made to be slow has them.
template <class K, class V, class... Rest>
struct Codec<std::unordered_map<K, V, Rest...>> : detail::MapCodec<std::unordered_map<K, V, Rest...>> {};

}  // namespace cppickle

#endif  // CPPICKLE_TYPES_MAP_H_
