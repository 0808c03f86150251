// Values of a document as C++ values.
//
//   auto document = cppickle::Document::read(bytes);
//   auto losses = cppickle::decode<std::map<std::string, std::vector<double>>>(*document);
//   if (!losses) return fail(losses.error().to_string());  // "$.runs[3]: expected float, found str"
//
// This header reads bool, integers (in range), floats (also from an int, if that is exact), numpy's scalars of these, and
// strings (from str, and from byte strings that are UTF-8); codec.h lists the headers of the other types. Views
// (std::string_view, std::span) point into the document or its source and must not outlive them.
#ifndef CPPICKLE_DECODE_H_
#define CPPICKLE_DECODE_H_

#include <type_traits>

#include "cppickle/codec.h"
#include "cppickle/decoder.h"
#include "cppickle/document.h"
#include "cppickle/error.h"
#include "cppickle/types/scalar.h"

namespace cppickle {

// ErrorCode::kTypeMismatch with the path in Error::where if a value is of another type, or a struct lacks a key;
// ErrorCode::kLimit if the options' limits are reached, as by a cycle.
template <class T>
[[nodiscard]] Result<T> decode(const Value& value, const DecodeOptions& options = {}) {
  static_assert(std::is_default_constructible_v<T>, "cppickle: decode<T> fills a default-constructed T");
  Decoder decoder(options);
  Result<T> result;
  if (!decoder.read(value, *result)) result = std::unexpected(decoder.take_error());
  return result;
}

// The root of the first pickle.
template <class T>
[[nodiscard]] Result<T> decode(const Document& document, const DecodeOptions& options = {}) {
  return decode<T>(document.root(), options);
}
template <class T>
Result<T> decode(const Document&& document, const DecodeOptions& options = {}) = delete;

}  // namespace cppickle

#endif  // CPPICKLE_DECODE_H_
