// Documents as JSON and back.
//
// The lossless mapping (docs/json.md) keeps everything a document knows: pickle -> JSON -> pickle gives the bytes that
// re-writing the pickle gives. It is flat, so that no JSON reader meets deep nesting, and holds no copy of the stream:
// an edit of one value in the JSON changes that value's instruction and nothing else.
#ifndef CPPICKLE_JSON_H_
#define CPPICKLE_JSON_H_

#include <string>
#include <string_view>

#include "cppickle/document.h"
#include "cppickle/error.h"
#include "cppickle/limits.h"

namespace cppickle {

// Always ASCII-safe structure with UTF-8 text; Python's json module reads it.
[[nodiscard]] Result<std::string> to_json(const Document& document);

// True for text that begins as to_json() writes it, or as another JSON writer would write that.
bool is_lossless_json(std::string_view text);

// The document that to_json() described. ErrorCode::kBadJson with the place where it is wrong. `json` need not outlive
// the call.
[[nodiscard]] Result<Document> from_json(std::string_view json, const Limits& limits = {});

}  // namespace cppickle

#endif  // CPPICKLE_JSON_H_
