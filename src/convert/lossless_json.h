// The words of the lossless JSON mapping (docs/json.md), shared by its writer and its reader.
#ifndef CPPICKLE_CONVERT_LOSSLESS_JSON_H_
#define CPPICKLE_CONVERT_LOSSLESS_JSON_H_

#include <cstdint>
#include <string_view>

#include "document/cell.h"
#include "document/graph.h"

namespace cppickle::lossless_json {

constexpr std::string_view kFormat = "cppickle-json-1";

// Integers beyond this are strings: not every JSON reader keeps them (RFC 8259, section 6).
constexpr std::int64_t kMostExact = std::int64_t{1} << 53;

// Names of what is no opcode.
struct TagName {
  Tag tag;
  std::string_view name;
};
constexpr TagName kTagNames[] = {
    {Tag::kChanged, "changed"},    {Tag::kPreceded, "preceded"}, {Tag::kLeftover, "leftover"},
    {Change::kVia, "via"},         {Change::kRaw, "raw"},        {Change::kNested, "nested"},
};

struct PutFormName {
  PutForm form;
  std::string_view name;
};
constexpr PutFormName kPutForms[] = {
    {PutForm::kNone, "none"},
    {PutForm::kText, "text"},
    {PutForm::kBinary, "binary"},
    {PutForm::kMemoize, "memoize"},
};

}  // namespace cppickle::lossless_json

#endif  // CPPICKLE_CONVERT_LOSSLESS_JSON_H_
