// How the readers of boosters' payloads stop: an exception that never leaves them, for the checks are many and all alike.
#ifndef CPPICKLE_DOCUMENT_BAD_PAYLOAD_H_
#define CPPICKLE_DOCUMENT_BAD_PAYLOAD_H_

#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "cppickle/error.h"

namespace cppickle::payload {

// The library lets nothing but std::bad_alloc pass; result_of() ends this one.
struct BadPayload : std::bad_alloc {
  BadPayload(ErrorCode what, std::string words) : code(what), message(std::move(words)) {}
  ErrorCode code;
  std::string message;
};

[[noreturn]] inline void corrupt(std::string message) { throw BadPayload(ErrorCode::kCorrupt, std::move(message)); }
[[noreturn]] inline void unsupported(std::string message) {
  throw BadPayload(ErrorCode::kUnsupported, std::move(message));
}
[[noreturn]] inline void past_limit(std::string message) { throw BadPayload(ErrorCode::kLimit, std::move(message)); }
inline void check(bool holds, const char* message) {
  if (!holds) corrupt(message);
}

// What read() gives, or what it stopped at.
template <class Read>
auto result_of(Read&& read) -> Result<decltype(read())> {
  try {
    if constexpr (std::is_void_v<decltype(read())>) {
      read();
      return {};
    } else {
      return read();
    }
  } catch (const BadPayload& bad) {
    return std::unexpected(Error{bad.code, bad.message});
  }
}

}  // namespace cppickle::payload

#endif  // CPPICKLE_DOCUMENT_BAD_PAYLOAD_H_
