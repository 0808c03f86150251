// std::tuple and std::pair: tuples; read from lists of that length and from objects made like a namedtuple too.
#ifndef CPPICKLE_TYPES_TUPLE_H_
#define CPPICKLE_TYPES_TUPLE_H_

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <utility>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/writer.h"

namespace cppickle::detail {

template <class Tuple>
struct TupleCodec {
  static constexpr std::size_t kCount = std::tuple_size_v<Tuple>;
  static constexpr std::string_view kName = "tuple";
  static constexpr Kinds kExact = kinds(Kind::kTuple);
  static constexpr Kinds kOther = kinds(Kind::kList, Kind::kObject);

  static bool read(Decoder& decoder, const Value& value, Tuple& out) {
    using Read = bool (*)(Decoder&, const Value&, Tuple&);
    static constexpr auto kReads = []<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
      return std::array<Read, kCount>{
          [](Decoder& with, const Value& item, Tuple& to) { return with.read(item, std::get<kIndex>(to)); }...};
    }(std::make_index_sequence<kCount>());
    auto next = kReads.begin();
    return decoder.exactly(kCount, value, kName, [&](const Value& item) { return (*next++)(decoder, item, out); });
  }

  static void write(Writer& writer, const Tuple& value) {
    if (!writer.begin_tuple(kCount)) return;
    std::apply([&](const auto&... item) { (writer.write(item), ...); }, value);
    writer.end();
  }
};

}  // namespace cppickle::detail

namespace cppickle {

template <class... T>
struct Codec<std::tuple<T...>> : detail::TupleCodec<std::tuple<T...>> {};

template <class First, class Second>
struct Codec<std::pair<First, Second>> : detail::TupleCodec<std::pair<First, Second>> {};

}  // namespace cppickle

#endif  // CPPICKLE_TYPES_TUPLE_H_
