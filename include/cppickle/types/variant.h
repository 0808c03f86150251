// std::variant: the first alternative that is made for the value's kind and fits; if none is, the first that can be read from
// it (an int as float, a tuple as list). std::monostate stands for None.
#ifndef CPPICKLE_TYPES_VARIANT_H_
#define CPPICKLE_TYPES_VARIANT_H_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/writer.h"

namespace cppickle {

template <>
struct Codec<std::monostate> {
  static constexpr std::string_view kName = "None";
  static constexpr Kinds kExact = kinds(Kind::kNone);
  static constexpr Kinds kOther = 0;
  static bool read(Decoder& decoder, const Value& value, std::monostate&) {
    return value.kind() == Kind::kNone || decoder.mismatch(value, kName);
  }
  static void write(Writer& writer, std::monostate) { writer.none(); }
};

template <class... T>
struct Codec<std::variant<T...>> {
  using Variant = std::variant<T...>;

  static constexpr std::string_view kName = "one of several types";
  static constexpr Kinds kExact = (Codec<T>::kExact | ...);
  static constexpr Kinds kOther = (Codec<T>::kOther | ...);

  static bool read(Decoder& decoder, const Value& value, Variant& out) {
    const Kinds kind = kinds(value.kind());
    std::array<std::size_t, sizeof...(T)> candidates;
    std::size_t count = 0;
    for (std::size_t i = 0; i < kAlternatives.size(); ++i) {
      if (kAlternatives[i].exact & kind) candidates[count++] = i;
    }
    for (std::size_t i = 0; i < kAlternatives.size(); ++i) {
      if (!(kAlternatives[i].exact & kind) && (kAlternatives[i].other & kind)) candidates[count++] = i;
    }
    // A single candidate says best what is wrong.
    if (count == 1) return kAlternatives[candidates[0]].read(decoder, value, out);
    for (std::size_t i = 0; i < count; ++i) {
      const Decoder::Trial trial(decoder);
      if (kAlternatives[candidates[i]].read(decoder, value, out)) return true;
      if (!decoder.may_go_on()) return false;
    }
    return decoder.mismatch(value, names());
  }

  static void write(Writer& writer, const Variant& value) {
    std::visit([&](const auto& held) { writer.write(held); }, value);
  }

 private:
  struct Alternative {
    Kinds exact, other;
    bool (*read)(Decoder& decoder, const Value& value, Variant& out);
  };

  static constexpr auto kAlternatives = []<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    return std::array{Alternative{Codec<T>::kExact, Codec<T>::kOther, [](Decoder& decoder, const Value& value, Variant& out) {
                                    return decoder.read(value, out.template emplace<kIndex>());
                                  }}...};
  }(std::index_sequence_for<T...>());

  // "int, float or str"
  static std::string names() {
    constexpr std::array kNames = {Codec<T>::kName...};
    std::string text(kNames[0]);
    for (std::size_t i = 1; i < kNames.size(); ++i) (text += i + 1 < kNames.size() ? ", " : " or ") += kNames[i];
    return text;
  }
};

}  // namespace cppickle

#endif  // CPPICKLE_TYPES_VARIANT_H_
