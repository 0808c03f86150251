// Structs described with Boost.Describe: dicts with a str key for each public member, inherited ones first.
//
//   struct Run { std::string name; double loss; std::optional<int> epoch; };
//   BOOST_DESCRIBE_STRUCT(Run, (), (name, loss, epoch))
//   auto runs = cppickle::decode<std::vector<Run>>(*document);
//
// They are read from objects too: Decoder::fields() says from which. A member that is missing is an error unless it is a
// std::optional. The only header that needs Boost (1.77 or later).
#ifndef CPPICKLE_DESCRIBE_H_
#define CPPICKLE_DESCRIBE_H_

#include <array>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/writer.h"

namespace cppickle {

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class T>
  requires boost::describe::has_describe_members<T>::value
struct Codec<T> {
  using Members = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

  static constexpr std::string_view kName = "dict or object";
  static constexpr Kinds kExact = kinds(Kind::kDict, Kind::kObject);
  static constexpr Kinds kOther = 0;

  static bool read(Decoder& decoder, const Value& value, T& out) {
    static constexpr auto kFields = table(boost::mp11::mp_rename<Members, boost::mp11::mp_list>{});
    static_assert(kFields.size() <= Decoder::kMostFields);
    return decoder.fields(value, kFields, &out);
  }

  static void write(Writer& writer, const T& value) {
    if (!writer.begin_dict()) return;
    boost::mp11::mp_for_each<Members>([&](auto member) {
      writer.name(member.name);
      writer.write(value.*member.pointer);
    });
    writer.end();
  }

 private:
  template <class Member>
  static constexpr Field field(Member member) {
    using Type = std::remove_cvref_t<decltype(std::declval<T&>().*Member::pointer)>;
    return {member.name, !kIsOptional<Type>, [](Decoder& decoder, const Value& value, void* object) {
              return decoder.read(value, static_cast<T*>(object)->*Member::pointer);
            }};
  }
  template <class... Member>
  static constexpr std::array<Field, sizeof...(Member)> table(boost::mp11::mp_list<Member...>) {
    return {field(Member{})...};
  }
};

}  // namespace cppickle

#endif  // CPPICKLE_DESCRIBE_H_
