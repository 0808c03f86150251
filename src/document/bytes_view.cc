#include "cppickle/bytes_view.h"

#include "document/class_names.h"

namespace cppickle {
namespace {

enum class Codec { kUnknown, kLatin1, kUtf8 };

Codec codec_of(std::string_view name) {
  for (const std::string_view latin : {"latin1", "latin-1", "iso-8859-1", "latin_1"}) {
    if (name == latin) return Codec::kLatin1;
  }
  // Text that is ASCII is the same in UTF-8; what is not could not have been written with 'ascii'.
  return name == "utf-8" || name == "utf8" || name == "ascii" ? Codec::kUtf8 : Codec::kUnknown;
}

// UTF-8 of code points below 256 to one byte each. Empty if there is another.
std::optional<BytesView> latin1(std::string_view text, std::uint64_t most) {
  auto bytes = std::make_shared<std::string>();
  bytes->reserve(text.size() < most ? text.size() : most);
  std::size_t i = 0;
  while (i < text.size() && bytes->size() < most) {
    const auto c = static_cast<unsigned char>(text[i++]);
    if (c < 0x80) {
      bytes->push_back(static_cast<char>(c));
    } else if ((c == 0xC2 || c == 0xC3) && i < text.size()) {
      bytes->push_back(static_cast<char>((c & 3) << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F)));
    } else {
      return {};
    }
  }
  const std::string_view view = *bytes;
  return BytesView{view, std::move(bytes), i < text.size()};
}

std::optional<BytesView> encoded(const Value& text, const Value& codec, std::uint64_t most) {
  if (text.kind() != Kind::kString) return {};
  switch (codec_of(codec.text())) {
    case Codec::kLatin1: return latin1(text.text(), most);
    case Codec::kUtf8: return BytesView{text.text(), nullptr, false};
    case Codec::kUnknown: return {};
  }
  return {};
}

bool is_plain(const Value& value) {
  return value.kind() == Kind::kBytes || value.kind() == Kind::kByteArray || value.kind() == Kind::kByteString;
}

// One step of unwrapping: bytearray(x) is left to the caller as `inner`.
std::optional<BytesView> of_call(const Value& call, std::uint64_t most, std::optional<Value>& inner) {
  const auto callable = call.callable();
  const auto name = callable ? canonical_name(*callable) : std::nullopt;
  const auto arguments = call.args();
  if (!name || !arguments || call.state()) return {};
  std::optional<Value> first;
  std::optional<Value> second;
  std::size_t count = 0;
  const Values all = arguments->items();
  for (const Value argument : all) {
    if (count == 0) first = argument;
    if (count == 1) second = argument;
    if (++count > 2) return {};
  }
  const bool is_array = is_named(*name, "builtins", "bytearray");
  if (is_named(*name, "_codecs", "encode") && count == 2) return encoded(*first, *second, most);
  if (!is_array && !is_named(*name, "builtins", "bytes")) return {};
  if (count == 0) return BytesView{};
  if (count == 2) return encoded(*first, *second, most);
  if (is_array) inner = first;
  return {};
}

}  // namespace

std::optional<BytesView> bytes_of(const Value& value, std::uint64_t most_decoded) {
  if (is_plain(value)) return BytesView{value.text(), nullptr, false};
  std::optional<Value> inner;
  std::optional<BytesView> found = of_call(value, most_decoded, inner);
  if (found || !inner) return found;
  if (is_plain(*inner)) return BytesView{inner->text(), nullptr, false};
  std::optional<Value> deeper;  // a third level is nothing that Python writes
  return of_call(*inner, most_decoded, deeper);
}

}  // namespace cppickle
