// How a C++ type is read from a Value and written to a pickle. The types that have a Codec:
//
//   cppickle/decode.h, encode.h  bool, integers, floats, std::string, std::string_view
//   cppickle/types/bytes.h       std::vector<std::byte>, std::span<const std::byte>
//   cppickle/types/sequence.h    std::vector, std::array
//   cppickle/types/map.h         std::map, std::unordered_map
//   cppickle/types/set.h         std::set, std::unordered_set
//   cppickle/types/optional.h    std::optional
//   cppickle/types/variant.h     std::variant, std::monostate
//   cppickle/types/tuple.h       std::tuple, std::pair
//   cppickle/types/chrono.h      std::chrono::sys_time, std::chrono::duration
//   cppickle/types/numpy.h       std::span<const T> over an array's own memory; as_numpy() writes arrays
//   cppickle/describe.h          structs described with Boost.Describe
//
// A type of your own is another specialization:
//
//   template <>
//   struct cppickle::Codec<Celsius> {
//     static constexpr std::string_view kName = "float";                         // for messages: "expected float"
//     static constexpr Kinds kExact = kinds(Kind::kFloat), kOther = kinds(Kind::kInt);  // for std::variant
//     static bool read(Decoder& decoder, const Value& value, Celsius& out) { return decoder.read(value, out.degrees); }
//     static void write(Writer& writer, const Celsius& value) { writer.write(value.degrees); }
//   };
#ifndef CPPICKLE_CODEC_H_
#define CPPICKLE_CODEC_H_

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "cppickle/document.h"

namespace cppickle {

class Decoder;
class Writer;

// A set of kinds of values.
using Kinds = std::uint32_t;
template <class... K>
constexpr Kinds kinds(K... kind) {
  return (Kinds{0} | ... | (Kinds{1} << static_cast<unsigned>(kind)));
}

// An arithmetic type as numpy names it: "f8".
struct NumberType {
  char kind;  // b bool, i signed, u unsigned, f float
  std::uint8_t bytes;
};
template <class T>
  requires std::is_arithmetic_v<T>
constexpr NumberType number_type() {
  const char kind = std::is_same_v<T, bool> ? 'b' : std::is_floating_point_v<T> ? 'f' : std::is_signed_v<T> ? 'i' : 'u';
  return {kind, sizeof(T)};
}

template <class T>
inline constexpr bool kHasNoCodec = false;

// read() fills `out`, which is default-constructed or holds an earlier value, and returns false after the decoder noted
// why it cannot. write() leaves errors to the writer.
template <class T>
struct Codec {
  static_assert(kHasNoCodec<T>,
                "cppickle: Codec<T> is not there for this type; include its header of cppickle/types/, or describe the "
                "struct with BOOST_DESCRIBE_STRUCT and include cppickle/describe.h");
  static constexpr std::string_view kName = "";
  static constexpr Kinds kExact = 0;  // kinds that the type is made for
  static constexpr Kinds kOther = 0;  // further kinds that some values of the type can be read from
  static bool read(Decoder&, const Value&, T&) { return false; }
  static void write(Writer&, const T&) {}
};

}  // namespace cppickle

#endif  // CPPICKLE_CODEC_H_
