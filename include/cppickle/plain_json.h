// The JSON that a person expects of a pickle: dicts as objects, lists as arrays, objects by their attributes. It cannot
// be read back as the same values; what it loses is said (docs/json.md). For a mapping that keeps everything see json.h.
#ifndef CPPICKLE_PLAIN_JSON_H_
#define CPPICKLE_PLAIN_JSON_H_

#include <string>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/error.h"
#include "cppickle/limits.h"

namespace cppickle {

struct PlainJsonOptions {
  Limits limits;
  int indent = 2;  // spaces for each level; 0 writes one line
};

struct PlainJson {
  std::string text;                 // UTF-8, valid JSON, ends in a newline
  // One line each, with the path: "$.runs[3].loss: NaN became null". What is lost at very many places is told of the
  // first ones, with the count of all.
  std::vector<std::string> losses;
};

// Shared values are written at each place they stand at, which Limits::output_nodes bounds: past it the error is
// ErrorCode::kLimit. Values nested deeper than Limits::depth are, too.
[[nodiscard]] Result<PlainJson> to_plain_json(const Value& root, const PlainJsonOptions& options = {});

}  // namespace cppickle

#endif  // CPPICKLE_PLAIN_JSON_H_
